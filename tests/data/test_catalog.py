import os
import pathlib
import types

import numpy as np
import pytest
import tensorflow_datasets as tfds

from keras_gan import data
from keras_gan.data import stored
from keras_gan.data.catalog import read_tfds

DIRECTORY = pathlib.Path(
    os.environ.get("TFDS_DATA_DIR", pathlib.Path(__file__).parents[2].parent / "shared/data/tensorflow_datasets")
)
needs_mnist = pytest.mark.skipif(not (DIRECTORY / "mnist").is_dir(), reason="MNIST is not on this machine")
needs_fashion = pytest.mark.skipif(
    not (DIRECTORY / "fashion_mnist").is_dir(), reason="Fashion-MNIST is not on this machine"
)


@pytest.fixture(scope="module")
def mnist_test():
    return read_tfds("mnist", "test", data_dir=DIRECTORY)


@pytest.mark.learns
@needs_mnist
def test_mnist_is_whole(mnist_test):
    assert mnist_test.images.shape == (10_000, 28, 28, 1)
    assert mnist_test.images.dtype == np.uint8
    assert mnist_test.labels.dtype == np.int32
    assert mnist_test.class_names == tuple("0123456789")
    # of the test set's ten digits, as its authors publish it
    counts = [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert np.bincount(mnist_test.labels).tolist() == counts


@needs_mnist
def test_mnist_is_that_of_tfds(mnist_test):
    direct = tfds.load("mnist", split="test[:20]", data_dir=str(DIRECTORY), as_supervised=True, shuffle_files=False)
    for i, (image, label) in enumerate(direct.as_numpy_iterator()):
        np.testing.assert_array_equal(mnist_test.images[i], image)
        assert mnist_test.labels[i] == label


@needs_mnist
@pytest.mark.parametrize(("split", "count"), [("test[:100]", 100), ("test[:1%]", 100), ("train[:5]+test[:7]", 12)])
def test_a_part_of_a_split(split, count):
    part = read_tfds("mnist", split, data_dir=DIRECTORY)
    assert part.images.shape == (count, 28, 28, 1)
    assert part.labels.shape == (count,)


@needs_mnist
def test_a_part_is_the_beginning_of_the_whole(mnist_test):
    part = read_tfds("mnist", "test[:100]", data_dir=DIRECTORY)
    np.testing.assert_array_equal(part.images, mnist_test.images[:100])
    np.testing.assert_array_equal(part.labels, mnist_test.labels[:100])


@needs_mnist
@pytest.mark.parametrize(
    ("image_size", "shape"), [(14, (14, 14)), (32, (32, 32)), ((28, 14), (28, 14)), (28, (28, 28))]
)
def test_another_size(mnist_test, image_size, shape):
    scaled = read_tfds("mnist", "test[:50]", image_size, data_dir=DIRECTORY).images
    assert scaled.shape == (50, *shape, 1)
    assert scaled.dtype == np.uint8
    if shape == (28, 28):
        np.testing.assert_array_equal(scaled, mnist_test.images[:50])
    if shape == (28, 14):  # the middle half, at its own scale
        np.testing.assert_array_equal(scaled, mnist_test.images[:50, :, 7:21])


@pytest.mark.learns
@needs_mnist
def test_the_environment_says_where_the_sets_are(monkeypatch):
    monkeypatch.setenv("TFDS_DATA_DIR", str(DIRECTORY))
    loaded = data.load("mnist", "test[:40]", 20, labels=True)
    images, labels = next(iter(loaded))
    assert images.shape == (20, 28, 28, 1)
    assert labels.shape == (20,)


@needs_fashion
def test_fashion_mnist():
    part = read_tfds("fashion_mnist", "test[:200]", data_dir=DIRECTORY)
    assert part.images.shape == (200, 28, 28, 1)
    assert part.class_names[0] == "T-shirt/top"
    assert set(part.labels.tolist()) == set(range(10))


@pytest.mark.parametrize(
    ("name", "hint"), [("mnits", "'mnist'"), ("fashion-mnist", "'fashion_mnist'"), ("cifar_10", "'cifar10'")]
)
def test_an_unknown_name_is_refused_with_a_hint(name, hint):
    with pytest.raises(
        ValueError, match=rf"must be .*image set of TensorFlow.* Did you mean .*{hint}.*Received: '{name}'"
    ):
        read_tfds(name)


@pytest.mark.parametrize(("file", "hint"), [("a.png", "folder:pics"), ("index.json", "records:pics")])
def test_a_folder_in_place_of_a_name_is_hinted_at(tmp_path, monkeypatch, file, hint):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pics").mkdir()
    (tmp_path / "pics" / file).touch()
    with pytest.raises(ValueError, match=rf"'records:PATH' or an image set.* Did you mean '{hint}'\? Received: 'pics'"):
        read_tfds("pics")


def test_a_name_like_no_other_is_refused_without_a_hint():
    with pytest.raises(ValueError, match=r"must be .*or an image set of TensorFlow.*Received: 'qqqqqqqq'") as error:
        read_tfds("qqqqqqqq")
    assert "Did you mean" not in str(error.value)


@needs_mnist
@pytest.mark.parametrize("split", ["validation", "test[:abc]", "test[:0]"])
def test_an_unknown_split_is_refused(split):
    with pytest.raises(ValueError, match=r"'mnist', split '.*cannot be loaded from TFDS.*: .") as error:
        read_tfds("mnist", split, data_dir=DIRECTORY)
    assert repr(split) in str(error.value)


@needs_mnist
def test_an_unknown_version_is_refused():
    with pytest.raises(ValueError, match=r"mnist:9\.9\.9.*3\.0\.1"):
        read_tfds("mnist:9.9.9", data_dir=DIRECTORY)


@needs_mnist
def test_a_set_too_large_for_memory_is_refused():
    with pytest.raises(
        ValueError, match=r"^The pictures must fit in .*`image_size`.*60000 pictures of \(4096, 4096, 1\)"
    ):
        read_tfds("mnist", "train", 4096, data_dir=DIRECTORY)


@pytest.mark.learns
def test_a_set_of_array_records_is_read_by_address(tmp_path, monkeypatch):
    tfds.testing.DummyMnist(data_dir=str(tmp_path), file_format="array_record").download_and_prepare()
    held = read_tfds("dummy_mnist", "train[3:]", (20, 28), data_dir=tmp_path)
    monkeypatch.setattr(stored, "MOST_BYTES", 4 * 20 * 28)
    kept = read_tfds("dummy_mnist", "train[3:]", (20, 28), data_dir=tmp_path)
    assert isinstance(kept.images, data.Stored)
    assert (kept.images.shape, kept.class_names, kept.resize) == (held.images.shape, held.class_names, held.resize)
    np.testing.assert_array_equal(kept.labels, held.labels)
    for one, other in zip(*(each.dataset(4, labels=True, seed=1) for each in (held, kept)), strict=True):
        for part, same in zip(one, other, strict=True):
            np.testing.assert_array_equal(part, same)
    with pytest.raises(ValueError, match="must fit in"):
        read_tfds("dummy_mnist", "train[3:]", (20, 28), data_dir=tmp_path, stored=False)


@needs_mnist
def test_a_set_of_other_files_has_no_addresses():
    with pytest.raises(ValueError, match=r"`stored` must be False for .* tfrecord files.*tfds convert_format"):
        read_tfds("mnist", "test", data_dir=DIRECTORY, stored=True)


def test_a_set_without_images_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"`name` must be an image set. Received: name='imdb_reviews', features="):
        read_tfds("imdb_reviews", data_dir=tmp_path)


def test_an_impossible_size_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"`image_size` must be .*Received: image_size=0"):
        read_tfds("mnist", image_size=0, data_dir=tmp_path)


class TinySet(tfds.core.GeneratorBasedBuilder, skip_registration=True):
    """A set of a few pictures, made on the spot."""

    VERSION = tfds.core.Version("1.0.0")
    features, examples = {"image": tfds.features.Image(shape=(None, None, 3))}, ()

    def _info(self):
        return tfds.core.DatasetInfo(builder=self, features=tfds.features.FeaturesDict(self.features))

    def _split_generators(self, dl_manager):
        return {"train": self._generate_examples()}

    def _generate_examples(self):
        yield from enumerate(self.examples)


def flat(shape, value, dtype="uint8"):
    return np.full(shape, value, dtype)


class VaryingTinySet(TinySet):
    examples = tuple({"image": flat((10 + i, 12 - i, 3), 10 * i)} for i in range(4))


class LabelledTinySet(TinySet):
    features = types.MappingProxyType(
        {
            "id": tfds.features.Text(),
            "image": tfds.features.Image(shape=(None, None, 1)),
            "label": tfds.features.ClassLabel(names=["even", "odd"]),
        }
    )
    examples = tuple({"id": f"{i}", "image": flat((4, 5 + i, 1), 10 * i), "label": i % 2} for i in range(4))


class TransparentTinySet(TinySet):
    features = types.MappingProxyType({"image": tfds.features.Image(shape=(8, 8, 4))})
    examples = ({"image": flat((8, 8, 4), (0, 0, 0, 128))},)


class DeepTinySet(TinySet):
    features = types.MappingProxyType({"image": tfds.features.Image(shape=(8, 8, 1), dtype=np.uint16)})
    examples = tuple({"image": flat((8, 8, 1), value, "uint16")} for value in (0, 10_000, 65_535))


class UnreachableTinySet(TinySet):
    def _split_generators(self, dl_manager):
        raise tfds.core.download.util.DownloadError("the server answered 404")


class ManualTinySet(TinySet):
    MANUAL_DOWNLOAD_INSTRUCTIONS = "Ask the authors for pictures.zip."

    def _split_generators(self, dl_manager):
        return {"train": self._generate_examples(dl_manager.manual_dir)}


@pytest.fixture(autouse=True)
def _no_progress_bars():
    tfds.disable_progress_bar()


def corners(pictures):
    """A pixel of each picture, sorted: TFDS shuffles what it prepares."""
    return sorted(pictures.images[:, 0, 0, 0].tolist())


def test_pictures_that_differ_in_size_are_scaled(tmp_path):
    pictures = read_tfds("varying_tiny_set", image_size=(4, 6), data_dir=tmp_path)
    assert pictures.images.shape == (4, 4, 6, 3)
    assert corners(pictures) == [0, 10, 20, 30]


def test_pictures_that_differ_in_size_need_one(tmp_path):
    message = r"`image_size` must be given: the pictures of 'varying_tiny_set' differ .*Received: image_size=None"
    with pytest.raises(ValueError, match=message):
        read_tfds("varying_tiny_set", data_dir=tmp_path)
    assert not list(tmp_path.iterdir())  # refused before anything is prepared


def test_a_set_without_labels(tmp_path):
    pictures = read_tfds("varying_tiny_set", image_size=4, data_dir=tmp_path)
    assert pictures.labels is None
    assert pictures.class_names == ()


def test_a_set_with_labels_keeps_pairs_together(tmp_path):
    pictures = read_tfds("labelled_tiny_set", image_size=4, data_dir=tmp_path)
    assert pictures.images.shape == (4, 4, 4, 1)
    assert pictures.class_names == ("even", "odd")
    assert pictures.labels.tolist() == [value // 10 % 2 for value in pictures.images[:, 0, 0, 0].tolist()]
    assert corners(pictures) == [0, 10, 20, 30]


@pytest.mark.parametrize("image_size", [None, 4])
def test_transparency_is_laid_on_white(tmp_path, image_size):
    pictures = read_tfds("transparent_tiny_set", image_size=image_size, data_dir=tmp_path)
    assert pictures.image_shape == (image_size or 8, image_size or 8, 3)
    np.testing.assert_allclose(pictures.images.astype(int), 127, atol=1)


@pytest.mark.parametrize("image_size", [None, 4])
def test_sixteen_bits_are_scaled_down_to_eight(tmp_path, image_size):
    pictures = read_tfds("deep_tiny_set", image_size=image_size, data_dir=tmp_path)
    assert pictures.images.dtype == np.uint8
    np.testing.assert_allclose(corners(pictures), [0, 38.9, 255], atol=1)


@pytest.mark.parametrize(
    ("name", "reason"), [("unreachable_tiny_set", "the server answered 404"), ("manual_tiny_set", "Ask the authors")]
)
def test_a_set_that_cannot_be_had_is_refused_with_the_reason(tmp_path, name, reason):
    with pytest.raises(ValueError, match=rf"(?s)'{name}', split 'train', cannot be loaded from TFDS.*: .*{reason}"):
        read_tfds(name, image_size=4, data_dir=tmp_path)


def test_a_set_that_cannot_be_reached_is_refused_with_the_reason(tmp_path, monkeypatch):
    def download(self, urls):
        raise ConnectionError("there is no network")

    monkeypatch.setattr(tfds.download.DownloadManager, "download_and_extract", download)
    with pytest.raises(ValueError, match=r"'cifar10', split 'train', cannot be loaded .*: there is no network"):
        read_tfds("cifar10", data_dir=tmp_path)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("tabel:m.csv", "'table:m.csv'"),
        ("Series:no/such.csv", "'series:no/such.csv'"),
        ("foldr:pictures", "'folder:pictures'"),
        ("m.csv", "'table:m.csv' or 'series:m.csv'"),
        ("M.TSV.gz", "'table:M.TSV.gz' or 'series:M.TSV.gz'"),
        ("pictures", "'folder:pictures'"),
        ("mnits", "'mnist' or 'kmnist' or 'emnist'"),
        ("no/such.csv", None),
        ("table:m.csv", None),
    ],
)
def test_what_was_meant_is_said(tmp_path, monkeypatch, name, meant):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pictures").mkdir()
    for file in ("m.csv", "M.TSV.gz"):
        (tmp_path / file).write_text("a\n1\n")
    with pytest.raises(ValueError, match=r"'table:PATH' or 'series:PATH'.* Received: ") as caught:
        read_tfds(name)
    hint = "" if meant is None else f" Did you mean {meant}?"
    assert str(caught.value).endswith(f"in Python.{hint} Received: {name!r}")
