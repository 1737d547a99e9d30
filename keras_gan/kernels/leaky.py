"""Leaky ReLUs whose gradient reads their output, which has the sign of the input where the slope is positive.

TensorFlow's gradient reads the input. On a CPU TensorFlow's graph optimizer then tries to fuse convolution, bias and
leaky ReLU all the same, fails for the whole graph, and logs an error that users cannot act on: "remapper failed". The
numbers are the same to the bit, and so is the time. In 16 bits fused operations are rounded once less, to other bits:
there TensorFlow's gradient stays.
"""

import keras
import tensorflow as tf
from keras import layers

SLOPE = 0.2  # of the activation "leaky_relu"


def overrides(layer: keras.layers.Layer) -> tuple[type, ...]:
    """Returns the overrides of a leaky ReLU in 32 bits: a layer, or the activation of one (see `views`)."""
    if layer.compute_dtype in ("bfloat16", "float16"):
        return ()
    if type(layer) is layers.LeakyReLU:
        return (_LeakyReLU,) if layer.negative_slope > 0 else ()
    return (_Activated,) if getattr(layer, "activation", None) is keras.activations.leaky_relu else ()


class _LeakyReLU(layers.LeakyReLU):
    def call(self, inputs):
        return leaky_relu(inputs, self.negative_slope)


class _Activated:
    activation = property(lambda self: leaky_relu)


def leaky_relu(x: tf.Tensor, negative_slope: float = SLOPE) -> tf.Tensor:
    """Computes `keras.activations.leaky_relu(x, negative_slope)`.

    >>> x = tf.Variable([-1.0, 2.0])
    >>> with tf.GradientTape() as tape:
    ...     y = leaky_relu(x)
    >>> y.numpy(), tape.gradient(y, x).numpy()
    (array([-0.2,  2. ], dtype=float32), array([0.2, 1. ], dtype=float32))
    """

    if negative_slope <= 0:  # a user's layer may have such a slope
        return keras.activations.leaky_relu(x, negative_slope)

    @tf.custom_gradient
    def activate(x):
        y = tf.nn.leaky_relu(x, negative_slope)
        signs = tf.stop_gradient(y)  # otherwise second gradients carry zeros through all earlier layers
        return y, lambda dy: tf.raw_ops.LeakyReluGrad(gradients=dy, features=signs, alpha=negative_slope)

    return activate(x)
