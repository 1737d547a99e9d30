"""Tools of several layers: precision, seeds, and a pass in which layers look at data."""

import keras
import numpy as np
import tensorflow as tf

from keras_gan.ground import internals
from keras_gan.ground.replicas import gather
from keras_gan.noise import replica


def upcast(x: tf.Tensor) -> tf.Tensor:
    """Casts `x` to the precision of statistics: float32, or float64 if it is that already."""
    return tf.cast(x, wide(x.dtype))


def wide(dtype: str | tf.DType) -> str:
    """Returns the dtype of statistics of values of `dtype`: float32, or float64."""
    return keras.backend.result_type(keras.backend.standardize_dtype(dtype), "float32")


def next_seed(generator: keras.random.SeedGenerator) -> tf.Tensor:
    """Returns the two int64 numbers of the generator's next draw; replicas whose generators agree draw differently."""
    seed = tf.cast(generator.next(), tf.int64)  # two words of 32 bits: the upper half of the first is free
    return seed + tf.stack([tf.cast(replica()[0], tf.int64) * 2**32, 0])


def place(x: tf.Tensor) -> tf.Tensor | int:
    """Returns where this replica's examples begin in `gather(x)`. A batch may have been split unevenly."""
    index, count = replica()
    return 0 if isinstance(count, int) and count == 1 else tf.reduce_sum(gather(tf.shape(x)[:1])[:index])


def as_classes(labels: tf.Tensor) -> tf.Tensor:
    """Returns int32 classes (N,) of labels (N,) or (N, 1), those of `keras.Input(())` or `keras.Input((1,))`.

    Raises:
        ValueError: If labels have another shape.
    """
    shape = labels.shape
    fits = shape.rank in (None, 1) or (shape.rank == 2 and shape[1] in (None, 1))
    if not fits:
        raise ValueError(f"Labels must be integers of shape (N,) or (N, 1). Received: labels of shape {tuple(shape)}")
    return tf.reshape(tf.cast(labels, tf.int32), (-1,))


def _as_batch(model, batch):
    """Returns the model's argument: numbers in lists become an array where it has one input."""
    if isinstance(batch, tf.data.Dataset | keras.utils.PyDataset):
        raise ValueError(
            f"`batch` must be a batch, such as `next(iter(dataset))`. Received: a data set, {type(batch).__name__}"
        )
    inputs = getattr(model, "inputs", None)
    if isinstance(batch, list | tuple) and isinstance(inputs, list) and len(inputs) == 1:
        rank = len(inputs[0].shape)
        batch = batch[0] if len(batch) == 1 and np.ndim(batch[0]) == rank else np.asarray(batch)
    shapes = [np.shape(each) for each in keras.tree.flatten(batch)]
    if not shapes or any(shape[:1] == (0,) for shape in shapes):
        raise ValueError(f"`batch` must hold at least one example. Received: arrays of shapes {shapes}")
    return batch


def look(model: keras.Model, batch, kind: type[keras.layers.Layer], training: bool = False) -> None:
    """Calls the model on `batch` once, eagerly, while its layers of a `kind` have `looking` set to True.

    Raises:
        ValueError: If the model holds no such layer, or `batch` is no batch of examples.
    """
    batch = _as_batch(model, batch)
    looking = [layer for layer in internals.layers_of(model) if isinstance(layer, kind)]
    if not looking:
        raise ValueError(f"`model` must hold a {kind.__name__}. Received: model={model!r}")
    for layer in looking:
        layer.looking = True
    try:
        model(batch, training=training)
    finally:
        for layer in looking:
            layer.looking = False
