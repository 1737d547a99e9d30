import numpy as np
import pytest
import scipy.integrate
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_gan.data import GaussianMixture, gaussian_mixture_1d, grid, ring

UNEVEN = GaussianMixture([[0.0, 0.0], [3.0, 1.0], [-2.0, 4.0]], [0.5, 1.0, 0.2], [0.2, 0.5, 0.3])


def reference_density(mixture, x):
    return sum(
        weight * scipy.stats.multivariate_normal(mode, scale**2 * np.eye(mixture.dim)).pdf(x)
        for mode, scale, weight in zip(mixture.modes, mixture.scales, mixture.weights, strict=True)
    )


@pytest.mark.parametrize("mixture", [UNEVEN, ring(scale=0.3), grid(side=3, scale=0.5), ring(5, 2.0, 0.4)])
def test_the_density_is_that_of_scipy(mixture):
    x = np.random.default_rng(0).normal(scale=2, size=(200, 2))
    density = mixture.density(x)
    assert density.shape == (200,)
    assert density.dtype == np.float64
    np.testing.assert_allclose(density, reference_density(mixture, x), rtol=1e-10)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.integers(1, 4), st.integers(1, 5), st.integers(0, 100))
def test_the_density_is_that_of_scipy_in_any_dimension(modes, dim, seed):
    generator = np.random.default_rng(seed)
    weights = generator.dirichlet(np.ones(modes))
    mixture = GaussianMixture(generator.normal(size=(modes, dim)), generator.uniform(0.5, 2, modes), weights)
    x = generator.normal(size=(10, dim))
    np.testing.assert_allclose(mixture.density(x), reference_density(mixture, x), rtol=1e-9)


def test_the_density_integrates_to_one():
    total, _ = scipy.integrate.quad(lambda x: gaussian_mixture_1d().density([[x]])[0], -10, 10)
    assert total == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("points", [[0.0, 0.0], [[0.0], [1.0]], [[0.0, 1.0, 2.0]], 0.0])
def test_the_density_of_points_of_another_dimension_is_refused(points):
    with pytest.raises(ValueError, match=r"`x` must .*\(N, 2\).*Received: x\.shape="):
        UNEVEN.density(points)


def test_samples_have_the_mean_and_covariance_of_the_mixture():
    x = UNEVEN.sample(50_000, seed=1)
    assert x.shape == (50_000, 2)
    assert x.dtype == np.float32
    mean = UNEVEN.weights @ UNEVEN.modes
    spread = (UNEVEN.modes - mean).T @ np.diag(UNEVEN.weights) @ (UNEVEN.modes - mean)
    covariance = spread + UNEVEN.weights @ UNEVEN.scales**2 * np.eye(2)
    np.testing.assert_allclose(x.mean(axis=0), mean, atol=0.05)
    np.testing.assert_allclose(np.cov(x.T), covariance, atol=0.1)


def test_samples_of_a_line_follow_its_distribution():
    mixture = gaussian_mixture_1d((-1.0, 2.0), (0.5, 0.25), (0.75, 0.25))
    x = mixture.sample(20_000, seed=2)
    assert x.shape == (20_000, 1)

    def cdf(x):
        return 0.75 * scipy.stats.norm.cdf(x, -1.0, 0.5) + 0.25 * scipy.stats.norm.cdf(x, 2.0, 0.25)

    assert scipy.stats.kstest(x[:, 0], cdf).pvalue > 1e-4


def test_samples_visit_each_mode_by_its_weight():
    x = UNEVEN.sample(20_000, seed=3)
    weights = np.array([0.2, 0.5, 0.3])
    mixture = GaussianMixture(UNEVEN.modes, 0.01, weights)
    x = mixture.sample(20_000, seed=3)
    nearest = np.linalg.norm(x[:, None] - mixture.modes, axis=-1)
    assert nearest.min(axis=1).max() < 0.06
    counts = np.bincount(nearest.argmin(axis=1), minlength=3)
    assert scipy.stats.chisquare(counts, 20_000 * weights).pvalue > 1e-4


def test_samples_are_a_function_of_the_seed():
    np.testing.assert_array_equal(UNEVEN.sample(10, seed=4), UNEVEN.sample(10, seed=4))
    assert (UNEVEN.sample(10, seed=4) != UNEVEN.sample(10, seed=5)).any()
    assert UNEVEN.sample(0).shape == (0, 2)


def test_a_mode_of_weight_zero_is_never_drawn():
    x = GaussianMixture([[0.0], [100.0]], 1.0, [1.0, 0.0]).sample(1000)
    assert x.max() < 50


@pytest.mark.parametrize(("count", "radius"), [(8, 1.0), (1, 2.0), (5, 0.5)])
def test_a_ring_stands_on_its_circle(count, radius):
    modes = ring(count, radius).modes
    assert modes.shape == (count, 2)
    complex_roots = radius * np.exp(2j * np.pi * np.arange(count) / count)
    np.testing.assert_allclose(modes @ [1, 1j], complex_roots, atol=1e-12)
    np.testing.assert_allclose(ring(count, radius).weights, 1 / count)


def test_the_ring_of_the_paper():
    assert ring().modes.shape == (8, 2)
    np.testing.assert_allclose(ring().scales, 0.01)


@pytest.mark.parametrize(("side", "spacing"), [(5, 2.0), (2, 1.0), (1, 3.0)])
def test_a_grid_stands_around_the_origin(side, spacing):
    modes = grid(side, spacing).modes
    places = np.linspace(-(side - 1) / 2 * spacing, (side - 1) / 2 * spacing, side)
    expected = {(round(x, 9), round(y, 9)) for x in places for y in places}
    assert {(round(x, 9), round(y, 9)) for x, y in modes.tolist()} == expected
    assert len(modes) == side**2


def test_the_grid_of_the_paper():
    assert grid().modes.shape == (25, 2)
    assert np.abs(grid().modes).max() == 4
    np.testing.assert_allclose(grid().scales, 0.05)


def test_the_line_of_the_first_figure():
    mixture = gaussian_mixture_1d()
    assert mixture.dim == 1
    assert mixture.modes.ravel().tolist() == [-1.5, 1.5]
    expected = 0.5 * scipy.stats.norm.pdf(0.3, -1.5, 0.5) + 0.5 * scipy.stats.norm.pdf(0.3, 1.5, 0.5)
    assert mixture.density([[0.3]])[0] == pytest.approx(expected, rel=1e-10)


def test_the_data_set_holds_the_samples():
    data = UNEVEN.dataset(20, num_examples=100, seed=6)
    assert data.element_spec.shape.as_list() == [20, 2]
    assert data.element_spec.dtype.name == "float32"
    seen = np.concatenate([batch.numpy() for batch in data])
    expected = UNEVEN.sample(100, seed=6)
    np.testing.assert_array_equal(seen[np.lexsort(seen.T)], expected[np.lexsort(expected.T)])


@pytest.mark.parametrize("modes", [[], [1.0, 2.0], 1.0, [[[1.0]]], np.zeros((0, 2))])
def test_modes_of_another_shape_are_refused(modes):
    with pytest.raises(ValueError, match=r"`modes` must have the shape \(K, d\). Received: modes.shape=\("):
        GaussianMixture(modes, 1.0)


@pytest.mark.parametrize("scales", [0.0, -1.0, [1.0, 0.0], float("nan"), [1.0, 2.0, 3.0], [[1.0], [1.0]]])
def test_scales_that_fit_no_gaussian_are_refused(scales):
    with pytest.raises(ValueError, match=r"`scales` must be .*above 0.*Received: scales="):
        GaussianMixture([[0.0], [1.0]], scales)


@pytest.mark.parametrize("weights", [[0.5, 0.6], [1.5, -0.5], [1.0], [0.2, 0.3, 0.5], [float("nan"), 1.0], 0.5])
def test_weights_that_are_no_distribution_are_refused(weights):
    with pytest.raises(ValueError, match=r"`weights` must be 2 numbers that sum to 1. Received: weights="):
        GaussianMixture([[0.0], [1.0]], 1.0, weights)
