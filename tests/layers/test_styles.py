"""What StyleGAN2 is made of, beside what its paper says, one example at a time."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_gan.layers import (
    EqualizedLearningRate,
    FilteredResampling2D,
    LearnedMap,
    ModulatedConv2D,
    ScaledNoise,
    StyleMixing,
    Truncation,
)

RNG = np.random.default_rng(0)


def normal(*shape):
    return tf.constant(RNG.normal(size=shape).astype("float32"))


def kernels(layer, w, demodulate):
    """The kernel of each example, by equations 1 and 3."""
    kernel = layer.kernel.numpy().astype("float64") / np.sqrt(np.prod(layer.kernel.shape[:3]))
    for vector in np.asarray(w, "float64"):
        styles = vector @ layer.affine.numpy() / np.sqrt(len(vector)) + layer.affine_bias.numpy()
        made = kernel * styles[:, None]
        yield made / np.sqrt((made**2).sum(axis=(0, 1, 2)) + 1e-8) if demodulate else made


@pytest.mark.parametrize(("size", "demodulate"), [(3, True), (3, False), (1, False)])
def test_a_modulated_convolution_is_one_of_each_example(size, demodulate):
    layer, x, w = ModulatedConv2D(5, size, demodulate), normal(3, 6, 4, 7), normal(3, 8)
    layer([x, w])
    layer.bias.assign(normal(5))
    expected = [
        tf.nn.conv2d(x[i : i + 1], tf.constant(kernel, tf.float32), 1, "SAME")[0] + layer.bias
        for i, kernel in enumerate(kernels(layer, w, demodulate))
    ]
    np.testing.assert_allclose(layer([x, w]), expected, atol=1e-5)


def test_one_that_doubles_the_map_is_one_of_the_enlarged_map():
    """But for the border, where the zeros around the picture come in another order."""
    layer, x, w = ModulatedConv2D(5, 3, upsample=True), normal(2, 6, 5, 7), normal(2, 8)
    y, up = layer([x, w]), FilteredResampling2D(up=2)(x)
    expected = np.stack(
        [
            tf.nn.conv2d(up[i : i + 1], tf.constant(k, tf.float32), 1, "SAME")[0]
            for i, k in enumerate(kernels(layer, w, True))
        ]
    )
    assert y.shape == (2, 12, 10, 5)
    np.testing.assert_allclose(y[:, 2:-2, 2:-2], expected[:, 2:-2, 2:-2], atol=1e-5)


def test_demodulated_outputs_have_variance_1():
    layer, x, w = ModulatedConv2D(64, 3), normal(8, 16, 16, 32), normal(8, 16)
    inside = np.asarray(layer([x, w]))[:, 1:-1, 1:-1]
    np.testing.assert_allclose(inside.var(axis=(1, 2, 3)), 1, atol=0.15)


@pytest.mark.parametrize("make", [lambda **o: keras.layers.Dense(4, **o), lambda **o: keras.layers.Conv2D(4, 3, **o)])
def test_an_equalized_layer_begins_as_it_is_and_moves_by_its_scale(make):
    options = {"kernel_initializer": keras.initializers.RandomNormal(seed=1), "bias_initializer": "ones"}
    plain, equalized = make(**options), EqualizedLearningRate(make(**options), 0.1)
    x = normal(2, 5, 5, 3)
    np.testing.assert_allclose(equalized(x), plain(x), atol=1e-6)
    before, scale = equalized(x), 0.1 / np.sqrt(np.prod(plain.kernel.shape[:-1]))
    moved = normal(*plain.kernel.shape)
    equalized.kernel.assign_add(moved)
    equalized.layer.bias.assign_add(np.ones(4))
    plain.set_weights([scale * moved, np.full(4, 0.1)])
    np.testing.assert_allclose(equalized(x) - before, plain(x), atol=1e-5)


def test_noise_is_drawn_in_training_and_stays_otherwise():
    layer, x = ScaledNoise(seed=1), tf.zeros((3, 4, 5, 2))
    np.testing.assert_array_equal(layer(x, training=True), x)  # its strength is 0
    layer.strength.assign(0.5)
    y = np.asarray(layer(x, training=True))
    assert y.std() == pytest.approx(0.5, rel=0.3)
    np.testing.assert_array_equal(y[..., 0], y[..., 1])
    assert (y[0] != y[1]).all()
    assert (y != np.asarray(layer(x, training=True))).all()
    fixed = layer(x)
    np.testing.assert_array_equal(fixed, layer(x))
    np.testing.assert_array_equal(fixed[0], fixed[1])
    np.testing.assert_allclose(fixed[0, ..., :1], 0.5 * layer.constant, atol=1e-6)


def test_truncation_tracks_the_mean_and_lowers_the_variance():
    layer, w = Truncation(0.9), tf.add(normal(500, 3), [1.0, -2.0, 0.0])
    one, half = tf.ones((500, 1)), tf.fill((500, 1), 0.5)
    for _ in range(100):
        np.testing.assert_array_equal(layer(w, one, training=True), w)
    mean = np.mean(w, axis=0)
    np.testing.assert_allclose(layer.mean, mean, atol=1e-3)
    np.testing.assert_allclose(layer([w, half]), mean + 0.5 * (w - mean), atol=1e-3)
    np.testing.assert_allclose(np.var(layer([w, half]), axis=0), np.var(w, axis=0) / 4, rtol=1e-3)


def test_styles_are_mixed_in_training_as_often_as_asked():
    layer, w, other = StyleMixing(5, 0.8, seed=3), tf.ones((4000, 2)), tf.zeros((4000, 2))
    np.testing.assert_array_equal(layer([w, other]), np.ones((4000, 5, 2)))
    made = np.asarray(layer(w, other, training=True))
    np.testing.assert_array_equal(made[..., 0], made[..., 1])
    assert (np.diff(made[..., 0], axis=1) <= 0).all()  # once other, always other
    counts = np.bincount(made[..., 0].sum(axis=1).astype(int), minlength=6) / 4000
    np.testing.assert_allclose(counts, [0, 0.2, 0.2, 0.2, 0.2, 0.2], atol=0.03)
    np.testing.assert_array_equal(StyleMixing(5, 0.0)(w, other, training=True), np.ones((4000, 5, 2)))


def test_a_learned_map_is_that_of_all_examples():
    layer = LearnedMap((2, 3, 4))
    y = layer(normal(5, 7))
    np.testing.assert_array_equal(y, np.stack([layer.map] * 5))
