"""Layers that put something into pictures: a hole in the centre, a composite by a mask."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_gan.layers import Composite, Hole

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(2, 3, 5, 4, 2)).astype("float32")
MASK = (RNG.uniform(size=(3, 5, 4, 1)) > 0.5).astype("float32")


@pytest.mark.parametrize(("height", "width"), [(2, 2), (3, 4), (5, 1), (1, 3)])
def test_a_hole_is_in_the_centre(height, width):
    layer, top, left = Hole(height, width, fill=0.25), (5 - height) // 2, (4 - width) // 2
    piece = Y[:, :height, :width]
    expected = {"fill": X.copy(), "piece": X.copy()}
    for name, inside in (("fill", 0.25), ("piece", piece)):
        expected[name][:, top : top + height, left : left + width] = inside
    np.testing.assert_array_equal(layer(tf.constant(X)), expected["fill"])
    np.testing.assert_array_equal(layer(tf.constant(X), tf.constant(piece)), expected["piece"])
    np.testing.assert_array_equal(keras.layers.Cropping2D(layer.margins(X.shape))(expected["piece"]), piece)


def test_a_composite_is_the_formula():
    x, mask, y = map(tf.constant, (X, MASK, Y))
    np.testing.assert_allclose(Composite(0.5)(x, mask), (1 - MASK) * X + 0.5 * MASK, rtol=1e-6)
    np.testing.assert_allclose(Composite(0.5)(x, mask, y), (1 - MASK) * X + MASK * Y, rtol=1e-6)


@pytest.mark.parametrize(
    ("fill", "inside"),
    [
        (lambda x, y: Hole(2, 2)(x, y[:, :2, :2]), np.pad(np.ones((2, 2)), [(1, 2), (1, 1)])[None, :, :, None]),
        (lambda x, y: Composite()(x, tf.constant(MASK), y), MASK),
    ],
    ids=["hole", "composite"],
)
def test_each_pixel_has_the_gradient_of_where_it_came_from(fill, inside):
    x, y = tf.constant(X), tf.constant(Y)
    with tf.GradientTape() as second:
        second.watch((x, y))
        with tf.GradientTape() as tape:
            tape.watch((x, y))
            score = tf.reduce_sum(fill(x, y) ** 3)
        of_x, of_y = tape.gradient(score, (x, y))
        penalty = tf.reduce_sum(of_x**2) + tf.reduce_sum(of_y**2)
    np.testing.assert_allclose(of_x, (1 - inside) * 3 * X**2, rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(second.gradient(penalty, x), (1 - inside) * 36 * X**3, rtol=1e-5, atol=1e-6)
    changed = tf.reduce_sum(tf.abs(of_y)) / tf.reduce_sum(tf.abs(3 * fill(tf.zeros_like(x), y) ** 2))
    assert float(changed) == pytest.approx(1, rel=1e-5)


def test_pictures_stay_exact_whatever_the_policy_is():
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        layers = Hole(2, 2), Composite()
    finally:
        keras.config.set_dtype_policy("float32")
    x, mask, piece = tf.constant(X), tf.zeros((3, 5, 4, 1)), tf.cast(Y[:, :2, :2], "bfloat16")
    np.testing.assert_array_equal(layers[0](layers[0](x, piece), tf.constant(X[:, 1:3, 1:3])), X)
    np.testing.assert_array_equal(layers[1](x, mask, tf.cast(Y, "bfloat16")), X)


def test_saved_inside_a_model(tmp_path):
    pictures, mask, others = keras.Input((5, 4, 2)), keras.Input((5, 4, 1)), keras.Input((2, 2, 2))
    model = keras.Model([pictures, mask, others], Composite(0.5)(Hole(2, 2)(pictures, others), mask))
    inputs = [X, MASK, Y[:, :2, :2]]
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    assert model.output_shape == (None, 5, 4, 2)
    np.testing.assert_array_equal(again(inputs), model(inputs))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Hole(0, 2), "`height` must be an integer of at least 1. Received: height=0"),
        (lambda: Hole(6, 2)(X), r"must be pictures .* of at least 6 x 2 pixels. Received: shape=\(3, 5, 4, 2\)"),
        (lambda: Hole(2, 2)(X, Y), r"`inside` must have the shape \(3, 2, 2, 2\). Received: shape=\(3, 5, 4, 2\)"),
        (lambda: Composite(float("nan")), "`fill` must be a finite number. Received: fill=nan"),
        (lambda: Composite()(X, Y), r"`mask` must have the shape \(3, 5, 4, 1\), .*Received: shape=\(3, 5, 4, 2\)"),
        (lambda: Composite()(X, MASK, Y[:, :2]), r"`inside` must have the shape of the pictures, .*=\(3, 2, 4, 2\)"),
    ],
)
def test_what_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
