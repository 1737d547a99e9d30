"""Convolutions to few channels, as one matrix product and a sum of its shifted parts.

On a CPU a convolution to 1 or 3 channels takes as long as one to 16, as does its gradient by the kernel. Every
generator of pictures ends in one; in the Keras guide's DCGAN it is the slowest layer. Every discriminator of pictures
begins with one from few channels, whose gradient by the picture is one to few. The results differ by their rounding
only.
"""

import contextlib
import contextvars
import functools
import itertools
from collections.abc import Iterator

import keras
import tensorflow as tf

from keras_gan.shapes import sizes

FEW = 4  # channels
layers = keras.layers
_in_use = contextvars.ContextVar("in_use", default=False)


def prepare(player: keras.Model) -> None:
    """Makes the player's convolutions to and from few channels ready for `used`, where there is no GPU or TPU."""
    if tf.config.list_logical_devices("GPU") or tf.config.list_logical_devices("TPU"):
        return
    for layer in player._flatten_layers():
        if convolution := _get_convolution(layer):
            layer.call = functools.partial(_call, layer, convolution)


@contextlib.contextmanager
def used() -> Iterator[None]:
    """Inside, layers that are prepared compute in this way; everywhere else, and in exports, as Keras does."""
    before = _in_use.set(True)
    try:
        yield
    finally:
        _in_use.reset(before)


def _get_convolution(layer):
    """What a layer computes by, or None."""
    if type(layer) not in (layers.Conv2D, layers.Conv2DTranspose) or not layer.built:
        return None
    transposed = type(layer) is layers.Conv2DTranspose
    plain = layer.output_padding is None if transposed else layer.groups == 1
    plain = plain and layer.padding == "same" and layer.data_format == "channels_last"
    plain = plain and layer.dilation_rate == (1, 1) and all(map(int.__ge__, layer.kernel_size, layer.strides))
    if not plain:
        return None
    few, many = layer.kernel.shape[2:]  # of a transposed one the outputs come first
    if _is_narrow(layer, few, many):
        return functools.partial(conv2d_transpose if transposed else conv2d_from_few, strides=layer.strides)
    to_few = not transposed and layer.strides == (1, 1) and _is_narrow(layer, many, few)
    return conv2d_to_few if to_few else None


def _is_narrow(layer, few, many):
    taps = layer.kernel_size[0] * layer.kernel_size[1]
    return few <= FEW and 1 < taps * few <= 2 * many


def _call(layer, convolution, inputs):
    if not _in_use.get():
        return type(layer).call(layer, inputs)
    outputs = convolution(inputs, tf.convert_to_tensor(layer.kernel))
    if layer.use_bias:
        outputs = tf.nn.bias_add(outputs, tf.convert_to_tensor(layer.bias))
    return outputs if layer.activation is None else layer.activation(outputs)


def conv2d_to_few(x: tf.Tensor, kernel: tf.Tensor) -> tf.Tensor:
    """`tf.nn.conv2d(x, kernel, 1, "SAME")`: (N, H, W, C) and (kh, kw, C, F) -> (N, H, W, F)."""
    size = kernel.shape[:2]
    before = [length // 2 for length in size]

    @tf.custom_gradient  # TensorFlow's gradient of so many slices would be slow
    def collect(z):
        return _sum_shifted(z, (1, 1), before), spread

    @tf.custom_gradient
    def spread(y):
        return _shift(y, size, before), collect

    return tf.cast(collect(_products(x, tf.transpose(kernel[::-1, ::-1], (0, 1, 3, 2)))), x.dtype)


def conv2d_transpose(x: tf.Tensor, kernel: tf.Tensor, strides: tuple) -> tf.Tensor:
    """`tf.nn.conv2d_transpose(x, kernel, ..., "SAME")`: (N, H, W, C), (kh, kw, F, C) -> (N, H * s, W * s, F)."""
    before = [(length - stride) // 2 for length, stride in zip(kernel.shape, strides, strict=False)]

    @tf.custom_gradient
    def transpose(x, kernel):
        def gradients(dy):
            return conv2d_from_few(dy, kernel, strides), _by_kernel(dy, kernel, x, strides)

        return tf.cast(_sum_shifted(_products(x, kernel), strides, before), x.dtype), gradients

    return transpose(x, kernel)


def conv2d_from_few(x: tf.Tensor, kernel: tf.Tensor, strides: tuple) -> tf.Tensor:
    """`tf.nn.conv2d(x, kernel, strides, "SAME")`, whose gradient by x is `conv2d_transpose`.

    (N, H, W, F), (kh, kw, F, C) -> (N, H / s, W / s, C); where s does not divide H and W, all is TensorFlow's.
    """
    if any(size is None or size % stride for size, stride in zip(x.shape[1:3], strides, strict=True)):
        return tf.nn.conv2d(x, kernel, strides, "SAME")

    @tf.custom_gradient
    def convolve(x, kernel):
        def gradients(dy):
            return conv2d_transpose(dy, kernel, strides), _by_kernel(x, kernel, dy, strides)

        return tf.nn.conv2d(x, kernel, strides, "SAME"), gradients

    return convolve(x, kernel)


def _by_kernel(x, kernel, dy, strides):
    """The gradient of `tf.nn.conv2d(x, kernel, strides, "SAME")` by the kernel."""
    return tf.raw_ops.Conv2DBackpropFilter(
        input=x, filter_sizes=kernel.shape, out_backprop=dy, strides=[1, *strides, 1], padding="SAME"
    )


def _products(x, kernel):
    """Of each tap and output channel the product with each pixel: (kh, kw, F, N, H, W)."""
    n, h, w, channels = sizes(x)
    flat = tf.matmul(tf.reshape(kernel, (-1, channels)), tf.reshape(x, (-1, channels)), transpose_b=True)
    if x.dtype.size == 2:  # a sum of 49 in bfloat16 would lose its last digits
        flat = tf.cast(flat, tf.float32)
    return tf.reshape(flat, (*kernel.shape[:3], n, h, w))


def _sum_shifted(z, strides, before):
    """y[o] = sum of z[a][i] over all taps a and pixels i with s * i + a - before = o: (N, H * s, W * s, F)."""
    kh, kw, filters, n, h, w = sizes(z)
    padded = tf.pad(z, [[0, 0]] * 4 + [[kh, kh], [kw, kw]])

    def shifts(outputs, axis, taps):
        """The taps that reach the outputs `outputs` + s * j, and which pixel, counted from j."""
        apart = [(tap, outputs + before[axis] - tap) for tap in range(taps)]
        return [(tap, taps + distance // strides[axis]) for tap, distance in apart if distance % strides[axis] == 0]

    def phase(p, q):
        pairs = itertools.product(shifts(p, 0, kh), shifts(q, 1, kw))
        return tf.add_n([padded[a, b, :, :, i : i + h, j : j + w] for (a, i), (b, j) in pairs])

    phases = tf.stack([tf.stack([phase(p, q) for q in range(strides[1])]) for p in range(strides[0])])
    return tf.reshape(tf.transpose(phases, (3, 4, 0, 5, 1, 2)), (n, h * strides[0], w * strides[1], filters))


def _shift(y, size, before):
    """The adjoint of `_sum_shifted` with strides of 1: z[a][i] = y[i + a - before]."""
    h, w = sizes(y)[1:3]
    pads = [[0, 0], [0, 0], [before[0], size[0]], [before[1], size[1]]]
    padded = tf.pad(tf.transpose(y, (3, 0, 1, 2)), pads)
    return tf.stack([tf.stack([padded[:, :, a : a + h, b : b + w] for b in range(size[1])]) for a in range(size[0])])
