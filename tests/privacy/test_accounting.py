"""Epsilon beside closed forms, a numeric integral, and published numbers."""

import math

import numpy as np
import pytest
from scipy import integrate, optimize, special, stats

from keras_gan import privacy

pytest.importorskip("dp_accounting")
MNIST = {"batch_size": 256, "examples": 60_000, "delta": 1e-5}


def gaussian(mu, delta):
    """Epsilon of a Gaussian mechanism, Balle and Wang, 2018, theorem 8."""

    def excess(e):
        return stats.norm.cdf(mu / 2 - e / mu) - math.exp(e) * stats.norm.cdf(-mu / 2 - e / mu) - delta

    return optimize.brentq(excess, 0, 100)


@pytest.mark.parametrize(("noise", "steps", "epochs"), [(20.0, 100, 10), (4.0, 35, 4), (1.0, 10, 1)])
def test_epochs_of_shuffled_batches_are_gaussian_mechanisms(noise, steps, epochs):
    found = privacy.epsilon(noise, steps=steps, batch_size=100, examples=1099, delta=1e-5)
    assert found == pytest.approx(gaussian(math.sqrt(epochs) / noise, 1e-5), rel=0.03)


def test_an_example_of_a_pack_replaces_a_gradient_by_another_one():
    arguments = {"steps": 30, "batch_size": 100, "examples": 1000, "delta": 1e-5}
    assert privacy.epsilon(8.0, packing=10, **arguments) == privacy.epsilon(4.0, **arguments)


def test_one_draw_of_poissons():
    noise, share, delta = 0.8, 0.1, 1e-3
    x = np.linspace(-9, 10, 20_001)
    without, shifted = (stats.norm.pdf(x, mean, noise) for mean in (0, 1))
    with_it = (1 - share) * without + share * shifted

    def excess(e, swapped):
        p, q = (without, with_it) if swapped else (with_it, without)
        return integrate.trapezoid(np.maximum(0, p - math.exp(e) * q), x) - delta

    exact = max(optimize.brentq(excess, 0.0, 5, args=(swapped,)) for swapped in (False, True))
    found = privacy.epsilon(noise, steps=1, batch_size=10, examples=100, delta=delta, sampling="poisson")
    assert found == pytest.approx(exact, rel=0.01)


@pytest.mark.learns
@pytest.mark.parametrize(("noise", "epochs", "published"), [(1.3, 15, 1.19), (0.7, 45, 7.10)])
def test_the_published_numbers_of_mnist(noise, epochs, published):
    """The table of TensorFlow Privacy's tutorial, of moments of whole orders: what it says holds, and is not tight."""
    steps, share = epochs * 60_000 // 256, 256 / 60_000
    bounds = []
    for order in range(2, 65):
        k = np.arange(order + 1)
        terms = special.gammaln(order + 1) - special.gammaln(k + 1) - special.gammaln(order - k + 1)
        terms += k * math.log(share) + (order - k) * math.log1p(-share) + (k * k - k) / (2 * noise**2)
        bounds.append((steps * special.logsumexp(terms) + math.log(1e5)) / (order - 1))
    assert min(bounds) == pytest.approx(published, rel=0.01)
    assert 0.7 * published < privacy.epsilon(noise, steps=steps, sampling="poisson", **MNIST) < published


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"noise_multiplier": 0}, "`noise_multiplier` must be .*Received: noise_multiplier=0"),
        ({"delta": 1}, "`delta` must be .*Received: delta=1"),
        ({"batch_size": 60_001}, "`batch_size` must be .*Received: batch_size=60001"),
        ({"steps": 0}, "`steps` must be "),
        ({"sampling": "uniform"}, "`sampling` must be one of 'shuffled', 'poisson'.*Received: sampling='uniform'"),
        ({"sampling": "poisson", "packing": 10}, "and 'shuffled' for packs.*packing=10"),
    ],
)
def test_what_it_refuses(arguments, message):
    with pytest.raises(ValueError, match=message):
        privacy.epsilon(**{"noise_multiplier": 1.0, "steps": 10, **MNIST, **arguments})
