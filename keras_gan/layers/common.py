"""Tools for several layers: precision, seeds, and a pass that initializes layers from a batch."""

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
    """Returns the generator's next seed, two int64 numbers, which differ between replicas with equal generators."""
    seed = tf.cast(generator.next(), tf.int64)  # two words of 32 bits: the upper half of the first is free
    return seed + tf.stack([tf.cast(replica()[0], tf.int64) * 2**32, 0])


def place(x: tf.Tensor) -> tf.Tensor | int:
    """Returns the index of this replica's first example in `gather(x)`. A batch may be split unevenly."""
    index, count = replica()
    return 0 if isinstance(count, int) and count == 1 else tf.reduce_sum(gather(tf.shape(x)[:1])[:index])


def as_classes(labels: tf.Tensor) -> tf.Tensor:
    """Converts labels (N,) or (N, 1), as from `keras.Input(())` or `keras.Input((1,))`, to int32 classes (N,).

    Raises:
        ValueError: If labels have another shape.
    """
    shape = labels.shape
    fits = shape.rank in (None, 1) or (shape.rank == 2 and shape[1] in (None, 1))
    if not fits:
        raise ValueError(f"Labels must be integers of shape (N,) or (N, 1). Received: labels of shape {tuple(shape)}")
    return tf.reshape(tf.cast(labels, tf.int32), (-1,))


def _as_batch(model, batch):
    """Returns `batch` as the model's argument: lists of numbers become an array if the model has one input."""
    if isinstance(batch, tf.data.Dataset | keras.utils.PyDataset):
        raise ValueError(
            f"`batch` must be a batch, such as `next(iter(dataset))`. Received: a data set, {type(batch).__name__}"
        )
    inputs = getattr(model, "inputs", None)
    if isinstance(batch, list | tuple) and isinstance(inputs, list) and len(inputs) == 1:
        rank = len(inputs[0].shape)
        batch = batch[0] if len(batch) == 1 and np.ndim(batch[0]) == rank else np.asarray(batch)
    shapes = [np.shape(array) for array in keras.tree.flatten(batch)]
    if not shapes or any(shape[:1] == (0,) for shape in shapes):
        raise ValueError(f"`batch` must hold at least one example. Received: arrays of shapes {shapes}")
    return batch


def initialize_from_batch(model: keras.Model, batch, kind: type[keras.layers.Layer], training: bool = False) -> None:
    """Calls the model on `batch` once, eagerly, with `initializing` set to True in its layers of type `kind`.

    Raises:
        ValueError: If the model has no such layer, or `batch` is not a batch of examples.
    """
    batch = _as_batch(model, batch)
    layers = [layer for layer in internals.layers_of(model) if isinstance(layer, kind)]
    if not layers:
        raise ValueError(f"`model` must contain a {kind.__name__}. Received: model={model!r}")
    for layer in layers:
        layer.initializing = True
    try:
        model(batch, training=training)
    finally:
        for layer in layers:
            layer.initializing = False
