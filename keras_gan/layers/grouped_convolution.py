"""GroupedConv2D: a convolution in groups of channels that is fast on a CPU."""

import keras
import tensorflow as tf

CHANNELS = 32  # input channels of the groups that one dense convolution computes, at most


@keras.saving.register_keras_serializable("keras_gan")
class GroupedConv2D(keras.layers.Conv2D):
    """Convolves groups of channels separately, as Keras's `Conv2D` with `groups` does.

    On a CPU TensorFlow has no gradients of such a convolution, and Keras compiles it by XLA, which takes fifty times as
    long as this layer's few dense convolutions, of about two groups each: see `benchmarks/layers.json`. On a GPU the
    layer calls Keras's convolution. Results differ by rounding only. Arguments, weights and outputs are those of
    Keras's layer.

    Args:
        *args: Those of `keras.layers.Conv2D`.
        **options: Those of `keras.layers.Conv2D`; `groups` divides the channels of the input, and `filters`.

    Input: (N, H, W, C), float. Output: (N, H', W', `filters`).

    Example:

    >>> layer = GroupedConv2D(8, 3, padding="same", groups=2)
    >>> layer(tf.ones((1, 5, 5, 4))).shape, tuple(layer.kernel.shape)
    (TensorShape([1, 5, 5, 8]), (3, 3, 2, 8))
    """

    def convolution_op(self, inputs, kernel):
        if self.groups == 1 or self.data_format != "channels_last" or tf.config.list_logical_devices("GPU"):
            return super().convolution_op(inputs, kernel)
        kernels = _joined(tf.convert_to_tensor(kernel), self.groups)
        options = {"strides": self.strides, "padding": self.padding.upper(), "dilations": self.dilation_rate}
        parts = zip(tf.split(inputs, len(kernels), axis=-1), kernels, strict=True)
        return tf.concat([tf.nn.conv2d(x, each, **options) for x, each in parts], axis=-1)


def _joined(kernel, groups):
    """Returns the kernels (h, w, c, f) of dense convolutions of some groups each, with zeros between the groups."""
    height, width, channels, filters = kernel.shape
    together = max(n for n in range(1, groups + 1) if groups % n == 0 and n * channels <= max(CHANNELS, channels))
    parts = groups // together
    kernel = tf.reshape(kernel, (height, width, channels, parts, together, filters // groups))
    kernel = tf.einsum("hwipgo,ge->phweigo", kernel, tf.eye(together, dtype=kernel.dtype))
    shape = (height, width, together * channels, filters // parts)
    return [tf.reshape(each, shape) for each in tf.unstack(kernel)]
