"""A run that was stopped anywhere ends as if it had not been, to the bit."""

import contextlib
import functools
import json
import os
import resource
import shutil
import signal
import subprocess
import types
from typing import NamedTuple

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_gan import GAN, augmentations, callbacks, data, networks, presets
from keras_gan.callbacks import state as state_
from keras_gan.ground import checkpoints
from keras_gan.objectives import R1, Hinge
from keras_gan.replay import FakePool
from tests.games import renewing

POINTS = data.ring().sample(100, seed=1)
EPOCHS, BATCH = 3, 10  # 10 batches per epoch
NEVER = 1000  # steps, which no run here has


class Stop(keras.callbacks.Callback):
    """Ends the process's part at a step, as a kill would: nothing is written any more."""

    def __init__(self, step):
        super().__init__()
        self.step = step

    def on_train_batch_end(self, batch, logs=None):
        if int(self.model.step.numpy()) == self.step:
            raise RuntimeError("killed")


def decaying():
    return keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(1e-3, 100))


def game(k=1, rate=1e-3, objective="relativistic_paired + 0.1 * r1", generator_rate=None, **options):
    keras.utils.set_random_seed(3)
    generator = networks.mlp_generator(2, (2,), hidden=(8,), normalization="batch")
    gan = GAN(generator, networks.mlp_discriminator((2,), hidden=(8,)), 2, seed=5, ema=0.9)
    optimizers = [decaying() if generator_rate is None else keras.optimizers.Adam(generator_rate)]
    gan.compile(objective, *optimizers, keras.optimizers.Adam(rate), discriminator_steps=k, **options)
    return gan


@functools.cache
def plain_game():
    return renewing(game())


def new():
    """A game as `game()` makes it, in less time. Not for tests that compile it again, or end with halved rates."""
    return plain_game()()


@functools.cache
def steady_game():
    return renewing(game(rate=1e-2, objective="non_saturating", generator_rate=1e-2))


def steady():
    """Such a game of constant learning rates, which may end with other ones."""
    return steady_game()()


class Ended(NamedTuple):
    """What a run left: the game, which others may play on, and what it was at the end."""

    gan: GAN
    step: int
    values: dict
    history: dict


def ended(gan):
    values = {v.path: v.numpy() for v in [*gan.variables, *gan.optimizer.variables]}
    return Ended(gan, int(gan.step.numpy()), values, gan.history.history)


def saving(stop):
    """How often a part saves: one that goes through to the end need not."""
    return 4 if stop else NEVER


def play(folder, stop=None, source=POINTS, epochs=EPOCHS, every=None, make=new, more=()):
    """One process's part of a run, and what it left; or None if it was stopped."""
    gan = make()
    resume = callbacks.Resume(folder / "checkpoints", every=every or saving(stop))
    listed = [*more, keras.callbacks.CSVLogger(str(folder / "history.csv")), resume]
    folder.mkdir(exist_ok=True)
    try:
        batch = {"batch_size": BATCH} if isinstance(source, np.ndarray) else {}
        gan.fit(source, epochs=epochs, verbose=0, callbacks=[*listed, *([Stop(stop)] if stop else [])], **batch)
    except RuntimeError:
        return None
    return ended(gan)


def assert_same(one, other):
    for (path, a), b in zip(one.values.items(), other.values.values(), strict=True):
        np.testing.assert_array_equal(a, b, err_msg=path)
    assert one.history == other.history


@pytest.fixture(scope="module")
def whole_folder(tmp_path_factory):
    return tmp_path_factory.mktemp("whole")


@pytest.fixture(scope="module")
def whole(whole_folder):
    """The run that nobody stopped."""
    return play(whole_folder)


@pytest.fixture(scope="module")
def rows(whole_folder, whole):
    """What its logger wrote."""
    return (whole_folder / "history.csv").read_text()


@pytest.fixture(scope="module")
def stopped(tmp_path_factory):
    """A function that fills a folder with what a run left that was stopped at a step."""

    @functools.cache
    def part(step):
        folder = tmp_path_factory.mktemp(f"stopped-{step}")
        assert play(folder, step) is None
        return folder

    return lambda folder, step: shutil.copytree(part(step), folder, dirs_exist_ok=True)


@pytest.fixture(scope="module")
def richest():
    """The game with most to keep: a pool of fakes, a schedule of noise, averages of weights."""
    objective = "relativistic_paired + 0.1 * r1 + historical_averaging"
    noise = augmentations.InstanceNoise(decay_steps=50)
    return renewing(game(objective=objective, augmentation=noise, replay=FakePool(16)))


def assert_ends_as(whole, rows, folder, make=new):
    """Plays a run that was stopped to its end, which is to be that of the whole one."""
    assert_same(whole, play(folder, make=make))
    assert (folder / "history.csv").read_text() == rows


def slow(*values):
    """A case that is played at length, like one that is played quickly."""
    return pytest.param(*values, marks=pytest.mark.learns)


@pytest.mark.learns
@pytest.mark.parametrize("stop", [slow(2), 9, slow(10), slow(23)], ids=["before any", "within", "end", "last"])
def test_a_stopped_run_ends_as_one_that_was_not(tmp_path, stop, whole, rows, stopped):
    stopped(tmp_path, stop)
    assert_ends_as(whole, rows, tmp_path)


@pytest.mark.learns
def test_checkpoints_at_the_ends_of_epochs(tmp_path, whole, rows):
    assert play(tmp_path, 13, every="epoch") is None
    assert_ends_as(whole, rows, tmp_path)


@pytest.mark.learns
@pytest.mark.parametrize(
    ("stop", "options"), [(5, {"k": 3}), (14, {"steps_per_execution": 2}), (14, None)], ids=["k", "steps", "richest"]
)
def test_a_stopped_run_of_another_game(tmp_path, stop, options, richest):
    make = renewing(game(**options)) if options else richest
    whole = play(tmp_path / "whole", make=make)
    assert play(tmp_path / "torn", stop, make=make) is None
    assert_ends_as(whole, (tmp_path / "whole/history.csv").read_text(), tmp_path / "torn", make)


@pytest.mark.learns
def test_games_of_their_own_end_alike(tmp_path, whole, stopped):
    """Nothing but the checkpoint goes from one process to the next."""
    stopped(tmp_path, 9)
    assert_same(whole, play(tmp_path, make=game))


@pytest.mark.learns
def test_stopped_again_and_again(tmp_path, whole):
    for stop in (6, 11, 12, 21, 29):
        assert play(tmp_path / "torn", stop) is None
    assert_same(whole, play(tmp_path / "torn"))


@pytest.mark.learns
def test_what_is_resumed_sees_the_data_that_is_left(tmp_path, stopped):
    stopped(tmp_path, 16)
    batches = []

    class Watch(keras.callbacks.Callback):
        def on_train_batch_begin(self, batch, logs=None):
            batches.append(batch)

    play(tmp_path, more=[Watch()])
    assert batches == [*range(2, 10), *range(10)]  # from the checkpoint at step 12 on


@pytest.mark.learns
@pytest.mark.parametrize("repeated", [slow(False), True])
def test_a_foreign_data_set_without_shuffling_goes_on_exactly(tmp_path, repeated, capsys):
    def foreign():
        batches = tf.data.Dataset.from_tensor_slices(POINTS).batch(BATCH)
        return batches.repeat() if repeated else batches

    def part(folder, stop=None):
        gan = new()
        listed = [callbacks.Resume(folder, every=saving(stop)), *([Stop(stop)] if stop else [])]
        steps = {"steps_per_epoch": 7} if repeated else {}
        try:
            gan.fit(foreign(), epochs=EPOCHS, verbose=0, callbacks=listed, **steps)
        except RuntimeError:
            return None
        return ended(gan)

    whole = part(tmp_path / "whole")
    for stop in (5, 13):
        assert part(tmp_path / "torn", stop) is None
    assert_same(whole, part(tmp_path / "torn"))
    assert "read from its beginning (the same, if each pass over it is the same)" in capsys.readouterr().out


@pytest.mark.learns
def test_a_py_dataset_goes_on_at_an_epoch(tmp_path):
    class Points(keras.utils.PyDataset):
        def __len__(self):
            return 10

        def __getitem__(self, index):
            return POINTS[index * BATCH : (index + 1) * BATCH]

    whole = play(tmp_path / "whole", source=Points())
    assert play(tmp_path / "torn", 16, source=Points()) is None
    assert [place.name for place in checkpoints.list_checkpoints(tmp_path / "torn/checkpoints")] == ["step-00000010"]
    assert_same(whole, play(tmp_path / "torn", source=Points()))


@pytest.mark.learns
def test_stock_callbacks_keep_what_they_remember(tmp_path):
    def stock(folder):
        return [
            keras.callbacks.EarlyStopping("g_loss", mode="min", patience=1, restore_best_weights=True),
            keras.callbacks.ReduceLROnPlateau("d_loss", mode="min", patience=1, factor=0.1, min_delta=10.0),
            keras.callbacks.ModelCheckpoint(
                str(folder / "best.keras"), monitor="g_loss", mode="min", save_best_only=True
            ),
            callbacks.LossPlot(folder / "curves.png", every=100),
        ]

    remembered = []
    for folder, stops in ((tmp_path / "whole", []), (tmp_path / "torn", [13, 34])):
        folder.mkdir()
        for stop in stops:
            assert play(folder, stop, epochs=8, make=steady, more=stock(folder)) is None
        listed = stock(folder)
        gan = play(folder, epochs=8, make=steady, more=listed).gan
        early, plateau, best, plot = listed
        remembered.append(
            [early.best, early.wait, early.stopped_epoch, plateau.best, plateau.wait, best.best, plot.history]
            + [float(gan.discriminator_optimizer.learning_rate), gan.history.history]
            + [weight.tolist() for weight in gan.get_weights()]
        )
    assert remembered[0] == remembered[1]


@pytest.mark.learns
def test_a_run_that_early_stopping_ended_does_not_go_on(tmp_path):
    def early():
        return [keras.callbacks.EarlyStopping("d_real", mode="min", patience=0, restore_best_weights=True)]

    first = play(tmp_path, epochs=9, more=early())
    assert first.step < 90
    again = play(tmp_path, epochs=9, more=early())
    assert again.step == first.step
    assert_same(first, again)


@pytest.mark.learns
def test_an_epoch_that_has_begun_does_not_begin_again_for_others(tmp_path):
    def scheduler():
        return [keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate * 0.5)]

    whole = play(tmp_path / "whole", make=steady, more=scheduler())
    assert play(tmp_path / "torn", 17, make=steady, more=scheduler()) is None
    assert_same(whole, play(tmp_path / "torn", make=steady, more=scheduler()))


@pytest.mark.learns
def test_a_logger_that_appends_writes_no_row_twice(tmp_path):
    file = tmp_path / "log.csv"
    for stop in (17, None):
        play(tmp_path, stop, more=[keras.callbacks.CSVLogger(str(file), append=True)])
    assert [line.split(",")[0] for line in file.read_text().splitlines()] == ["epoch", "0", "1", "2"]


@pytest.mark.learns
@pytest.mark.parametrize("known", [True, False])
def test_data_that_is_shorter_than_the_run_goes_round(tmp_path, known):
    def part(folder, stop=None):
        gan, data_ = new(), tf.data.Dataset.from_tensor_slices(POINTS).batch(BATCH, drop_remainder=True)
        data_ = data_ if known else data_.filter(lambda x: True)
        resume = callbacks.Resume(folder, every=3 if stop else NEVER)
        try:
            listed = [resume, *([Stop(stop)] if stop else [])]
            gan.fit(data_, epochs=4, steps_per_epoch=7, verbose=0, callbacks=listed)
        except RuntimeError:
            return None
        return ended(gan)

    whole = part(tmp_path / "whole")
    assert whole.step == 28
    for stop in (5, 16):
        assert part(tmp_path / "torn", stop) is None
    assert_same(whole, part(tmp_path / "torn"))


@pytest.mark.learns
def test_data_of_unknown_length_goes_on_at_an_epoch(tmp_path):
    def foreign():
        return tf.data.Dataset.from_tensor_slices(POINTS).batch(BATCH, drop_remainder=True).filter(lambda x: True)

    whole = play(tmp_path / "whole", source=foreign())
    assert play(tmp_path / "torn", 16, source=foreign()) is None
    assert [place.name for place in checkpoints.list_checkpoints(tmp_path / "torn/checkpoints")] == ["step-00000010"]
    assert_same(whole, play(tmp_path / "torn", source=foreign()))


def test_only_one_callback_resumes(tmp_path):
    for other in (keras.callbacks.BackupAndRestore(str(tmp_path / "backup")), callbacks.Resume(tmp_path / "other")):
        with pytest.raises(ValueError, match="`callbacks` must hold at most one callback that resumes"):
            new().fit(POINTS, batch_size=BATCH, verbose=0, callbacks=[other, callbacks.Resume(tmp_path)])


@pytest.mark.learns
def test_a_monitor_that_is_not_there_is_said(tmp_path):
    with pytest.warns(UserWarning, match=r"`monitor` must be one of .*'g_loss'.* Received: monitor='g_los'"):
        new().fit(POINTS, batch_size=BATCH, verbose=0, callbacks=[callbacks.Resume(tmp_path, monitor="g_los")])


def test_what_cannot_be_read_is_not_taken_for_damaged(tmp_path, monkeypatch, stopped):
    stopped(tmp_path, 9)

    def stale(file):
        raise OSError(116, "Stale file handle")

    monkeypatch.setattr(checkpoints, "_sum", stale)
    with pytest.raises(OSError, match="Stale"):
        play(tmp_path)
    monkeypatch.undo()
    assert checkpoints.newest(tmp_path / "checkpoints").name == "step-00000008"


@pytest.mark.learns
def test_a_finished_run_is_left_as_it_is(tmp_path):
    whole = play(tmp_path, epochs=2, every=4)
    before = sorted(path.stat().st_mtime_ns for path in tmp_path.glob("checkpoints/*/*"))
    again = play(tmp_path, epochs=2, every=4)
    assert_same(whole, again)
    assert before == sorted(path.stat().st_mtime_ns for path in tmp_path.glob("checkpoints/*/*"))


@pytest.mark.learns
def test_more_epochs_go_on_from_the_end(tmp_path, whole):
    play(tmp_path, epochs=2, every=4)
    assert_same(whole, play(tmp_path))


@pytest.mark.parametrize("what", ["gan.keras", "state.json", "callbacks.npz", "SHA256SUMS"])
@pytest.mark.parametrize("how", ["cut", "flipped", "gone"])
def test_a_damaged_checkpoint_gives_way_to_the_one_before(tmp_path, what, how, stopped):
    stopped(tmp_path, 14)
    before, newest = checkpoints.list_checkpoints(tmp_path / "checkpoints")
    do_damage(newest / what, how)
    with pytest.warns(UserWarning, match=f"{newest.name} is damaged"):
        assert checkpoints.newest(tmp_path / "checkpoints") == before


def do_damage(file, how):
    content = file.read_bytes()
    middle = len(content) // 2
    if how == "gone":
        file.unlink()
    else:
        rest = b"" if how == "cut" else bytes([content[middle] ^ 1]) + content[middle + 1 :]
        file.write_bytes(content[:middle] + rest)


@pytest.mark.learns
def test_a_run_goes_on_from_the_checkpoint_before_the_damaged_one(tmp_path, whole, stopped):
    stopped(tmp_path, 14)
    newest = checkpoints.list_checkpoints(tmp_path / "checkpoints")[-1]
    do_damage(newest / "gan.keras", "flipped")
    with pytest.warns(UserWarning, match=f"{newest.name} is damaged"):
        assert_same(whole, play(tmp_path))


@pytest.mark.learns
def test_only_the_newest_and_the_best_are_kept(tmp_path):
    gan = new()
    resume = callbacks.Resume(tmp_path, every=10, keep=2, monitor="g_loss")
    history = gan.fit(POINTS, batch_size=BATCH, epochs=6, verbose=0, callbacks=[resume]).history["g_loss"]
    best = f"step-{10 * (1 + int(np.argmin(history))):08d}"
    names = [place.name for place in checkpoints.list_checkpoints(tmp_path)]
    assert names[-1] == "step-00000060"
    assert names == sorted({*names[-2:], best})
    assert resume.best == tmp_path / best
    assert keras.models.load_model(resume.best / "gan.keras").step.numpy() == int(best[5:])


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"k": 2}, "discriminator_steps: 1 there, 2 here"),
        ({"rate": 2e-3}, "discriminator_optimizer: Adam"),
        ({"objective": "hinge"}, "objective: relativistic_paired + 0.1 * r1 there, hinge here"),
    ],
)
def test_another_configuration_is_refused(tmp_path, change, named, stopped):
    stopped(tmp_path, 9)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(ValueError, match=r"same configuration.*Received.*") as caught:
        play(tmp_path, make=functools.partial(game, **change))
    assert named in str(caught.value)
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.learns
def test_other_layers_or_batches_of_the_same_shapes_are_refused(tmp_path, stopped):
    def other():
        gan = game()
        discriminator = networks.mlp_discriminator((2,), hidden=(8,), activation="tanh")
        gan = GAN(gan.generator, discriminator, 2, seed=5, ema=0.9)
        gan.compile("relativistic_paired + 0.1 * r1", decaying(), keras.optimizers.Adam(1e-3))
        return gan

    stopped(tmp_path, 9)
    with pytest.raises(ValueError, match=r"where discriminator: 2x8, 8, 8x1, 1 .* there"):
        play(tmp_path, make=other)
    with pytest.raises(ValueError, match="where data: "):
        new().fit(POINTS[:50], batch_size=5, verbose=0, callbacks=[callbacks.Resume(tmp_path / "checkpoints")])


@pytest.mark.learns
def test_another_configuration_may_be_asked_for(tmp_path, stopped):
    stopped(tmp_path, 9)
    gan = game(objective="hinge", run_eagerly=True)
    gan.fit(POINTS, batch_size=BATCH, verbose=0, callbacks=[callbacks.Resume(tmp_path / "checkpoints", strict=False)])
    assert int(gan.step.numpy()) == 10


@pytest.mark.learns
def test_of_another_configuration_the_learning_rates_are_taken_and_an_epoch_of_other_steps_begins_again(
    tmp_path, stopped
):
    stopped(tmp_path, 16)  # saved is step 12, two steps into the second epoch
    gan = game(rate=1e-4)
    steps = []
    watch = keras.callbacks.LambdaCallback(on_train_batch_begin=lambda batch, logs: steps.append(batch))
    listed = [watch, callbacks.Resume(tmp_path / "checkpoints", strict=False)]
    gan.fit(POINTS, batch_size=5, epochs=2, verbose=0, callbacks=listed)
    assert steps == [*range(20)]
    assert int(gan.step.numpy()) == 12 + 20
    assert float(gan.discriminator_optimizer.learning_rate) == pytest.approx(1e-4)


@pytest.mark.learns
def test_rates_that_were_halved_are_not_halved_again_for_another_configuration(tmp_path):
    def part(gan, epochs, stop, **options):
        resume = callbacks.Resume(tmp_path, every=2, **options)
        gan.fit(POINTS[:50], batch_size=BATCH, epochs=epochs, verbose=0, callbacks=[*stop, resume])
        return [float(optimizer.learning_rate) for optimizer in gan.optimizer.optimizers]

    schedule = keras.optimizers.schedules.CosineDecay(1e-3, 100)
    first, second, third = (float(schedule(step)) for step in (5, 10, 15))
    stop = [Poison(3, 6e-4), callbacks.TerminateOnNonFinite()]
    assert part(game(run_eagerly=True), 1, stop, rollbacks=1) == pytest.approx([first / 2, 5e-4])
    assert part(game(rate=2e-4, run_eagerly=True), 2, [], strict=False) == pytest.approx([second, 2e-4])
    stop = [Poison(13, 1e-4), callbacks.TerminateOnNonFinite()]
    rates = part(game(rate=2e-4, run_eagerly=True), 3, stop, strict=False, rollbacks=1)
    assert rates == pytest.approx([third / 2, 1e-4])


def tiny(width=8, ema=None):
    gan = GAN(networks.mlp_generator(2, (2,), hidden=(width, 8)), networks.mlp_discriminator((2,)), 2, ema=ema)
    gan.compile("hinge", run_eagerly=True)
    return gan


@pytest.fixture(scope="module")
def of_a_tiny_game(tmp_path_factory):
    """The checkpoints of a tiny game's run; not to be changed."""
    folder = tmp_path_factory.mktemp("tiny")
    tiny().fit(POINTS, batch_size=50, verbose=0, callbacks=[callbacks.Resume(folder)])
    return folder


@pytest.mark.learns
@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"width": 9}, "the generator has weights of the shapes 2x8, .*; here they are 2x9, "),
        ({"ema": 0.9}, "with the error: .*'ema' expected 6 variables"),
    ],
)
def test_a_checkpoint_that_does_not_fit_leaves_the_game_as_it_is(of_a_tiny_game, options, text):
    gan = tiny(**options)
    before = [variable.numpy() for variable in [*gan.variables, *gan.optimizer.variables]]
    with pytest.raises(ValueError, match=f"`path` must hold checkpoints whose .* even with `strict=False`.*{text}"):
        gan.fit(POINTS, verbose=0, callbacks=[callbacks.Resume(of_a_tiny_game, strict=False)])
    for value, variable in zip(before, [*gan.variables, *gan.optimizer.variables], strict=True):
        np.testing.assert_array_equal(value, variable.numpy())


def test_a_checkpoint_of_another_format_is_refused_and_kept(tmp_path, stopped):
    stopped(tmp_path, 9)
    newest = checkpoints.list_checkpoints(tmp_path / "checkpoints")[-1]
    (newest / "callbacks.npz").unlink()  # another format may hold other files
    (newest / "state.json").write_text('{"format": 2}')
    sums = [f"{checkpoints._sum(newest / name)}  {name}\n" for name in ("gan.keras", "state.json")]
    (newest / "SHA256SUMS").write_text("".join(sums))
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(ValueError, match=r"`path` must hold checkpoints of format 1, .* Received: .*, of format 2$"):
        play(tmp_path)
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.learns
@pytest.mark.parametrize(
    ("moved", "kind"), [(False, "found by its step"), (True, "in another order if it is shuffled")]
)
def test_what_is_done_after_our_pipeline_is_said_to_lose_its_steps(tmp_path, moved, kind, capsys):
    source = data.batches(POINTS, BATCH) if not moved else data.batches(POINTS, BATCH).map(lambda x: x + 0.0).take(9)
    warned = (
        pytest.warns(UserWarning, match="cannot resume exactly: .*`transform=`") if moved else contextlib.nullcontext()
    )
    for stop in (6, None):
        with warned:
            play(tmp_path, stop, source=source)
    assert f"; the data is {'read from its beginning, ' if moved else ''}{kind}" in capsys.readouterr().out


@pytest.mark.learns
def test_a_folder_that_cannot_be_written_is_named_before_training(tmp_path):
    gan = new()
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OSError, match="`path` must be a folder that can be written"):
        gan.fit(POINTS, batch_size=BATCH, verbose=0, callbacks=[callbacks.Resume(tmp_path / "file/below", every=3)])
    assert int(gan.step.numpy()) == 0
    gan.fit(POINTS, batch_size=BATCH, verbose=0)


@pytest.mark.learns
def test_a_full_disk_leaves_earlier_checkpoints(tmp_path, monkeypatch, stopped):
    stopped(tmp_path, 6)

    def full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", full)
    with pytest.raises(OSError, match=r"earlier ones are unchanged.*No space left"):
        play(tmp_path, every=4)
    monkeypatch.undo()
    assert [path.name for path in (tmp_path / "checkpoints").iterdir()] == ["step-00000004"]
    assert checkpoints.find_damage(tmp_path / "checkpoints/step-00000004") is None


class Limit(keras.callbacks.Callback):
    """From a step on no file may have more bytes: the system itself refuses to write them."""

    def __init__(self, step, size):
        super().__init__()
        self.step, self.size = step, size

    def on_train_batch_begin(self, batch, logs=None):
        if int(self.model.step.numpy()) == self.step:
            self.before = resource.getrlimit(resource.RLIMIT_FSIZE)
            resource.setrlimit(resource.RLIMIT_FSIZE, (self.size, self.before[1]))

    def end(self):
        resource.setrlimit(resource.RLIMIT_FSIZE, self.before)


@contextlib.contextmanager
def small_disk(folder, size):
    """A disk of `size` bytes at `folder`; only root may have one."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    try:
        mounted = os.geteuid() == 0 and subprocess.run(command, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        mounted = False
    if not mounted:
        pytest.skip("only root may mount a small disk")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def assert_only_earlier_ones_are_left(gan, folder, step):
    """After a write that failed: the game is where it was, and what was saved before is whole, with nothing beside."""
    assert int(gan.step.numpy()) == step
    (kept,) = folder.iterdir()
    assert kept.name == "step-00000004"
    assert checkpoints.find_damage(kept) is None
    assert np.isfinite(gan.generate(2, seed=0)).all()


@pytest.mark.learns
@pytest.mark.parametrize("size", [100, slow(20_000)])  # within the first bytes, and later
def test_a_file_that_the_system_cuts_leaves_earlier_checkpoints_and_the_game(tmp_path, size):
    gan, limit = new(), Limit(7, size)
    try:
        with pytest.raises(OSError, match=r"room for a checkpoint; earlier ones are unchanged.*File too large"):
            gan.fit(POINTS, batch_size=BATCH, verbose=0, callbacks=[limit, callbacks.Resume(tmp_path, every=4)])
    finally:
        limit.end()
    assert_only_earlier_ones_are_left(gan, tmp_path, 8)
    gan.fit(POINTS, batch_size=BATCH, verbose=0, callbacks=[callbacks.Resume(tmp_path, every=4)])


@pytest.mark.learns
def test_a_disk_that_is_full_leaves_earlier_checkpoints_and_the_game(tmp_path, stopped):
    stopped(tmp_path / "any", 6)
    size = sum(path.stat().st_size for path in (tmp_path / "any/checkpoints").rglob("*"))
    with small_disk(tmp_path / "disk", int(1.5 * size)) as disk:
        gan = new()
        with pytest.raises(OSError, match=r"room for a checkpoint; earlier ones are unchanged.*No space left"):
            gan.fit(POINTS, batch_size=BATCH, verbose=0, callbacks=[callbacks.Resume(disk, every=4)])
        assert_only_earlier_ones_are_left(gan, disk, 8)


@pytest.mark.learns
@pytest.mark.parametrize(("number", "error"), [slow(signal.SIGINT, KeyboardInterrupt), (signal.SIGTERM, SystemExit)])
def test_a_signal_stops_after_the_step_and_saves_it(tmp_path, number, error, capsys, whole):
    class Interrupt(keras.callbacks.Callback):
        def on_train_batch_begin(self, batch, logs=None):
            if int(self.model.step.numpy()) == 14:
                os.kill(os.getpid(), number)

    handlers = [signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM)]
    with pytest.raises(error) as caught:
        play(tmp_path / "torn", every=4, more=[Interrupt()])
    if error is SystemExit:
        assert caught.value.code == 143
    assert handlers == [signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM)]
    output = capsys.readouterr().out
    assert "Stopped after step 15; the last checkpoint is of step 15. The same program resumes" in output
    assert_same(whole, play(tmp_path / "torn"))


class Poison(keras.callbacks.Callback):
    """Makes a weight NaN at a step, as long as the learning rate is high."""

    def __init__(self, step, below):
        super().__init__()
        self.step, self.below = step, below

    def on_train_batch_end(self, batch, logs=None):
        rate = float(self.model.discriminator_optimizer.learning_rate)
        if int(self.model.step.numpy()) == self.step and rate > self.below:
            weight = self.model.generator.weights[0]
            weight.assign(np.full(weight.shape, np.nan))


@pytest.mark.learns
def test_divergence_rolls_back_with_smaller_rates(tmp_path, capsys):
    gan = game()
    listed = [Poison(14, 3e-4), callbacks.TerminateOnNonFinite(), callbacks.Resume(tmp_path, every=4, rollbacks=2)]
    gan.fit(POINTS, batch_size=BATCH, epochs=2, verbose=0, callbacks=listed)
    assert int(gan.step.numpy()) == 20
    assert float(gan.discriminator_optimizer.learning_rate) == pytest.approx(2.5e-4)
    schedule = keras.optimizers.schedules.CosineDecay(1e-3, 100)
    assert float(gan.generator_optimizer.learning_rate) == pytest.approx(float(schedule(20)) / 4, rel=1e-6)
    out = capsys.readouterr().out
    assert "the weight `" in out
    assert "Rolling back (2 of 2)" in out
    state = json.loads((checkpoints.list_checkpoints(tmp_path)[-1] / "state.json").read_text())
    assert state["slowed"] == 2


@pytest.mark.learns
def test_after_a_rollback_signals_are_those_of_before(tmp_path):
    handlers = [signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM)]
    listed = [Poison(6, 6e-3), callbacks.TerminateOnNonFinite(), callbacks.Resume(tmp_path, every=4, rollbacks=1)]
    steady().fit(POINTS, batch_size=BATCH, verbose=0, callbacks=listed)
    assert handlers == [signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM)]


@pytest.mark.learns
def test_divergence_that_stays_is_an_error(tmp_path):
    gan = steady()
    listed = [Poison(14, 0.0), callbacks.TerminateOnNonFinite(), callbacks.Resume(tmp_path, every=4, rollbacks=2)]
    with pytest.raises(FloatingPointError, match=r"of the generator has .* NaN"):
        gan.fit(POINTS, batch_size=BATCH, epochs=2, verbose=0, callbacks=listed)
    assert checkpoints.list_checkpoints(tmp_path)[-1].name == "step-00000012"


@pytest.mark.learns
@pytest.mark.parametrize(
    ("find", "named"),
    [
        (lambda gan: gan.generator_optimizer._momentums[0], "which the generator's optimizer remembers, has 1 NaN"),
        (lambda gan: gan.discriminator_optimizer._velocities[0], "the discriminator's optimizer remembers, has"),
        (lambda gan: gan.ema.shadows[0], "the average of the generator's `.*kernel` has 1 NaN or Inf"),
        (lambda gan: gan.replay.fakes, "which the game's replay remembers, has 1 NaN"),
    ],
)
def test_nothing_that_is_broken_behind_the_weights_is_saved(tmp_path, find, named, richest):
    def spoil(batch, logs):
        if batch == 5:
            value = np.array(find(gan).numpy())
            value.flat[-1] = np.inf
            find(gan).assign(value)

    gan = richest()
    listed = [keras.callbacks.LambdaCallback(on_train_batch_end=spoil), callbacks.Resume(tmp_path, every=3)]
    with pytest.raises(FloatingPointError, match=f"Training stopped after step 6: .*{named}"):
        gan.fit(POINTS, batch_size=BATCH, verbose=0, callbacks=listed)
    assert [place.name for place in checkpoints.list_checkpoints(tmp_path)] == ["step-00000003"]


@pytest.mark.learns
def test_nothing_broken_is_saved(tmp_path):
    gan = new()
    with pytest.raises(FloatingPointError, match="of the generator"):
        gan.fit(POINTS, batch_size=BATCH, verbose=0, callbacks=[Poison(6, 0.0), callbacks.Resume(tmp_path, every=3)])
    assert [place.name for place in checkpoints.list_checkpoints(tmp_path)] == ["step-00000003"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"every": 0}, "`every` must be 'epoch' or a number of steps of at least 1. Received: every=0"),
        ({"keep": 0}, "`keep` must be"),
        ({"mode": "auto"}, "`mode` must be 'min' or 'max'. Received: mode='auto'"),
        ({"rollbacks": -1}, "`rollbacks` must be"),
    ],
)
def test_arguments(options, message):
    with pytest.raises(ValueError, match=message):
        callbacks.Resume("somewhere", **options)


@pytest.mark.learns
def test_a_table_of_other_categories_does_not_go_on(tmp_path):
    """Whose weights have the same shapes, and mean others."""

    def play(categories):
        table = data.Table({"x": [1.0, 2.0, 3.0] * 4, "kind": categories * 4}, modes=1)
        game = presets.build("tvae", table.schema, width=4, seed=0)
        game.compile(run_eagerly=True)
        game.fit(table.batches(6), epochs=1, verbose=0, callbacks=[callbacks.Resume(tmp_path)])

    play(["u", "v", None])
    with pytest.raises(ValueError, match=r"configuration.*columns: x \(numbers\), kind \(3 categories, .*there"):
        play(["NA", "u", "v"])


@pytest.mark.learns
def test_a_class_of_the_library_may_have_moved_since_a_checkpoint():
    texts = [
        json.dumps(
            [{"module": module, "class_name": "Scaled", "registered_name": "keras_gan>Scaled", "config": config}]
        )
        for module, config in (("keras_gan.objectives.objective", 1), ("keras_gan.objectives.weights", 1), ("mine", 2))
    ]
    old, new, other = ({"schedules": text} for text in texts)
    assert not state_.differences(old, new)
    assert state_.differences(old, other) == ["schedules"]


def test_another_schedule_of_a_weight_is_refused(tmp_path):
    def play(start, epochs):
        gan = GAN(
            networks.mlp_generator(2, (2,), hidden=(4,)), networks.mlp_discriminator((2,), hidden=(4,)), 2, seed=0
        )
        weight = keras.optimizers.schedules.PolynomialDecay(start, 10, 0.5)
        gan.compile(Hinge() + weight * R1(), keras.optimizers.SGD(0.01), keras.optimizers.SGD(0.01))
        resume = callbacks.Resume(tmp_path / "checkpoints")
        gan.fit(np.zeros((16, 2), "float32"), batch_size=8, epochs=epochs, verbose=0, callbacks=[resume])
        return int(gan.step)

    assert [play(1.0, 1), play(1.0, 2)] == [2, 4]
    with pytest.raises(ValueError, match=r"`path` must hold checkpoints of the same configuration.*schedules"):
        play(100.0, 3)
    newest = checkpoints.list_checkpoints(tmp_path / "checkpoints")[-1]
    state = json.loads((newest / "state.json").read_text())
    assert "PolynomialDecay" in state["signature"]["schedules"]
    now = {name: text for name, text in state["signature"].items() if name != "schedules"}
    assert not state_.differences(now, state["signature"])  # of before schedules were written


@pytest.mark.parametrize("kind", ["values", "order", "fewer"])
def test_other_examples_are_another_run(kind, tmp_path):
    """The batches of a resumed run are found by their step: of other examples they would be others."""
    other = {"values": POINTS + np.float32(0.1), "order": POINTS[::-1], "fewer": POINTS[:96]}[kind]
    play(tmp_path, stop=5)
    with pytest.raises(
        ValueError, match=r"`path` must hold checkpoints of the same configuration.*examples: \w{16} there"
    ):
        play(tmp_path, source=other)
    assert play(tmp_path, stop=6) is None  # the same ones


def test_checkpoints_of_before_examples_were_told_go_on(tmp_path):
    now = {"seed": "5", "examples": "0123456789abcdef"}
    assert state_.differences({"seed": "5"}, now) == []
    assert state_.differences({"seed": "5", "examples": "f123456789abcdef"}, now) == ["examples"]


@functools.cache
def settings(**options):
    """The settings by which a run of a GAN of points is the same."""
    gan = GAN(networks.mlp_generator(2, (2,), hidden=(4,)), networks.mlp_discriminator((2,), hidden=(4,)), 2, seed=0)
    gan.compile("hinge", **options)
    return gan, state_.signature(gan, types.SimpleNamespace(data=POINTS, steps=1, addresses=None))


def test_each_argument_of_compile_that_changes_numbers_is_in_the_signature():
    gan, signature = settings()
    same_numbers = {"metrics", "run_eagerly", "steps_per_execution", "check_gradients"}
    not_always = {"jit_compile"}  # where `fit` chooses it, it is not a setting
    assert set(gan.get_compile_config()) - set(signature) == same_numbers | not_always


def test_where_penalties_are_taken_is_a_setting_that_older_checkpoints_lack():
    (_, here), (_, there) = settings(), settings(penalties_at="augmented")
    assert state_.differences(there, here) == ["penalties_at"]
    older = {name: text for name, text in there.items() if name != "penalties_at"}
    assert not state_.differences(older, here)
