import math

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_gan.export import walk as exported
from keras_gan.latents import Normal, interpolate
from keras_gan.noise import Noise

NOISE = Noise((0, "test latents"))


def test_a_linear_walk():
    walk = interpolate([0.0, 4.0], [2.0, 0.0], 5)
    assert walk.dtype == np.float32
    np.testing.assert_allclose(walk, [[0, 4], [0.5, 3], [1, 2], [1.5, 1], [2, 0]])


@settings(max_examples=25, deadline=None, derandomize=True)
@given(angle=st.floats(0.05, 3.0), radius=st.floats(0.1, 10.0), steps=st.integers(2, 9))
def test_a_spherical_walk_turns_at_one_speed(angle, radius, steps):
    # in the plane, from angle 0 to `angle`, the walk is on the circle at equal angles
    t = np.linspace(0, angle, steps)
    expected = radius * np.stack([np.cos(t), np.sin(t)], axis=1)
    walk = interpolate(expected[0], expected[-1], steps, "spherical")
    np.testing.assert_allclose(walk, expected, atol=1e-5 * radius)


def test_a_spherical_walk_of_lengths_that_differ():
    # orthogonal ends: cos(pi t / 2) a + sin(pi t / 2) b
    walk = interpolate([3.0, 0.0], [0.0, 1.0], 4, "spherical")
    t = np.linspace(0, np.pi / 2, 4)
    np.testing.assert_allclose(walk, np.stack([3 * np.cos(t), np.sin(t)], axis=1), atol=1e-6)


def test_a_spherical_walk_keeps_the_length_of_normal_latents():
    a, b = Normal(512).draw(2, NOISE).numpy()
    lengths = {mode: np.linalg.norm(interpolate(a, b, 9, mode), axis=1) for mode in ("linear", "spherical")}
    np.testing.assert_allclose(lengths["spherical"], math.sqrt(512), rtol=0.1)
    assert lengths["linear"][4] == pytest.approx(math.sqrt(256), rel=0.1)


@pytest.mark.parametrize("mode", ["linear", "spherical"])
def test_many_walks_at_once(mode):
    a, b = (Normal(6).draw(4, noise).numpy() for noise in (NOISE, NOISE.at("end")))
    walks = interpolate(a, b, 5, mode)
    assert walks.shape == (4, 5, 6)
    assert walks.dtype == np.float32
    for walk, start, end in zip(walks, a, b, strict=True):
        np.testing.assert_allclose(walk, interpolate(start, end, 5, mode), atol=1e-6)
        np.testing.assert_allclose(walk[[0, -1]], [start, end], atol=1e-6)


@pytest.mark.parametrize(
    ("start", "end"),
    [([1.0, 2.0], [1.0, 2.0]), ([1.0, 2.0], [2.0, 4.0]), ([1.0], [-3.0]), ([0.0, 0.0], [1.0, 1.0])],
)
def test_a_spherical_walk_without_an_angle_is_linear(start, end):
    np.testing.assert_allclose(interpolate(start, end, 5, "spherical"), interpolate(start, end, 5), atol=1e-6)


OPPOSITE = [
    ([1.0, 0.0], [-1.0, 0.0]),
    ([0.0, 0.0, 2.0], [0.0, 0.0, -2.0]),
    (np.arange(1.0, 9), -np.arange(1.0, 9)),
    (np.full(64, 0.3), np.full(64, -0.3) + 1e-9),  # opposite but for rounding
]


@pytest.mark.parametrize(("start", "end"), OPPOSITE)
def test_a_walk_to_the_opposite_stays_on_the_sphere(start, end):
    walk = interpolate(start, end, 9, "spherical").astype("float64")
    np.testing.assert_allclose(np.linalg.norm(walk, axis=1), np.linalg.norm(start), rtol=1e-6)
    np.testing.assert_allclose(walk[[0, -1]], [start, end], atol=1e-6)
    turns = np.sum(walk[1:] * walk[:-1], axis=1) / np.sum(np.square(start))
    np.testing.assert_allclose(turns, np.cos(np.pi / 8), atol=1e-6)  # at one speed
    np.testing.assert_allclose(walk + walk[::-1], 2 * walk[4] * np.sin(np.pi * np.arange(9) / 8)[:, None], atol=1e-5)


def test_opposite_ends_of_two_lengths_and_among_others():
    a = np.array([[3.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    b = np.array([[-1.0, 0.0], [1.0, 0.0], [2.0, 2.0]])
    walks = interpolate(a, b, 5, "spherical")
    np.testing.assert_allclose(np.linalg.norm(walks[0], axis=1), [3, 2.5, 2, 1.5, 1], atol=1e-6)
    for walk, start, end in zip(walks, a, b, strict=True):
        np.testing.assert_allclose(walk, interpolate(start, end, 5, "spherical"), atol=1e-6)


@pytest.mark.parametrize(
    ("start", "end"),
    [*OPPOSITE, ([1.0, 2.0], [2.0, 4.0]), ([0.0, 0.0], [1.0, 1.0]), ([1.0, 0.0], [0.5, 2.0]), ([1.0], [-3.0])],
)
def test_an_exported_walk_is_the_same(start, end):
    ends = (tf.constant(np.asarray(each, "float32")) for each in (start, end))
    walk = tf.function(lambda a, b, steps: exported.walk(a, b, steps, Normal(len(start))), autograph=False)
    made = walk(*ends, tf.constant(7))
    np.testing.assert_allclose(made, interpolate(start, end, 7, "spherical"), atol=2e-6)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (np.zeros(3), np.zeros(4)),
        (np.zeros((2, 3)), np.zeros(3)),
        (0.0, 1.0),
        (np.zeros((1, 2, 3)), np.zeros((1, 2, 3))),
    ],
)
def test_walks_between_unlike_ends_are_refused(start, end):
    with pytest.raises(ValueError, match=r"`start` and `end` must have the same shape.*start\.shape=\(.*end\.shape=\("):
        interpolate(start, end, 3)


@pytest.mark.parametrize("steps", [1, 0, -2, 2.5, "3", None])
def test_a_walk_of_too_few_steps_is_refused(steps):
    with pytest.raises(ValueError, match=r"`steps` must be .*at least 2. Received: steps="):
        interpolate([0.0], [1.0], steps)


@pytest.mark.parametrize("mode", ["cubic", "Linear", None])
def test_an_unknown_walk_is_refused(mode):
    with pytest.raises(ValueError, match=r"`mode` must be 'linear' or 'spherical'. Received: mode="):
        interpolate([0.0], [1.0], 3, mode)
