"""FastGAN and BigGAN of 32x32 pixels as one writes them with Keras's own layers."""

import keras
import tensorflow as tf
from keras import layers, ops

from benchmarks.networks.plain import Noise, leaky

ORTHOGONAL = keras.initializers.Orthogonal


def spectral(layer):
    return layers.SpectralNormalization(layer)


def batch(x, **options):
    return layers.BatchNormalization(momentum=0.9, epsilon=1e-5, **options)(x)


def conv(x, filters, size=3, strides=1, padding="same"):
    return spectral(layers.Conv2D(filters, size, strides, padding, use_bias=False))(x)


def gated(x):
    return ops.glu(batch(x))


class Quadrant(layers.Layer):
    """A random quarter, the same one of all maps of a batch."""

    def build(self, shape):
        self.seed_generator = keras.random.SeedGenerator(0)

    def call(self, x):
        place = keras.random.randint((2,), 0, 2, seed=self.seed_generator)
        return quarter(x, place), place

    def compute_output_spec(self, x):
        part = (x.shape[0], x.shape[1] // 2, x.shape[2] // 2, x.shape[3])
        return keras.KerasTensor(part), keras.KerasTensor((2,), "int32")


def quarter(x, place):
    height, width = x.shape[1] // 2, x.shape[2] // 2
    part = x[:, place[0] * height :, place[1] * width :][:, :height, :width]
    return tf.ensure_shape(part, (None, height, width, x.shape[-1]))


def _excited(x, small):
    h = layers.AveragePooling2D(small.shape[1] // 4)(small)
    h = layers.Activation("silu")(conv(h, x.shape[-1], 4, padding="valid"))
    return layers.Multiply()([x, layers.Activation("sigmoid")(conv(h, x.shape[-1], 1))])


def _down(x, count):
    h = leaky(batch(conv(x, count, 4, 2)))
    h = leaky(batch(conv(h, count)))
    return layers.Average()([h, leaky(batch(conv(layers.AveragePooling2D(2)(x), count, 1)))])


def _drawn(x, doublings):
    for i in range(doublings):
        count = max(x.shape[-1] // (2 if i else 4), 8)
        x = gated(conv(layers.UpSampling2D()(x), 2 * count))
    return layers.Activation("tanh")(conv(x, 3))


def fastgan(latents, width):
    z = keras.Input((latents,))
    x = spectral(layers.Dense(16 * 32 * width, use_bias=False))(z)
    maps = [gated(layers.Reshape((4, 4, 32 * width))(x))]
    for stage, count in enumerate((8 * width, 4 * width, 2 * width), start=1):
        x = layers.UpSampling2D()(maps[-1])
        for _ in range(2 if stage % 2 else 1):
            x = conv(x, 2 * count)
            x = gated(Noise()(x) if stage % 2 else x)
        maps.append(_excited(x, maps[stage - 2]) if stage >= 2 else x)
    generator = keras.Model(z, layers.Activation("tanh")(conv(maps[-1], 3)))
    image = keras.Input((32, 32, 3))
    before = leaky(conv(image, 4 * width))
    before = _down(before, 8 * width)
    x = _down(before, 16 * width)
    score = conv(leaky(batch(conv(x, 16 * width, 1, padding="valid"))), 1, 4, padding="valid")
    part, place = Quadrant()(before)
    outputs = {"output": score, "whole": _drawn(x, 2), "part": _drawn(part, 1), "quadrant": place}
    return generator, keras.Model(image, outputs)


def _convolve(x, maps, size=3):
    return spectral(layers.Conv2D(maps, size, padding="same", kernel_initializer=ORTHOGONAL()))(x)


def _conditioned(x, told):
    maps, shape = x.shape[-1], (1, 1, x.shape[-1])
    scale, shift = (
        layers.Reshape(shape)(spectral(layers.Dense(maps, use_bias=False, kernel_initializer=ORTHOGONAL()))(told))
        for _ in range(2)
    )
    return layers.ReLU()(batch(x, center=False, scale=False) * (1 + scale) + shift)


def biggan(latents, width, classes):
    maps = 4 * width
    z, y = keras.Input((latents,)), keras.Input((), dtype="int32")
    shared = layers.Embedding(classes, 128, ORTHOGONAL())(y)
    parts = ops.split(z, 4, axis=-1)
    x = spectral(layers.Dense(16 * maps, kernel_initializer=ORTHOGONAL()))(parts[0])
    x = layers.Reshape((4, 4, maps))(x)
    for part in parts[1:]:
        told = layers.Concatenate()([shared, part])
        h = _convolve(layers.UpSampling2D()(_conditioned(x, told)), maps)
        h = _convolve(_conditioned(h, told), maps)
        x = layers.Add()([h, _convolve(layers.UpSampling2D()(x), maps, 1)])
    x = layers.Activation("tanh")(_convolve(layers.ReLU()(batch(x)), 3))
    generator = keras.Model([z, y], x)
    x = image = keras.Input((32, 32, 3))
    for i in range(4):
        h = _convolve(x if i == 0 else layers.ReLU()(x), maps)
        h = _convolve(layers.ReLU()(h), maps)
        if i == 0:
            x = layers.AveragePooling2D(2)(x)
        if i < 2:
            h = layers.AveragePooling2D(2)(h)
            skip = _convolve(x, maps, 1)
            x = layers.Add()([h, skip if i == 0 else layers.AveragePooling2D(2)(skip)])
        else:
            x = layers.Add()([h, x])
    h = ops.sum(layers.ReLU()(x), axis=(1, 2))
    y = keras.Input((), dtype="int32")
    e = spectral(layers.Embedding(classes, maps))(y)
    logits = spectral(layers.Dense(1))(h) + ops.sum(e * h, axis=-1, keepdims=True)
    return generator, keras.Model([image, y], logits)
