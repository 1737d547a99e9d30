"""Leaky ReLUs whose gradient reads their output: Keras's numbers to the bit, of first and second order."""

import doctest

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_gan.ground import views
from keras_gan.kernels import leaky

LAYERS = keras.layers
X = np.random.default_rng(0).normal(size=(3, 5)).astype("float32")
X[0, :2] = 0.0, -0.0


def gradients(layer, x):
    """Outputs, and gradients of first and second order by x and by the gradient that comes in."""
    x, dy = tf.constant(x), tf.Variable(np.linspace(-1, 1, x.size).reshape(x.shape).astype(x.dtype))
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = layer(x)
        dx = tape.gradient(y, x, output_gradients=dy)
        total = tf.reduce_sum(dx**2)
    return [y, dx, *outer.gradient(total, [x, dy], unconnected_gradients="zero")]


def test_the_docstring_example_runs():
    assert doctest.testmod(leaky).failed == 0


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    "make",
    [
        lambda dtype: LAYERS.LeakyReLU(0.2, dtype=dtype),
        lambda dtype: LAYERS.LeakyReLU(1.5, dtype=dtype),
        lambda dtype: LAYERS.Activation("leaky_relu", dtype=dtype),
    ],
)
def test_the_numbers_are_those_of_keras_to_the_bit(make, dtype):
    layer = make(dtype)
    x = tf.cast(X, dtype).numpy()
    plain = gradients(layer, x)
    with views.used(leaky.overrides):
        ours = gradients(views.shown(keras.Sequential([keras.Input(x.shape[1:], dtype=dtype), layer])), x)
    for mine, theirs in zip(ours, plain, strict=True):
        np.testing.assert_array_equal(mine, theirs)


@pytest.mark.parametrize("slope", [0.3, 0.0, -0.5])
def test_an_activation_may_be_told_its_slope(slope):
    class Told(LAYERS.Layer):
        activation = staticmethod(keras.activations.leaky_relu)

        def call(self, x):
            return self.activation(x, negative_slope=slope)

    layer = Told()
    plain = gradients(layer, X)
    with views.used(leaky.overrides):
        ours = gradients(views.shown(keras.Sequential([keras.Input(X.shape[1:]), layer])), X)
    for mine, theirs in zip(ours, plain, strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_which_layers():
    assert leaky.overrides(LAYERS.LeakyReLU(0.1))
    assert leaky.overrides(LAYERS.Conv2D(2, 3, activation="leaky_relu"))
    low = LAYERS.LeakyReLU(0.2, dtype="mixed_bfloat16")  # what is fused there has other bits
    for other in (low, LAYERS.LeakyReLU(0.0), LAYERS.ReLU(), LAYERS.Dense(2, activation="relu"), LAYERS.Dense(2)):
        assert not leaky.overrides(other)
    signed = type("Signed", (LAYERS.LeakyReLU,), {})  # a user's own class may compute otherwise
    assert not leaky.overrides(signed(0.1))


@pytest.mark.parametrize("used", [True, False])
def test_no_gradient_of_a_penalty_reads_what_goes_into_a_leaky_relu(used):
    """Where one does, TensorFlow fuses it away all the same: "remapper failed"."""
    model = keras.Sequential([keras.Input((8, 8, 2)), LAYERS.Conv2D(2, 3, padding="same"), LAYERS.LeakyReLU(0.2)])

    @tf.function(autograph=False)
    def step(x):
        with tf.GradientTape() as outer, views.used(*[leaky.overrides] * used):
            with tf.GradientTape() as tape:
                tape.watch(x)
                total = tf.reduce_sum(views.shown(model)(x) ** 2)
            penalty = tf.reduce_sum(tape.gradient(total, x) ** 2) + total
        return outer.gradient(penalty, [weight.value for weight in model.trainable_variables])

    graph = step.get_concrete_function(tf.TensorSpec((2, 8, 8, 2))).graph
    read = {each.inputs[1].op.type for each in graph.get_operations() if each.type == "LeakyReluGrad"}
    assert read == ({"StopGradient"} if used else {"BiasAdd"})
