"""Image sets of TensorFlow Datasets."""

import contextlib
import difflib

import numpy as np
from PIL import Image

from keras_gan.data import archives, table_files
from keras_gan.data.pictures import Pictures, fit, fit_in_words, get_size
from keras_gan.data.records import INDEX
from keras_gan.data.stored import Stored, check_memory, fits_in_memory
from keras_gan.ground import files, prefixes

ADDRESSED = "array_record"  # the format of TFDS whose examples are read by their position
AT_ONCE = 1024  # examples that are read at a time for their labels


class SourcePictures(Stored):
    """Pictures of a set of TFDS that stay on disk, (N, height, width, channels) uint8, and are decoded on demand.

    Args:
        source: TFDS's data source of a split: a sequence of examples with the feature `key`.
        key: Name of the image feature.
        image_shape: (height, width, channels), to which each picture is resized.
    """

    dtype = np.dtype("uint8")

    def __init__(self, source, key: str, image_shape: tuple[int, int, int]):
        self.shape, self._source, self._key = (len(source), *image_shape), source, key

    def read(self, positions: np.ndarray) -> np.ndarray:
        """Returns the pictures at some positions, (n, height, width, channels)."""
        found = self._source.__getitems__([int(position) for position in positions]) if len(positions) else []
        pictures = np.empty((len(positions), *self.shape[1:]), "uint8")
        for i, example in enumerate(found):
            pictures[i] = _fit(example[self._key], self.shape[1:])
        return pictures


def read_tfds(
    name: str, split: str = "train", image_size=None, data_dir: str | None = None, stored: bool | None = None
) -> Pictures:
    """Reads a split of an image set of TFDS, preparing the set first if it is not on this machine.

    Sets of more than 8 GiB stay on disk, if TFDS keeps them as ArrayRecord files.

    Args:
        name: Name in TFDS: `"mnist"`, `"fashion_mnist"`, `"cifar10"`, `"celeb_a"`.
        split: Split in TFDS: `"train"`, `"test"`, `"train[:10%]"`.
        image_size: A side or (height, width): each picture is cropped around its centre and scaled to it. Required for
            sets whose pictures differ in size.
        data_dir: Folder of TFDS's sets. Defaults to the environment variable `TFDS_DATA_DIR`, then to TFDS's default.
        stored: True leaves the pictures on disk, from which batches are read by position; a set that is not prepared
            yet is then prepared as ArrayRecord files. False reads all pictures into memory. By default their size
            decides.

    Raises:
        ValueError: If TFDS lacks the name or the split, the set has no images or cannot be prepared, or `stored` is
            True and the set was prepared as files of another kind.
    """
    import tensorflow_datasets as tfds  # takes seconds to import: only on demand

    size = get_size(image_size)
    builder = _builder(tfds, name, data_dir)
    if stored and not builder.is_prepared():
        builder = _builder(tfds, name, data_dir, file_format=ADDRESSED)
    image_key = _first(builder.info.features, tfds.features.Image)
    label_key = _first(builder.info.features, tfds.features.ClassLabel)
    if image_key is None:
        raise ValueError(
            f"`name` must be an image set. Received: name={name!r}, features={list(builder.info.features)}"
        )
    feature = builder.info.features[image_key]
    if size is None and None in feature.shape:
        raise ValueError(
            f"`image_size` must be given: the pictures of {name!r} differ in size. Received: image_size=None"
        )
    shape = (*(size or feature.shape[:2]), 1 if feature.shape[-1] == 1 else 3)
    try:
        builder.download_and_prepare()
        count, is_addressed = builder.info.splits[split].num_examples, builder.info.file_format.value == ADDRESSED
        decoded = None if is_addressed else builder.as_dataset(split=split, shuffle_files=False)
    except Exception as error:  # TFDS's own errors have no common kind
        raise ValueError(
            f"The data set {name!r}, split {split!r}, cannot be loaded from TFDS in {builder.data_dir} (another folder "
            f"is set by the environment variable TFDS_DATA_DIR): {error}"
        ) from error
    if stored and not is_addressed:
        raise ValueError(
            f"`stored` must be False for a set that was prepared as {builder.info.file_format.value} files, which have "
            f"no addresses: prepare it in another `data_dir`, or write it there as {ADDRESSED} by `tfds "
            f"convert_format`. Received: stored=True, {builder.data_dir}"
        )
    if not stored and not (is_addressed and stored is None):
        check_memory(count, shape)
    if is_addressed:
        images = SourcePictures(builder.as_data_source(split=split), image_key, shape)
        images = images if stored or not fits_in_memory(count, shape) else images[:]
        decoders = {image_key: tfds.decode.SkipDecoding()}
        labels = None if label_key is None else _labels(builder, split, label_key, decoders)
    else:
        images, labels = _read(decoded, count, image_key, label_key, shape)
    names = () if label_key is None else tuple(builder.info.features[label_key].names)
    resize = "none" if size in (None, feature.shape[:2]) else fit_in_words(size)
    return Pictures(images, labels, names, resize=resize)


def _read(decoded, count, image_key, label_key, shape):
    """Returns all pictures in memory, and their labels or None."""
    keep = [key for key in (image_key, label_key) if key]
    images, labels = np.empty((count, *shape), "uint8"), np.empty((count,), "int32")
    for i, (image, *label) in enumerate(decoded.map(lambda each: [each[key] for key in keep]).as_numpy_iterator()):
        images[i] = _fit(image, shape)
        labels[i] = label[0] if label else 0
    return images, None if label_key is None else labels


def _fit(image, shape):
    """Resizes a decoded picture to a shape."""
    if image.shape == shape and image.dtype == np.uint8:
        return image
    return fit(Image.fromarray(image if image.shape[-1] > 1 else image[..., 0]), shape[:2], shape[-1])


def _labels(builder, split, key, decoders):
    """Returns the labels of a split, without decoding its pictures."""
    source, found = builder.as_data_source(split=split, decoders=decoders), []
    for first in range(0, len(source), AT_ONCE):
        some = source.__getitems__(list(range(first, min(first + AT_ONCE, len(source)))))
        found += [each[key] for each in some]
    return np.array(found, "int32")


def _builder(tfds, name, data_dir, **options):
    try:
        return tfds.builder(name, data_dir=data_dir, **options)
    except AssertionError as error:  # an unknown version
        raise ValueError(f"The data set {name!r} cannot be loaded from TFDS: {error}") from error
    except (tfds.core.registered.DatasetNotFoundError, ValueError) as error:
        close = difflib.get_close_matches(name, tfds.list_builders(with_community_datasets=False), 3)
        close = list(_prefixed(name)) or close
        hint = f" Did you mean {' or '.join(map(repr, close))}?" if close else ""
        raise ValueError(
            "The data set must be 'digits', 'folder:PATH', 'records:PATH' or an image set of TensorFlow Datasets, such "
            "as 'mnist', 'fashion_mnist' or 'cifar10'; for rows and series use 'table:PATH' or 'series:PATH' with "
            f"`keras-gan train`, and `data.Table` or `data.Windows` in Python.{hint} Received: {name!r}"
        ) from error


def _prefixed(name):
    """Yields names with the right prefix for a path that was given without a prefix, or with an unknown one."""
    prefix, _, path = name.partition(":")
    if path and prefix not in prefixes.KINDS:
        yield from (f"{each}:{path}" for each in difflib.get_close_matches(prefix, prefixes.KINDS, 1))
    with contextlib.suppress(ValueError):
        path = files.expand(name)
        if (path / INDEX).is_file():
            yield f"records:{name}"
        elif path.is_dir() or archives.is_archive(path):
            yield f"folder:{name}"
        elif path.is_file() and path.name.lower().removesuffix(".gz").endswith(table_files.SUFFIXES):
            yield from (f"table:{name}", f"series:{name}")


def _first(features, kind):
    return next((key for key, feature in features.items() if isinstance(feature, kind)), None)
