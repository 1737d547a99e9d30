"""PixelNormalization: features scaled to a mean square of 1 at each position."""

import keras
import tensorflow as tf

from keras_gan.ground.arguments import check_number
from keras_gan.layers.common import upcast


@keras.saving.register_keras_serializable("keras_gan")
class PixelNormalization(keras.layers.Layer):
    """Scales the C features at each position to a mean square of 1, in a generator.

    b = a / sqrt(mean_c(a_c^2) + epsilon)

    Args:
        epsilon: Number added inside the root, above 0. Defaults to 1e-8.

    Input: (N, ..., C), float. Output: the same shape.

    Example:

    >>> PixelNormalization()(tf.constant([[3.0, 3.0]])).numpy().round(3).tolist()
    [[1.0, 1.0]]

    Reference: [Karras et al., 2018](https://arxiv.org/abs/1710.10196), section 4.2.
    """

    def __init__(self, epsilon: float = 1e-8, **options):
        super().__init__(**options)
        self.epsilon = check_number("epsilon", epsilon, 0, ends="()")

    def call(self, inputs):
        x = upcast(inputs)
        x = x * tf.math.rsqrt(tf.reduce_mean(x * x, axis=-1, keepdims=True) + self.epsilon)
        return tf.cast(x, self.compute_dtype)

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return {**super().get_config(), "epsilon": self.epsilon}
