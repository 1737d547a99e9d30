"""Twenty steps of small games, and the weights that they end with.

`runs.npz` was written once, by version 0.1's two-player code, with `python -m tests.golden.runs` in the repository's
root. It is never written again: a core that is built otherwise must train to the same bits.
"""

import pathlib
import sys

import keras
import numpy as np
import tensorflow as tf

from keras_gan import GAN, augmentations, constraints, data, networks
from keras_gan.layers import SpectralNormalization
from keras_gan.play import players
from keras_gan.replay import FakePool

if __name__ == "__main__":
    tf.config.threading.set_intra_op_parallelism_threads(1)  # as tests do

FILE = pathlib.Path(__file__).parent / "runs.npz"
STEPS, BATCH = 20, 8
POINTS = data.ring().sample(160, seed=1)
PICTURES = np.random.default_rng(0).uniform(-1, 1, (160, 8, 8, 1)).astype("float32")
LABELS = np.arange(160) % 3


def points(labels=None, drawn=None, packing=1, ema=None, dropout=0.0):
    generator = networks.mlp_generator(2, (2,), hidden=(8,), normalization="batch", labels=labels)
    discriminator = networks.mlp_discriminator((2,), hidden=(8,), labels=labels, packing=packing, dropout=dropout)
    return GAN(generator, discriminator, 2, labels=drawn, seed=5, ema=ema, packing=packing)


def pictures(labels=None, embedding=1, normalized=False, ema=None):
    """Convolutions, with statistics in the generator and, where asked for, a spectral norm in the discriminator."""
    z = keras.Input((4,))
    x = keras.layers.Reshape((4, 4, 2))(keras.layers.Dense(32)(z))
    x = keras.layers.ReLU()(keras.layers.BatchNormalization()(x))
    x = keras.layers.Conv2DTranspose(1, 4, strides=2, padding="same", activation="tanh", dtype="float32")(x)
    generator = keras.Model(z, x)
    picture = keras.Input((8, 8, 1))
    layers = [keras.layers.Conv2D(4, 4, strides=2, padding="same"), keras.layers.Dense(embedding)]
    convolution, dense = [SpectralNormalization(layer) if normalized else layer for layer in layers]
    y = keras.layers.LeakyReLU(0.2)(convolution(picture))
    y = dense(keras.layers.Flatten()(keras.layers.Dropout(0.25)(y)))
    discriminator = keras.Model(picture, keras.layers.Activation("linear", dtype="float32")(y))
    return GAN(generator, discriminator, 4, seed=6, ema=ema)


def _narrow():
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        return pictures()
    finally:
        keras.config.set_dtype_policy("float32")


GAMES = {  # by name: the game, its data, and what it is compiled with
    "plain": (points, (POINTS,), {}),
    "convolutions": (pictures, (PICTURES,), {}),
    "conditional": (lambda: points(labels=3), (POINTS, LABELS), {}),
    "conditional, labels drawn": (lambda: points(labels=3, drawn=3), (POINTS, LABELS), {"objective": "hinge"}),
    "three moves": (points, (POINTS,), {"discriminator_steps": 3, "objective": "least_squares"}),
    "fakes used twice": (points, (POINTS,), {"reuse_fakes": True, "discriminator_steps": 2}),
    "average": (lambda: pictures(ema=0.9), (PICTURES,), {"objective": "hinge"}),
    "gradient penalty": (
        lambda: points(dropout=0.2),
        (POINTS,),
        {"objective": "wasserstein + 10 * gradient_penalty", "discriminator_steps": 2},
    ),
    "lazy penalties": (pictures, (PICTURES,), {"objective": "relativistic_paired + 0.1 * (r1(every=4) + r2)"}),
    "packing": (lambda: points(packing=2), (POINTS,), {"objective": "minimax"}),
    "adaptive augmentation": (
        pictures,
        (PICTURES,),
        {"objective": "non_saturating + r1", "augmentation": augmentations.AdaptiveAugmentation(examples=1000)},
    ),
    "penalties at what was augmented": (
        pictures,
        (PICTURES,),
        {"objective": "hinge + r1", "augmentation": "diff_augment", "penalties_at": "augmented"},
    ),
    "pool": (lambda: points(labels=3), (POINTS, LABELS), {"replay": FakePool(size=16)}),
    "bfloat16": (_narrow, (PICTURES,), {"objective": "hinge + gradient_penalty"}),
    "clipped": (
        points,
        (POINTS,),
        {"objective": "wasserstein", "discriminator_constraint": constraints.ClipWeights(0.05)},
    ),
    "spectral norm": (lambda: pictures(normalized=True), (PICTURES,), {"objective": "hinge"}),
    "memory": (pictures, (PICTURES,), {"objective": "non_saturating + 0.3 * le_cam + historical_averaging"}),
    "whole batch": (lambda: pictures(embedding=4), (PICTURES,), {"objective": "maximum_mean_discrepancy"}),
    "eagerly": (points, (POINTS,), {"run_eagerly": True}),
    "from a data set": (
        points,
        (tf.data.Dataset.from_tensor_slices(POINTS).batch(BATCH),),
        {"discriminator_steps": 2},
    ),
}


def play(name: str) -> dict[str, np.ndarray]:
    """A game's logs and weights after its steps, and its evaluation, by name."""
    make, inputs, options = GAMES[name]
    keras.utils.set_random_seed(7)
    gan = make()
    gan.compile(**{"jit_compile": False, **options})
    given = {} if isinstance(inputs[0], tf.data.Dataset) else {"batch_size": BATCH}
    history = gan.fit(*inputs, epochs=2, steps_per_epoch=STEPS // 2, verbose=0, **given).history
    assert int(gan.step) == STEPS, (name, int(gan.step))
    left_out = use_own_statistics(gan)
    made = gan.generate(5, labels=1 if gan.takes_labels else None, seed=3)
    judged = gan.evaluate(*inputs, verbose=0, return_dict=True, **given)
    logs = {
        **{log: values[-1] for log, values in history.items()},
        **{f"evaluated {log}": value for log, value in judged.items()},
    }
    variables = [variable for variable in gan.variables if id(variable) not in left_out]
    weights = {f"weight {i}": np.asarray(weight.value, "float32") for i, weight in enumerate(variables)}
    return {"made": made, **{log: np.float64(value) for log, value in logs.items()}, **weights}


def use_own_statistics(gan: GAN) -> set[int]:
    """Gives an averaged generator the statistics of the generator, which it had in 0.1; the ids of their shadows."""
    own = {id(variable) for variable in players.statistics(gan.generator)}
    pairs = [] if gan.ema is None else gan.ema.pairs(gan.generator)
    shadows = [(variable, shadow) for variable, shadow in pairs if id(variable) in own]
    for variable, shadow in shadows:
        shadow.assign(variable)
    return {id(shadow) for _, shadow in shadows}


def probe() -> np.ndarray:
    """What this processor and this TensorFlow make of some sums: others may round otherwise."""
    x = tf.constant(np.random.default_rng(1).normal(size=(8, 8, 8, 4)), tf.float32)
    kernel = tf.constant(np.random.default_rng(2).normal(size=(4, 4, 4, 4)), tf.float32)
    convolved = tf.nn.conv2d(x, kernel, 2, "SAME")
    flat = tf.reshape(x, (64, 32))
    values = [tf.reshape(convolved, [-1]), tf.reshape(flat @ tf.transpose(flat), [-1]), tf.reduce_sum(tf.exp(flat), 0)]
    return tf.concat([tf.tanh(value) for value in values], 0).numpy()


if __name__ == "__main__":
    if FILE.exists():
        sys.exit(f"{FILE} must not be written again")
    found = {f"{name}/{part}": value for name in GAMES for part, value in play(name).items()}
    np.savez_compressed(FILE, **found, probe=probe())
