"""From arrays in memory to batches: whole batches are gathered from shuffled indices."""

import dataclasses
from collections.abc import Callable, Iterator

import keras
import numpy as np
import tensorflow as tf

from keras_gan.arguments import check_count, check_seed, innermost


def batches(
    arrays,
    batch_size: int,
    *,
    shuffle: bool = True,
    seed: int = 0,
    drop_remainder: bool = True,
    transform: Callable | None = None,
) -> tf.data.Dataset:
    """One epoch of batches of an array, or of a tuple of arrays of the same length.

    The order is a fresh permutation each epoch, and a function of `seed` and of how many epochs went before. `fit`
    begins where the GAN's step says, so that training in several calls, or after a stop, sees what one call sees.
    Only of what this function returns: `map`, `take` and the like give a data set that `fit` knows nothing of and reads
    from its first permutation on. What is to be done to batches goes into `transform`.

    Args:
        arrays: (N, ...) or a tuple of such: images, or (images, labels).
        batch_size: Examples a batch, from 1 to N.
        shuffle: False keeps the arrays' order.
        seed: Of the order.
        drop_remainder: Leaves out the last batch if it is not full.
        transform: What is done to a batch in the graph, in place of `map`: `transform(*batch)`, giving the element.

    Returns:
        A `tf.data.Dataset` whose elements are shaped like `arrays`, N becoming the batch size.

    Raises:
        ValueError: If the arrays' lengths differ, `batch_size` is not from 1 to N, or `transform` fails.

    Example:

    >>> data = batches(tf.range(10), 4, seed=1)
    >>> [batch.shape[0] for batch in data]
    [4, 4]
    """
    addresses = address(
        arrays, batch_size, shuffle=shuffle, seed=seed, drop_remainder=drop_remainder, transform=transform
    )
    steps = tf.constant(addresses.steps, tf.int64)
    data = _epochs(seed).take(1).flat_map(lambda epoch: addresses.part(epoch, tf.zeros_like(steps), steps))
    try:
        data = data.map(lambda positions: _given(addresses.gather(addresses.tensors, positions)))
    except Exception as error:  # whatever a user's function may raise while it is traced
        if transform is None:
            raise
        raise ValueError(
            "`transform` must turn a batch, given as one argument per array, into an element of tensors. "
            f"Received: transform={transform!r}, with the error: {innermost(error)}"
        ) from error
    data = _finish(data, addresses.steps)
    data.addresses = addresses
    return data


def address(
    arrays,
    batch_size: int,
    *,
    shuffle: bool = True,
    seed: int = 0,
    drop_remainder: bool = True,
    transform: Callable | None = None,
) -> "Addresses":
    """Where the batches of `batches` are, with its arguments and errors: all that `fit` needs of arrays."""
    single = not isinstance(arrays, tuple)
    arrays = (arrays,) if single else arrays
    count = check_arrays(arrays, batch_size)
    check_seed("seed", seed)

    def order(epoch):
        positions = tf.range(count, dtype=tf.int64)
        if not shuffle:
            return positions
        place = tf.stack([tf.cast(seed, tf.int64), epoch])
        return tf.random.experimental.stateless_shuffle(positions, place, alg="philox")

    return Addresses(
        tensors=tuple(tf.convert_to_tensor(array) for array in arrays),
        order=order,
        gather=PLAIN[single] if transform is None else Gather(transform, single),
        batch_size=batch_size,
        steps=count // batch_size if drop_remainder else -(-count // batch_size),
        whole_batches=drop_remainder or count % batch_size == 0,
    )


def addresses_of(data: "tf.data.Dataset | keras.utils.PyDataset | Addresses") -> "Addresses | None":
    """Where the batches of a data set of `keras_gan.data` are; None of any other."""
    found = data if isinstance(data, Addresses) else getattr(data, "addresses", None)
    return found if isinstance(found, Addresses) else None  # of a data set of the user's it may be anything


@dataclasses.dataclass(frozen=True, eq=False)
class Gather:
    """Makes the batch at some positions."""

    transform: Callable | None
    single: bool

    def __call__(self, tensors: tuple, positions: tf.Tensor):
        batch = tuple(tf.gather(tensor, positions) for tensor in tensors)
        if self.transform is not None:
            return self.transform(*batch)
        return batch[0] if self.single else batch


@dataclasses.dataclass(frozen=True)
class ShapedGather:
    """A `Gather` whose examples have a known shape. Equal ones are alike, so that one graph serves them all."""

    gather: Gather
    example_shape: tuple | None

    def __call__(self, tensors: tuple, positions: tf.Tensor):
        return ensure_shapes(self.gather(tensors, positions), self.example_shape)


def ensure_shapes(element: tf.Tensor | tuple, example_shape: tuple | None) -> tf.Tensor | tuple:
    """An element of batches whose static shapes are known where they were not.

    Args:
        element: Examples, or (examples, labels).
        example_shape: The shape of an example. None leaves the element as it is.
    """
    if example_shape is None:
        return element
    examples, *labels = element if isinstance(element, tuple | list) else (element,)
    if not examples.shape[1:].is_fully_defined():
        examples = tf.ensure_shape(examples, (None, *example_shape))
    labels = [
        tf.ensure_shape(label, (None,)) if label is not None and label.shape.rank is None else label for label in labels
    ]
    return (examples, *labels) if isinstance(element, tuple | list) else examples


PLAIN = {single: Gather(None, single) for single in (False, True)}  # one graph serves all pipelines without a transform


@dataclasses.dataclass(frozen=True)
class Addresses:
    """How the batches of all epochs of a pipeline are found by their number, from 0 on, epoch after epoch.

    Attributes:
        tensors: The data, in memory.
        order: `order(epoch)`, the positions of all examples as that epoch goes through them.
        gather: What makes batches of positions.
        batch_size: Examples a batch.
        steps: How many batches an epoch has.
        whole_batches: Every batch is full.
    """

    tensors: tuple
    order: Callable
    gather: Gather
    batch_size: int
    steps: int
    whole_batches: bool

    def shaped(self, example_shape: tuple | None) -> "Addresses":
        """The same, of batches whose examples have a known shape."""
        return dataclasses.replace(self, gather=ShapedGather(self.gather, example_shape))

    def part(self, epoch: tf.Tensor, start: tf.Tensor, stop: tf.Tensor) -> tf.data.Dataset:
        """The positions of the batches from start to stop of an epoch."""
        order = self.order(epoch)

        def slice_(step):
            positions = order[step * self.batch_size : (step + 1) * self.batch_size]
            return tf.ensure_shape(positions, (self.batch_size,)) if self.whole_batches else positions

        return tf.data.Dataset.range(start, stop).map(slice_)

    def positions(self, number: tf.Tensor, count: int) -> tf.data.Dataset:
        """The positions of `count` batches from a number on."""
        return tf.data.Dataset.range(number // self.steps, (number + count - 1) // self.steps + 1).flat_map(
            lambda epoch: self.part(
                epoch,
                tf.maximum(number - epoch * self.steps, 0),
                tf.minimum(number + count - epoch * self.steps, self.steps),
            )
        )

    def read(self, place: Callable[[], int], count: int) -> tf.data.Dataset:
        """`count` batches from the number on that `place()` gives, which is asked whenever reading begins."""
        data = _ask(place).flat_map(lambda number: self.positions(number, count))
        return _finish(data.map(lambda positions: self.gather(self.tensors, positions)), count)

    def blocks(self, place: Callable[[], int], count: int, size: int) -> Iterator[tuple[np.ndarray, int]]:
        """Yields the positions of batches by `size`, `count` an epoch of `fit`, without end.

        Args:
            place: Gives the number of the first batch. It is asked when reading begins.
            count: How many batches an epoch of `fit` has.
            size: How many batches a block has.

        Yields:
            (size, batch_size) int64 positions, and how many of them are to be played: an epoch's last block may be
            short, and is then filled with its last batch.
        """
        first, drawn, order = place(), None, None
        while True:
            for done in range(0, count, size):
                block = []
                for number in range(first + done, first + done + size):
                    epoch, step = divmod(min(number, first + count - 1), self.steps)
                    if epoch != drawn:
                        drawn, order = epoch, self.order(tf.constant(epoch, tf.int64)).numpy()
                    block.append(order[step * self.batch_size : (step + 1) * self.batch_size])
                yield np.stack(block), min(size, count - done)
            first += count

    @property
    def element_spec(self) -> tf.TensorSpec | tuple[tf.TensorSpec, ...]:
        """What a batch is, where no transform changes it: as `tf.data.Dataset.element_spec`."""
        size = self.batch_size if self.whole_batches else None
        specs = tuple(tf.TensorSpec((size, *tensor.shape[1:]), tensor.dtype) for tensor in self.tensors)
        return specs[0] if len(specs) == 1 else specs

    def first(self):
        """The first batch of the first epoch."""
        return self.gather(self.tensors, self.order(tf.constant(0, tf.int64))[: self.batch_size])


def _given(element):
    """An element, if it is one."""
    if element is None:
        raise ValueError("it returned None")
    return element


def _ask(place):
    return tf.data.Dataset.range(1).map(lambda _: _call(place))


def _call(place):
    return tf.ensure_shape(tf.numpy_function(lambda: np.int64(place()), [], tf.int64), ())


def _finish(data, count=tf.data.INFINITE_CARDINALITY):
    options = tf.data.Options()
    options.autotune.enabled = False  # its thread may sleep half a minute, and each epoch's end waits until it wakes
    return data.apply(tf.data.experimental.assert_cardinality(count)).prefetch(2).with_options(options)


def _epochs(seed):
    """Fresh numbers whenever it is iterated. `tf.data.Dataset.random` would mix the global seed into `seed`."""
    numbers = tf.raw_ops.RandomDatasetV2(
        seed=seed,
        seed2=1,
        seed_generator=tf.raw_ops.DummySeedGenerator(),
        rerandomize_each_iteration=True,
        output_types=[tf.int64],
        output_shapes=[()],
    )
    return tf.data.experimental.from_variant(numbers, tf.TensorSpec((), tf.int64))


def check_arrays(arrays: tuple, batch_size: int) -> int:
    """N, if all arrays have that length and `batch_size` is from 1 to N."""
    if not arrays or not all(hasattr(array, "__len__") for array in arrays):
        kinds = ", ".join(type(array).__name__ for array in arrays) or "none"
        raise ValueError(f"`arrays` must be arrays of examples, (N, ...). Received: {kinds}")
    lengths = {len(array) for array in arrays}
    if len(lengths) != 1:
        raise ValueError(f"Data and labels must have the same length. Received: {[len(array) for array in arrays]}")
    count = lengths.pop()
    if not count:
        raise ValueError("The data must hold at least one example. Received: none")
    check_count("batch_size", batch_size, most=count)
    return count
