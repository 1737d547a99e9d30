"""Data sets: the embedded digits, TFDS, the user's own pictures, and toys with known densities."""

import tensorflow as tf

from keras_gan.data.catalog import read_tfds
from keras_gan.data.digits import read_digits
from keras_gan.data.folder import read_folder
from keras_gan.data.pictures import Pictures
from keras_gan.data.pipeline import batches
from keras_gan.data.toys import GaussianMixture, gaussian_mixture_1d, grid, ring

__all__ = [
    "GaussianMixture",
    "Pictures",
    "batches",
    "gaussian_mixture_1d",
    "grid",
    "load",
    "read",
    "ring",
]


def read(name: str, split: str = "train", image_size: int | tuple[int, int] | None = None, **options) -> Pictures:
    """Reads a set of pictures into memory.

    Args:
        name: `"digits"` (1,797 real 8x8 digits, embedded), `"folder:PATH"` (your own pictures), or an image set of
            TensorFlow Datasets, such as `"mnist"` or `"fashion_mnist"`.
        split: `"train"` or `"test"`; `"all"` for digits; whatever TFDS takes for its sets. A folder has only `"train"`.
        image_size: A side or (height, width) to cut and scale to. None keeps the pictures' own.
        **options: `data_dir` for sets of TFDS.

    Raises:
        ValueError: If there is no such set or split, or the pictures differ in size and `image_size` is None.

    Example:

    >>> read("digits").images.shape
    (1437, 8, 8, 1)
    """
    if not isinstance(name, str):
        raise ValueError(f"`name` must be the name of a data set, a string. Received: name={name!r}")
    if name != name.strip() or not name.isprintable():
        raise ValueError(f"`name` must be the name of a data set, without spaces around it. Received: name={name!r}")
    if name == "digits":
        return read_digits(split, image_size, **options)
    if name.startswith("folder:"):
        if split not in ("train", "all"):
            raise ValueError(f"`split` of a folder must be 'train'. Received: split={split!r}")
        if not name.removeprefix("folder:"):
            raise ValueError(f"`name` must name a folder, as 'folder:PATH'. Received: name={name!r}")
        return read_folder(name.removeprefix("folder:"), image_size, **options)
    return read_tfds(name, split, image_size, **options)


def load(
    name: str,
    split: str = "train",
    batch_size: int = 64,
    image_size: int | tuple[int, int] | None = None,
    *,
    labels: bool = False,
    shuffle: bool = True,
    seed: int = 0,
    **options,
) -> tf.data.Dataset:
    """Batches of pictures, float32 in [-1, 1], ready for `gan.fit`.

    Args:
        name: See `keras_gan.data.read`, as for `split`, `image_size` and `options`.
        split: The split's name.
        batch_size: Pictures a batch; the last batch is left out if it is not full.
        image_size: A side or (height, width).
        labels: True gives `(images, labels)`, for conditional games.
        shuffle: False keeps the data set's order.
        seed: Of the order.
        **options: `data_dir` for sets of TFDS.

    Returns:
        A `tf.data.Dataset` of (batch_size, height, width, channels) float32, or of pairs with (batch_size,) int32.

    Example:

    >>> load("digits", batch_size=32).element_spec.shape
    TensorShape([32, 8, 8, 1])
    """
    return read(name, split, image_size, **options).dataset(batch_size, labels=labels, shuffle=shuffle, seed=seed)
