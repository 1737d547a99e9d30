"""The games that bad calls are made to, all tiny."""

import functools

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from keras_gan import GAN, networks

SHAPE, CLASSES = (4, 4, 1), 3


def generator(**options):
    return networks.mlp_generator(3, SHAPE, hidden=(2,), output_activation="tanh", **options)


def discriminator(shape=SHAPE, **options):
    return networks.mlp_discriminator(shape, hidden=(2,), **options)


def sequential(shape, *stack):
    return keras.Sequential([keras.Input(shape), *stack])


def scorer(*stack):
    return sequential(SHAPE, layers.Flatten(), *stack)


@functools.cache
def plain():
    """A compiled game of grey pictures of 4 x 4 pixels."""
    gan = GAN(generator(), discriminator(), 3, seed=0, name="plain")
    gan.compile("hinge")
    return gan


@functools.cache
def conditional():
    """The same of three classes."""
    gan = GAN(generator(labels=CLASSES), discriminator(labels=CLASSES), 3, labels=CLASSES, seed=0, name="conditional")
    gan.compile("hinge")
    return gan


@functools.cache
def patient():
    """A game whose discriminator has three moves per step."""
    gan = GAN(generator(), discriminator(), 3, seed=0, name="patient")
    gan.compile("hinge", discriminator_steps=3)
    return gan


@functools.cache
def uncompiled():
    """A game that is not compiled."""
    return GAN(generator(), discriminator(), 3, seed=0, name="uncompiled")


@functools.cache
def conditional_without_prior():
    """A game whose labels are those of the real batch."""
    return GAN(generator(labels=CLASSES), discriminator(labels=CLASSES), 3, seed=0, name="no_prior")


@functools.cache
def played():
    """A game of its own for what is refused after some steps."""
    gan = GAN(generator(), discriminator(), 3, seed=0, name="played")
    gan.compile("hinge")
    return gan


GAMES = (plain, conditional, patient, uncompiled, conditional_without_prior)
X, Y = np.zeros((8, *SHAPE), "float32"), np.arange(8) % CLASSES


def x_with(value, at=0):
    x = X.copy()
    x[at, 0, 0, 0] = value
    return x


def y_with(value, at=0):
    y = Y.copy()
    y[at] = value
    return y


def batches(x, size, **options):
    return tf.data.Dataset.from_tensor_slices(x).batch(size, **options)


class NoBatches(keras.utils.PyDataset):
    def __len__(self):
        return 0

    def __getitem__(self, index):
        raise IndexError("no such batch")


class Broken(keras.Model):
    def call(self, x):
        raise RuntimeError("this player never works")


class Pair(keras.Model):
    def call(self, x):
        return [x, x]


def sharing():
    layer = layers.Dense(16)
    z, x = keras.Input((3,)), keras.Input(SHAPE)
    pictures = layers.Reshape(SHAPE)(layer(z))
    return keras.Model(z, pictures), keras.Model(x, layers.Dense(1)(layer(layers.Dense(3)(layers.Flatten()(x)))))


def swapped():
    z, y = keras.Input((3,)), keras.Input((), dtype="int32")
    joined = layers.Concatenate()([z, layers.Embedding(CLASSES, 2)(y)])
    return keras.Model([y, z], layers.Reshape(SHAPE)(layers.Dense(16)(joined)))


def game(*players, latents=3, **options):
    return GAN(*(players or (generator(), discriminator())), latents, **options)


def compiling(*players, **options):
    """Compiles a new game, which must not be compiled afterwards."""
    gan = game(*players)
    try:
        gan.compile(**options)
    except ValueError:
        assert not gan.compiled
        raise


def fit(x, y=None, gan=plain, **options):
    return gan().fit(x, y, **{"verbose": 0, **options})
