"""Players, latents and labels that do not fit."""

import keras

from keras_gan import latents
from tests.conformance.bad.games import SHAPE, Broken, Pair, discriminator, game, generator, sharing, swapped

SEED = r"`seed` must be an integer of 64 bits. Received: seed="


class Unpacking(keras.Model):
    """A player as older tutorials write it: its one argument is unpacked."""

    def __init__(self):
        super().__init__()
        self.dense = keras.layers.Dense(1)

    def call(self, inputs):
        x, labels = inputs
        return self.dense(keras.ops.reshape(x, (-1, 1))) + keras.ops.sum(labels)


def two_outputs():
    x = keras.Input(SHAPE)
    flat = keras.layers.Flatten()(x)
    return keras.Model(x, [keras.layers.Dense(1)(flat), keras.layers.Dense(3)(flat)], name="d")


def first_row():
    z = keras.Input((3,))
    pictures = keras.layers.Reshape(SHAPE)(keras.layers.Dense(16)(z))
    return keras.Model(z, keras.layers.Lambda(lambda x: x[:1])(pictures))


ROWS = [
    (
        "a range of one number",
        lambda: game(generator(), discriminator(), value_range=1.0),
        "`value_range` must be two finite numbers, low < high. Received: value_range=1.0",
    ),
    (
        "a number as a generator",
        lambda: game(3, discriminator()),
        "`generator` must be a keras.Model. Received: generator=3",
    ),
    (
        "a class as a discriminator",
        lambda: game(generator(), keras.Model),
        "`discriminator` must be a keras.Model. Received: discriminator=<class",
    ),
    (
        "a generator that fails",
        lambda: game(Broken(name="g"), discriminator()),
        r"`generator` must take latents of shape \(N, 3\). Received: 'g', with the error: this player never works$",
    ),
    (
        "a discriminator that fails",
        lambda: game(generator(), Broken(name="d")),
        "`discriminator` must take generated examples .* Received: 'd', with the error: this player never works$",
    ),
    (
        "a generator without layers, which cannot be built",
        lambda: game(keras.Sequential(name="g"), discriminator()),
        r"`generator` must take latents of shape \(N, 3\). Received: 'g', with the error: .* has no layers",
    ),
    (
        "a discriminator without a call",
        lambda: game(generator(), keras.Model(name="d")),
        "`discriminator` must take generated examples .* Received: 'd', with the error: .*does not have a `call",
    ),
    (
        "a generator of two tensors",
        lambda: game(Pair(), discriminator()),
        "`generator` must give one tensor. Received: a list",
    ),
    (
        "a generator that takes two rows for latents and labels",
        lambda: game(Unpacking(), discriminator()),
        r"`generator` must take .* to unpack \(expected 2\); a subclassed player gets labels only if its `call` ",
    ),
    (
        "a discriminator that takes two rows for pictures and labels",
        lambda: game(generator(), Unpacking()),
        r"`discriminator` must give one output per example. Received: .* gives shape \(.*; a subclassed player gets",
    ),
    (
        "a discriminator with a list of outputs",
        lambda: game(generator(), two_outputs()),
        "`discriminator` must give one tensor, or a dict of tensors .* Received: 'd', which gives a list of 2$",
    ),
    (
        "a discriminator with a tuple of outputs",
        lambda: game(generator(), Pair(name="d")),
        "`discriminator` must give one tensor, or a dict of tensors .* Received: 'd', which gives a list of 2$",
    ),
    (
        "a generator that loses examples",
        lambda: game(first_row(), discriminator()),
        r"`generator` must give one output per example. Received: .* gives shape \(1, 4, 4, 1\) for 3 examples",
    ),
    (
        "one model for both players",
        lambda: game(same := discriminator(), same),
        "must be two models, which play against each other. Received: one model for both, 'discriminator'",
    ),
    (
        "one layer in both players",
        lambda: game(*sharing()),
        "`generator` and `discriminator` must not share variables. Received: both hold",
    ),
    (
        "other latents",
        lambda: game(latents=5),
        r"`latents` must have the shape that the generator takes, \(None, 3\). Received: latents=Normal\(dim=5\)",
    ),
    ("no latents", lambda: game(latents=0), "`latents` must be an integer of at least 1. Received: latents=0"),
    (
        "latents by name",
        lambda: game(latents="normal"),
        "`latents` must be a `Latents` or a number of dimensions. Received: latents='normal'",
    ),
    (
        "labels as latents",
        lambda: game(latents=latents.Categorical([1.0])),
        "`latents` must be a `Latents` .* Received: latents=Categorical",
    ),
    (
        "swapped inputs",
        lambda: game(swapped(), discriminator(), labels=3),
        r"`latents` must have .* Received: .*inputs of a conditional generator are \[latents, labels\]",
    ),
    (
        "a discriminator of other pictures",
        lambda: game(generator(), discriminator((5, 5, 1))),
        r"`generator` must give what the discriminator takes, \(None, 5, 5, 1\). Received: .*\(None, 4, 4, 1\)",
    ),
    (
        "a discriminator of vectors",
        lambda: game(generator(), discriminator((16,))),
        r"`generator` must give what the discriminator takes, \(None, 16\). Received: .*\(None, 4, 4, 1\)",
    ),
    (
        "more labels than the generator knows",
        lambda: game(generator(labels=3), discriminator(labels=5), labels=5),
        r"`generator` must take .* labels up to 4 .* Received: .*: labels must be in \[0, 3\), where one is 4$",
    ),
    (
        "labels that nobody takes",
        lambda: game(labels=4),
        "`labels` must be None unless a player takes labels.* Received: labels=Categorical",
    ),
    (
        "a trillion labels",
        lambda: game(generator(labels=3), discriminator(), labels=10**12),
        "`labels` must be an integer from 1 to 16777216. Received: labels=1000000000000",
    ),
    (
        "labels as a word",
        lambda: game(generator(labels=3), discriminator(), labels="ten"),
        "`labels` must be a positive count, a prior of labels or None. Received: labels='ten'",
    ),
    (
        "an average that never moves",
        lambda: game(ema=1.0),
        r"`ema` must be a number in \(0, 1\), a schedule or None. Received: ema=1.0",
    ),
    (
        "an average of nan",
        lambda: game(ema=float("nan")),
        r"`ema` must be a number in \(0, 1\), a schedule or None. Received: ema=nan",
    ),
    ("a seed that is a word", lambda: game(seed="x"), SEED + "'x'"),
    ("half a seed", lambda: game(seed=1.5), SEED + "1.5"),
    ("a seed of 71 bits", lambda: game(seed=2**70), SEED + str(2**70)),
    ("packs of nothing", lambda: game(packing=0), "`packing` must be an integer of at least 1. Received: packing=0"),
    (
        "packs that the discriminator does not take",
        lambda: game(packing=2),
        r"Received: .*\(None, 4, 4, 2\) with packing=2",
    ),
    (
        "a name with a slash",
        lambda: game(name="a/b"),
        "`name` must be a string and cannot contain character `/`. Received: name=a/b",
    ),
]
