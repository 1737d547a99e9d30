"""The examples that a callback uses, from data as `fit` takes it."""

import keras
import tensorflow as tf

from keras_gan.data import feed


def first_examples(data, count: int, shuffle: bool = True) -> tf.Tensor | tuple | dict:
    """Returns an element of `count` examples, or of all if there are fewer.

    Args:
        data: Data as for `fit`: an array, (examples, labels), a dict of arrays, or a data set.
        count: Number of examples, at least 1.
        shuffle: Whether to take random examples of arrays, the same each time; those of a data set are always its first
            ones. Defaults to True.

    Raises:
        ValueError: If `data` is no such data.
    """
    source = feed.Source(data)
    if isinstance(source.data, keras.utils.PyDataset):
        return keras.tree.map_structure(lambda part: tf.convert_to_tensor(part[:count]), feed.first_batch(source.data))
    if not source.has_batches:
        return feed.first_batch(source.batches(min(count, len(source)), shuffle=shuffle, seed=0))
    return feed.first_batch(source.data.unbatch().batch(count))
