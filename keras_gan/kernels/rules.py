"""How the players' layers compute in training, where Keras's way is slow or its numbers are wrong."""

import contextlib

import keras
import tensorflow as tf

from keras_gan import layers
from keras_gan.ground import biases, views
from keras_gan.kernels import narrow
from keras_gan.layers.moments import centre


def synchronized(layer: keras.layers.Layer) -> tuple[type, ...]:
    """Lets batch normalization take the statistics of the global batch, over all replicas, and without cancellation.

    Keras's layer does so where its `synchronized` is True, as E[x^2] - E[x]^2: see `layers.moments`.
    """
    if not isinstance(layer, keras.layers.BatchNormalization):
        return ()
    if not layer.synchronized and tf.distribute.get_strategy().num_replicas_in_sync == 1:
        return ()
    return (_Renormalized if getattr(layer, "renorm", False) else _Synchronized,)


class _Synchronized(layers.BatchNormalization):
    synchronized = property(lambda self: True)


class _Renormalized(keras.layers.BatchNormalization):
    def _moments(self, inputs, mask):
        weights = None if mask is None else tf.expand_dims(mask, -1)
        _, mean, variance = centre(inputs, self._reduction_axes, synchronized=True, weights=weights)
        return tf.reshape(mean, (-1,)), tf.reshape(variance, (-1,))


RULES = (narrow.overrides, biases.overrides, synchronized)


def used() -> contextlib.AbstractContextManager:
    """Inside, players that are called by `players.call` compute by `RULES`; they themselves are never changed."""
    return views.used(*RULES)
