"""The examples that a callback looks at, of what `fit` takes."""

import keras
import tensorflow as tf

from keras_gan.data import feed


def first_examples(data, count: int, shuffle: bool = True) -> tf.Tensor | tuple | dict:
    """Returns an element of the first `count` examples, or of as many as there are.

    Args:
        data: What `fit` takes: an array, (examples, labels), a dict of arrays, or a data set.
        count: How many, at least 1.
        shuffle: Take any examples of arrays, the same each time; the first ones of a data set's beginning. Defaults to
            True.

    Raises:
        ValueError: If it is no data.
    """
    source = feed.Source(data)
    if isinstance(source.data, keras.utils.PyDataset):
        return keras.tree.map_structure(lambda part: tf.convert_to_tensor(part[:count]), feed.first_batch(source.data))
    if not source.has_batches:
        return feed.first_batch(source.batches(min(count, len(source)), shuffle=shuffle, seed=0))
    return feed.first_batch(source.data.unbatch().batch(count))
