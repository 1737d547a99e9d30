"""Convolutions between small maps, whose gradient by the kernel is a few matrix products.

On a CPU the gradient of a convolution by its kernel takes up to three times as long as a matrix product of as many
operations if the output map is small: up to 8x8 pixels in bfloat16, 4x4 in float32. In blocks of s x s pixels, with s
the stride, it is a product of the inputs' blocks and the outputs' gradient for each shift between them, summed in
float32. TensorFlow still computes the convolution and its gradient by the input.
"""

import keras
import tensorflow as tf
from keras import layers

from keras_gan.ground import biases
from keras_gan.ground.shapes import sizes

CHANNELS = 32  # of inputs and of outputs, at least
PIXELS = {"bfloat16": 64, "float32": 16}  # of the smaller map, at most


def overrides(layer: keras.layers.Layer) -> tuple[type, ...]:
    """Returns the overrides of a convolution of many channels, without a GPU or TPU (see `views`)."""
    if type(layer) not in (layers.Conv2D, layers.Conv2DTranspose) or not layer.built:
        return ()
    if tf.config.list_logical_devices("GPU") or tf.config.list_logical_devices("TPU"):
        return ()
    transposed = type(layer) is layers.Conv2DTranspose
    plain = layer.output_padding is None if transposed else layer.groups == 1
    plain = plain and layer.padding == "same" and layer.data_format == "channels_last"
    plain = plain and layer.dilation_rate == (1, 1) and layer.compute_dtype in PIXELS
    plain = plain and len(set(layer.strides)) == 1 and min(layer.kernel_size) >= layer.strides[0]
    if not plain or min(layer.kernel.shape[2:]) < CHANNELS:
        return ()
    return (_Transposed if transposed else _Convolution,)


class _Convolution(layers.Conv2D):
    def call(self, inputs):
        height, width = inputs.shape[1:3]
        stride, most = self.strides[0], PIXELS[self.compute_dtype]
        if None in (height, width) or height % stride or width % stride or height * width > most * stride**2:
            return super().call(inputs)
        return _finish(self, conv2d(inputs, tf.convert_to_tensor(self.kernel), self.strides[0]))


class _Transposed(layers.Conv2DTranspose):
    def call(self, inputs):
        height, width = inputs.shape[1:3]
        if None in (height, width) or height * width > PIXELS[self.compute_dtype]:
            return super().call(inputs)
        return _finish(self, conv2d_transpose(inputs, tf.convert_to_tensor(self.kernel), self.strides[0]))


def _finish(layer, outputs):
    if layer.use_bias:
        outputs = biases.add(outputs, tf.convert_to_tensor(layer.bias))
    return outputs if layer.activation is None else layer.activation(outputs)


def conv2d(x: tf.Tensor, kernel: tf.Tensor, stride: int) -> tf.Tensor:
    """Computes `tf.nn.conv2d(x, kernel, stride, "SAME")` of sizes and kernels that the stride divides."""

    @tf.custom_gradient
    def convolve(x, kernel):
        y = tf.nn.conv2d(x, kernel, stride, "SAME")

        def gradients(dy):
            dy = tf.ensure_shape(dy, y.shape)  # which a user's own gradient may have lost
            return conv2d_transpose(dy, kernel, stride), _by_kernel(x, dy, kernel.shape, stride)

        return y, gradients

    return convolve(x, kernel)


def conv2d_transpose(y: tf.Tensor, kernel: tf.Tensor, stride: int) -> tf.Tensor:
    """Computes `tf.nn.conv2d_transpose(y, kernel, ..., stride, "SAME")` to `stride` times the sizes of y."""

    @tf.custom_gradient
    def spread(y, kernel):
        n, h, w, _ = sizes(y)
        x = tf.nn.conv2d_transpose(y, kernel, (n, h * stride, w * stride, kernel.shape[2]), stride, "SAME")

        def gradients(dx):
            dx = tf.ensure_shape(dx, x.shape)
            return conv2d(dx, kernel, stride), _by_kernel(dx, y, kernel.shape, stride)

        return x, gradients

    return spread(y, kernel)


def _by_kernel(x, dy, shape, stride):
    """Returns the gradient of `conv2d` by its kernel: the sum over pixels o of x[s o + tap - padding] times dy[o]."""
    height, width, inputs, outputs = shape
    _, h, w, _ = sizes(dy)
    rows, columns = -(-height // stride), -(-width // stride)  # a kernel in blocks
    before = (height - stride) // 2, (width - stride) // 2
    after = (rows - 1) * stride - before[0], (columns - 1) * stride - before[1]
    x = tf.pad(x, [(0, 0), *zip(before, after, strict=True), (0, 0)])
    x = tf.nn.space_to_depth(x, stride) if stride > 1 else x
    dy = tf.reshape(dy, (-1, outputs))
    taps = [
        tf.matmul(tf.reshape(x[:, row : row + h, column : column + w], (-1, x.shape[3])), dy, transpose_a=True)
        for row in range(rows)
        for column in range(columns)
    ]
    kernel = tf.reshape(tf.stack(taps), (rows, columns, stride, stride, inputs, outputs))
    kernel = tf.transpose(kernel, (0, 2, 1, 3, 4, 5))
    return tf.reshape(kernel, (rows * stride, columns * stride, inputs, outputs))[:height, :width]
