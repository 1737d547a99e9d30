"""Pictures derived from other pictures, such as edges: the inputs of a translation of which only targets exist."""

import dataclasses
from collections.abc import Callable

import numpy as np
import tensorflow as tf

from keras_gan.data.pictures import to_range
from keras_gan.ground.arguments import check_count, check_flag, check_number, check_range

LUMA = (0.299, 0.587, 0.114)


class Derived:
    """Base class of functions from pictures to pictures, for `keras_gan.data.paired`.

    A subclass overrides `make`, and `draw` if it needs random numbers per picture. Calling an instance turns pictures
    into inputs for a trained game.
    """

    def make(self, pictures: tf.Tensor, drawn: tf.Tensor | None) -> tf.Tensor:
        """Makes the derived pictures, in the graph.

        Args:
            pictures: (N, height, width, channels) float32, from 0 to 255, with 1 or 3 channels.
            drawn: (N, ...), the output of `draw` for these pictures; or None.

        Returns:
            (N, ...) float32, from 0 to 255.
        """
        raise NotImplementedError(f"`make` must be overridden. Received: {type(self).__name__}, which has none")

    def draw(self, count: int, shape: tuple[int, int, int], seed: int) -> np.ndarray | None:
        """Draws random numbers per picture, (count, ...), for pictures of (height, width, channels), or returns None.

        Raises:
            ValueError: If pictures of this shape cannot be processed.
        """

    def __call__(self, pictures, value_range: tuple[float, float] = (-1.0, 1.0), seed: int = 0) -> tf.Tensor:
        """Returns the derived pictures, float32 in `value_range`.

        Args:
            pictures: (N, height, width, channels): uint8, or numbers in `value_range`.
            value_range: Values of black and white.
            seed: Seed of the random numbers per picture.
        """
        low, high = check_range("value_range", value_range)
        pictures = tf.convert_to_tensor(pictures)
        check_pictures("pictures", pictures.shape)
        drawn = self.draw(pictures.shape[0], tuple(pictures.shape[1:]), seed)
        return self.between(pictures, low, high, drawn)

    def between(self, pictures: tf.Tensor, low: float, high: float, drawn=None) -> tf.Tensor:
        """Applies `make`, which works in [0, 255], to pictures in [low, high], and returns pictures in [low, high]."""
        if pictures.dtype == tf.uint8:
            pictures = tf.cast(pictures, tf.float32)
        else:
            pictures = (tf.cast(pictures, tf.float32) - low) * (255 / (high - low))
        return to_range(self.make(pictures, drawn), low, high)


def check_pictures(name: str, shape: tuple) -> None:
    """Checks that a shape is one of pictures, (N, height, width, 1 or 3).

    Raises:
        ValueError: If the shape is another one.
    """
    shape = tuple(shape)
    if len(shape) != 4 or shape[-1] not in (1, 3):
        raise ValueError(f"`{name}` must hold pictures, (N, height, width, 1 or 3). Received: shape={shape}")


@dataclasses.dataclass(frozen=True)
class Edges(Derived):
    """The edges of each picture, white on black, with one channel.

    A pixel is on an edge where the gradient by Sobel's filters is longer than a threshold: sqrt(gx^2 + gy^2) >
    threshold, of the grey picture from 0 to 255, mirrored at its borders.

    Args:
        threshold: Threshold of the gradient's length, at least 0. The gradient along an axis is at most 1020. Defaults
            to 200.

    Example:

    >>> pictures = np.zeros((1, 4, 4, 1), "uint8")
    >>> pictures[:, :, 2:] = 255
    >>> Edges()(pictures, (0, 1))[0, 1, :, 0].numpy().tolist()
    [0.0, 1.0, 1.0, 0.0]
    """

    threshold: float = 200.0

    def __post_init__(self):
        check_number("threshold", self.threshold, 0)

    def make(self, pictures: tf.Tensor, drawn: tf.Tensor | None) -> tf.Tensor:
        padded = tf.pad(tf.round(to_grey(pictures)), [[0, 0], [1, 1], [1, 1], [0, 0]], mode="SYMMETRIC")
        slope = np.outer([1.0, 2.0, 1.0], [-1.0, 0.0, 1.0])
        filters = tf.constant(np.stack([slope, slope.T], axis=-1)[:, :, None], tf.float32)
        squares = tf.reduce_sum(tf.nn.conv2d(padded, filters, 1, "VALID") ** 2, axis=-1, keepdims=True)
        return 255 * tf.cast(squares > float(self.threshold) ** 2, tf.float32)


@dataclasses.dataclass(frozen=True)
class Grey(Derived):
    """The brightness of each picture, with one channel: 0.299 R + 0.587 G + 0.114 B.

    Example:

    >>> Grey()(np.ones((2, 4, 4, 3)), (0, 1)).shape
    TensorShape([2, 4, 4, 1])
    """

    def make(self, pictures: tf.Tensor, drawn: tf.Tensor | None) -> tf.Tensor:
        return to_grey(pictures)


@dataclasses.dataclass(frozen=True)
class Small(Derived):
    """Smaller pictures, in which each pixel is the mean of `factor` x `factor` pixels.

    Args:
        factor: Factor by which each side shrinks, at least 2; it must divide the sides. Defaults to 2.
        enlarge: True enlarges the result to the original size (bicubic, so blurred), for networks that keep sizes.

    Example:

    >>> Small(4)(np.zeros((2, 8, 8, 1))).shape, Small(4, enlarge=True)(np.zeros((2, 8, 8, 1))).shape
    (TensorShape([2, 2, 2, 1]), TensorShape([2, 8, 8, 1]))
    """

    factor: int = 2
    enlarge: bool = False

    def __post_init__(self):
        check_count("factor", self.factor, least=2)
        check_flag("enlarge", self.enlarge)

    def draw(self, count: int, shape: tuple[int, int, int], seed: int) -> None:
        if shape[0] % self.factor or shape[1] % self.factor:
            raise ValueError(
                f"`factor` must divide the sides of the pictures, {shape[0]} and {shape[1]}. "
                f"Received: factor={self.factor}"
            )

    def make(self, pictures: tf.Tensor, drawn: tf.Tensor | None) -> tf.Tensor:
        small = tf.nn.avg_pool2d(pictures, self.factor, self.factor, "VALID")
        if not self.enlarge:
            return small
        return tf.clip_by_value(tf.image.resize(small, pictures.shape[1:3], "bicubic"), 0, 255)


@dataclasses.dataclass(frozen=True)
class Masked(Derived):
    """Pictures with one grey block, for inpainting.

    Args:
        size: Sides of the block as a share of the picture's sides, in (0, 1). Defaults to 0.5.
        place: `"centre"`, or `"random"` for one place per picture, which changes from epoch to epoch.
        fill: Brightness of the block, from 0 (black) to 1 (white). Defaults to 0.5.

    Example:

    >>> Masked()(np.zeros((1, 4, 4, 1)), (0, 1))[0, 1, :, 0].numpy().tolist()
    [0.0, 0.5, 0.5, 0.0]
    """

    size: float = 0.5
    place: str = "centre"
    fill: float = 0.5

    def __post_init__(self):
        check_number("size", self.size, 0, 1, "()")
        check_number("fill", self.fill, 0, 1, "[]")
        if self.place not in ("centre", "random"):
            raise ValueError(f"`place` must be 'centre' or 'random'. Received: place={self.place!r}")

    def _sides(self, shape):
        return np.array([max(1, round(self.size * side)) for side in shape[:2]])

    def draw(self, count: int, shape: tuple[int, int, int], seed: int) -> np.ndarray | None:
        """Returns the upper left corner of each block, (count, 2); None for blocks in the centre."""
        if self.place == "centre":
            return None
        return np.random.default_rng((7, seed % 2**64)).integers(
            0, np.array(shape[:2]) - self._sides(shape) + 1, (count, 2)
        )

    def make(self, pictures: tf.Tensor, drawn: tf.Tensor | None) -> tf.Tensor:
        sides, shape = self._sides(pictures.shape[1:]), pictures.shape[1:3]
        corners = tf.constant((np.array(shape) - sides)[None] // 2) if drawn is None else drawn
        inside = [
            (tf.range(shape[axis], dtype=tf.int64) >= corners[:, axis, None])
            & (tf.range(shape[axis], dtype=tf.int64) < corners[:, axis, None] + sides[axis])
            for axis in (0, 1)
        ]
        block = inside[0][:, :, None, None] & inside[1][:, None, :, None]
        return tf.where(block, 255 * self.fill, pictures)


KNOWN = {"edges": Edges, "grey": Grey, "masked": Masked, "small": Small}


def get(value) -> Callable | None:
    """Returns the function for a name, a class or a function; None for anything else."""
    if isinstance(value, str):
        value = KNOWN.get(value)
    if isinstance(value, type) and issubclass(value, Derived):
        return value()
    return value if callable(value) and not isinstance(value, type) and not hasattr(value, "__array__") else None


def to_grey(pictures: tf.Tensor) -> tf.Tensor:
    """Converts (N, height, width, 1 or 3) pictures to one channel."""
    if pictures.shape[-1] == 1:
        return pictures
    return tf.reduce_sum(pictures * tf.constant(LUMA, pictures.dtype), axis=-1, keepdims=True)
