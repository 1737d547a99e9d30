"""Addresses of the batches of all epochs: functions of a batch's number, so that any batch is reached at no cost."""

import dataclasses
import functools
import hashlib
from collections.abc import Callable, Iterator

import numpy as np
import tensorflow as tf

from keras_gan.data.elements import ensure_shapes
from keras_gan.data.stored import THREADS, Stored, spec, take

SEEN = 64  # examples of a part that enter the fingerprint of data


@dataclasses.dataclass(frozen=True)
class Order:
    """The order of the examples of some tensors in each epoch.

    Attributes:
        count: Number of examples.
        steps: Batches per epoch.
        seed: Seed of the permutations, one per epoch; None keeps the tensors' order.
    """

    count: int
    steps: int
    seed: int | None = None

    def __call__(self, epoch: tf.Tensor) -> tf.Tensor:
        """Returns the positions of all examples in the order of an epoch, (count,) int64."""
        positions = tf.range(self.count, dtype=tf.int64)
        if self.seed is None:
            return positions
        place = tf.stack([tf.cast(self.seed, tf.int64), epoch])
        return tf.random.experimental.stateless_shuffle(positions, place, alg="philox")

    def numpy(self, epoch: int) -> np.ndarray:
        """Returns the positions as an array."""
        return self(tf.constant(epoch, tf.int64)).numpy()


FLIPS = "_flips_"  # prefix of the names of flip masks, which have a separate order


def derive_seed(seed: int, name: str) -> int:
    """Returns the seed of a named order, different for each name."""
    digest = hashlib.blake2b(repr((seed, name)).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def flips(count: int, steps: int, seed: int, name: str = "") -> tuple[np.ndarray, Order]:
    """Returns a mask that flips half of the examples left to right, and the order of the mask.

    The order changes from epoch to epoch, so that a new random half of the examples is flipped. Whether an example is
    flipped depends on `seed` and the step alone.

    Args:
        count: Number of examples.
        steps: Batches per epoch.
        seed: Seed of the pipeline.
        name: Name of the part, where several parts have separate orders.
    """
    return np.arange(count) % 2 == 1, Order(count, steps, derive_seed(seed, FLIPS + name))


def flip(examples: tf.Tensor, chosen: tf.Tensor) -> tf.Tensor:
    """Flips the chosen pictures left to right, in the graph; examples that are not pictures are returned unchanged.

    Args:
        examples: (N, ...); pictures are (N, height, width, channels).
        chosen: (N,) bool.
    """
    if examples.shape.rank != 4:
        return examples
    return tf.where(chosen[:, None, None, None], examples[:, :, ::-1], examples)


@dataclasses.dataclass(frozen=True, eq=False)
class Gather:
    """The gathering of the batch at some positions.

    Attributes:
        transform: Function of a batch, called with the parts of a tuple by position, those of a dict by name; or None.
        names: Names of the tensors, whose batch is then a dict; or None.
        single: Whether a batch without names is a tensor instead of a tuple.
        rows: Row of the positions for each tensor, where there are several orders; otherwise None.
        flips: Whether the last tensor is a flip mask, which is applied before `transform`.
    """

    transform: Callable | None = None
    names: tuple[str, ...] | None = None
    single: bool = False
    rows: tuple[int, ...] | None = None
    flips: bool = False

    def __call__(self, tensors: tuple, positions: tf.Tensor):
        rows = [positions] * len(tensors) if self.rows is None else [positions[row] for row in self.rows]
        batch = tuple(take(tensor, row) for tensor, row in zip(tensors, rows, strict=True))
        if self.flips:
            *batch, chosen = batch
            batch = tuple(flip(part, chosen) for part in batch)
        if self.names is not None:
            batch = dict(zip(self.names, batch, strict=True))
            return batch if self.transform is None else _given(self.transform(**batch))
        if self.transform is not None:
            return _given(self.transform(*batch))
        return batch[0] if self.single else batch


def _given(element):
    """Returns the output of a transform, which must not be None."""
    if element is None:
        raise ValueError("it returned None")
    return element


@functools.cache
def plain(
    names: tuple[str, ...] | None, single: bool, rows: tuple[int, ...] | None = None, flips: bool = False
) -> Gather:
    """Returns the `Gather` without a transform: the same object for all pipelines, so that these share a graph."""
    return Gather(None, names, single, rows, flips)


@dataclasses.dataclass(frozen=True)
class ShapedGather:
    """A `Gather` whose examples have known shapes. It is compared by value, so that equal ones share a graph."""

    gather: Gather
    shapes: dict[str, tuple | None] | None

    def __call__(self, tensors: tuple, positions: tf.Tensor):
        return ensure_shapes(self.gather(tensors, positions), self.shapes)


@dataclasses.dataclass(frozen=True)
class Addresses:
    """The addresses of a pipeline's batches, which are numbered from 0 on through all epochs.

    Each order has its own epochs: batch n of an order is batch n % steps of its epoch n // steps. An epoch of the
    pipeline is as long as the longest of its orders.

    Attributes:
        tensors: The data: tensors, or arrays that are `Stored`.
        orders: One order of all tensors, or several, which `gather` assigns to the tensors. Orders of different lengths
            have full batches only.
        gather: Function from positions to a batch: (batch_size,), or (orders, batch_size) for several orders.
        batch_size: Examples per batch.
        whole_batches: Whether every batch is full.
    """

    tensors: tuple
    orders: tuple[Order, ...]
    gather: Gather | ShapedGather
    batch_size: int
    whole_batches: bool

    @property
    def in_memory(self) -> bool:
        """Whether no part of the data is read from disk."""
        return not any(isinstance(tensor, Stored) for tensor in self.tensors)

    def gathered(self, positions: tf.data.Dataset) -> tf.data.Dataset:
        """Gathers the batches at the positions of a data set, in their order; stored data is read several at a time."""
        threads = None if self.in_memory else THREADS
        return positions.map(lambda each: self.gather(self.tensors, each), num_parallel_calls=threads)

    def fingerprint(self) -> str:
        """Returns 16 hexadecimal digits that identify data: a hash of the number and of some examples of each part."""
        hasher = hashlib.blake2b(digest_size=8)
        for tensor in self.tensors:
            count = len(tensor)
            chosen = np.unique(np.linspace(0, count - 1, min(count, SEEN)).round().astype("int64"))
            some = tensor.read(chosen) if isinstance(tensor, Stored) else tf.gather(tensor, chosen).numpy()
            hasher.update(f"{count} {some.dtype} {some.shape}".encode())
            hasher.update(
                repr(some.tolist()).encode() if some.dtype == object else np.ascontiguousarray(some).tobytes()
            )
        return hasher.hexdigest()

    @property
    def steps(self) -> int:
        """Batches per epoch."""
        return max(order.steps for order in self.orders)

    @property
    def positions_shape(self) -> tuple[int, ...]:
        """The shape of the positions of a full batch."""
        return (self.batch_size,) if len(self.orders) == 1 else (len(self.orders), self.batch_size)

    def shaped(self, shapes: dict[str, tuple | None] | None) -> "Addresses":
        """Returns the addresses of batches whose examples have known shapes."""
        return dataclasses.replace(self, gather=ShapedGather(self.gather, shapes))

    def epoch(self, draw: tf.Tensor) -> tf.data.Dataset:
        """Returns the positions of the batches of an epoch, which may be any int64 number."""
        if len(self.orders) == 1:
            return self._part(self.orders[0], draw, tf.constant(0, tf.int64), tf.constant(self.steps, tf.int64))
        return self.positions(tf.math.floormod(draw, 2**31) * self.steps, self.steps)

    def positions(self, number: tf.Tensor, count: int) -> tf.data.Dataset:
        """Returns the positions of `count` batches from batch `number` on."""
        each = [self._positions(order, number, count) for order in self.orders]
        return each[0] if len(each) == 1 else tf.data.Dataset.zip(tuple(each)).map(lambda *rows: tf.stack(rows))

    def _positions(self, order, number, count):
        return tf.data.Dataset.range(number // order.steps, (number + count - 1) // order.steps + 1).flat_map(
            lambda epoch: self._part(
                order,
                epoch,
                tf.maximum(number - epoch * order.steps, 0),
                tf.minimum(number + count - epoch * order.steps, order.steps),
            )
        )

    def _part(self, order, epoch, start, stop):
        """Returns the positions of the batches from start to stop of an epoch."""
        numbers = order(epoch)

        def slice_(step):
            positions = numbers[step * self.batch_size : (step + 1) * self.batch_size]
            return tf.ensure_shape(positions, (self.batch_size,)) if self.whole_batches else positions

        return tf.data.Dataset.range(start, stop).map(slice_)

    def read(self, place: Callable[[], int], count: int) -> tf.data.Dataset:
        """Reads `count` batches from batch `place()` on; `place` is called whenever reading begins."""
        data = _first_number(place).flat_map(lambda number: self.positions(number, count))
        return finish(self.gathered(data), count)

    def blocks(self, place: Callable[[], int], count: int, size: int) -> Iterator[tuple[np.ndarray, int]]:
        """Yields the positions of `size` batches at a time, `count` per epoch of `fit`, without end.

        Args:
            place: Returns the number of the first batch. It is called when reading begins.
            count: Batches per epoch of `fit`.
            size: Batches per block.

        Yields:
            (size, *positions_shape) int64 positions, and the number of batches to play: an epoch's last block may be
            short, and is then filled with its last batch.
        """
        first, find = place(), self._finder()
        while True:
            for done in range(0, count, size):
                numbers = range(first + done, first + done + size)
                block = [find(min(number, first + count - 1)) for number in numbers]
                yield np.stack(block), min(size, count - done)
            first += count

    def _finder(self):
        """Returns a function from the number of a batch to its positions, which computes an epoch's order only once."""
        orders = [(order.steps, functools.lru_cache(maxsize=1)(order.numpy)) for order in self.orders]

        def find(number):
            rows = []
            for steps, numbers in orders:
                epoch, step = divmod(number, steps)
                rows.append(numbers(epoch)[step * self.batch_size : (step + 1) * self.batch_size])
            return rows[0] if len(rows) == 1 else np.stack(rows)

        return find

    @property
    def element_spec(self):
        """The spec of a batch without a transform, as `tf.data.Dataset.element_spec`."""
        size = self.batch_size if self.whole_batches else None
        gather = self.gather if isinstance(self.gather, Gather) else self.gather.gather
        tensors, names = self.tensors[:-1] if gather.flips else self.tensors, gather.names
        specs = tuple(spec(tensor, size) for tensor in tensors)
        if names is not None:
            return dict(zip(names, specs, strict=True))
        return specs[0] if len(specs) == 1 else specs

    def first(self):
        """Returns the first batch of the first epoch."""
        return self.gather(self.tensors, tf.constant(self._finder()(0)))


def _first_number(place):
    return tf.data.Dataset.range(1).map(lambda _: _call(place))


def _call(place):
    return tf.ensure_shape(tf.numpy_function(lambda: np.int64(place()), [], tf.int64), ())


def finish(data: tf.data.Dataset, count: int) -> tf.data.Dataset:
    """Returns a data set of `count` elements that reads ahead."""
    options = tf.data.Options()
    options.autotune.enabled = False  # its thread may sleep half a minute, and each epoch's end waits until it wakes
    return data.apply(tf.data.experimental.assert_cardinality(count)).prefetch(2).with_options(options)
