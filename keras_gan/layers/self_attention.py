"""SelfAttention: attention of each position to all others."""

import keras
import tensorflow as tf

from keras_gan.ground.arguments import check_flag
from keras_gan.layers.common import upcast
from keras_gan.layers.spectral_normalization import SpectralNormalization


@keras.saving.register_keras_serializable("keras_gan")
class SelfAttention(keras.layers.Layer):
    """Adds attention over all positions to each position; gamma begins at 0, so that nothing is added at first.

    b_ij = softmax_j(f(x_i) . g(x_j)), o_i = v(sum_j b_ij h(x_j)), y_i = gamma o_i + x_i

    f, g, h and v are 1x1 convolutions without bias, to C/8, C/8, C/2 and C channels. g and h are max-pooled 2x2, as in
    the official code, so that the matrix of attention is (H W, H W / 4).

    Args:
        spectral_normalization: Whether the four convolutions are wrapped in `SpectralNormalization`, as in SAGAN.
            Defaults to False.

    Input: (N, H, W, C), float, C at least 8, H and W at least 2. Output: the same shape.

    Raises:
        ValueError: If the input is of another shape.

    Example:

    >>> x = tf.ones((2, 4, 4, 8))
    >>> bool(tf.reduce_all(SelfAttention()(x) == x))
    True

    Reference: [Zhang et al., 2019](https://arxiv.org/abs/1805.08318), equations 1 to 3.
    """

    def __init__(self, spectral_normalization: bool = False, **options):
        super().__init__(**options)
        check_flag("spectral_normalization", spectral_normalization)
        self.spectral_normalization = spectral_normalization
        self.pool = keras.layers.MaxPooling2D(2, dtype=self.dtype_policy, name="pool", data_format="channels_last")

    def build(self, input_shape):
        h, w, c = input_shape[1:] if len(input_shape) == 4 else (0, 0, 0)
        if not c or c < 8 or (h or 2) < 2 or (w or 2) < 2:
            raise ValueError(
                "The input must be (N, H, W, C), C of at least 8, H and W of at least 2. "
                f"Received: input_shape={tuple(input_shape)}"
            )
        self.f, self.g = self._convolution("f", c // 8, c), self._convolution("g", c // 8, c)
        self.h, self.v = self._convolution("h", c // 2, c), self._convolution("v", c, c // 2)
        self.gamma = self.add_weight(name="gamma", shape=(), initializer="zeros")

    def _convolution(self, name, filters, channels):
        layer = keras.layers.Conv2D(
            filters, 1, use_bias=False, dtype=self.dtype_policy, name=name, data_format="channels_last"
        )
        layer = SpectralNormalization(layer, name=name) if self.spectral_normalization else layer
        layer.build((None, None, None, channels))
        return layer

    def call(self, inputs):
        queries, keys, values = self.f(inputs), self.pool(self.g(inputs)), self.pool(self.h(inputs))
        b = tf.nn.softmax(upcast(tf.matmul(_flat(queries), _flat(keys), transpose_b=True)))
        attended = tf.matmul(tf.cast(b, inputs.dtype), _flat(values))  # (N, H W, C/2)
        shape = tf.shape(inputs)
        attended = tf.reshape(attended, (shape[0], shape[1], shape[2], values.shape[-1]))
        return inputs + self.gamma * self.v(attended)

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return {**super().get_config(), "spectral_normalization": self.spectral_normalization}


def _flat(x):
    """Reshapes (N, h, w, c) to (N, h w, c)."""
    shape = tf.shape(x)
    return tf.reshape(x, (shape[0], shape[1] * shape[2], x.shape[-1]))
