"""Convolutions between small maps against TensorFlow's own, with first and second derivatives."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_gan import kernels
from keras_gan.kernels import small_maps
from keras_gan.play import players

layers = keras.layers
CASES = [  # (size of the smaller map, kernel, stride)
    ((4, 3), (4, 4), 2),
    ((3, 2), (5, 3), 2),
    ((3, 4), (3, 4), 1),
    ((2, 2), (3, 3), 3),
]


def draw(*shape):
    return tf.constant(np.random.default_rng(0).normal(size=shape))


def ways(transposed, size, kernel, stride):
    """The inputs, TensorFlow's operation, and ours."""
    small, large = (3, *size, 4), (3, *(length * stride for length in size), 5)
    w = draw(*kernel, 5, 4)
    if transposed:
        return (
            (draw(*small), w),
            lambda y, k: tf.nn.conv2d_transpose(y, k, large, stride, "SAME"),
            lambda y, k: small_maps.conv2d_transpose(y, k, stride),
        )
    return (
        (draw(*large), w),
        lambda x, k: tf.nn.conv2d(x, k, stride, "SAME"),
        lambda x, k: small_maps.conv2d(x, k, stride),
    )


def derivatives(operation, inputs, second=True):
    """The output, the gradients of a loss, and those of the squared norm of these."""
    with tf.GradientTape() as outer:
        outer.watch(inputs)
        with tf.GradientTape() as inner:
            inner.watch(inputs)
            y = operation(*inputs)
            loss = tf.reduce_sum(tf.cast(draw(*y.shape), y.dtype) * y**2)
        first = inner.gradient(loss, inputs)
        norm = sum(tf.reduce_sum(gradient**2) for gradient in first)
    return [y, *first, *(outer.gradient(norm, inputs) if second else [])]


def relative_errors(found, expected):
    return [
        np.max(np.abs(np.asarray(a, "float64") - b)) / np.max(np.abs(b)) for a, b in zip(found, expected, strict=True)
    ]


@pytest.mark.parametrize("transposed", [False, True])
@pytest.mark.parametrize("case", CASES, ids=str)
def test_values_and_gradients_are_those_of_tensorflow(transposed, case):
    inputs, theirs, ours = ways(transposed, *case)
    expected = [np.asarray(value) for value in derivatives(theirs, inputs)]
    assert max(relative_errors(derivatives(ours, inputs), expected)) < 1e-13
    single = derivatives(ours, [tf.cast(value, "float32") for value in inputs])
    assert max(relative_errors(single, expected)) < 1e-5


@pytest.mark.parametrize("transposed", [False, True])
def test_in_bfloat16_sums_are_of_float32(transposed):
    """A sum of 16 x 16 x 9 numbers: its error is that of its rounding, as TensorFlow's is."""
    inputs, theirs, ours = ways(transposed, (6, 6), (4, 4), 2)
    inputs = [tf.cast(value, "bfloat16") for value in inputs]
    exact = [np.asarray(v) for v in derivatives(theirs, [tf.cast(value, "float64") for value in inputs], second=False)]
    errors = [relative_errors(derivatives(way, inputs, second=False), exact) for way in (ours, theirs)]
    for mine, other in zip(*errors, strict=True):
        assert mine < max(0.004, 1.1 * other)


def gradients(player, x):
    """The output, and the gradients by all weights of a penalty on the gradient by x, as products or not."""
    weights = [variable.value for variable in player.trainable_variables]
    with tf.GradientTape(persistent=True) as outer:
        outer.watch(weights)
        with tf.GradientTape() as inner:
            inner.watch(x)
            squares = (y := players.call(player, x, training=True)) ** 2
        penalty = tf.reduce_sum(inner.gradient(squares, x) ** 2)
        loss = tf.reduce_sum(y**2)
    return [y, *outer.gradient(loss, weights), *outer.gradient(penalty, weights)]


def player(dtype="float32", channels=32, size=8, **options):
    keras.utils.set_random_seed(0)
    options = {"padding": "same", "dtype": dtype} | options
    return keras.Sequential(
        [
            keras.Input((size, size, channels)),
            layers.Conv2D(channels, 4, strides=2, activation="tanh", bias_initializer="ones", **options),
            layers.Conv2DTranspose(channels, 4, strides=2, activation="tanh", bias_initializer="ones", **options),
        ]
    )


def products(model):
    """How many matrix products a gradient of the model takes."""
    with kernels.used():
        traced = tf.function(lambda x: gradients(model, x)[1:5], autograph=False).get_concrete_function(
            tf.TensorSpec((2, *model.input_shape[1:]))
        )
    return sum(operation.type == "MatMul" for operation in traced.graph.get_operations())


def test_a_player_gives_what_it_gave():
    model = player()
    x = tf.cast(draw(2, 8, 8, 32), "float32")
    plain = gradients(model, x)
    with kernels.used():
        ours = gradients(model, x)
    for one, other in zip(ours, plain, strict=True):
        np.testing.assert_allclose(one, other, rtol=0, atol=2e-6 * np.max(np.abs(other)))


@pytest.mark.learns
def test_what_it_is_used_for():
    assert products(player()) > 0
    assert products(player(size=10)) == 0  # a map of 5x5 pixels in float32
    assert products(player("mixed_bfloat16", size=10)) > 0
    for options in ({"channels": 31}, {"padding": "valid"}, {"size": 9}):
        assert products(player(**options)) == 0, options
    for options in ({"strides": (1, 2)}, {"strides": 5}, {"dilation_rate": 2}, {"groups": 2}, {"dtype": "float16"}):
        layer = layers.Conv2D(32, 4, **{"padding": "same"} | options)
        layer.build((None, 8, 8, 64))
        assert not small_maps.overrides(layer), options
