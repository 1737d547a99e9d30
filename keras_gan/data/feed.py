"""The data of `fit`: a `Source` of arrays or of a data set."""

import contextlib
from collections.abc import Iterator

import keras
import numpy as np
import tensorflow as tf

from keras_gan.data.addresses import Addresses
from keras_gan.data.elements import check_names, parts, stack, ungroup, unpack, without_nones  # noqa: F401  re-exported
from keras_gan.data.groups import group, shaped  # noqa: F401
from keras_gan.data.pipeline import address
from keras_gan.ground.arguments import check_number, check_unmasked, kind, reason

HINT = "; turn a generator into a data set by `tf.data.Dataset.from_generator`"
OTHER_SHAPE = ("compatible with expected shape", "yielded an element of shape")
READING = ("IteratorGetNext", "user-defined function passed to", "OptionalGetValue")  # in TensorFlow's errors


class Source:
    """The data of `fit` or `evaluate`, checked once: arrays in memory, or batches of a data set.

    Args:
        x: An array, a pair of arrays, a dict of arrays by the names of their parts, a `tf.data.Dataset` or a
            `keras.utils.PyDataset`.
        y: The labels, where `x` is an array.
        shapes: Shape of an example of each part, by name, where it is known: for data sets of unknown static shapes.

    Attributes:
        arrays: The whole data as one element: an array, a pair or a dict; None for a data set.
        data: The data set as it was given; None for arrays.

    Raises:
        ValueError: If `x` is something else, or does not hold real numbers.
    """

    def __init__(self, x, y=None, shapes: dict[str, tuple | None] | None = None):
        x, y = pair(x, y)
        self.shapes = shapes
        self.data = x if is_dataset(x) else None
        if self.data is not None and y is not None:
            raise ValueError(f"`y` must be None where `x` is a data set. Received: y={type(y).__name__}")
        self.arrays = None if self.data is not None else _as_arrays(x, y)

    @property
    def has_batches(self) -> bool:
        """Whether the data is a data set, which has its own batches."""
        return self.data is not None

    def __len__(self) -> int:
        """Returns the number of examples of the arrays."""
        return len(keras.tree.flatten(self.arrays)[0])

    def split(self, share: float) -> tuple["Source", "Source"]:
        """Splits arrays into their beginning, for training, and their last `share`, for validation.

        Raises:
            ValueError: If `share` is not in (0, 1), or there are no arrays.
        """
        check_number("validation_split", share, 0, 1)
        if self.has_batches:
            name = type(self.data).__name__
            raise ValueError(f"`x` must be an array where `validation_split` is given. Received: {name}")
        cut = int(len(self) * (1 - share))
        cuts = (slice(None, cut), slice(cut, None))
        return tuple(
            Source(keras.tree.map_structure(lambda x, cut=cut: x[cut], self.arrays), shapes=self.shapes) for cut in cuts
        )

    def batches(
        self, batch_size: int | None = None, *, shuffle: bool = True, seed: int = 0
    ) -> tf.data.Dataset | keras.utils.PyDataset | Addresses:
        """Returns the addresses of full batches of arrays; a data set is returned unchanged.

        Raises:
            ValueError: If `batch_size` is given beside a data set, or is not from 1 to the number of examples.
        """
        if not self.has_batches:
            size = min(32, len(self)) if batch_size is None else batch_size
            return address(self.arrays, size, shuffle=shuffle, seed=seed)
        if batch_size is not None:
            shown = repr(batch_size) if isinstance(batch_size, int) else type(batch_size).__name__
            raise ValueError(f"`batch_size` must be None where `x` is a data set. Received: batch_size={shown}")
        return self.data

    def known(self, first=None):
        """Returns all examples of arrays, or the first batch of a data set, which is read unless given as `first`."""
        if not self.has_batches:
            return self.arrays
        return first_batch(self.data) if first is None else first

    def for_keras(self) -> tuple:
        """Returns `(x, y)` for `keras.Model.evaluate`, with static shapes."""
        if self.has_batches:
            return shaped(self.data, self.shapes), None
        return self.arrays if isinstance(self.arrays, tuple) else (self.arrays, None)


def _as_arrays(x, y):
    """Returns arrays in memory as one element."""
    if isinstance(x, dict):
        return _as_named_arrays(x, y)
    if not hasattr(x, "__array__"):
        raise ValueError(
            "`x` must be an array, a pair of arrays, a tf.data.Dataset or a keras.utils.PyDataset. "
            f"Received: {type(x).__name__}{HINT if isinstance(x, Iterator) else ''}"
        )
    if y is not None and not hasattr(y, "__array__"):
        raise ValueError(f"`y` must be an array where `x` is one. Received: {type(y).__name__}")
    x = np.asarray(x)
    check_numbers(x)
    return x if y is None else (x, np.asarray(y))


def _as_named_arrays(x, y):
    if y is not None:
        raise ValueError(f"`y` must be None where `x` is a dict: name the labels in it. Received: y={type(y).__name__}")
    if not x:
        raise ValueError("`x` must hold at least one array where it is a dict. Received: x={}")
    check_names(x)
    for name, part in x.items():
        if not hasattr(part, "__array__"):
            raise ValueError(f"`x` must hold arrays where it is a dict. Received: a {type(part).__name__} as {name!r}")
    arrays = {name: np.asarray(part) for name, part in x.items()}
    for name, array in arrays.items():
        if name != "labels" or not array.ndim:
            check_numbers(array)
    return arrays


def check_numbers(examples: np.ndarray, what: str = "The data") -> None:
    """Checks that `examples`, called `what` in errors, is a batch of real numbers.

    Raises:
        ValueError: If `examples` is a scalar, has another dtype, or is empty.
    """
    real = np.issubdtype(examples.dtype, np.number) and not np.iscomplexobj(examples)
    if not real or not examples.ndim:
        hint = "; number classes from 0, as by `np.unique(x, return_inverse=True)`" if examples.ndim == 1 else ""
        raise ValueError(
            f"{what} must be real numbers, (N, ...). Received: a batch of {kind(examples)}, of shape {examples.shape}"
            f"{hint}"
        )
    if not len(examples):
        raise ValueError(f"{what} must hold at least one example. Received: none")


@contextlib.contextmanager
def reading() -> Iterator[None]:
    """Explains TensorFlow's errors in a block that reads data.

    Raises:
        ValueError: If TensorFlow could not give a batch.
    """
    try:
        yield
    except tf.errors.OpError as error:
        raise explain(error, reads=True) from error


def explain(error: tf.errors.OpError, reads: bool = False) -> Exception:
    """Explains in one line an error of TensorFlow in a run whose first batch was valid.

    Args:
        error: TensorFlow's error.
        reads: Whether the error is known to come from reading data.

    Returns:
        A ValueError about the data, or `error` itself if the data is not its cause.
    """
    text, line = str(error), reason(error)
    if any(mark in text for mark in OTHER_SHAPE):
        return ValueError(f"Every batch of the data must have the shape of the first one. Received: {line}")
    if reads or any(mark in text for mark in READING):
        return ValueError(
            f"The data set must yield its batches without errors of its own. Received: {type(error).__name__}: {line}"
        )
    if isinstance(error, tf.errors.InvalidArgumentError):
        return ValueError(f"Every batch of the data must fit the players, as the first one does. Received: {line}")
    return error


def is_dataset(x) -> bool:
    """Returns whether `x` is a data set, which has its own batches."""
    return isinstance(x, tf.data.Dataset | keras.utils.PyDataset)


def pair(x, y=None) -> tuple:
    """Returns (x, y), where both may have been given as one pair `x`.

    Raises:
        ValueError: If an array has a mask.
    """
    x, y = tuple(x) if isinstance(x, tuple | list) and len(x) == 2 and y is None else (x, y)
    check_unmasked(*(x.values() if isinstance(x, dict) else (x,)), y)
    return x, y


def first_batch(data: tf.data.Dataset | keras.utils.PyDataset | Addresses) -> tf.Tensor | np.ndarray | tuple:
    """Returns the first batch of a data set.

    Raises:
        ValueError: If the data set is empty.
    """
    if isinstance(data, Addresses):
        return data.first()
    if isinstance(data, keras.utils.PyDataset):
        element = None if data.num_batches == 0 else data[0]
    else:
        element = next(iter(data.take(1)), None)
    if element is None:
        raise ValueError("The data set must hold at least one batch. Received: a data set without any")
    return element
