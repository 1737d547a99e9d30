"""Moments of numbers of any magnitude, against exact fractions and NumPy."""

import fractions
import warnings

import numpy as np
import pytest

from keras_gan.ground.magnitudes import exponent, moments

X = np.random.default_rng(0).normal(size=50)


@pytest.mark.parametrize("scale", [1e-300, 1e-160, 1.0, 1e160, 1e300, 7e307])
def test_moments_of_any_magnitude(scale):
    x = scale * X / np.abs(X).max()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = moments(x)
    exact = [fractions.Fraction(float(each)) for each in x]
    mean = sum(exact) / len(x)
    assert found[0] == pytest.approx(float(mean), rel=1e-12)
    variance = sum((each - mean) ** 2 for each in exact) / len(x) / fractions.Fraction(scale) ** 2
    assert found[1] / scale == pytest.approx(float(variance) ** 0.5, rel=1e-12)


def test_moments_of_ordinary_numbers_are_those_of_numpy_to_the_bit():
    x = 100 * X + 3
    assert moments(x) == (x.mean(), x.std())


def test_the_ends_of_the_numbers():
    assert moments(np.array([1.7e308, -1.7e308])) == (0.0, 1.7e308)
    assert moments(np.zeros(3)) == (0.0, 0.0)
    assert moments(np.array([5e-324])) == (5e-324, 0.0)
    assert exponent(np.array([0.5, -0.75])) == 0
    assert exponent(np.array([1.0])) == 1
