import io
import json

import keras
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from keras_gan import GAN, callbacks, data
from keras_gan.data import stored
from tests.conformance.bad import games

RNG = np.random.default_rng(0)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Forty pictures of two classes, and their records."""
    root = tmp_path_factory.mktemp("pictures")
    for i in range(40):
        path = root / "in" / "ab"[i % 2] / f"{i:02d}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(RNG.integers(0, 256, games.SHAPE).astype("uint8").squeeze()).save(path)
    data.prepare(root / "in", root / "out", encoding="raw")
    return root


@pytest.fixture
def pictures(folder):
    return data.read(f"folder:{folder / 'in'}"), data.read(f"records:{folder / 'out'}")


@pytest.mark.learns
@pytest.mark.parametrize("options", [{}, {"labels": True, "seed": 3}, {"shuffle": False, "drop_remainder": False}])
def test_batches_are_those_of_the_pictures_in_memory(pictures, options):
    held, kept = (each.dataset(12, **options) for each in pictures)
    assert held.element_spec == kept.element_spec
    for one, other in zip(held.as_numpy_iterator(), kept.as_numpy_iterator(), strict=True):
        tf.nest.map_structure(np.testing.assert_array_equal, one, other)


@pytest.mark.parametrize("quality", [75, 100])
def test_jpegs_are_decoded_as_pillow_decodes_them(tmp_path, quality):
    (tmp_path / "in").mkdir()
    picture = RNG.integers(0, 256, (16, 24, 3)).astype("uint8")
    Image.fromarray(picture).save(tmp_path / "in/a.png")
    made = data.prepare(tmp_path / "in", tmp_path / "out", encoding="jpeg", quality=quality).images[:]
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "JPEG", quality=quality, subsampling=0)
    np.testing.assert_array_equal(made[0], np.asarray(Image.open(buffer)))


@pytest.mark.learns
def test_training_is_that_of_the_pictures_in_memory_and_goes_on_exactly(pictures, folder, tmp_path):
    def play(source, *callbacks):
        keras.utils.set_random_seed(0)
        gan = GAN(games.generator(), games.discriminator(), 3, seed=0)
        gan.compile("hinge")
        gan.fit(source.dataset(8, seed=1, flip=True), epochs=2, verbose=0, callbacks=list(callbacks))
        return gan.get_weights()

    class Stop(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            if batch == 2:
                raise RuntimeError

    weights = [play(pictures[0])]
    for i, source in enumerate((pictures[1], data.read(f"folder:{folder / 'in'}", stored=True))):
        with pytest.raises(RuntimeError):
            play(source, callbacks.Resume(tmp_path / f"{i}", every=1), Stop())
        weights.append(play(source, callbacks.Resume(tmp_path / f"{i}", every=1)))
    for others in weights[1:]:
        for one, other in zip(weights[0], others, strict=True):
            np.testing.assert_allclose(one, other, atol=1e-6)


def test_what_is_indexed_as_an_array(pictures):
    held, kept = pictures[0].images, pictures[1].images
    assert (len(kept), kept.shape, kept.ndim, kept.dtype) == (len(held), held.shape, held.ndim, held.dtype)
    for key in (slice(None, None, 7), [], [1, 5, 1], np.arange(40) % 3 == 0, -1, 0):
        np.testing.assert_array_equal(kept[key], held[key])
    assert kept[:0].shape == (0, *games.SHAPE)
    with pytest.raises(IndexError):
        kept[40]
    with pytest.raises(ValueError, match="`copy` must not be False"):
        np.asarray(kept, copy=False)


def test_some_of_the_pictures(pictures):
    held, kept = (each.images for each in pictures)
    some = kept.chosen([7, 2, 9])
    np.testing.assert_array_equal(some[:], held[[7, 2, 9]])
    np.testing.assert_array_equal(some.chosen([1]).read(np.array([0])), held[[2]])
    (batch,) = data.batches(some, 3, shuffle=False)
    np.testing.assert_array_equal(batch, held[[7, 2, 9]])
    assert batch.shape == (3, *games.SHAPE)


def test_what_does_not_fit_in_memory_is_not_read_whole(pictures, monkeypatch):
    monkeypatch.setattr(stored, "MOST_BYTES", 10 * np.prod(games.SHAPE))
    assert len(pictures[1].images[:10]) == 10
    with pytest.raises(ValueError, match=r"must fit in .*keras-gan prepare.*Received: 40 pictures"):
        np.asarray(pictures[1].images)


@pytest.mark.parametrize("change", ["no index", "no file", "short", "format"])
def test_what_is_not_whole_is_refused(folder, tmp_path, change):
    for path in (folder / "out").iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (file,) = tmp_path.glob("*.array_record")
    message = f"`path` must hold {file.name} of .*keras-gan prepare --overwrite"
    if change == "no index":
        (tmp_path / "index.json").unlink()
        message = "`path` must be a folder that `keras-gan prepare` wrote, with index.json"
    elif change == "no file":
        file.unlink()
    elif change == "short":
        file.write_bytes(file.read_bytes()[:-1])
    else:
        index = json.loads((tmp_path / "index.json").read_text())
        (tmp_path / "index.json").write_text(json.dumps(index | {"format": 2}))
        message = "`path` must hold records of format 1. Received: format 2"
    with pytest.raises(ValueError, match=message):
        data.read(f"records:{tmp_path}")


SHARD = {"file": "a", "count": 40, "bytes": 7}


@pytest.mark.parametrize(
    "change",
    [
        {"shards": None},
        {"shards": []},
        {"shards": [SHARD | {"bytes": "7"}]},
        {"shards": [SHARD | {"count": 0}]},
        {"class_names": None},
        {"image_shape": "x"},
        {"image_shape": [4, 4]},
        {"encoding": "gif"},
    ],
)
def test_an_index_that_was_changed_is_refused(folder, tmp_path, change):
    for path in (folder / "out").iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    index = json.loads((tmp_path / "index.json").read_text())
    (tmp_path / "index.json").write_text(json.dumps(index | change))
    with pytest.raises(
        ValueError, match=rf"index.json must be as .* wrote it.*Received: {next(iter(change))} of another"
    ):
        data.read(f"records:{tmp_path}")


@pytest.mark.parametrize("labels", [None, b"no array", np.zeros(39, "int32"), np.zeros(40, "float32")])
def test_labels_that_were_changed_are_refused(folder, tmp_path, labels):
    for path in (folder / "out").iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "labels.npy").unlink()
    if isinstance(labels, bytes):
        (tmp_path / "labels.npy").write_bytes(labels)
    elif labels is not None:
        np.save(tmp_path / "labels.npy", labels)
    with pytest.raises(ValueError, match=r"labels.npy must hold the 40 labels that .*--overwrite`. Received: "):
        data.read(f"records:{tmp_path}")


def test_damaged_records_are_named(folder, tmp_path):
    for path in (folder / "out").iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (file,) = tmp_path.glob("*.array_record")
    file.write_bytes(b"\0" * file.stat().st_size)
    with pytest.raises(
        (ValueError, tf.errors.OpError), match=rf"{file.name} must be as `keras-gan prepare` wrote them"
    ):
        _ = data.read(f"records:{tmp_path}").images[:]


def test_the_size_is_that_of_the_records(folder):
    name = f"records:{folder / 'out'}"
    assert data.read(name, image_size=games.SHAPE[:2]).image_shape == games.SHAPE
    with pytest.raises(ValueError, match=r"`image_size` must be None or that of the records.*Received: image_size=8"):
        data.read(name, image_size=8)
    with pytest.raises(ValueError, match="as 'records:PATH'"):
        data.read("records:")
    with pytest.raises(ValueError, match="`split` of a folder must be 'train'"):
        data.read(name, "test")


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("folder:x", {"stored": "x"}, "`stored` must be True or False. Received: stored='x'"),
        (
            "folder:x",
            {"foo": 1},
            "`foo` must not be given for folder, whose options are alpha, labels, stored. .*foo=1",
        ),
        ("records:x", {"labels": "y"}, "`labels` must not be given for records, whose options are alpha. Received"),
        ("mnist", {"labels": "y"}, "`labels` must not be given for TFDS, whose options are data_dir, stored. Received"),
        ("digits", {"stored": True}, "`stored` must not be given for digits, which have no options. Received"),
    ],
)
def test_options_are_those_of_the_set(name, options, message):
    with pytest.raises(ValueError, match=message):
        data.read(name, **options)
