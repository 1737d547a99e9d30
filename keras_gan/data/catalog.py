"""Image sets of TensorFlow Datasets."""

import difflib

import numpy as np
from PIL import Image

from keras_gan.data.pictures import Pictures, fit, fit_in_words, get_size
from keras_gan.data.stored import check_memory


def read_tfds(name: str, split: str = "train", image_size=None, data_dir: str | None = None) -> Pictures:
    """Reads a split of an image set of TFDS into memory, preparing the set first if it is not on this machine.

    Args:
        name: As TFDS spells it: `"mnist"`, `"fashion_mnist"`, `"cifar10"`, `"celeb_a"`.
        split: As TFDS spells it: `"train"`, `"test"`, `"train[:10%]"`.
        image_size: A side or (height, width): each picture is cut around its centre and scaled to it. Needed for sets
            whose pictures differ in size.
        data_dir: Where TFDS keeps its sets. Defaults to the environment variable `TFDS_DATA_DIR`, then TFDS's own.

    Raises:
        ValueError: If TFDS does not know the name or the split, the set holds no image, or it cannot be prepared.
    """
    import tensorflow_datasets as tfds  # takes seconds to import: only when asked for

    builder = _builder(tfds, name, data_dir)
    size = get_size(image_size)
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
    channels = 1 if feature.shape[-1] == 1 else 3
    keep = [key for key in (image_key, label_key) if key]
    try:
        builder.download_and_prepare()
        count = builder.info.splits[split].num_examples
        decoded = builder.as_dataset(split=split, shuffle_files=False).map(lambda e: [e[key] for key in keep])
    except Exception as error:  # TFDS's own errors have no common kind
        raise ValueError(
            f"The data set {name!r}, split {split!r}, cannot be had from TFDS in {builder.data_dir} (the environment "
            f"variable TFDS_DATA_DIR names another place): {error}"
        ) from error
    check_memory(count, (*(size or feature.shape[:2]), channels))
    images = np.empty((count, *(size or feature.shape[:2]), channels), "uint8")
    labels = np.empty((count,), "int32")
    natural = size in (None, feature.shape[:2]) and feature.shape[-1] == channels and feature.np_dtype == np.uint8
    for i, (image, *label) in enumerate(decoded.as_numpy_iterator()):
        image = image if natural or image.shape[-1] > 1 else image[..., 0]
        images[i] = image if natural else fit(Image.fromarray(image), size, channels)
        labels[i] = label[0] if label else 0
    resize = "none" if size in (None, feature.shape[:2]) else fit_in_words(size)
    if label_key is None:
        return Pictures(images, resize=resize)
    return Pictures(images, labels, tuple(builder.info.features[label_key].names), resize=resize)


def _builder(tfds, name, data_dir):
    try:
        return tfds.builder(name, data_dir=data_dir)
    except AssertionError as error:  # an unknown version
        raise ValueError(f"The data set {name!r} cannot be had from TFDS: {error}") from error
    except (tfds.core.registered.DatasetNotFoundError, ValueError) as error:
        close = difflib.get_close_matches(name, tfds.list_builders(with_community_datasets=False), 3)
        hint = f" Did you mean {' or '.join(map(repr, close))}?" if close else ""
        raise ValueError(
            "The data set must be 'digits', 'folder:PATH' or an image set of TensorFlow Datasets, such as 'mnist', "
            f"'fashion_mnist' or 'cifar10'.{hint} Received: {name!r}"
        ) from error


def _first(features, kind):
    return next((key for key, feature in features.items() if isinstance(feature, kind)), None)
