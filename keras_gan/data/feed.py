"""What `fit` is given, as the batches that one training step consumes."""

import contextlib
from collections.abc import Iterator

import keras
import numpy as np
import tensorflow as tf

from keras_gan.arguments import check_number, kind, reason
from keras_gan.data.pipeline import Addresses, address, ensure_shapes

HINT = "; make a data set of a generator by `tf.data.Dataset.from_generator`"
OTHER_SHAPE = ("compatible with expected shape", "yielded an element of shape")
READING = ("IteratorGetNext", "user-defined function passed to", "OptionalGetValue")  # in TensorFlow's errors


def as_batches(
    x, y, batch_size: int | None, *, shuffle: bool, seed: int
) -> tf.data.Dataset | keras.utils.PyDataset | Addresses:
    """Arrays as full batches by their addresses; a `tf.data.Dataset` or a `keras.utils.PyDataset` as it is.

    Raises:
        ValueError: If `x` is something else, or `batch_size` or `y` is given beside a data set.
    """
    x, y = pair(x, y)
    if is_dataset(x):
        for name, value in (("y", y), ("batch_size", batch_size)):
            if value is not None:
                shown = repr(value) if isinstance(value, int) else type(value).__name__
                raise ValueError(f"`{name}` must be None where `x` is a data set. Received: {name}={shown}")
        return x
    if not hasattr(x, "__array__"):
        raise ValueError(
            "`x` must be an array, a pair of arrays, a tf.data.Dataset or a keras.utils.PyDataset. "
            f"Received: {type(x).__name__}{HINT if isinstance(x, Iterator) else ''}"
        )
    if y is not None and not hasattr(y, "__array__"):
        raise ValueError(f"`y` must be an array where `x` is one. Received: {type(y).__name__}")
    check_numbers(np.asarray(x))
    arrays = np.asarray(x) if y is None else (np.asarray(x), np.asarray(y))
    return address(arrays, min(32, len(x)) if batch_size is None else batch_size, shuffle=shuffle, seed=seed)


def check_numbers(examples: np.ndarray) -> None:
    """Refuses what is not a batch of real numbers.

    Raises:
        ValueError: If it is one value, or of another dtype.
    """
    real = np.issubdtype(examples.dtype, np.number) and not np.iscomplexobj(examples)
    if not real or not examples.ndim:
        raise ValueError(
            f"The data must be real numbers, (N, ...). Received: a batch of {kind(examples)}, of shape {examples.shape}"
        )


@contextlib.contextmanager
def reading() -> Iterator[None]:
    """Explains what fails while the block reads data.

    Raises:
        ValueError: If TensorFlow could not give a batch.
    """
    try:
        yield
    except tf.errors.OpError as error:
        raise explain(error, reads=True) from error


def explain(error: tf.errors.OpError, reads: bool = False) -> Exception:
    """Says in a line what went wrong in a run whose first batch was good.

    Args:
        error: TensorFlow's error.
        reads: Whether it is known to come from reading data.

    Returns:
        A ValueError of the data, or `error` itself where it says nothing of the data.
    """
    text, line = str(error), reason(error)
    if any(mark in text for mark in OTHER_SHAPE):
        return ValueError(f"Every batch of the data must have the shape of the first one. Received: {line}")
    if reads or any(mark in text for mark in READING):
        return ValueError(
            "The data set must give its batches: an error in the data set itself stopped it. "
            f"Received: {type(error).__name__}: {line}"
        )
    if isinstance(error, tf.errors.InvalidArgumentError):
        return ValueError(f"Every batch of the data must fit the players, as the first one does. Received: {line}")
    return error


def is_dataset(x) -> bool:
    """True for what comes in batches of its own."""
    return isinstance(x, tf.data.Dataset | keras.utils.PyDataset)


def pair(x, y=None) -> tuple:
    """(x, y), where both may have been given as one pair `x`."""
    return tuple(x) if isinstance(x, tuple | list) and len(x) == 2 and y is None else (x, y)


def first_batch(data: tf.data.Dataset | keras.utils.PyDataset | Addresses) -> tf.Tensor | np.ndarray | tuple:
    """The first batch of a data set.

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


def unpack(element) -> tuple:
    """(examples, labels or None) of a data set's element: a tensor, (examples,) or (examples, labels).

    Raises:
        ValueError: If the element is something else.
    """
    if isinstance(element, tuple | list) and len(element) in (1, 2):
        return element[0], (element[1] if len(element) == 2 else None)
    if isinstance(element, tuple | list | dict):
        kind = f"a {type(element).__name__} of {len(element)}"
        raise ValueError(f"The data must be batches of examples or pairs (examples, labels). Received: {kind}")
    return element, None


def without_nones(element: tf.Tensor | tuple) -> tf.Tensor | tuple:
    """An element without the trailing Nones that `train_on_batch` pads it with."""
    if isinstance(element, tuple):
        while len(element) > 1 and element[-1] is None:
            element = element[:-1]
    return element


def split(x, y, share: float) -> tuple:
    """`((x, y), (x, y))`: an array's beginning, to train on, and its last `share`, to validate with.

    Raises:
        ValueError: If `share` is not in (0, 1), or `x` is no array.
    """
    x, y = pair(x, y)
    check_number("validation_split", share, 0, 1)
    if not hasattr(x, "__array__"):
        raise ValueError(f"`x` must be an array where `validation_split` is given. Received: {type(x).__name__}")
    cut = int(len(x) * (1 - share))
    parts = [None, None] if y is None else [y[:cut], y[cut:]]
    return (x[:cut], parts[0]), (x[cut:], parts[1])


def group(data: tf.data.Dataset | keras.utils.PyDataset, count: int) -> tf.data.Dataset | keras.utils.PyDataset:
    """Stacks each `count` batches on axis 1, [B, count, ...]: what a step with `count` discriminator moves consumes.

    Axis 0 stays the batch, which tf.distribute splits. Incomplete groups and partial batches are left out.

    Raises:
        ValueError: If there are fewer than `count` full batches.
    """
    if count == 1:
        return data
    if isinstance(data, keras.utils.PyDataset):
        grouped = GroupedPyDataset(data, count)
        check_groups(count if grouped.full is None else grouped.full, count)
        return grouped
    sizes = {spec.shape[0] for spec in keras.tree.flatten(data.element_spec)}
    full = data if len(sizes) == 1 and None not in sizes else _full(data)
    return full.batch(count, drop_remainder=True).map(
        lambda *element: keras.tree.map_structure(_swap, element[0] if len(element) == 1 else element)
    )


def _full(data):
    """The batches of a data set that are as large as its first one."""

    def compare(size, *element):
        count = tf.shape(keras.tree.flatten(element)[0])[0]
        size = tf.where(size < 0, count, size)
        return size, (tf.equal(count, size), element[0] if len(element) == 1 else element)

    return data.scan(-1, compare).filter(lambda is_full, _: is_full).map(lambda _, element: element)


def count_full(data: tf.data.Dataset) -> int:
    """How many batches of a finite data set are as large as its first one."""
    return sum(1 for _ in _full(data))


def shaped(
    data: tf.data.Dataset | keras.utils.PyDataset, example_shape: tuple | None
) -> tf.data.Dataset | keras.utils.PyDataset:
    """A data set whose static shapes are known where they were not; one that says all is returned as it is."""
    if not isinstance(data, tf.data.Dataset) or not isinstance(data.element_spec, tf.TensorSpec | tuple | list):
        return data
    specs = data.element_spec if isinstance(data.element_spec, tuple | list) else (data.element_spec,)
    if all(isinstance(spec, tf.TensorSpec) for spec in specs) and (
        specs[0].shape.rank is None
        or not specs[0].shape[1:].is_fully_defined()
        or any(spec.shape.rank is None for spec in specs[1:])
    ):
        return data.map(lambda *element: ensure_shapes(element if len(element) > 1 else element[0], example_shape))
    return data


def check_groups(batches: int, count: int) -> int:
    """How many groups of `count` there are in a number of batches, if there is one."""
    if batches < count:
        raise ValueError(
            "The data must hold at least `discriminator_steps` full batches, as each step consumes as many. "
            f"Received: discriminator_steps={count}, and data with {batches}"
        )
    return batches // count


def stack(elements: list) -> tf.Tensor | tuple:
    """One element of some batches, as `group` makes it."""
    return elements[0] if len(elements) == 1 else keras.tree.map_structure(lambda *xs: tf.stack(xs, axis=1), *elements)


def ungroup(element, count: int) -> list:
    """The `count` batches of an element that `group` stacked, in their order."""
    if count == 1:
        return [element]
    return [keras.tree.map_structure(lambda x, i=i: x[:, i], element) for i in range(count)]


def _swap(x):
    return tf.transpose(x, (1, 0, *range(2, x.shape.rank)))


class GroupedPyDataset(keras.utils.PyDataset):
    """`count` full batches of another `PyDataset` at a time, stacked on axis 1."""

    def __init__(self, inner: keras.utils.PyDataset, count: int):
        super().__init__(inner.workers, inner.use_multiprocessing, inner.max_queue_size)
        self.inner, self.count, self._known = inner, count, {}

    @property
    def full(self) -> int | None:
        """The number of full batches, which may change between epochs; None if the inner data set is endless."""
        total = self.inner.num_batches
        if total is None or total < 2:
            return total
        if total not in self._known:
            self._known[total] = total - (_size(self.inner[total - 1]) != _size(self.inner[0]))
        return self._known[total]

    @property
    def num_batches(self) -> int | None:
        """The number of groups; None if the inner data set is endless."""
        return None if self.full is None else self.full // self.count

    def __getitem__(self, index):
        parts = [self.inner[index * self.count + i] for i in range(self.count)]
        return keras.tree.map_structure(lambda *xs: np.stack(xs, axis=1), *parts)

    def on_epoch_begin(self):
        self.inner.on_epoch_begin()

    def on_epoch_end(self):
        self.inner.on_epoch_end()


def _size(batch):
    return len(keras.tree.flatten(batch)[0])
