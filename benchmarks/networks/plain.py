"""R3GAN and StyleGAN2 as one writes them with Keras's own layers, and a few of one's own where Keras has none."""

import math

import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops

NORMAL = keras.initializers.RandomNormal(stddev=1.0)


def leaky(x):
    return layers.LeakyReLU(negative_slope=0.2)(x)


# R3GAN


class Basis(layers.Layer):
    """A learned map of the smallest size, weighed by a vector."""

    def __init__(self, size):
        super().__init__()
        self.size = size

    def build(self, shape):
        self.basis = self.add_weight(shape=(self.size, self.size, shape[-1]), initializer=NORMAL)

    def call(self, x):
        return self.basis * x[:, None, None, :]


def _fixed(kernel, strides=1):
    kernel = keras.initializers.Constant(np.asarray(kernel)[:, :, None, None])
    size = kernel.value.shape[0]
    return layers.DepthwiseConv2D(size, strides, use_bias=False, depthwise_initializer=kernel, trainable=False)


def _doubled(x):
    x = layers.ZeroPadding2D(((1, 0), (1, 0)))(layers.UpSampling2D()(x))
    return _fixed(np.full((2, 2), 0.25))(x)


def _halved(x):
    return _fixed(np.outer([1, 2, 1], [1, 2, 1]) / 16, 2)(layers.ZeroPadding2D(((1, 0), (1, 0)))(x))


def _block(x, width):
    h = leaky(layers.Conv2D(2 * width, 1)(x))
    h = leaky(layers.Conv2D(2 * width, 3, padding="same", groups=2 * width // 16)(h))
    return layers.Add()([x, layers.Conv2D(width, 1, use_bias=False, kernel_initializer="zeros")(h)])


def r3gan(side, latents, width):
    stages = int(math.log2(side)) - 1
    z = keras.Input((latents,))
    x = Basis(4)(layers.Dense(width, use_bias=False)(z))
    for stage in range(stages):
        x = _doubled(x) if stage else x
        x = _block(_block(x, width), width)
    generator = keras.Model(z, layers.Conv2D(3, 1, use_bias=False)(x))
    image = keras.Input((side, side, 3))
    x = layers.Conv2D(width, 1, use_bias=False)(image)
    for stage in range(stages):
        x = _halved(x) if stage else x
        x = _block(_block(x, width), width)
    x = layers.Flatten()(layers.DepthwiseConv2D(4, use_bias=False)(x))
    return generator, keras.Model(image, layers.Dense(1, use_bias=False)(x))


# StyleGAN2


class Equalized(layers.Layer):
    """A convolution, or of vectors a dense layer, whose kernel is kept at variance 1."""

    def __init__(self, units, size=1, strides=1, padding="SAME", bias=True, multiplier=1.0):
        super().__init__()
        self.units, self.size, self.strides, self.padding = units, size, strides, padding
        self.bias, self.multiplier = bias, multiplier

    def build(self, shape):
        sizes = (self.size, self.size) if len(shape) == 4 else ()
        kernel = (*sizes, shape[-1], self.units)
        self.kernel = self.add_weight(
            shape=kernel, initializer=keras.initializers.RandomNormal(stddev=1 / self.multiplier)
        )
        self.scale = self.multiplier / math.sqrt(math.prod(kernel[:-1]))
        self.added = self.add_weight(shape=(self.units,), initializer="zeros") if self.bias else None

    def call(self, x):
        kernel = self.kernel * self.scale
        y = tf.matmul(x, kernel) if len(x.shape) == 2 else tf.nn.conv2d(x, kernel, self.strides, self.padding)
        return y + self.added * self.multiplier if self.bias else y


class Modulated(layers.Layer):
    """A convolution of x scaled by a style, whose outputs are scaled back."""

    def __init__(self, filters, size, demodulate=True, up=False):
        super().__init__()
        self.filters, self.size, self.demodulate, self.up = filters, size, demodulate, up

    def build(self, shapes):
        channels, dim = shapes[0][-1], shapes[1][-1]
        self.kernel = self.add_weight(shape=(self.size, self.size, channels, self.filters), initializer=NORMAL)
        self.affine = self.add_weight(shape=(dim, channels), initializer=NORMAL)
        self.affine_bias = self.add_weight(shape=(channels,), initializer="ones")
        self.bias = self.add_weight(shape=(self.filters,), initializer="zeros")

    def call(self, inputs):
        x, w = inputs
        style = tf.matmul(w, self.affine / math.sqrt(self.affine.shape[0])) + self.affine_bias
        kernel = self.kernel / math.sqrt(math.prod(self.kernel.shape[:3]))
        x = x * style[:, None, None, :]
        if self.up:
            shape = (tf.shape(x)[0], 2 * x.shape[1] + 1, 2 * x.shape[2] + 1, self.filters)
            turned = tf.transpose(kernel[::-1, ::-1], (0, 1, 3, 2))
            y = 4 * blur(tf.nn.conv2d_transpose(x, turned, shape, 2, "VALID"), (1, 1))
        else:
            y = tf.nn.conv2d(x, kernel, 1, "SAME")
        if self.demodulate:
            squares = tf.reduce_sum((kernel[None] * style[:, None, None, :, None]) ** 2, axis=(1, 2, 3))
            y = y * tf.math.rsqrt(squares + 1e-8)[:, None, None, :]
        return y + self.bias


def blur(x, padding, strides=1):
    """Returns [1, 3, 3, 1] along both axes."""
    x = tf.pad(x, ((0, 0), padding, padding, (0, 0)))
    kernel = np.outer([1, 3, 3, 1], [1, 3, 3, 1]) / 64
    kernel = tf.constant(np.tile(kernel[:, :, None, None], (1, 1, x.shape[-1], 1)), "float32")
    return tf.nn.depthwise_conv2d(x, kernel, (1, strides, strides, 1), "VALID")


class Blur(layers.Layer):
    """Smooths a map, and keeps every so many-th pixel."""

    def __init__(self, padding, strides=1):
        super().__init__()
        self.padding, self.strides = padding, strides

    def call(self, x):
        return blur(x, self.padding, self.strides)


class Noise(layers.Layer):
    """Noise of a learned strength."""

    def build(self, shape):
        self.strength = self.add_weight(shape=(), initializer="zeros")
        self.seed_generator = keras.random.SeedGenerator(0)

    def call(self, x):
        return x + self.strength * keras.random.normal((ops.shape(x)[0], *x.shape[1:3], 1), seed=self.seed_generator)


class Constant(layers.Layer):
    """A learned map, the same for all examples."""

    def __init__(self, width):
        super().__init__()
        self.width = width

    def build(self, shape):
        self.map = self.add_weight(shape=(4, 4, self.width), initializer=NORMAL)

    def call(self, w):
        return tf.tile(self.map[None], (tf.shape(w)[0], 1, 1, 1))


class Deviation(layers.Layer):
    """A map of the standard deviation of groups of four examples."""

    def call(self, x):
        groups = tf.reshape(x, (4, -1, *x.shape[1:]))
        s = tf.reduce_mean(tf.sqrt(tf.math.reduce_variance(groups, axis=0) + 1e-8), axis=(1, 2, 3))
        s = tf.tile(s[:, None, None, None], (4, *x.shape[1:3], 1))
        return tf.concat([x, s], axis=-1)


def _unit(z):
    return z / ops.sqrt(ops.mean(ops.square(z), axis=-1, keepdims=True) + 1e-8)


def _active(x):
    return layers.Rescaling(math.sqrt(2))(leaky(x))


def stylegan2(side, latents, width):
    stages = int(math.log2(side)) - 1
    z = keras.Input((latents,))
    w = _unit(z)
    for _ in range(8):
        w = _active(Equalized(latents, multiplier=0.01)(w))
    mapping = keras.Model(z, w)
    styles = keras.Input((2 * stages, latents))
    x, pixels = Constant(width)(styles), None
    x = _active(Noise()(Modulated(width, 3)([x, styles[:, 0]])))
    for stage in range(stages):
        if stage:
            x = _active(Noise()(Modulated(width, 3, up=True)([x, styles[:, 2 * stage - 1]])))
            x = _active(Noise()(Modulated(width, 3)([x, styles[:, 2 * stage]])))
            zeros = ops.reshape(
                ops.pad(pixels[:, :, None, :, None], ((0, 0), (0, 0), (0, 1), (0, 0), (0, 1), (0, 0))),
                (-1, 2 * pixels.shape[1], 2 * pixels.shape[2], 3),
            )
            pixels = layers.Rescaling(4.0)(Blur((2, 1))(zeros))
        made = Modulated(3, 1, demodulate=False)([x, styles[:, 2 * stage + 1]])
        pixels = made if pixels is None else pixels + made
    synthesis = keras.Model(styles, pixels)
    image = keras.Input((side, side, 3))
    x = _active(Equalized(width)(image))
    for _ in range(stages - 1):
        h = _active(Equalized(width, 3)(x))
        h = _active(Equalized(width, 3, 2, "VALID")(Blur((2, 2))(h)))
        skip = Equalized(width, bias=False)(Blur((1, 1), 2)(x))
        x = layers.Rescaling(math.sqrt(0.5))(h + skip)
    x = layers.Flatten()(_active(Equalized(width, 3)(Deviation()(x))))
    x = Equalized(1)(_active(Equalized(width)(x)))
    return mapping, synthesis, keras.Model(image, x)
