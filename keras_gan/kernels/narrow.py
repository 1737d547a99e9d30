"""Convolutions to few channels, computed as convolutions to as many channels as a register holds.

On a CPU a convolution to 1 or 3 channels takes as long as one to 16, as does its gradient by the kernel. Every
generator of pictures ends in one; in the Keras guide's DCGAN it is the slowest layer. Every discriminator of pictures
begins with a convolution from few channels, whose gradient by the picture is one to few. Here such a convolution
strides over blocks of, say, 4x4 pixels, whose 16 pixels are its channels. It takes more multiplications, including
those by zeros, in a fraction of the time. Results of finite numbers differ by rounding only.
"""

import functools
import math
import operator

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from keras_gan.ground import biases
from keras_gan.ground.shapes import sizes

FEW = 4  # channels
REGISTER = 16  # channels that are computed at once, and the fewest channels on the other side


def overrides(layer: keras.layers.Layer) -> tuple[type, ...]:
    """Returns the overrides of a convolution to or from few channels, without a GPU or TPU (see `views`)."""
    if type(layer) not in (layers.Conv2D, layers.Conv2DTranspose) or _get_convolution(layer) is None:
        return ()
    if tf.config.list_logical_devices("GPU") or tf.config.list_logical_devices("TPU"):
        return ()
    return (_NarrowTransposed if type(layer) is layers.Conv2DTranspose else _Narrow,)


def _get_convolution(layer):
    """Returns the function that computes a convolutional layer, or None for Keras's."""
    if not layer.built:
        return None
    transposed = isinstance(layer, layers.Conv2DTranspose)
    plain = layer.output_padding is None if transposed else layer.groups == 1
    plain = plain and layer.padding == "same" and layer.data_format == "channels_last"
    plain = plain and layer.dilation_rate == (1, 1) and all(map(operator.ge, layer.kernel_size, layer.strides))
    if not plain:
        return None
    few, many = layer.kernel.shape[2:]  # in a transposed convolution the outputs come first
    if _is_narrow(layer, few, many):
        return functools.partial(conv2d_transpose if transposed else conv2d_from_few, strides=layer.strides)
    to_few = not transposed and layer.strides == (1, 1) and _is_narrow(layer, many, few)
    return conv2d_to_few if to_few else None


def _is_narrow(layer, few, many):
    return few <= FEW and many >= REGISTER and layer.kernel_size != (1, 1)


def _convolve(layer, inputs, otherwise):
    if None in inputs.shape[1:3]:
        return otherwise(inputs)
    outputs = _get_convolution(layer)(inputs, tf.convert_to_tensor(layer.kernel))
    if layer.use_bias:
        outputs = biases.add(outputs, tf.convert_to_tensor(layer.bias))
    return outputs if layer.activation is None else layer.activation(outputs)


class _Narrow(layers.Conv2D):
    def call(self, inputs):
        return _convolve(self, inputs, super().call)


class _NarrowTransposed(layers.Conv2DTranspose):
    def call(self, inputs):
        return _convolve(self, inputs, super().call)


def conv2d_to_few(x: tf.Tensor, kernel: tf.Tensor) -> tf.Tensor:
    """Computes `tf.nn.conv2d(x, kernel, 1, "SAME")`: (N, H, W, C) and (kh, kw, C, F) -> (N, H, W, F)."""
    paddings = [(length // 2, (length - 1) // 2) for length in kernel.shape[:2]]
    return _to_few(x, tf.transpose(kernel[::-1, ::-1], (0, 1, 3, 2)), (1, 1), paddings)


def conv2d_transpose(x: tf.Tensor, kernel: tf.Tensor, strides: tuple) -> tf.Tensor:
    """Computes `tf.nn.conv2d_transpose(x, kernel, ..., "SAME")`: (N, H, W, C), (kh, kw, F, C) -> (N, H s, W s, F)."""
    return _to_few(x, kernel, strides, _same(kernel, strides))


def conv2d_from_few(x: tf.Tensor, kernel: tf.Tensor, strides: tuple) -> tf.Tensor:
    """Computes `tf.nn.conv2d(x, kernel, strides, "SAME")`, whose gradient by x is `conv2d_transpose`.

    (N, H, W, F), (kh, kw, F, C) -> (N, H / s, W / s, C); if s does not divide H and W, TensorFlow computes it.
    """
    if any(size % stride for size, stride in zip(x.shape[1:3], strides, strict=True)):
        return tf.nn.conv2d(x, kernel, strides, "SAME")
    return _from_few(x, kernel, strides, _same(kernel, strides))


def _same(kernel, strides):
    """Returns the padding of "SAME" before and after a size that the stride divides."""
    totals = [length - stride for length, stride in zip(kernel.shape, strides, strict=False)]
    return [(total // 2, total - total // 2) for total in totals]


def _from_few(x, kernel, strides, paddings):
    """Returns the convolution of the padded x."""

    @tf.custom_gradient
    def convolve(x, kernel):
        padded = tf.pad(x, [(0, 0), *paddings, (0, 0)])
        y = tf.nn.conv2d(padded, kernel, strides, "VALID")

        def gradients(dy):
            dy = tf.ensure_shape(dy, y.shape)  # which a user's own gradient may have lost
            return _to_few(dy, kernel, strides, paddings), _by_kernel(padded, kernel, strides, dy)

        return y, gradients

    return convolve(x, kernel)


def _to_few(y, kernel, strides, paddings):
    """Returns the adjoint of `_from_few` by x: x[s * o + tap - padding] is the sum of y[o] times the kernel's tap."""

    @tf.custom_gradient
    def spread(y, kernel):
        x = _in_blocks(y, kernel, strides, [before for before, _ in paddings])

        def gradients(dx):
            dx = tf.ensure_shape(dx, x.shape)
            padded = tf.pad(dx, [(0, 0), *paddings, (0, 0)])
            return _from_few(dx, kernel, strides, paddings), _by_kernel(padded, kernel, strides, y)

        return x, gradients

    return spread(y, kernel)


def _by_kernel(padded, kernel, strides, dy):
    """Returns the gradient by the kernel of the convolution of `padded`."""
    return tf.raw_ops.Conv2DBackpropFilter(
        input=padded, filter_sizes=kernel.shape, out_backprop=dy, strides=[1, *strides, 1], padding="VALID"
    )


def _in_blocks(y, kernel, strides, before):
    """Computes `_to_few` as a convolution whose channels are the pixels of a block."""
    few, many = kernel.shape[2:]
    n, *lengths = sizes(y)[:3]
    axes = [_along(*axis, few) for axis in zip(kernel.shape[:2], strides, before, lengths, strict=True)]
    (rows, row_taps, row_paddings), (columns, column_taps, column_paddings) = axes
    taps = tf.pad(kernel, [(0, 1), (0, 1), (0, 0), (0, 0)])
    taps = tf.gather(tf.gather(taps, row_taps), column_taps, axis=2)  # (y's rows, x's rows, y's columns, x's columns)
    taps = tf.transpose(taps, (0, 2, 5, 1, 3, 4))
    taps = tf.reshape(taps, (len(row_taps), len(column_taps), many, rows * columns * few))
    steps = (rows // strides[0], columns // strides[1])
    blocks = tf.nn.conv2d(y, taps, steps, [(0, 0), row_paddings, column_paddings, (0, 0)])
    h, w = blocks.shape[1:3]
    blocks = tf.reshape(blocks, (n, h, w, rows, columns, few))
    return tf.reshape(tf.transpose(blocks, (0, 1, 3, 2, 4, 5)), (n, h * rows, w * columns, few))


def _along(size, stride, before, length, few):
    """Returns for one axis the pixels of x per block, the tap from each pixel of y to each of them, and y's paddings.

    `length` is y's length, `few` is x's number of channels, `before` is x's padding. If a pixel of y does not reach one
    of x, the tap is `size`, beyond the kernel's last.
    """
    most = max(stride, math.isqrt(REGISTER // few))
    block = max(pixels for pixels in range(stride, most + 1, stride) if length * stride % pixels == 0)
    first, last = -((size - 1 - before) // stride), (block - 1 + before) // stride
    taps = np.arange(block) + before - stride * np.arange(first, last + 1)[:, None]
    return block, np.where((taps >= 0) & (taps < size), taps, size), (-first, last + 1 - block // stride)
