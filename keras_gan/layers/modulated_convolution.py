"""ModulatedConv2D: a convolution whose kernel is scaled by each example's style."""

import math

import keras
import tensorflow as tf

from keras_gan.ground.arguments import check_count, check_flag
from keras_gan.layers.common import upcast
from keras_gan.layers.filtered_resampling import FilteredResampling2D

TINY = 1e-8  # inside the root, as in the authors' code


@keras.saving.register_keras_serializable("keras_gan")
class ModulatedConv2D(keras.layers.Layer):
    """Convolves each example with its own kernel, whose input channels are scaled by the example's style.

    s = A w + a, w'_(ijk) = s_i w_(ijk), w''_(ijk) = w'_(ijk) / sqrt(sum_(i,k) w'_(ijk)^2 + 1e-8), y_j = w''_j * x + b_j

    i is an input channel, j a filter, k a place of the kernel. All examples are computed in one convolution, of x
    scaled by s, with outputs divided by the root. A and the kernel are initialized with variance 1 (equalized learning
    rate), a with 1, so that styles begin around 1.

    Args:
        filters: The number of output channels.
        kernel_size: The sides of the kernel.
        demodulate: Whether each filter is scaled to norm 1. Defaults to True; use False in layers that return pixels.
        upsample: Whether the sides double, by a transposed convolution, smoothed by [1, 3, 3, 1]. Defaults to False.

    Input: `[x, w]`, x (N, H, W, C) and w (N, d), floats. Output: (N, H', W', `filters`).

    Example:

    >>> ModulatedConv2D(6, 3, upsample=True)([tf.ones((2, 4, 4, 8)), tf.ones((2, 5))]).shape
    TensorShape([2, 8, 8, 6])

    Reference: [Karras et al., 2020](https://arxiv.org/abs/1912.04958), equations 1 to 3 and appendix B.
    """

    def __init__(self, filters: int, kernel_size: int, demodulate: bool = True, upsample: bool = False, **options):
        super().__init__(**options)
        self.filters, self.kernel_size = check_count("filters", filters), check_count("kernel_size", kernel_size)
        for name, value in (("demodulate", demodulate), ("upsample", upsample)):
            check_flag(name, value)
        if upsample and kernel_size != 3:
            raise ValueError(f"`kernel_size` must be 3 to upsample. Received: kernel_size={kernel_size}")
        self.demodulate, self.upsample = demodulate, upsample
        self.smooth = FilteredResampling2D(padding=(1, 1), dtype=self.dtype_policy, name="smooth")

    def build(self, input_shape):
        channels, dim = input_shape[0][-1], input_shape[1][-1]
        size = (self.kernel_size, self.kernel_size)
        normal, options = keras.initializers.RandomNormal, {"autocast": False}
        self.kernel = self.add_weight(
            name="kernel", shape=(*size, channels, self.filters), initializer=normal(stddev=1.0), **options
        )
        self.affine = self.add_weight(name="affine", shape=(dim, channels), initializer=normal(stddev=1.0), **options)
        self.affine_bias = self.add_weight(name="affine_bias", shape=(channels,), initializer="ones", **options)
        self.bias = self.add_weight(name="bias", shape=(self.filters,), initializer="zeros", **options)
        if self.upsample:
            x = input_shape[0]
            self.smooth.build((x[0], 2 * x[1] + 1, 2 * x[2] + 1, self.filters))

    def call(self, inputs):
        x, w = inputs
        kernel = upcast(self.kernel.value) / math.sqrt(math.prod(self.kernel.shape[:3]))
        styles = self.styles(w)
        x = x * tf.cast(styles, x.dtype)[:, None, None, :]
        y = self._convolve(x, tf.cast(kernel, x.dtype))
        if self.demodulate:
            squares = tf.matmul(styles**2, tf.reduce_sum(kernel**2, axis=(0, 1)))
            y = y * tf.cast(tf.math.rsqrt(squares + TINY), y.dtype)[:, None, None, :]
        return y + tf.cast(self.bias.value, y.dtype)

    def styles(self, w: tf.Tensor) -> tf.Tensor:
        """Computes s, (N, C), float32: the scales of each example's input channels."""
        affine = upcast(self.affine.value) / math.sqrt(self.affine.shape[0])
        return tf.matmul(tf.cast(w, affine.dtype), affine) + upcast(self.affine_bias.value)

    def _convolve(self, x, kernel):
        if not self.upsample:
            return tf.nn.conv2d(x, kernel, 1, "SAME")
        height, width = x.shape[1:3]
        shape = (tf.shape(x)[0], 2 * height + 1, 2 * width + 1, self.filters)
        turned = tf.transpose(kernel[::-1, ::-1], (0, 1, 3, 2))
        y = tf.nn.conv2d_transpose(x, turned, shape, 2, "VALID")
        return 4 * self.smooth(y)  # for the zeros between pixels

    def compute_output_shape(self, input_shape):
        count, *sides, _ = input_shape[0]
        factor = 2 if self.upsample else 1
        return (count, *(None if side is None else factor * side for side in sides), self.filters)

    def get_config(self):
        config = {"filters": self.filters, "kernel_size": self.kernel_size}
        return {**super().get_config(), **config, "demodulate": self.demodulate, "upsample": self.upsample}
