"""Data sets: the embedded digits, TFDS, the user's own pictures, toys with known densities, and named parts."""

import tensorflow as tf

from keras_gan.data.decoding import RowDecoding
from keras_gan.data.derived import Derived, Edges, Grey, Masked, Small
from keras_gan.data.paired import paired
from keras_gan.data.pictures import Pictures
from keras_gan.data.pipeline import batches
from keras_gan.data.readers import read
from keras_gan.data.schema import Schema
from keras_gan.data.series import SeriesSchema
from keras_gan.data.shares import match_shares
from keras_gan.data.stored import Stored
from keras_gan.data.table import Table
from keras_gan.data.toys import GaussianMixture, gaussian_mixture_1d, grid, ring
from keras_gan.data.unpaired import unpaired
from keras_gan.data.windows import Windows
from keras_gan.data.writers import prepare

__all__ = [
    "Derived",
    "Edges",
    "GaussianMixture",
    "Grey",
    "Masked",
    "Pictures",
    "RowDecoding",
    "Schema",
    "SeriesSchema",
    "Small",
    "Stored",
    "Table",
    "Windows",
    "batches",
    "gaussian_mixture_1d",
    "grid",
    "load",
    "match_shares",
    "paired",
    "prepare",
    "read",
    "ring",
    "unpaired",
]


def load(
    name: str,
    split: str = "train",
    batch_size: int = 64,
    image_size: int | tuple[int, int] | None = None,
    *,
    labels: bool = False,
    shuffle: bool = True,
    seed: int = 0,
    flip: bool = False,
    **options,
) -> tf.data.Dataset:
    """Returns batches of pictures, float32 in [-1, 1], ready for `gan.fit`.

    Args:
        name: Name of the data set, see `keras_gan.data.read`.
        split: Name of the split.
        batch_size: Pictures per batch; the last batch is left out if it is not full.
        image_size: A side or (height, width).
        labels: True gives `(images, labels)`, for conditional games.
        shuffle: False keeps the data set's order.
        seed: Seed for shuffling.
        flip: True flips half of the pictures left to right, a new random half in each epoch.
        **options: Options of `keras_gan.data.read`.

    Returns:
        A `tf.data.Dataset` of (batch_size, height, width, channels) float32, or of pairs with (batch_size,) int32.

    Example:

    >>> load("digits", batch_size=32).element_spec.shape
    TensorShape([32, 8, 8, 1])
    """
    pictures = read(name, split, image_size, **options)
    return pictures.dataset(batch_size, labels=labels, shuffle=shuffle, seed=seed, flip=flip)
