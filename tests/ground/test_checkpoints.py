"""What a checkpoint folder may hold without stopping a run, hanging it, or leading it astray."""

import functools
import json
import os
import pathlib
import shutil
import signal
import zipfile

import keras
import numpy as np
import pytest

from keras_gan import GAN, callbacks, data, networks
from keras_gan.callbacks.state import Watched
from keras_gan.ground import checkpoints
from tests.games import renewing

POINTS = data.ring().sample(40, seed=1)
NAMES = ["step-00000002", "step-00000004", "step-00000006"]


@functools.cache
def game():
    """A function that gives a tiny game back, as it was new."""
    keras.utils.set_random_seed(3)
    gan = GAN(networks.mlp_generator(2, (2,), hidden=(3,)), networks.mlp_discriminator((2,), hidden=(3,)), 2, seed=5)
    gan.compile("hinge")
    return renewing(gan)


def play(folder, epochs=2, **options):
    gan = game()()
    plateau = keras.callbacks.ReduceLROnPlateau("d_loss", mode="min")
    resume = callbacks.Resume(folder, every=2, keep=9)
    gan.fit(POINTS, batch_size=10, epochs=epochs, verbose=0, callbacks=[plateau, resume], **options)
    return gan


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The checkpoints of steps 2, 4 and 6 of a run of 4 steps per epoch; not to be changed."""
    folder = tmp_path_factory.mktemp("made") / "checkpoints"
    play(folder)
    for name in ("step-00000008", "step-00000004-end"):  # as one that was stopped in its second epoch
        if (folder / name).exists():
            shutil.rmtree(folder / name)
    assert sorted(os.listdir(folder)) == NAMES
    return folder


@pytest.fixture
def folder(made, tmp_path):
    """A copy of them; nothing that is done to it may hang."""
    signal.signal(signal.SIGALRM, hung)
    signal.alarm(60)
    shutil.copytree(made, tmp_path / "checkpoints")
    yield tmp_path / "checkpoints"
    signal.alarm(0)


def hung(*_):
    raise TimeoutError("the call hangs")


def change(place, **values):
    """Other values in `state.json`, with sums that say so; `...` leaves one out."""
    state = json.loads((place / "state.json").read_text()) | values
    write(place, "state.json", json.dumps({key: value for key, value in state.items() if value is not ...}).encode())


def write(place, name, content):
    (place / name).write_bytes(content)
    files = sorted(path for path in place.iterdir() if path.name != checkpoints.SUMS)
    lines = [f"{checkpoints._sum(path)}  {path.name}\n" for path in files]
    (place / checkpoints.SUMS).write_text("".join(lines))


def replaced(path, make):
    """Something else in the place of a file or a folder."""
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    make(path)


ODD = {
    "a pipe": os.mkfifo,
    "a folder": pathlib.Path.mkdir,
    "a link to itself": lambda path: path.symlink_to(path.name),
    "a link to nothing": lambda path: path.symlink_to("nothing"),
    "a device": lambda path: path.symlink_to("/dev/zero"),
    "a link to a file": lambda path: path.symlink_to(__file__),
    "an empty file": pathlib.Path.touch,
}


@pytest.mark.parametrize("make", ODD)
@pytest.mark.parametrize("name", ["gan.keras", "state.json", "callbacks.npz", "SHA256SUMS"])
def test_what_stands_in_the_place_of_a_file_is_damage(folder, name, make):
    replaced(folder / NAMES[-1] / name, ODD[make])
    with pytest.warns(UserWarning, match=r"step-00000006 is damaged \("):
        assert checkpoints.newest(folder).name == NAMES[1]


@pytest.mark.parametrize("make", [kind for kind in ODD if kind != "a folder"])
def test_what_stands_in_the_place_of_a_checkpoint_is_damage(folder, make):
    (folder / "real").mkdir()
    replaced(folder / NAMES[-1], ODD[make])
    replaced(folder / NAMES[0], ODD[make])
    with pytest.warns(UserWarning, match="step-00000006 is damaged"):
        assert checkpoints.newest(folder).name == NAMES[1]
    assert checkpoints.newest(folder).name == NAMES[1]  # what was damaged is out of the way
    assert os.path.lexists(folder / NAMES[0])
    assert [place.name for place in checkpoints.list_checkpoints(folder)] == [NAMES[1]]
    checkpoints.prune(folder, 1, None)


def test_a_checkpoint_behind_a_link_is_not_taken(folder, tmp_path):
    (folder / NAMES[-1]).rename(tmp_path / "elsewhere")
    (folder / NAMES[-1]).symlink_to(tmp_path / "elsewhere")
    with pytest.warns(UserWarning, match=r"step-00000006 is damaged \(it is a link\)"):
        assert checkpoints.newest(folder).name == NAMES[1]
    assert (tmp_path / "elsewhere/gan.keras").exists()


def test_the_folder_itself_may_be_behind_a_link(folder, tmp_path):
    (tmp_path / "link").symlink_to(folder)
    assert checkpoints.newest(tmp_path / "link").name == NAMES[-1]


SUMS = {
    "a file of another folder": "../../made",
    "an absolute one": "/dev/zero",
    "this folder": ".",
    "the one above": "..",
    "a hidden one": ".hidden",
    "nothing": "",
    "with a null": "a\0b",
}


@pytest.mark.parametrize("name", SUMS)
def test_sums_name_only_files_of_the_checkpoint(folder, name):
    with open(folder / NAMES[-1] / checkpoints.SUMS, "a") as file:
        file.write(f"{'0' * 64}  {SUMS[name]}\n")
    with pytest.warns(UserWarning, match="SHA256SUMS is not what was written"):
        assert checkpoints.newest(folder).name == NAMES[1]


STRANGE = ["step-٠٠٠٠٠٠٠٩", "step-0000000９", "step-00000009\n", "step--0000009", "step-9", "step-00000009-END"]
STRANGE += ["Step-00000009", "step-000000009", "step-00000009.old", "step-1000000000000000000000"]


@pytest.mark.parametrize("name", STRANGE)
def test_names_are_strict(folder, name):
    shutil.copytree(folder / NAMES[-1], folder / name)
    assert [place.name for place in checkpoints.list_checkpoints(folder)] == NAMES
    assert checkpoints.newest(folder).name == NAMES[-1]


def test_checkpoints_are_in_the_order_of_their_steps(tmp_path):
    names = ["step-00000099", "step-99999999", "step-100000000", "step-100000000-end", "step-100000001"]
    for name in reversed(names):
        (tmp_path / name).mkdir()
    assert [place.name for place in checkpoints.list_checkpoints(tmp_path)] == names


BAD_STATES = (
    [{"epoch": value} for value in (-5, 10**9, 2**63, 7, 1.0, "1", None, True, [1], ..., float("nan"))]
    + [{"step": value} for value in (-6, 7, 6.0, "6", None, ..., 10**9)]
    + [{"steps": value} for value in (-1, 7, 10**9, 0.5, None, ...)]
    + [{"steps": 4}]  # of 4 steps per epoch: the next one's first
    + [{"slowed": value} for value in (-1, 10**9, 0.5, None, ...)]
    + [{"first_epoch": value} for value in (-1, 0.5, None, "0", 2**60)]
    + [{"stopped": value} for value in (0, "no", None, ...)]
    + [{"logs": value} for value in (None, 3, ["a"], {}, [[None]], ...)]
    + [{"best": value} for value in (3, [], ["../x", 1.0], [NAMES[0], "low"], ["step-٠٠٠٠٠٠٠٩", 1.0], {})]
    + [{"signature": value} for value in (None, [], {"generator": 3, "discriminator": "x"}, {}, ...)]
    + [{"callbacks": value} for value in (None, [], {"A.0": 3}, {"A.0": {"x": {"array": "gone"}}}, ...)]
    + [{"callbacks": {"A.0": {"x": value}}} for value in ([], {"list": 3}, {"dict": []}, {"what": 1}, {"list": [[]]})]
)


@pytest.mark.parametrize("values", BAD_STATES, ids=str)
def test_a_state_that_was_never_written_is_damage(folder, values):
    change(folder / NAMES[-1], **values)
    with pytest.warns(UserWarning, match=rf"step-00000006 is damaged \(state.json must hold `{next(iter(values))}`"):
        assert checkpoints.newest(folder).name == NAMES[1]


@pytest.mark.parametrize("content", [b"[]", b"3", b"{", b"\xff", b"[" * 10**5, b'{"a":' * 10**5, b""])
def test_a_state_that_is_no_object_is_damage(folder, content):
    write(folder / NAMES[-1], "state.json", content)
    with pytest.warns(UserWarning, match=r"step-00000006 is damaged \(.*state.json must be"):
        assert checkpoints.newest(folder).name == NAMES[1]


def packed(path):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.npy", b"\0" * 10**6)


def of_objects(path):
    with open(path, "wb") as file:
        np.savez(file, x=np.array([{}]))


@pytest.mark.parametrize("make", [packed, of_objects, pathlib.Path.touch, lambda path: path.write_text("PK\x03\x04")])
def test_arrays_that_were_never_written_are_damage(folder, make):
    make(folder / "made")
    write(folder / NAMES[-1], "callbacks.npz", (folder / "made").read_bytes())
    with pytest.warns(UserWarning, match=r"step-00000006 is damaged \(callbacks.npz must hold arrays"):
        assert checkpoints.newest(folder).name == NAMES[1]


def test_a_model_that_is_none_is_damage(folder):
    write(folder / NAMES[-1], "gan.keras", (folder / NAMES[-1] / "gan.keras").read_bytes()[:3000])
    with pytest.warns(UserWarning, match=r"step-00000006 is damaged \(gan.keras is not a .keras file"):
        assert checkpoints.newest(folder).name == NAMES[1]


def test_a_checkpoint_of_before_has_no_first_epoch(folder):
    change(folder / NAMES[-1], first_epoch=..., epoch=101)
    assert checkpoints.newest(folder, first_epoch=100).name == NAMES[-1]
    change(folder / NAMES[-1], first_epoch=100)
    assert checkpoints.newest(folder).name == NAMES[-1]


@pytest.mark.learns
def test_a_run_goes_on_behind_everything_that_is_in_the_way(folder, made, tmp_path):
    """To the bits of a run that nothing was in the way of."""
    shutil.copytree(made, tmp_path / "whole")
    whole = play(tmp_path / "whole", epochs=3).get_weights()
    change(folder / NAMES[-1], epoch=10**9)
    (folder / "step-00000008").symlink_to("step-00000008")
    os.mkfifo(folder / "step-00000010")
    (folder / "step-00000012").symlink_to(NAMES[0])
    (folder / "step-00000001").symlink_to("nothing")
    with pytest.warns(UserWarning, match="is damaged") as warned:
        gan = play(folder, epochs=3)
    assert len([each for each in warned if "is damaged" in str(each.message)]) == 4
    for one, two in zip(gan.get_weights(), whole, strict=True):
        np.testing.assert_array_equal(one, two)
    assert int(gan.step.numpy()) == 12
    assert os.path.lexists(folder / "step-00000001")


def test_files_of_two_checkpoints_do_not_belong_together(folder):
    write(folder / NAMES[-1], "gan.keras", (folder / NAMES[0] / "gan.keras").read_bytes())
    with pytest.raises(ValueError, match=r"whose files belong together. Received: .*whose gan.keras is of step 2"):
        play(folder)


@pytest.mark.learns
def test_an_epoch_that_was_numbered_from_100_goes_on(tmp_path):
    play(tmp_path, epochs=101, initial_epoch=100)
    assert int(play(tmp_path, epochs=102).step.numpy()) == 8  # the checkpoint knows where the run began


def test_a_folder_that_is_a_link_to_itself_is_told_before_training(tmp_path):
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(OSError, match="`path` must be a folder that can be written"):
        play(tmp_path / "loop")


def test_what_others_put_there_is_never_removed(folder):
    """However it is called: folders without checkpoints, and checkpoints that hold something else too."""
    (folder / "step-00000001").mkdir()
    (folder / "step-00000001" / "mine.txt").write_text("mine")
    (folder / "step-00000003").write_text("mine")
    (folder / NAMES[0] / "notes").mkdir()
    checkpoints.prune(folder, keep=1, best=None)
    assert sorted(os.listdir(folder)) == ["step-00000001", NAMES[0], "step-00000003", NAMES[2]]


def test_all_checkpoints_are_removed_and_nothing_else(folder):
    (folder / NAMES[0]).rename(folder / f".damaged-{NAMES[0]}")
    (folder / NAMES[1] / "state.json").write_text("damaged")
    (folder / NAMES[2] / "notes.txt").write_text("mine")
    (folder / "step-00000003").write_text("mine")
    checkpoints.clear(folder)
    assert sorted(os.listdir(folder)) == ["step-00000003", NAMES[2]]
    assert os.listdir(folder / NAMES[2]) == ["notes.txt"]
    shutil.rmtree(folder / NAMES[2])
    (folder / "step-00000003").unlink()
    checkpoints.clear(folder)
    assert not folder.exists()
    checkpoints.clear(folder)


def test_what_a_callback_cannot_remember_is_not_given_to_it():
    plateau = keras.callbacks.ReduceLROnPlateau("d_loss", mode="min")
    given = {"on_epoch_end": 3, "set_model": "x", "model": None, "(file)": "text", "wait": 7}
    Watched([plateau]).restore({"ReduceLROnPlateau.0": given}, {})
    assert (plateau.wait, plateau.model, callable(plateau.on_epoch_end)) == (7, None, True)
