"""Arrays that stay on disk: their examples are read when a batch needs them."""

import abc
import os
from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from keras_gan.images import on_white

MOST_BYTES = 8 * 2**30
THREADS = min(16, os.cpu_count() or 1)  # batches that are read at a time


class Stored(abc.ABC):
    """An array whose examples are read on demand: the base class of data that does not fit in memory.

    A stored array has a length, `shape` and `dtype`, and is indexed by a slice or by positions. `data.batches` and
    `Pictures` accept it in place of an array, and read several batches at a time by their positions. NumPy converts
    it to an array, if that fits in memory.

    Attributes:
        shape: (N, ...).
        dtype: NumPy's dtype of the examples.
    """

    shape: tuple[int, ...]
    dtype: np.dtype

    @abc.abstractmethod
    def read(self, positions: np.ndarray) -> np.ndarray:
        """Returns the examples at some positions, (n, ...). Several threads call it at once.

        Args:
            positions: (n,) int64, each in [0, N).
        """

    def chosen(self, positions: np.ndarray) -> "Stored":
        """Returns the array of the examples at some positions, (n,) integers in [0, N), which stay on disk too."""
        return Chosen(self, positions)

    def gather(self, positions: tf.Tensor) -> tf.Tensor:
        """Returns the examples at some positions in a graph of `tf.data`, with a static shape."""
        examples = tf.numpy_function(self.read, [positions], tf.as_dtype(self.dtype), stateful=False)
        return tf.ensure_shape(examples, (*positions.shape, *self.shape[1:]))

    @property
    def ndim(self) -> int:
        """The number of the array's axes."""
        return len(self.shape)

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, key) -> np.ndarray:
        if isinstance(key, int | np.integer):
            return self.read(np.array([range(len(self))[key]], "int64"))[0]
        positions = np.arange(len(self), dtype="int64")[key]
        check_memory(len(positions), self.shape[1:], np.dtype(self.dtype).itemsize)
        return self.read(positions)

    def __array__(self, dtype=None, copy=None) -> np.ndarray:
        if copy is False:
            raise ValueError("`copy` must not be False: what is on disk is read into a new array. Received: copy=False")
        examples = self[:]
        return examples if dtype is None else examples.astype(dtype)


class Chosen(Stored):
    """Some examples of an array that stays on disk.

    Args:
        array: The array.
        positions: (n,) integers: where each of its examples is in `array`.
    """

    def __init__(self, array: Stored, positions: np.ndarray):
        self._array, self._positions = array, np.asarray(positions, "int64")
        self.shape, self.dtype = (len(self._positions), *array.shape[1:]), array.dtype

    def read(self, positions: np.ndarray) -> np.ndarray:
        """Returns the examples at some positions."""
        return self._array.read(self._positions[positions])

    def gather(self, positions: tf.Tensor) -> tf.Tensor:
        """Returns the examples at some positions in a graph of `tf.data`."""
        return self._array.gather(tf.gather(tf.constant(self._positions), positions))


class OnWhite(Stored):
    """RGBA pictures that stay on disk, laid on white when they are read: (N, height, width, 3) uint8.

    Args:
        array: The pictures, (N, height, width, 4) uint8.
    """

    dtype = np.dtype("uint8")

    def __init__(self, array: Stored):
        self._array, self.shape = array, (*array.shape[:-1], 3)

    def read(self, positions: np.ndarray) -> np.ndarray:
        """Returns the pictures at some positions."""
        return on_white(self._array.read(positions))


def as_data(array) -> "tf.Tensor | Stored":
    """Converts an array in memory to a tensor; a stored array is returned unchanged."""
    return array if isinstance(array, Stored) else tf.convert_to_tensor(array)


def take(array: "tf.Tensor | Stored", positions: tf.Tensor) -> tf.Tensor:
    """Returns the examples at some positions, in the graph."""
    return array.gather(positions) if isinstance(array, Stored) else tf.gather(array, positions)


def spec(array: "tf.Tensor | Stored", batch_size: int | None) -> tf.TensorSpec:
    """Returns the spec of a batch of an array."""
    return tf.TensorSpec((batch_size, *array.shape[1:]), array.dtype)


def some(array: "np.ndarray | Stored", positions: np.ndarray) -> "np.ndarray | Stored":
    """Returns the examples of an array at some positions; those of a stored array stay on disk."""
    return array.chosen(positions) if isinstance(array, Stored) else array[positions]


def fits_in_memory(count: int, shape: Sequence[int], itemsize: int = 1) -> bool:
    """Returns whether `count` pictures of `shape` need at most 8 GiB."""
    return count * int(np.prod(shape)) * itemsize <= MOST_BYTES


def check_memory(count: int, shape: Sequence[int], itemsize: int = 1) -> None:
    """Checks that `count` pictures of `shape` fit in memory.

    Raises:
        ValueError: If they need more than 8 GiB.
    """
    if not fits_in_memory(count, shape, itemsize):
        size = count * int(np.prod(shape)) * itemsize
        raise ValueError(
            f"The pictures must fit in {MOST_BYTES >> 30} GiB of memory: choose a smaller `image_size` or a part of "
            "the split, such as 'train[:50000]', or write a folder to records once by `keras-gan prepare`, which are "
            f"read from disk. Received: {count} pictures of {tuple(shape)}, {size / 2**30:.1f} GiB"
        )
