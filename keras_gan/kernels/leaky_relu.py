"""Leaky ReLUs whose gradient reads their output.

It needs the sign of the input only, which the output has too where the slope is positive. TensorFlow's reads the input,
so that both are kept until then; and where the input is a convolution's, its optimizer of graphs fails and says so:
"remapper failed". With this one it joins the three. In float32 the bits are the same; in 16 bits, where they would not
be, all is as it was.
"""

import keras
import tensorflow as tf
from keras import layers


def overrides(layer: keras.layers.Layer) -> tuple[type, ...]:
    """How a leaky ReLU with a positive slope is to be computed in float32 (see `views`)."""
    plain = type(layer) is layers.LeakyReLU and layer.compute_dtype == "float32"
    return (_LeakyReLU,) if plain and layer.negative_slope > 0 else ()


class _LeakyReLU(layers.LeakyReLU):
    def call(self, inputs):
        return leaky_relu(inputs, float(self.negative_slope))


def leaky_relu(x: tf.Tensor, slope: float) -> tf.Tensor:
    """`tf.nn.leaky_relu(x, slope)` of a slope above 0."""

    @tf.custom_gradient
    def activate(x):
        y = tf.nn.leaky_relu(x, slope)
        return y, lambda dy: tf.raw_ops.LeakyReluGrad(gradients=dy, features=y, alpha=slope)

    return activate(x)
