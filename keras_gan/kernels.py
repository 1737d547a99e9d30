"""How the players' layers compute in training, where Keras's way is slow or its numbers are wrong."""

import contextlib

import keras

from keras_gan import biases, layers, narrow, views


def synchronized(layer: keras.layers.Layer) -> tuple[type, ...]:
    """Lets Keras's batch normalization over replicas take its variance without cancellation: see `layers.moments`."""
    stock = isinstance(layer, keras.layers.BatchNormalization) and not isinstance(layer, layers.BatchNormalization)
    cancels = stock and layer.synchronized and not getattr(layer, "renorm", False)
    return (layers.BatchNormalization,) if cancels else ()


RULES = (narrow.overrides, biases.overrides, synchronized)


def used() -> contextlib.AbstractContextManager:
    """Inside, players that are called by `players.call` compute by `RULES`; they themselves are never changed."""
    return views.used(*RULES)
