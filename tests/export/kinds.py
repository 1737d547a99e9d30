"""The kinds of GAN that every proof of an export is made for."""

import functools

import keras
import tensorflow as tf

from keras_gan import GAN, networks, presets

DIM, CLASSES, SIDE = 4, 3, 8


class Subclassed(keras.Model):
    """A generator that names its labels and keeps none of Keras's functional structure."""

    def __init__(self):
        super().__init__()
        self.embedding, self.dense = keras.layers.Embedding(CLASSES, DIM), keras.layers.Dense(SIDE * SIDE)

    def call(self, z, labels=None, training=False):
        return tf.reshape(tf.tanh(self.dense(z + self.embedding(labels))), (-1, SIDE, SIDE, 1))


def dcgan(labels=None, policy="float32", ema=None, generator=None):
    keras.config.set_dtype_policy(policy)
    try:
        options = {"filters": 4, "labels": labels}
        generator = generator or networks.dcgan_generator(DIM, (SIDE, SIDE, 1), **options)
        gan = GAN(generator, networks.dcgan_discriminator((SIDE, SIDE, 1), **options), DIM, labels=labels, ema=ema)
    finally:
        keras.config.set_dtype_policy("float32")
    gan.step.assign(1)  # before the first step the average is the weights
    for variable in gan.generator.trainable_variables:  # the average and the weights must differ to be told apart
        variable.assign_add(0.3 * tf.ones_like(variable))
    gan.step.assign(1)  # before the first step averages are the weights
    return gan


MODELS = {
    "unconditional": lambda: dcgan(),
    "conditional": lambda: dcgan(labels=CLASSES),
    "averaged": lambda: dcgan(ema=0.9),
    "truncated": lambda: dcgan(),
    "mixed_bfloat16": lambda: dcgan(policy="mixed_bfloat16"),
    "subclassed": lambda: dcgan(labels=CLASSES, ema=0.9, generator=Subclassed()),
}


def of_today(name):
    labels = CLASSES if name == "biggan" else None
    gan = presets.build(
        name, (SIDE, SIDE, 1), width=2, latent_dim=DIM, labels=labels, seed=0, ema=0.9, run_eagerly=True
    )
    if name == "fastgan":  # its judge gives a dict
        gan = GAN(gan.generator, networks.dcgan_discriminator((SIDE, SIDE, 1), filters=4), DIM, seed=0, ema=0.9)
    for variable in gan.generator.trainable_variables:
        variable.assign_add(0.1 * tf.ones_like(variable))
    gan.step.assign(1)
    return gan


TODAY = {name: functools.partial(of_today, name) for name in ("r3gan", "fastgan", "biggan")}
REQUIRED = ("conditional", "averaged", "mixed_bfloat16", "subclassed")
