"""Convolutions after an enlargement, or before a mean over blocks, computed on the smaller map.

Nearest-neighbour enlargement by s repeats pixels, so that a convolution of size k after it multiplies the same pixel
by several taps. It equals the transposed convolution of stride s whose kernel, of size k + s - 1, holds the sums of
these taps. A mean over blocks of s pixels after a convolution equals, with the same kernel, a convolution of stride s.
For 3x3 taps and s = 2 this takes 16 multiplications in place of 36, in the forward pass and in both gradients; 1x1
convolutions change places with the resampling. Results differ by rounding only.

Reference: the residual blocks' `UpsampleConv` and `ConvMeanPool` of [Gulrajani et al., 2017](https://arxiv.org/abs/1704.00028).
"""

import dataclasses

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from keras_gan.ground import biases, views
from keras_gan.ground.shapes import sizes
from keras_gan.layers import UpSampling2D

PIXELS = 64  # of the smaller map, at least: below, the sums of taps cost more than they save


def overrides(layer: keras.layers.Layer) -> tuple[type, ...]:
    """Returns the overrides of a convolution, a nearest enlargement or a mean over blocks, without a GPU or TPU."""
    if getattr(layer, "data_format", None) != "channels_last" or not layer.built:
        return ()
    if tf.config.list_logical_devices("GPU") or tf.config.list_logical_devices("TPU"):
        return ()
    if type(layer) is layers.Conv2D:
        plain = layer.padding == "same" and layer.strides == layer.dilation_rate == (1, 1) and layer.groups == 1
        return (_Convolution,) if plain and all(length % 2 for length in layer.kernel_size) else ()
    if type(layer) is layers.AveragePooling2D:
        return (_Mean,) if layer.strides == layer.pool_size else ()
    nearest = type(layer) in (layers.UpSampling2D, UpSampling2D) and layer.interpolation == "nearest"
    return (_Enlargement,) if nearest else ()


@dataclasses.dataclass(frozen=True)
class _Enlarged:
    """The origin of an enlarged map: the small map, and the factors."""

    small: tf.Tensor
    factors: tuple[int, int]


@dataclasses.dataclass(frozen=True)
class _Convolved:
    """The origin of a convolution's output without an activation."""

    inputs: tf.Tensor
    kernel: tf.Tensor
    bias: tf.Tensor | None


class _Enlargement(layers.UpSampling2D):
    def call(self, inputs):
        outputs = super().call(inputs)
        if _is_large(inputs):
            views.note(outputs, _Enlarged(inputs, tuple(self.size)))
        return outputs


class _Convolution(layers.Conv2D, views.Witness):
    def call(self, inputs):
        enlarged = views.origin(inputs)
        kernel = tf.convert_to_tensor(self.kernel)
        bias = tf.convert_to_tensor(self.bias) if self.use_bias else None
        if isinstance(enlarged, _Enlarged):
            outputs = _add(conv2d_of_enlarged(enlarged.small, kernel, enlarged.factors), bias)
            return outputs if self.activation is None else self.activation(outputs)
        outputs = super().call(inputs)
        if self.activation in (None, keras.activations.linear):
            views.note(outputs, _Convolved(inputs, kernel, bias))
        return outputs


class _Mean(layers.AveragePooling2D):
    def call(self, inputs):
        convolved = views.origin(inputs)
        factors = self.pool_size
        if not isinstance(convolved, _Convolved) or not _is_large(inputs, factors):
            return super().call(inputs)
        return _add(mean_of_conv2d(convolved.inputs, convolved.kernel, factors), convolved.bias)


def _is_large(x, factors=(1, 1)):
    """Returns whether blocks of these sizes divide the map, and are numerous enough."""
    lengths = x.shape[1:3]
    if None in lengths or any(length % factor for length, factor in zip(lengths, factors, strict=True)):
        return False
    return lengths[0] * lengths[1] >= PIXELS * factors[0] * factors[1]


def _add(x, bias):
    return x if bias is None else biases.add(x, bias)


def conv2d_of_enlarged(x: tf.Tensor, kernel: tf.Tensor, factors: tuple[int, int]) -> tf.Tensor:
    """Computes `tf.nn.conv2d(repeat(x), kernel, 1, "SAME")` of odd kernels: (N, H, W, C) -> (N, H s, W s, F)."""
    if kernel.shape[:2] == (1, 1):
        return enlarge(tf.nn.conv2d(x, kernel, 1, "SAME"), factors)
    n, h, w, _ = sizes(x)
    shape = (n, h * factors[0], w * factors[1], kernel.shape[3])
    taps = _sums_of_taps(tf.transpose(kernel[::-1, ::-1], (0, 1, 3, 2)), factors)
    return tf.nn.conv2d_transpose(x, taps, shape, factors, "SAME")


def mean_of_conv2d(x: tf.Tensor, kernel: tf.Tensor, factors: tuple[int, int]) -> tf.Tensor:
    """Computes `tf.nn.avg_pool2d(tf.nn.conv2d(x, kernel, 1, "SAME"), s, s, "VALID")` of odd kernels."""
    if kernel.shape[:2] == (1, 1):
        return tf.nn.conv2d(tf.nn.avg_pool2d(x, factors, factors, "VALID"), kernel, 1, "SAME")
    return tf.nn.conv2d(x, _sums_of_taps(kernel, factors, 1 / (factors[0] * factors[1])), factors, "SAME")


def enlarge(x: tf.Tensor, factors: tuple[int, int]) -> tf.Tensor:
    """Repeats each row and column by its factor."""

    @tf.custom_gradient
    def repeat(x):
        n, h, w, c = sizes(x)
        repeated = tf.broadcast_to(x[:, :, None, :, None], (n, h, factors[0], w, factors[1], c))
        outputs = tf.reshape(repeated, (n, h * factors[0], w * factors[1], c))
        # The sum of each block, in a seventh of the time of TensorFlow's sum.
        return outputs, lambda dy: tf.nn.avg_pool2d(dy, factors, factors, "VALID") * (factors[0] * factors[1])

    return repeat(x)


def _sums_of_taps(kernel, factors, scale=1.0):
    """Convolves a kernel with a block of ones, in full, times `scale`: (kh, kw, ...) -> (kh+s-1, kw+s-1, ...)."""
    rows, columns = (_shifts(*axis) for axis in zip(kernel.shape[:2], factors, strict=True))
    matrix = tf.constant(scale * np.kron(rows, columns), kernel.dtype)
    summed = tf.matmul(matrix, tf.reshape(kernel, (matrix.shape[1], -1)))
    return tf.reshape(summed, (len(rows), len(columns), *kernel.shape[2:]))


def _shifts(length, factor):
    """Returns the matrix (length + factor - 1, length) that is 1 where a tap is part of a sum."""
    places = np.arange(length + factor - 1)[:, None] - np.arange(length)
    return ((places >= 0) & (places < factor)).astype(float)
