"""At the best discriminator the loss is minus the divergence: checked on two distributions over five outcomes."""

import numpy as np
import pytest
import scipy.stats
import tensorflow as tf

from keras_gan import Round
from keras_gan.objectives import FDivergence
from keras_gan.objectives.divergence import DIVERGENCES

P, Q = np.array([0.1, 0.3, 0.2, 0.25, 0.15]), np.array([0.3, 0.05, 0.25, 0.2, 0.2])
M = (P + Q) / 2
CLOSED = {
    "kl": scipy.stats.entropy(P, Q),
    "reverse_kl": scipy.stats.entropy(Q, P),
    "pearson": np.sum((P - Q) ** 2 / Q),
    "squared_hellinger": np.sum((np.sqrt(P) - np.sqrt(Q)) ** 2),
    "jensen_shannon": scipy.stats.entropy(P, M) + scipy.stats.entropy(Q, M),
    "total_variation": np.abs(P - Q).sum() / 2,
}
# the conjugates and activations as the paper writes them, before they are simplified
PAPER = {
    "kl": (lambda v: v, lambda t: np.exp(t - 1)),
    "reverse_kl": (lambda v: -np.exp(-v), lambda t: -1 - np.log(-t)),
    "pearson": (lambda v: v, lambda t: t**2 / 4 + t),
    "squared_hellinger": (lambda v: 1 - np.exp(-v), lambda t: t / (1 - t)),
    "jensen_shannon": (lambda v: np.log(2) - np.log1p(np.exp(-v)), lambda t: -np.log(2 - np.exp(t))),
    "total_variation": (lambda v: np.tanh(v) / 2, lambda t: t),
}


def losses(name, v):
    round = Round(real_output=tf.constant(v, tf.float32), fake_output=tf.constant(v, tf.float32))
    objective = FDivergence(name)
    activation, _ = DIVERGENCES[name]
    conjugate = -np.asarray(objective.generator_loss(round), "float64")
    return np.asarray(activation(tf.constant(v, tf.float32)), "float64"), conjugate


@pytest.mark.parametrize("name", DIVERGENCES)
def test_the_paper_unsimplified(name):
    v = np.linspace(-3, 3, 13)
    g, conjugate = PAPER[name]
    activation, composed = losses(name, v)
    np.testing.assert_allclose(activation, g(v), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(composed, conjugate(g(v)), rtol=1e-5, atol=1e-6)
    round = Round(real_output=tf.constant(v, tf.float32), fake_output=tf.constant(v[::-1].copy(), tf.float32))
    expected = conjugate(g(v[::-1])) - g(v)
    np.testing.assert_allclose(FDivergence(name).discriminator_loss(round), expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("name", DIVERGENCES)
def test_the_bound_is_tight(name):
    v = np.linspace(-12, 12, 48_001)
    activation, conjugate = losses(name, v)
    best = sum(np.max(p * activation - q * conjugate) for p, q in zip(P, Q, strict=True))
    assert best == pytest.approx(CLOSED[name], abs=2e-5)
    assert CLOSED[name] > 0.1


@pytest.mark.parametrize("name", ["jensen_shannon", "total_variation"])
def test_large_outputs_stay_finite(name):
    round = Round(real_output=tf.constant([300.0, -300.0]), fake_output=tf.constant([300.0, -300.0]))
    assert np.all(np.isfinite(FDivergence(name).discriminator_loss(round)))


def test_unknown_names_list_the_known():
    with pytest.raises(ValueError, match=r"`divergence` must be one of \['kl', .*Received: divergence='js'"):
        FDivergence("js")
