"""Resampling of pictures by one matrix per axis, which can be differentiated any number of times."""

import numpy as np
import tensorflow as tf

from keras_gan.ground.shapes import sizes
from keras_gan.layers.common import upcast


def weights(
    size: int | tf.Tensor, target: int | tf.Tensor, method: str, antialias: bool = False
) -> np.ndarray | tf.Tensor:
    """Returns the float32 matrix (`target`, `size`) by which `tf.image.resize` resizes one axis.

    Column j is the result for a picture that is 1 in row j and 0 elsewhere.

    Args:
        size: Size of the axis before resizing.
        target: Size of the axis after resizing.
        method: `"nearest"`, `"bilinear"`, `"bicubic"`, `"lanczos3"`, `"lanczos5"` or `"area"`.
        antialias: Whether the kernel is widened when the picture shrinks. Defaults to False.

    Returns:
        A NumPy array if both sizes are integers, otherwise a tensor.

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
        fill: The value outside the picture. Defaults to 0.

    Returns:
        Pictures of the dtype of `x`.
    """
    y = upcast(x)
    rows, columns = (tf.cast(matrix, y.dtype) for matrix in (rows, columns))
    last = row_axis == -3
    y = _along(_permuted(y, (0, 2, 1)) if last else y, columns)  # (..., H, C, W) or (..., C, H, W)
    y = _along(_permuted(y, (2, 1, 0) if last else (0, 2, 1)), rows)  # (..., W, C, H) or (..., C, W, H)
    y = _permuted(y, (2, 0, 1) if last else (0, 2, 1))
    if fill:
        inside = tf.reduce_sum(rows, axis=1)[:, None] * tf.reduce_sum(columns, axis=1)
        y += fill * (1 - (inside[..., None] if last else inside))
    return tf.cast(y, x.dtype)


def _along(y, matrix):
    """Multiplies the last axis by the matrix.

    It is one product of two matrices, as the gradient of a batched product with one shared matrix writes out of bounds
    in TensorFlow 2.21 with oneDNN.
    """
    *others, size = sizes(y)
    product = tf.matmul(tf.reshape(y, (-1, size)), matrix, transpose_b=True)
    return tf.reshape(product, (*others, sizes(matrix)[0]))


def _permuted(y, order):
    """Returns `y` with its last three axes in another order."""
    rank = y.shape.rank
    return tf.transpose(y, [*range(rank - 3), *(rank - 3 + axis for axis in order)])


def window(size: int, start: int, matrix: np.ndarray) -> np.ndarray:
    """Embeds `matrix` (target, length) in one of `size` columns, whose column `start` is the matrix's first.

    Columns outside [0, `size`) are left out; `resample` fills in their share.
    """
    wide = np.zeros((len(matrix), size), matrix.dtype)
    first, last = max(start, 0), min(start + matrix.shape[1], size)
    wide[:, first:last] = matrix[:, first - start : last - start]
    return wide
