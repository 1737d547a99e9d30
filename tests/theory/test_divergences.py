import math

import numpy as np
import pytest
from scipy import stats
from scipy.spatial.distance import jensenshannon

from keras_gan.theory import (
    histogram_densities,
    js_divergence,
    kl_divergence,
    total_variation,
    wasserstein_1d,
    wasserstein_1d_samples,
)

X = np.linspace(-15, 15, 6001)
UNEVEN = np.sort(np.concatenate([X, np.random.default_rng(0).uniform(-15, 15, 3000)]))
ALL = [kl_divergence, js_divergence, total_variation, wasserstein_1d]


def normal(mean=0.0, scale=1.0, x=X):
    return stats.norm(mean, scale).pdf(x)


def tent(middle, x=X):
    """A density on (middle - 1, middle + 1)."""
    return np.maximum(0, 1 - np.abs(x - middle))


@pytest.mark.parametrize("x", [X, UNEVEN], ids=["even", "uneven"])
@pytest.mark.parametrize(("mean", "scale"), [(0.0, 1.0), (1.0, 1.0), (-0.7, 2.0), (2.0, 0.5)])
def test_kl_of_gaussians(x, mean, scale):
    p, q = normal(x=x), normal(mean, scale, x)
    closed = math.log(scale) + (1 + mean**2) / (2 * scale**2) - 0.5
    assert kl_divergence(p, q, x) == pytest.approx(closed, abs=1e-4)
    back = -math.log(scale) + (scale**2 + mean**2) / 2 - 0.5
    assert kl_divergence(q, p, x) == pytest.approx(back, abs=1e-4)


@pytest.mark.parametrize("shift", [0.0, 0.3, 2.0, 7.0])
def test_w1_and_tv_of_gaussians_of_one_scale(shift):
    assert wasserstein_1d(normal(1.0), normal(1.0 + shift), X) == pytest.approx(shift, abs=1e-5)
    closed = 2 * stats.norm.cdf(shift / 2) - 1
    assert total_variation(normal(), normal(shift), X) == pytest.approx(closed, abs=1e-5)


def test_w1_of_gaussians_of_one_mean():
    """The quantiles differ by (s - 1) |z|, and E|z| = sqrt(2 / pi)."""
    assert wasserstein_1d(normal(), normal(0.0, 2.0), X) == pytest.approx(math.sqrt(2 / math.pi), abs=1e-5)


def test_js_is_the_square_of_scipys_distance():
    p, q = normal(), 0.5 * normal(-2, 0.5) + 0.5 * normal(2, 1.5)
    assert js_divergence(p, q, X) == pytest.approx(jensenshannon(p, q) ** 2, abs=1e-7)
    assert js_divergence(p, q, X) == pytest.approx(js_divergence(q, p, X), abs=1e-12)


@pytest.mark.parametrize("divergence", ALL)
def test_equal_densities_are_at_distance_0(divergence):
    assert divergence(normal(), normal(), X) == pytest.approx(0.0, abs=1e-12)
    assert divergence(tent(0), tent(0), X) == pytest.approx(0.0, abs=1e-12)  # 0 log 0 = 0
    assert divergence(normal(), normal(0.1), X) > 1e-4


@pytest.mark.parametrize("divergence", ALL)
def test_what_is_left_of_the_mass_is_divided_out(divergence):
    expected = divergence(normal(), normal(1.0), X)
    assert divergence(0.9995 * normal(), 1.0005 * normal(1.0), X) == pytest.approx(expected, abs=1e-9)


def test_disjoint_densities():
    p, q = tent(-2), tent(2)
    assert kl_divergence(p, q, X) == math.inf
    assert js_divergence(p, q, X) == pytest.approx(math.log(2), abs=1e-9)
    assert total_variation(p, q, X) == pytest.approx(1.0, abs=1e-9)
    assert wasserstein_1d(p, q, X) == pytest.approx(4.0, abs=1e-6)


def test_kl_is_finite_where_q_covers_p():
    assert kl_divergence(tent(0), normal(), X) == pytest.approx(
        np.trapezoid(
            [v * (np.log(v) - stats.norm.logpdf(x)) if v else 0.0 for v, x in zip(tent(0), X, strict=True)], X
        ),
        abs=1e-9,
    )
    assert kl_divergence(normal(), tent(0), X) == math.inf


def slope(divergence, shift, step=0.05):
    return (divergence(tent(0), tent(shift + step), X) - divergence(tent(0), tent(shift - step), X)) / (2 * step)


def test_far_apart_only_the_wasserstein_distance_has_a_gradient():
    """Why a perfect discriminator teaches nothing (Arjovsky et al., 2017, example 1)."""
    for shift in (3.0, 6.0):
        assert slope(js_divergence, shift) == pytest.approx(0.0, abs=1e-9)
        assert slope(total_variation, shift) == pytest.approx(0.0, abs=1e-9)
        assert slope(wasserstein_1d, shift) == pytest.approx(1.0, abs=1e-6)
    assert slope(js_divergence, 1.0) > 0.1  # they overlap: here it has one


@pytest.mark.parametrize(("n", "m"), [(1, 1), (1, 7), (50, 50), (50, 20), (97, 64), (1000, 333)])
def test_w1_of_samples_is_scipys(n, m):
    generator = np.random.default_rng(n)
    a, b = generator.normal(size=n), generator.exponential(size=m) - 2
    expected = stats.wasserstein_distance(a, b)
    assert wasserstein_1d_samples(a, b) == pytest.approx(expected, rel=1e-9)
    assert wasserstein_1d_samples(b[:, None], a[:, None]) == pytest.approx(expected, rel=1e-9)


def test_w1_of_samples_with_ties_and_shifts():
    a = np.random.default_rng(0).integers(0, 4, 60).astype(float)
    assert wasserstein_1d_samples(a, a[:30]) == pytest.approx(stats.wasserstein_distance(a, a[:30]), abs=1e-12)
    assert wasserstein_1d_samples(a, a + 2.5) == pytest.approx(2.5, abs=1e-12)
    assert wasserstein_1d_samples(a, a[::-1]) == 0.0


def test_divergences_of_histograms_are_the_sums_over_bins():
    generator = np.random.default_rng(0)
    a, b = generator.normal(size=4000), generator.normal(0.8, 1.3, size=3000)
    p, q, x = histogram_densities(a, b, bins=25)
    assert p.shape == q.shape == x.shape == (27,)
    low, high = min(a.min(), b.min()), max(a.max(), b.max())
    counts = [np.histogram(sample, 25, (low, high))[0] / len(sample) for sample in (a, b)]
    assert js_divergence(p, q, x) == pytest.approx(jensenshannon(*counts) ** 2, abs=1e-12)
    assert total_variation(p, q, x) == pytest.approx(np.abs(counts[0] - counts[1]).sum() / 2, abs=1e-12)
    filled = [(c + 1e-3) / (c + 1e-3).sum() for c in counts]
    width = x[1] - x[0]
    densities = [np.pad(c / width, 1) for c in filled]
    assert kl_divergence(*densities, x) == pytest.approx(stats.entropy(*filled), abs=1e-12)


def test_histograms_estimate_the_divergences_of_the_densities():
    generator = np.random.default_rng(1)
    a, b = generator.normal(size=200_000), generator.normal(1.0, size=200_000)
    estimate = histogram_densities(a, b, bins=100)
    assert js_divergence(*estimate) == pytest.approx(js_divergence(normal(), normal(1), X), abs=3e-3)
    assert total_variation(*estimate) == pytest.approx(total_variation(normal(), normal(1), X), abs=6e-3)
    assert wasserstein_1d(*estimate) == pytest.approx(1.0, abs=0.02)


def test_the_bias_of_the_estimate_is_as_documented():
    generator = np.random.default_rng(2)
    values = [js_divergence(*histogram_densities(*generator.uniform(size=(2, 2000)), bins=40)) for _ in range(100)]
    assert np.mean(values) == pytest.approx(40 / (4 * 2000), rel=0.1)


@pytest.mark.parametrize("divergence", ALL)
@pytest.mark.parametrize(
    ("p", "q", "x", "message"),
    [
        (2 * normal(), normal(), X, "`p` must integrate to 1 within 0.001. Received: a mass of 2"),
        (normal(), 1.002 * normal(), X, "`q` must integrate to 1"),
        (normal(), normal()[:-1], X, "`q` must have the shape of `x`"),
        (-normal(), normal(), X, "`p` must be finite and at least 0"),
        (normal() * np.nan, normal(), X, "`p` must be finite"),
        (normal(), normal(), X[::-1], "`x` must be an increasing grid"),
        (normal(), normal(), 0.01, "`x` must be an increasing grid"),
        ([1.0], [1.0], [0.0], "`x` must be an increasing grid"),
    ],
)
def test_bad_densities_are_refused(divergence, p, q, x, message):
    with pytest.raises(ValueError, match=message):
        divergence(p, q, x)


@pytest.mark.parametrize("function", [wasserstein_1d_samples, histogram_densities])
@pytest.mark.parametrize("bad", [[], 1.0, np.zeros((3, 2)), [0.0, np.nan], [np.inf]])
def test_bad_samples_are_refused(function, bad):
    with pytest.raises(ValueError, match="`a` must"):
        function(bad, [0.0, 1.0])
    with pytest.raises(ValueError, match="`b` must"):
        function([0.0, 1.0], bad)


def test_bad_bins_are_refused():
    with pytest.raises(ValueError, match="`bins` must be an integer of at least 1"):
        histogram_densities([0.0], [1.0], bins=0)
    with pytest.raises(ValueError, match="two different numbers"):
        histogram_densities([1.0, 1.0], [1.0])


@pytest.mark.parametrize(("low", "high", "count"), [(-50, 50, 5001), (-45, 45, 2001), (-60, 60, 12001)])
def test_densities_that_underflow_have_a_divergence(low, high, count):
    """Where p and q are the smallest floats, their mean is 0 in floats, and their quotient is infinite."""
    x = np.linspace(low, high, count)
    finer = np.linspace(-15, 20, 3501)
    expected = jensenshannon(normal(0, x=finer), normal(5, x=finer)) ** 2
    assert js_divergence(normal(0, x=x), normal(5, x=x), x) == pytest.approx(expected, rel=1e-6)
    far = np.linspace(-4.5, 42, 20001)
    assert kl_divergence(normal(0, x=far), normal(34, x=far), far) == pytest.approx(34**2 / 2, rel=1e-3)


def test_bins_that_are_narrower_than_numbers_are_exact_are_refused():
    with pytest.raises(ValueError, match=r"`bins` must be fewer.*Received: bins=50 from 1e\+15"):
        histogram_densities(1e15 + np.arange(10), 1e15 + np.arange(20), bins=50)
