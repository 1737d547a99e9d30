"""Rows of a table are updated as the same weights of a dense layer on one-hot labels are, by every optimizer."""

import functools

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_gan import GAN, networks
from keras_gan.constraints import ClipWeights
from keras_gan.objectives import R1, Wasserstein

optimizers = keras.optimizers
POINTS = np.random.default_rng(0).normal(size=(32, 2)).astype("float32")
LABELS = np.random.default_rng(1).integers(0, 3, 32)


class OneHot(keras.layers.Layer):
    """A table read by a matrix product."""

    def build(self, input_shape):
        self.table = self.add_weight(shape=(3, 2), initializer="zeros")

    def call(self, labels):
        return tf.matmul(tf.one_hot(labels, 3), self.table)


class Gather(OneHot):
    """The same table, read by its rows."""

    def call(self, labels):
        return tf.gather(self.table, labels)


def embedding():
    return keras.layers.Embedding(3, 2, embeddings_initializer="zeros")


def read_thrice(labels):
    """The sum of three tables, whose gradients are the same: an embedding, its rows gathered, and one-hot labels."""
    return keras.layers.Add()([table(labels) for table in (embedding(), Gather(), OneHot())])


@functools.cache
def game():
    """A game that is not compiled, and its weights."""
    keras.utils.set_random_seed(0)
    x, y = keras.Input((2,)), keras.Input((), dtype="int32")
    generator = keras.Model([x, y], keras.layers.Add()([x, read_thrice(y)]))
    hidden = keras.layers.Dense(4, activation="tanh")(x)
    score = keras.layers.Dot(-1)([keras.layers.Dense(2)(hidden), read_thrice(y)])
    discriminator = keras.Model([x, y], keras.layers.Add()([keras.layers.Dense(1)(hidden), score]))
    gan = GAN(generator, discriminator, 2, seed=0)
    return gan, gan.get_weights()


def train(generator_optimizer, discriminator_optimizer, objective="wasserstein", steps=3, **options):
    gan, weights = game()
    gan.compile(objective, generator_optimizer, discriminator_optimizer, run_eagerly=True, **options)
    gan.set_weights(weights)
    gan.fit(POINTS, LABELS, batch_size=32, epochs=steps, shuffle=False, verbose=0)
    return [[v.numpy() for v in player.trainable_variables] for player in (gan.generator, gan.discriminator)]


KINDS = {
    "Adam": {},
    "RMSprop": {},
    "Adagrad": {},
    "Nadam": {},
    "AdamW": {"weight_decay": 0.1},
    "Adamax": {"clipnorm": 0.01},
    "Adadelta": {"global_clipnorm": 0.1},
    "SGD": {"momentum": 0.9, "clipvalue": 0.01},
    "Lion": {"use_ema": True, "ema_momentum": 0.5},
    "Ftrl": {"gradient_accumulation_steps": 2},
}


QUICK = ("Adam", "SGD", "Lion", "Ftrl")


@pytest.mark.learns
@pytest.mark.parametrize(
    "kind", [kind if kind in QUICK else pytest.param(kind, marks=pytest.mark.learns) for kind in KINDS]
)
def test_every_optimizer_moves_rows_as_it_moves_dense_weights(kind):
    pair = [getattr(optimizers, kind)(1e-2, **KINDS[kind]) for _ in range(2)]
    for weights in train(*pair, discriminator_constraint=ClipWeights(0.3)):
        tables = [weight for weight in weights if weight.shape == (3, 2)]
        assert len(tables) == 3
        assert np.all(tables[2] != 0)
        for table in tables[:2]:
            np.testing.assert_allclose(table, tables[2], rtol=1e-4, atol=1e-7)


@pytest.mark.learns
def test_adam_is_that_of_a_loop_by_hand():
    """Wasserstein on D(x) = x . w, so that the gradient by a row is -w / n times the row's count."""
    rate, w = 1e-3, np.array([[1.0], [-2.0]])
    x, y = keras.Input((2,)), keras.Input((), dtype="int32")
    generator = keras.Model([x, y], keras.layers.Add()([x, embedding()(y)]))
    judge = keras.layers.Dense(1, use_bias=False, kernel_initializer=keras.initializers.Constant(w))
    gan = GAN(generator, keras.Sequential([keras.Input((2,)), judge]), 2, seed=0)
    gan.compile("wasserstein", optimizers.Adam(rate), optimizers.SGD(0.0))
    gan.fit(POINTS, LABELS, batch_size=32, epochs=5, shuffle=False, verbose=0)
    table, m, v = np.zeros((3, 2)), np.zeros((3, 2)), np.zeros((3, 2))
    gradient = -np.bincount(LABELS, minlength=3)[:, None] / 32 * w.T
    for step in range(1, 6):
        m, v = 0.9 * m + 0.1 * gradient, 0.999 * v + 0.001 * gradient**2
        table -= rate * np.sqrt(1 - 0.999**step) / (1 - 0.9**step) * m / (np.sqrt(v) + 1e-7)
    np.testing.assert_allclose(generator.get_weights()[0], table, rtol=1e-3)


@pytest.mark.learns
def test_the_first_step_of_a_conditional_dcgan_is_one_rate_for_every_weight():
    shape, rate = (8, 8, 1), 1e-3
    players = (
        networks.dcgan_generator(4, shape, filters=4, labels=10),
        networks.dcgan_discriminator(shape, filters=4, labels=10),
    )
    gan = GAN(*players, 4, labels=10, seed=0)
    gan.compile("hinge", optimizers.Adam(rate), optimizers.Adam(rate), run_eagerly=True)
    before = [[v.numpy() for v in player.trainable_variables] for player in players]
    pictures = np.random.default_rng(0).uniform(-1, 1, (64, *shape)).astype("float32")
    gan.fit(pictures, np.arange(64) % 10, batch_size=64, verbose=0)
    for player, weights in zip(players, before, strict=True):
        for variable, weight in zip(player.trainable_variables, weights, strict=True):
            moved = np.max(np.abs(variable.numpy() - weight))
            if variable.path != "score/bias":  # whose gradient by a hinge is 0 while all are inside the margin
                np.testing.assert_allclose(moved, rate, rtol=0.02, err_msg=variable.path)


@pytest.mark.learns
def test_a_lazy_penalty_changes_nothing_at_its_step():
    now, lazy = Wasserstein() + R1(), Wasserstein() + 0.5 * R1(every=2)
    pair = [train(optimizers.Adam(1e-2), optimizers.Adam(1e-2), objective, steps=1) for objective in (now, lazy)]
    for ours, theirs in zip(keras.tree.flatten(pair[0]), keras.tree.flatten(pair[1]), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-7)
