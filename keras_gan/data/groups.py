"""The batches that one training step consumes, stacked, and their shapes."""

import keras
import numpy as np
import tensorflow as tf

from keras_gan.data.elements import ensure_shapes, lacks_shapes


def group(data: tf.data.Dataset | keras.utils.PyDataset, count: int) -> tf.data.Dataset | keras.utils.PyDataset:
    """Stacks every `count` batches on axis 1, [B, count, ...], for a step with `count` discriminator moves.

    Axis 0 remains the batch, which tf.distribute splits. Incomplete groups and partial batches are left out.

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
    """Returns the batches of a data set that are as large as its first one."""

    def compare(size, *element):
        count = tf.shape(keras.tree.flatten(element)[0])[0]
        size = tf.where(size < 0, count, size)
        return size, (tf.equal(count, size), element[0] if len(element) == 1 else element)

    return data.scan(-1, compare).filter(lambda is_full, _: is_full).map(lambda _, element: element)


def count_full(data: tf.data.Dataset) -> int:
    """Returns the number of batches of a finite data set that are as large as its first one."""
    return sum(1 for _ in _full(data))


def shaped(
    data: tf.data.Dataset | keras.utils.PyDataset, shapes: dict[str, tuple | None] | None
) -> tf.data.Dataset | keras.utils.PyDataset:
    """Adds missing static shapes to a data set; one that lacks none is returned unchanged.

    Args:
        data: The data set.
        shapes: As for `ensure_shapes`.
    """
    if not isinstance(data, tf.data.Dataset) or shapes is None:
        return data
    spec = data.element_spec
    flat = spec.values() if isinstance(spec, dict) else spec if isinstance(spec, tuple | list) else (spec,)
    if all(isinstance(each, tf.TensorSpec) for each in flat) and lacks_shapes(spec, shapes):
        return data.map(lambda *element: ensure_shapes(element if len(element) > 1 else element[0], shapes))
    return data


def check_groups(batches: int, count: int) -> int:
    """Returns the number of groups of `count` in a number of batches, which must be at least one."""
    if batches < count:
        raise ValueError(
            "The data must hold at least `discriminator_steps` full batches, as each step consumes as many. "
            f"Received: discriminator_steps={count}, and data with {batches}"
        )
    return batches // count


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
