"""Basis: a learned map whose channels a vector scales."""

from collections.abc import Sequence

import keras
import tensorflow as tf

from keras_gan.ground.arguments import check_shape


@keras.saving.register_keras_serializable("keras_gan")
class Basis(keras.layers.Layer):
    """The first map of a generator: a learned map per feature, multiplied by the feature.

    y(i, j, c) = b(i, j, c) x(c), b initialized from N(0, 1)

    Args:
        size: (height, width) of the map.

    Input: (N, C), float. Output: (N, height, width, C).

    Example:

    >>> Basis((4, 3))(tf.ones((2, 8))).shape
    TensorShape([2, 4, 3, 8])

    Reference: [Huang et al., 2024](https://arxiv.org/abs/2501.05441), section 4 and the authors' code.
    """

    def __init__(self, size: Sequence[int], **options):
        super().__init__(**options)
        self.size = check_shape("size", size)
        if len(self.size) != 2:
            raise ValueError(f"`size` must be (height, width). Received: size={size!r}")

    def build(self, input_shape):
        if len(input_shape) != 2:
            raise ValueError(f"The input must be vectors (N, C). Received: input_shape={tuple(input_shape)}")
        shape = (*self.size, input_shape[-1])
        self.basis = self.add_weight(name="basis", shape=shape, initializer=keras.initializers.RandomNormal(stddev=1.0))

    def call(self, inputs):
        return tf.cast(self.basis, inputs.dtype) * inputs[:, None, None, :]

    def compute_output_shape(self, input_shape):
        return (input_shape[0], *self.size, input_shape[-1])

    def get_config(self):
        return {**super().get_config(), "size": list(self.size)}
