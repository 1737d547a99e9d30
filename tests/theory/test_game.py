import math

import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy import stats

from keras_gan import Round, networks, objectives
from keras_gan.theory import (
    generator_criterion,
    js_divergence,
    optimal_discriminator,
    value_function,
)

X = np.linspace(-12, 12, 4801)
PAIRS = [
    (stats.norm(0, 1), stats.norm(0.5, 1)),
    (stats.norm(0, 1), stats.norm(3, 0.3)),
    (stats.norm(-1, 0.5), stats.uniform(-2, 4)),
    (stats.uniform(-3, 1), stats.uniform(2, 1)),
]


def densities(pair):
    return [(lambda v: v / np.trapezoid(v, X))(law.pdf(X)) for law in pair]


@pytest.mark.parametrize("pair", PAIRS)
def test_the_value_at_the_optimal_discriminator(pair):
    """Theorem 1: V(D*, G) = -log 4 + 2 JSD."""
    p, q = densities(pair)
    value = value_function(p, q, optimal_discriminator(p, q), X)
    assert value == pytest.approx(-math.log(4) + 2 * js_divergence(p, q, X), abs=1e-6)
    assert value == pytest.approx(generator_criterion(p, q, X), abs=1e-6)


@pytest.mark.parametrize("pair", PAIRS[:3])
def test_no_other_discriminator_gets_more(pair):
    p, q = densities(pair)
    best = optimal_discriminator(p, q)
    most = value_function(p, q, best, X)
    generator = np.random.default_rng(0)
    for _ in range(20):
        other = np.clip(best + 0.1 * generator.normal(size=X.shape), 1e-3, 1 - 1e-3)
        assert value_function(p, q, other, X) < most - 1e-3


def test_at_the_end_of_the_game():
    p, _ = densities(PAIRS[0])
    np.testing.assert_allclose(optimal_discriminator(p, p), 0.5, rtol=0, atol=1e-15)
    assert generator_criterion(p, p, X) == -math.log(4)
    assert value_function(p, p, np.full(X.shape, 0.5), X) == pytest.approx(-math.log(4), abs=1e-12)


def test_disjoint_densities_are_told_apart():
    p, q = densities(PAIRS[3])
    assert generator_criterion(p, q, X) == pytest.approx(0.0, abs=1e-9)
    assert value_function(p, q, optimal_discriminator(p, q), X) == pytest.approx(0.0, abs=1e-9)


def test_to_be_wrong_and_sure_costs_everything():
    p, q = densities(PAIRS[0])
    assert value_function(p, q, np.zeros(X.shape), X) == -math.inf
    assert value_function(p, q, np.ones(X.shape), X) == -math.inf


def test_the_value_is_minus_the_loss_of_minimax():
    """The library's loss on many samples, against the integral."""
    p, q = PAIRS[0]
    real, fake = (law.ppf((np.arange(200_000) + 0.5) / 200_000).astype("float32")[:, None] for law in (p, q))
    D = lambda x: 0.3 - 0.8 * x  # noqa: E731
    loss = objectives.Minimax().discriminator_loss(
        Round(real_output=tf.constant(D(real)), fake_output=tf.constant(D(fake)))
    )
    value = value_function(p.pdf(X), q.pdf(X), 1 / (1 + np.exp(-D(X))), X)
    assert -float(tf.reduce_mean(loss)) == pytest.approx(value, abs=1e-4)


@pytest.mark.learns
def test_a_trained_discriminator_is_the_optimal_one():
    """Proposition 1, with the library's loss: within 0.02 wherever the mean of both densities is above 0.03."""
    p, q = stats.norm(-0.7, 0.8), stats.norm(1.0, 0.5)
    levels = (np.arange(2000) + 0.5) / 2000
    real, fake = (tf.constant(law.ppf(levels)[:, None], tf.float32) for law in (p, q))
    discriminator = networks.mlp_discriminator((1,), hidden=(32, 32), activation="tanh")
    optimizer = keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(1e-2, 1000))
    optimizer.build(discriminator.trainable_variables)
    objective = objectives.NonSaturating()

    @tf.function
    def train(steps):
        for _ in tf.range(steps):
            with tf.GradientTape() as tape:
                round = Round(real=real, fake=fake, discriminator=discriminator)
                loss = tf.reduce_mean(objective.discriminator_loss(round))
            weights = [variable.value for variable in discriminator.trainable_variables]
            optimizer.apply_gradients(zip(tape.gradient(loss, weights), discriminator.trainable_variables, strict=True))

    x = np.linspace(-4, 4, 801)
    densities = p.pdf(x), q.pdf(x)
    optimal, mass = optimal_discriminator(*densities), sum(densities) / 2
    gap = lambda: np.abs(keras.ops.sigmoid(discriminator(x[:, None])[:, 0]) - optimal)[mass > 0.03].max()  # noqa: E731
    assert gap() > 0.2
    train(tf.constant(1000))
    assert gap() < 0.02


def test_the_optimal_discriminator_takes_any_shape():
    generator = np.random.default_rng(0)
    p, q = generator.uniform(size=(2, 3, 4))
    np.testing.assert_allclose(optimal_discriminator(p, q) + optimal_discriminator(q, p), 1, rtol=0, atol=1e-15)
    assert optimal_discriminator(0.0, 0.0) == 0.5


@pytest.mark.parametrize(
    ("p", "q", "message"),
    [([1.0], [1.0, 2.0], "the same shape"), ([-1.0], [1.0], "`p_data` must"), ([1.0], [np.inf], "`p_generated` must")],
)
def test_bad_densities_are_refused(p, q, message):
    with pytest.raises(ValueError, match=message):
        optimal_discriminator(p, q)


@pytest.mark.parametrize("bad", [np.full(X.shape, 1.1), np.full(X.shape, np.nan), np.full(3, 0.5), 0.5])
def test_bad_discriminators_are_refused(bad):
    p, q = densities(PAIRS[0])
    with pytest.raises(ValueError, match=r"`discriminator` must be 4801 numbers in \[0, 1\]"):
        value_function(p, q, bad, X)


def test_what_rounds_to_certainty_costs_nothing():
    """Far out D* rounds to 1 while p_g is not yet 0."""
    p, q = densities((stats.norm(0, 1), stats.norm(3, 0.3)))
    D = optimal_discriminator(p, q)
    assert ((D == 1) & (q > 0)).any()
    assert np.isfinite(value_function(p, q, D, X))
