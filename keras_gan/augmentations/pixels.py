"""Reading of pixels at separate positions per image: exact, differentiable any number of times, also under XLA."""

from collections.abc import Callable, Iterator

import tensorflow as tf

from keras_gan.ground.shapes import sizes
from keras_gan.noise import Noise


def image_sizes(x: tf.Tensor) -> tuple:
    """Returns the batch size (a tensor where it is not known), height, width and channels of images.

    Raises:
        ValueError: If `x` does not have the shape (N, h, w, c) with h, w and c known.
    """
    if x.shape.rank != 4 or None in x.shape[1:]:
        raise ValueError(f"`x` must be images (N, h, w, c) of known sizes. Received: x.shape={tuple(x.shape)}")
    return sizes(x)


def of_colours(change: Callable[[tf.Tensor], tf.Tensor], x: tf.Tensor) -> tf.Tensor:
    """Changes the colours of images, and keeps the alpha channel of RGBA ones."""
    return tf.concat([change(x[..., :3]), x[..., 3:]], axis=-1) if x.shape[-1] == 4 else change(x)


def uniform_numbers(noise: Noise, shape: tuple, count: int) -> Iterator[tf.Tensor]:
    """Draws `count` tensors of uniform numbers in [0, 1) at once: XLA compiles a generator for each draw."""
    return iter(tf.unstack(noise.uniform((*shape, count)), axis=-1))


def whole_numbers(uniform: tf.Tensor, count: int) -> tf.Tensor:
    """Converts `uniform` numbers in [0, 1) to equally likely integers 0..count - 1, int32; `count` is at most 2^24."""
    return tf.cast(uniform * count, tf.int32)  # (1 - 2^-24) * count never rounds up to `count`


def read(x: tf.Tensor, rows: tf.Tensor, columns: tf.Tensor) -> tf.Tensor:
    """Returns the pixels of `x`, (N, h, w, c), at int32 `rows` and `columns` that broadcast to (N, H, W)."""
    n, h, w, c = image_sizes(x)
    flat = (tf.range(n)[:, None, None] * h + rows) * w + columns
    return tf.gather(tf.reshape(x, (-1, c)), flat)


def warp(x: tf.Tensor, rows: tf.Tensor, columns: tf.Tensor) -> tf.Tensor:
    """Reads `x` between its pixels by bilinear interpolation, with reflection at the border.

    Args:
        x: Images (N, h, w, c), float.
        rows: Row that each output pixel reads, (N, H, W) float32, in pixels from the upper left one.
        columns: Column that each output pixel reads, likewise.

    Returns:
        (N, H, W, c), of the dtype of `x`. At whole positions the values are those of the pixels.
    """
    _, h, w, _ = image_sizes(x)
    top, left = tf.floor(rows), tf.floor(columns)
    down, right = tf.cast(rows - top, x.dtype)[..., None], tf.cast(columns - left, x.dtype)[..., None]
    top, left = tf.cast(top, tf.int32), tf.cast(left, tf.int32)
    upper, lower = _reflected(top, h), _reflected(top + 1, h)
    near, far = _reflected(left, w), _reflected(left + 1, w)
    above = (1 - right) * read(x, upper, near) + right * read(x, upper, far)
    below = (1 - right) * read(x, lower, near) + right * read(x, lower, far)
    return (1 - down) * above + down * below


def _reflected(i, n):
    """Reflects positions beyond 0..n-1, without repeating the border itself."""
    period = max(2 * (n - 1), 1)
    i = tf.math.floormod(i, period)
    return tf.minimum(i, period - i)
