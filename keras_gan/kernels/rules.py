"""Training kernels by name, for layers and optimizers that are slow or wrong in Keras."""

import contextlib
from collections.abc import Sequence

import keras
import tensorflow as tf

from keras_gan import layers
from keras_gan.ground import biases, views
from keras_gan.kernels import leaky, narrow, resampled, small_maps
from keras_gan.layers.moments import centre
from keras_gan.optimizers import Adam


def synchronized(layer: keras.layers.Layer) -> tuple[type, ...]:
    """Returns overrides by which batch normalization uses statistics of the global batch, without cancellation.

    Keras's layer uses them if `synchronized` is True, but computes E[x^2] - E[x]^2: see `layers.moments`.
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


def adam(optimizer: keras.optimizers.Optimizer) -> tuple[type, ...]:
    """Returns overrides by which Adam updates a weight in one operation of TensorFlow, by the same formula."""
    return (Adam,) if type(optimizer) is keras.optimizers.Adam and not optimizer.amsgrad else ()


# Each function returns the overrides of a layer or of an optimizer (see `ground.views`), most often none.
LAYERS = {
    "narrow_convolutions": narrow.overrides,
    "resampled_convolutions": resampled.overrides,
    "kernel_gradients": small_maps.overrides,
    "bias_gradients": biases.overrides,
    "leaky_relus": leaky.overrides,
    "batch_statistics": synchronized,
}
OPTIMIZERS = {"adam": adam}
NAMES = (*LAYERS, *OPTIMIZERS)


def choose(kernels: bool | Sequence[str]) -> tuple[str, ...]:
    """Returns the names of training kernels: all for True, none for False, or those in the list.

    Raises:
        ValueError: If a name is unknown.

    Example:

    >>> choose(True) == NAMES
    True
    >>> choose(["adam"]), choose(False)
    (('adam',), ())
    """
    if isinstance(kernels, bool):
        return NAMES if kernels else ()
    named = [kernels] if isinstance(kernels, str) else kernels
    if not isinstance(named, list | tuple) or not set(named) <= set(NAMES):
        known = ", ".join(map(repr, NAMES))
        raise ValueError(f"`kernels` must be True, False or a list of {known}. Received: kernels={kernels!r}")
    return tuple(name for name in NAMES if name in named)


def computes(overrides: tuple[type, ...]) -> bool:
    """Returns whether one of the overrides changes the computation of its own layer."""
    return not all(issubclass(override, views.Witness) for override in overrides)


def used(names: Sequence[str] = NAMES) -> contextlib.AbstractContextManager:
    """Makes `players.call` compute players by these kernels inside the block, without changing the players."""
    return views.used(*(rule for name, rule in LAYERS.items() if name in names))
