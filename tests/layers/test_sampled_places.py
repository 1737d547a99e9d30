import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_gan.layers import SampledPlaces

RNG = np.random.default_rng(0)


def test_places_are_those_of_the_largest_numbers():
    x, noise = RNG.normal(size=(5, 2, 3, 4)).astype("float32"), RNG.uniform(size=(5, 9)).astype("float32")
    y = SampledPlaces(4)([x, noise]).numpy()
    for example, drawn, found in zip(x, noise, y, strict=True):
        places = np.argsort(-drawn[:6])[:4]  # further numbers are for larger maps
        np.testing.assert_array_equal(found, [example[place // 3, place % 3] for place in places])


def test_every_place_is_as_likely_and_none_is_taken_twice():
    x = np.tile(np.arange(6.0, dtype="float32").reshape(1, 2, 3, 1), (4000, 1, 1, 1))
    y = SampledPlaces(2)([x, RNG.uniform(size=(4000, 6)).astype("float32")]).numpy()[..., 0]
    assert (y[:, 0] != y[:, 1]).all()
    shares = np.bincount(y.ravel().astype(int), minlength=6) / len(y)
    np.testing.assert_allclose(shares, 1 / 3, atol=4 * np.sqrt(2 / 9 / 4000))


def test_a_small_map_is_taken_whole_and_the_same_places_are_of_one_size():
    noise = RNG.uniform(size=(2, 16)).astype("float32")
    small, x = (RNG.normal(size=(2, side, side, 1)).astype("float32") for side in (2, 4))
    layer = SampledPlaces(5)
    np.testing.assert_array_equal(np.sort(layer([small, noise])[..., 0]), np.sort(small.reshape(2, 4)))
    np.testing.assert_array_equal(2 * SampledPlaces(5)([x, noise]), SampledPlaces(5)([2 * x, noise]))
    assert layer.compute_output_shape([(None, 2, 2, 7), (None, 16)]) == (None, 4, 7)
    assert layer.compute_output_shape([(None, 4, 4, 7), (None, 16)]) == (None, 5, 7)


def test_noise_keeps_its_precision():
    """In float16 the numbers of a large map would be equal by the hundred, and the first places preferred."""
    side, places = 64, 4096
    x = np.arange(float(places), dtype="float32").reshape(1, side, side, 1) / places
    y = SampledPlaces(16, dtype="mixed_float16")([x, RNG.uniform(0.9999, 1, (1, places)).astype("float32")])
    assert y.dtype == tf.float16
    assert 0.25 < np.mean(y) < 0.75


@pytest.mark.parametrize(
    ("map_", "noise", "message"),
    [
        ((4, 4, 1), (15,), r"a number for each of 16 places. Received: shape=\(None, 15\)"),
        ((None, 4, 1), (16,), r"The inputs must be a map \(N, H, W, C\) of known size and noise \(N, K\)"),
        ((4, 1), (16,), r"The inputs must be a map \(N, H, W, C\) of known size and noise \(N, K\)"),
    ],
)
def test_inputs_that_do_not_fit_are_refused(map_, noise, message):
    with pytest.raises(ValueError, match=message):
        SampledPlaces()([keras.Input(map_), keras.Input(noise)])


def test_a_count_below_one_is_refused():
    with pytest.raises(ValueError, match=r"`count` must be .*Received: count=0"):
        SampledPlaces(0)


@pytest.mark.xla
def test_the_same_with_xla():
    x, noise = tf.constant(RNG.normal(size=(2, 3, 3, 2))), tf.constant(RNG.uniform(size=(2, 9)), tf.float32)
    layer, found = SampledPlaces(4, dtype="float64"), []

    def run(x, noise):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = layer([x, noise])
            loss = tf.reduce_sum(y**3)
        return y, tape.gradient(loss, x)

    for jit_compile in (False, True):
        found.append(tf.function(run, jit_compile=jit_compile, autograph=False)(x, noise))
    for plain, compiled in zip(*found, strict=True):
        np.testing.assert_allclose(plain, compiled, rtol=1e-12)
    assert np.count_nonzero(np.asarray(found[0][1]).any(axis=-1)) == 2 * 4
