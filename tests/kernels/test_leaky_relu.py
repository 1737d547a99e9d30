"""Leaky ReLUs whose gradient reads their output against TensorFlow's own: the same bits, in second derivatives too."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_gan import kernels
from keras_gan.kernels import leaky_relu
from keras_gan.play import players

VALUES = [-np.inf, -3.0, -1e-30, -1e-45, -0.0, 0.0, 1e-45, 1e-30, 0.5, np.inf]


def derivatives(operation, x):
    """The output, the gradient of a loss, and that of the sum of its squares."""
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = operation(x)
            loss = tf.reduce_sum(tf.tanh(y))
        first = inner.gradient(loss, x)
        squares = tf.reduce_sum(first**2)
    return y, first, outer.gradient(squares, x)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("slope", [0.2, 2.0])
def test_the_bits_are_those_of_tensorflow(dtype, slope):
    x = tf.constant(VALUES, dtype)
    ours = derivatives(lambda x: leaky_relu.leaky_relu(x, slope), x)
    theirs = derivatives(lambda x: tf.nn.leaky_relu(x, slope), x)
    for one, other in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(one, other)
    np.testing.assert_allclose(ours[1][2], slope, rtol=1e-6)  # at -1e-30


def test_in_a_player_the_gradient_reads_the_output():
    keras.utils.set_random_seed(0)
    layers = keras.layers
    player = keras.Sequential(
        [keras.Input((8, 8, 1)), layers.Conv2D(16, 3, padding="same"), layers.LeakyReLU(0.2), layers.Conv2D(1, 3)]
    )
    x = tf.constant(np.random.default_rng(0).normal(size=(4, 8, 8, 1)), "float32")

    def gradients(x):
        weights = [variable.value for variable in player.trainable_variables]
        with tf.GradientTape() as tape:
            tape.watch(weights)
            loss = tf.reduce_sum(players.call(player, x, training=True) ** 2)
        return tape.gradient(loss, weights)

    with kernels.used(("leaky_relus",)):
        traced = tf.function(gradients, autograph=False).get_concrete_function(x)
        ours = traced(x)
    plain = tf.function(gradients, autograph=False)(x)
    for one, other in zip(ours, plain, strict=True):
        np.testing.assert_array_equal(one, other)
    reads = [each.inputs[1].op.type for each in traced.graph.get_operations() if each.type == "LeakyReluGrad"]
    assert reads == ["LeakyRelu"]


def test_what_it_is_used_for():
    for slope, dtype, used in ((0.2, "float32", True), (0.0, "float32", False), (0.2, "mixed_bfloat16", False)):
        assert bool(leaky_relu.overrides(keras.layers.LeakyReLU(slope, dtype=dtype))) == used
    assert not leaky_relu.overrides(keras.layers.ReLU(negative_slope=0.2))
