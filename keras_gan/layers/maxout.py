"""Maxout: a dense layer with a learned activation."""

import keras
import tensorflow as tf

from keras_gan.ground import biases
from keras_gan.ground.arguments import check_count


@keras.saving.register_keras_serializable("keras_gan")
class Maxout(keras.layers.Layer):
    """The maximum of several affine functions per unit: the discriminator's layer of the 2014 paper.

    h_i(x) = max_j (x . W_ij + b_ij), j = 1..pieces

    Args:
        units: Number of outputs, at least 1.
        pieces: Number of affine functions per output, at least 1.
        kernel_initializer: Initializer of W, (in, units * pieces).
        bias_initializer: Initializer of b, (units * pieces,).

    Input: (N, ..., in), float. Output: (N, ..., units).

    Example:

    >>> Maxout(3, pieces=5)(tf.ones((2, 4))).shape
    TensorShape([2, 3])

    Reference: [Goodfellow et al., 2013](https://arxiv.org/abs/1302.4389), section 3.
    """

    def __init__(
        self,
        units: int,
        pieces: int,
        kernel_initializer: str | keras.initializers.Initializer = "glorot_uniform",
        bias_initializer: str | keras.initializers.Initializer = "zeros",
        **options,
    ):
        super().__init__(**options)
        self.units, self.pieces = check_count("units", units), check_count("pieces", pieces)
        self.kernel_initializer = keras.initializers.get(kernel_initializer)
        self.bias_initializer = keras.initializers.get(bias_initializer)

    def build(self, input_shape):
        width = self.units * self.pieces
        self.kernel = self.add_weight(
            name="kernel", shape=(input_shape[-1], width), initializer=self.kernel_initializer
        )
        self.bias = self.add_weight(name="bias", shape=(width,), initializer=self.bias_initializer)

    def call(self, inputs):
        z = biases.add(keras.ops.matmul(inputs, self.kernel), tf.convert_to_tensor(self.bias))
        pieces = [z[..., j :: self.pieces] for j in range(self.pieces)]
        # A chain of two-way maxima: the gradient of reduce_max divides by a count, and costs more than the product.
        h = pieces[0]
        for piece in pieces[1:]:
            h = tf.maximum(h, piece)
        return h

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], self.units)

    def get_config(self):
        serialize = keras.initializers.serialize
        return {
            **super().get_config(),
            "units": self.units,
            "pieces": self.pieces,
            "kernel_initializer": serialize(self.kernel_initializer),
            "bias_initializer": serialize(self.bias_initializer),
        }
