"""From arrays in memory to batches: whole batches are gathered from shuffled indices."""

import dataclasses
from collections.abc import Callable

import numpy as np
import tensorflow as tf

from keras_gan.arguments import check_count, check_seed


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

    Args:
        arrays: (N, ...) or a tuple of such: images, or (images, labels).
        batch_size: Examples a batch, from 1 to N.
        shuffle: False keeps the arrays' order.
        seed: Of the order.
        drop_remainder: Leaves out the last batch if it is not full.
        transform: What is done to a batch in the graph: `transform(*batch)`, giving the element.

    Returns:
        A `tf.data.Dataset` whose elements are shaped like `arrays`, N becoming the batch size.

    Raises:
        ValueError: If the arrays' lengths differ, or `batch_size` is not from 1 to N.

    Example:

    >>> data = batches(tf.range(10), 4, seed=1)
    >>> [batch.shape[0] for batch in data]
    [4, 4]
    """
    single = not isinstance(arrays, tuple)
    arrays = (arrays,) if single else arrays
    count = check_arrays(arrays, batch_size)
    check_seed("seed", seed)
    tensors = [tf.convert_to_tensor(array) for array in arrays]
    steps = count // batch_size if drop_remainder else -(-count // batch_size)
    whole_batches = drop_remainder or count % batch_size == 0

    def gather(order, step):
        positions = order[step * batch_size : (step + 1) * batch_size]
        if whole_batches:
            positions = tf.ensure_shape(positions, (batch_size,))
        batch = tuple(tf.gather(tensor, positions) for tensor in tensors)
        if transform is not None:
            return transform(*batch)
        return batch[0] if single else batch

    def part(epoch, start, stop):
        order = tf.range(count, dtype=tf.int64)
        if shuffle:
            address = tf.stack([tf.cast(seed, tf.int64), epoch])
            order = tf.random.experimental.stateless_shuffle(order, address, alg="philox")
        return tf.data.Dataset.range(start, stop).map(lambda step: gather(order, step))

    whole = tf.constant(steps, tf.int64)
    data = _epochs(seed).take(1).flat_map(lambda epoch: part(epoch, tf.zeros_like(whole), whole))
    data = _finish(data, steps)
    data.addresses = Addresses(part, steps, whole_batches)
    return data


@dataclasses.dataclass(frozen=True)
class Addresses:
    """How the batches of all epochs of a pipeline are found by their number, from 0 on, epoch after epoch.

    Attributes:
        part: The batches from start to stop of an epoch, as a data set.
        steps: How many batches an epoch has.
        whole_batches: Every batch is full.
    """

    part: Callable
    steps: int
    whole_batches: bool

    def read(self, place: Callable[[], int], count: int) -> tf.data.Dataset:
        """`count` batches from the number on that `place()` gives, which is asked whenever reading begins."""

        def epochs(_):
            number = tf.ensure_shape(tf.numpy_function(lambda: np.int64(place()), [], tf.int64), ())
            return tf.data.Dataset.range(number // self.steps, (number + count - 1) // self.steps + 1).flat_map(
                lambda epoch: self.part(
                    epoch,
                    tf.maximum(number - epoch * self.steps, 0),
                    tf.minimum(number + count - epoch * self.steps, self.steps),
                )
            )

        return _finish(tf.data.Dataset.range(1).flat_map(epochs), count)


def _finish(data, count):
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
        raise ValueError(f"`arrays` must be arrays of examples, (N, ...). Received: arrays={arrays!r}")
    lengths = {len(array) for array in arrays}
    if len(lengths) != 1:
        raise ValueError(f"Data and labels must have the same length. Received: {[len(array) for array in arrays]}")
    count = lengths.pop()
    if not count:
        raise ValueError("The data must hold at least one example. Received: none")
    check_count("batch_size", batch_size, most=count)
    return count
