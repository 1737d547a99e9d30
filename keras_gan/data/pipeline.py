"""From arrays in memory to batches: whole batches are gathered from shuffled indices."""

from collections.abc import Callable

import numpy as np
import tensorflow as tf


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

    The order is a fresh permutation each epoch, and a function of `seed` and of how many epochs went before.

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

    >>> data = batches(np.arange(10), 4, seed=1)
    >>> [batch.shape[0] for batch in data]
    [4, 4]
    """
    single = not isinstance(arrays, tuple)
    arrays = (arrays,) if single else arrays
    count = check_arrays(arrays, batch_size)
    tensors = [tf.convert_to_tensor(array) for array in arrays]
    steps = count // batch_size if drop_remainder else -(-count // batch_size)

    def gather(epoch, step):
        positions = tf.range(step * batch_size, tf.minimum((step + 1) * batch_size, count))
        if shuffle:
            positions = tf.random.experimental.index_shuffle(
                positions, seed=tf.stack([tf.cast(seed, tf.int64), epoch]), max_index=count - 1
            )
        if drop_remainder:
            positions = tf.ensure_shape(positions, (batch_size,))
        batch = tuple(tf.gather(tensor, positions) for tensor in tensors)
        if transform is not None:
            return transform(*batch)
        return batch[0] if single else batch

    def one_epoch(epoch):
        return tf.data.Dataset.range(steps).map(
            lambda step: gather(epoch, step), num_parallel_calls=2, deterministic=True
        )

    epochs = tf.data.Dataset.random(seed=seed, rerandomize_each_iteration=True).take(1)
    data = epochs.flat_map(one_epoch).apply(tf.data.experimental.assert_cardinality(steps))
    return data.prefetch(tf.data.AUTOTUNE)


def check_arrays(arrays: tuple, batch_size: int) -> int:
    """N, if all arrays have that length and `batch_size` is from 1 to N."""
    lengths = {len(array) for array in arrays}
    if len(lengths) != 1:
        raise ValueError(f"Data and labels must have the same length. Received: {[len(array) for array in arrays]}")
    count = lengths.pop()
    if isinstance(batch_size, bool) or not isinstance(batch_size, int | np.integer) or not 1 <= batch_size <= count:
        raise ValueError(
            f"`batch_size` must be an integer from 1 to the number of examples. "
            f"Received: batch_size={batch_size!r} for {count} examples"
        )
    return count
