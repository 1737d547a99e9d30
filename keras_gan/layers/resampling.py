"""Resampling of pictures as one matrix for each axis, which TensorFlow can differentiate as often as one likes."""

import numpy as np
import tensorflow as tf

from keras_gan.ground.shapes import sizes
from keras_gan.layers.common import upcast


def weights(
    size: int | tf.Tensor, target: int | tf.Tensor, method: str, antialias: bool = False
) -> np.ndarray | tf.Tensor:
    """Returns the matrix (`target`, `size`) by which `tf.image.resize` makes `target` numbers of `size`, float32.

    Each column is what becomes of a picture that is 1 in one row and 0 elsewhere.

    Args:
        size: The size of one axis before.
        target: Its size after.
        method: `"nearest"`, `"bilinear"`, `"bicubic"`, `"lanczos3"`, `"lanczos5"` or `"area"`.
        antialias: Whether the kernel grows where the picture shrinks.

    Returns:
        A NumPy array where both sizes are integers, else a tensor.

    Example:

    >>> weights(2, 4, "bilinear").tolist()
    [[1.0, 0.0], [0.75, 0.25], [0.25, 0.75], [0.0, 1.0]]
    """

    def resize():
        rows = tf.eye(size)[None, :, None]  # a channel for each row
        return tf.image.resize(rows, (target, 1), method, antialias=antialias)[0, :, 0]

    if isinstance(size, tf.Tensor) or isinstance(target, tf.Tensor):
        return tf.stop_gradient(resize())
    with tf.init_scope():  # a constant of the graph: XLA does not know all of these methods
        return resize().numpy()


def resample(
    x: tf.Tensor, rows: np.ndarray | tf.Tensor, columns: np.ndarray | tf.Tensor, row_axis: int, fill: float = 0.0
) -> tf.Tensor:
    """Returns the pictures rows X columns^T, plus `fill` where a matrix's row does not add up to 1.

    Args:
        x: Pictures whose rows are on the axis `row_axis`, float; computed in float32 at least.
        rows: (new height, height).
        columns: (new width, width).
        row_axis: -3 where channels are last, -2 where they come first. Columns are on the next axis.
        fill: The value of what lies outside of the picture.

    Returns:
        The dtype of `x`.
    """
    y = upcast(x)
    rows, columns = (tf.cast(each, y.dtype) for each in (rows, columns))
    last = row_axis == -3
    y = _along(_permuted(y, (0, 2, 1)) if last else y, columns)  # (..., H, C, W) or (..., C, H, W)
    y = _along(_permuted(y, (2, 1, 0) if last else (0, 2, 1)), rows)  # (..., W, C, H) or (..., C, W, H)
    y = _permuted(y, (2, 0, 1) if last else (0, 2, 1))
    if fill:
        inside = tf.reduce_sum(rows, axis=1)[:, None] * tf.reduce_sum(columns, axis=1)
        y += fill * (1 - (inside[..., None] if last else inside))
    return tf.cast(y, x.dtype)


def _along(y, matrix):
    """Returns the last axis, multiplied by the matrix.

    As one product of two matrices: the gradient of a product of many, one of them the same for all, writes beyond its
    memory in TensorFlow 2.21 with oneDNN.
    """
    *others, size = sizes(y)
    product = tf.matmul(tf.reshape(y, (-1, size)), matrix, transpose_b=True)
    return tf.reshape(product, (*others, sizes(matrix)[0]))


def _permuted(y, order):
    """Returns `y` with its last three axes in another order."""
    rank = y.shape.rank
    return tf.transpose(y, [*range(rank - 3), *(rank - 3 + axis for axis in order)])


def window(size: int, start: int, matrix: np.ndarray) -> np.ndarray:
    """Makes of `matrix` (target, length) one of `size` columns: its first column reads the number at `start`.

    Columns that would read outside of [0, `size`) are left out: what lies there is for `resample` to fill.
    """
    wide = np.zeros((len(matrix), size), matrix.dtype)
    first, last = max(start, 0), min(start + matrix.shape[1], size)
    wide[:, first:last] = matrix[:, first - start : last - start]
    return wide
