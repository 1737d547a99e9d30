"""In 16 bits the gradients of all layers are those of float32, to their rounding, however many numbers they sum.

In float32 those of convolutions are TensorFlow's, by operations that are not joined.
"""

import contextlib

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_gan import GAN, kernels
from keras_gan import layers as own
from keras_gan.ground.biases import add
from keras_gan.play import players

layers = keras.layers
PICTURE, SEQUENCE, VOLUME = (20, 20, 4), (400, 4), (6, 8, 8, 4)


class Scaled(layers.Dense):
    """A layer of the user's own around Keras's."""

    def call(self, inputs):
        return 2 * super().call(inputs)


CASES = {
    "Dense": (lambda **o: layers.Dense(3, **o), PICTURE),
    "Dense, activation": (lambda **o: layers.Dense(3, activation=layers.LeakyReLU(), **o), SEQUENCE),
    "Dense of one unit": (lambda **o: layers.Dense(1, **o), SEQUENCE),
    "subclass": (lambda **o: Scaled(3, **o), PICTURE),
    "EinsumDense": (lambda **o: layers.EinsumDense("abc,cd->abd", (None, 3), bias_axes="d", **o), SEQUENCE),
    "EinsumDense, 2 axes": (lambda **o: layers.EinsumDense("abc,cd->abd", (400, 3), bias_axes="bd", **o), SEQUENCE),
    "Conv1D": (lambda **o: layers.Conv1D(3, 3, padding="causal", **o), SEQUENCE),
    "Conv2D": (lambda **o: layers.Conv2D(20, 3, **o), PICTURE),
    "Conv2D to few": (lambda **o: layers.Conv2D(3, 3, padding="same", **o), (20, 20, 16)),
    "Conv2D from few": (lambda **o: layers.Conv2D(16, 4, strides=2, padding="same", **o), (40, 40, 3)),
    "Conv3D": (lambda **o: layers.Conv3D(3, 3, **o), VOLUME),
    "Conv1DTranspose": (lambda **o: layers.Conv1DTranspose(3, 3, **o), SEQUENCE),
    "Conv2DTranspose": (lambda **o: layers.Conv2DTranspose(32, 4, strides=2, padding="same", **o), PICTURE),
    "Conv3DTranspose": (lambda **o: layers.Conv3DTranspose(3, 3, **o), VOLUME),
    "SeparableConv1D": (lambda **o: layers.SeparableConv1D(3, 3, **o), SEQUENCE),
    "SeparableConv2D": (lambda **o: layers.SeparableConv2D(3, 3, **o), PICTURE),
    "DepthwiseConv1D": (lambda **o: layers.DepthwiseConv1D(3, **o), SEQUENCE),
    "DepthwiseConv2D": (lambda **o: layers.DepthwiseConv2D(3, depth_multiplier=2, **o), PICTURE),
    "TimeDistributed": (lambda **o: layers.TimeDistributed(layers.Dense(3, **o), **o), SEQUENCE),
    "SpectralNormalization": (lambda **o: own.SpectralNormalization(layers.Conv2D(3, 3, **o), **o), PICTURE),
    "WeightNormalization": (lambda **o: own.WeightNormalization(layers.Conv2DTranspose(3, 3, **o), **o), PICTURE),
    "MultiHeadAttention": (lambda **o: Attention(**o), (100, 4)),
    "LayerNormalization": (lambda **o: layers.LayerNormalization(**o), PICTURE),
    "GroupNormalization": (lambda **o: layers.GroupNormalization(2, **o), PICTURE),
    "PReLU": (lambda **o: layers.PReLU(shared_axes=[1, 2], **o), PICTURE),
    "Embedding": (lambda **o: layers.Embedding(3, 4, **o), (400,)),
    "Maxout": (lambda **o: own.Maxout(3, 2, **o), SEQUENCE),
}


class Attention(layers.Layer):
    def __init__(self, **options):
        super().__init__(**options)
        self.attention = layers.MultiHeadAttention(1, 4, **options)

    def build(self, shape):
        self.attention.build(shape, shape)

    def call(self, x):
        return self.attention(x, x)


def model(name, dtype):
    keras.utils.set_random_seed(0)
    make, shape = CASES[name]
    return keras.Sequential([keras.Input(shape, dtype="int32" if len(shape) == 1 else None), make(dtype=dtype)])


def inputs(shape):
    draw = np.random.default_rng(0)
    return tf.constant(draw.integers(0, 3, (32, *shape)) if len(shape) == 1 else draw.uniform(-0.2, 1, (32, *shape)))


def gradients(player, x, scope=contextlib.nullcontext):
    """By all weights, of a sum of all outputs, each times a weight."""
    with scope(), tf.GradientTape() as tape:
        y = tf.cast(players.call(player, x, training=True), "float32")
        weights = tf.constant(np.random.default_rng(1).uniform(0.5, 1, y.shape), "float32")
        total = tf.reduce_sum(y * weights)
    return [tf.convert_to_tensor(g) for g in tape.gradient(total, [v.value for v in player.trainable_variables])]


def assert_near(results, expected, share):
    """Off by a share of each gradient's largest number; a gradient may be 0, such as that of a key's bias."""
    least = 1e-3 * max(np.max(np.abs(theirs)) for theirs in expected)
    for ours, theirs in zip(results, expected, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=share * max(np.max(np.abs(theirs)), least))


@pytest.mark.parametrize("name", CASES)
def test_gradients_are_those_of_float32(name):
    x, reference = inputs(CASES[name][1]), model(name, "float32")
    expected = gradients(reference, x)
    of_sums = 5e-2 if name == "PReLU" else 1e-2  # a plain sum over a float16 batch has 16 bits inside
    for dtype, share in (("mixed_bfloat16", 1e-2), ("mixed_float16", of_sums)):
        player = model(name, dtype)
        player.set_weights(reference.get_weights())
        assert_near(gradients(player, x, kernels.used), expected, share)


@pytest.mark.learns
@pytest.mark.parametrize(
    ("name", "jit_compile"),
    [("Conv2DTranspose", False), ("EinsumDense", False), pytest.param("Conv2D", True, marks=pytest.mark.xla)],
)
def test_in_a_graph_and_under_xla(name, jit_compile):
    x, reference, player = inputs(CASES[name][1]), model(name, "float32"), model(name, "mixed_bfloat16")
    compiled = tf.function(lambda x: gradients(player, x, kernels.used), autograph=False, jit_compile=jit_compile)
    assert_near(compiled(x), gradients(reference, x), 1e-2)


def test_in_float32_a_convolution_computes_the_gradient_by_its_bias_apart():
    keras.utils.set_random_seed(0)
    conv = layers.Conv2D(16, 3, strides=2, activation="relu", bias_initializer="ones")
    player = keras.Sequential([keras.Input((9, 9, 5)), conv, layers.Conv2D(3, 1)])
    x = inputs((9, 9, 5))

    def twice(x):
        """The gradients of a penalty by the kernels and biases, and of the outputs."""
        weights = [variable.value for variable in player.trainable_variables]
        with tf.GradientTape() as outer:
            outer.watch(weights)
            with tf.GradientTape() as inner:
                inner.watch(weights)
                loss = tf.reduce_sum(players.call(player, x, training=True) ** 2)
            first = inner.gradient(loss, weights)
            norm = sum(tf.reduce_sum(gradient**2) for gradient in first)
        return [*first, *outer.gradient(norm, weights)]

    plain = tf.function(twice, autograph=False)(x)
    with kernels.used():
        traced = tf.function(twice, autograph=False).get_concrete_function(x)
        ours = traced(x)
    read = [each.inputs[0].op.type for each in traced.graph.get_operations() if each.type == "BiasAddGrad"]
    assert "Reshape" in read
    for one, other in zip(ours, plain, strict=True):
        np.testing.assert_allclose(one, other, rtol=0, atol=1e-6 * np.max(np.abs(other)))


@pytest.mark.parametrize("dtype", ["mixed_bfloat16", "mixed_float16"])
def test_a_bias_of_several_axes_gathers_small_numbers(dtype):
    """4096 times 1 / 64: in 11 bits the sum would stop at 32."""
    x = keras.Input((256, 4))
    dense = layers.EinsumDense("abc,cde->abde", output_shape=(None, 3, 2), bias_axes="de", dtype=dtype)
    player = keras.Model(x, dense(x))
    with kernels.used(), tf.GradientTape() as tape:
        total = tf.reduce_sum(tf.cast(players.call(player, tf.zeros((16, 256, 4)), training=True), "float32")) / 64
    np.testing.assert_allclose(tape.gradient(total, dense.bias.value), np.full((3, 2), 64.0), rtol=0.01)


def test_channels_first():
    """TensorFlow computes such convolutions on a GPU only: here the addition alone."""
    x, bias = tf.zeros((32, 3, 20, 20), "bfloat16"), tf.zeros((3, 1, 1), "bfloat16")
    with tf.GradientTape() as tape:
        tape.watch(bias)
        total = tf.reduce_sum(tf.cast(add(x, bias), "float32"))
    np.testing.assert_array_equal(tf.cast(tape.gradient(total, bias), "float32"), np.full((3, 1, 1), 32 * 400))


def test_second_derivatives():
    """Of sum(tanh(x + b)^2) by b, then of the square of that: by finite differences in float64."""
    x = np.random.default_rng(0).normal(size=(50, 2))

    def norm(b):
        t = np.tanh(x + b)
        return np.sum(np.sum(2 * t * (1 - t**2), axis=0) ** 2)

    b = np.array([0.5, -0.25])
    expected = [(norm(b + d) - norm(b - d)) / 2e-4 for d in 1e-4 * np.eye(2)]
    bias, x = tf.constant(b, "bfloat16"), tf.constant(x, "bfloat16")
    with tf.GradientTape() as outer:
        outer.watch(bias)
        with tf.GradientTape() as inner:
            inner.watch(bias)
            total = tf.reduce_sum(tf.cast(tf.tanh(add(x, bias)), "float32") ** 2)
        squares = tf.reduce_sum(tf.cast(inner.gradient(total, bias), "float32") ** 2)
    np.testing.assert_allclose(tf.cast(outer.gradient(squares, bias), "float32"), expected, rtol=0.05)


@pytest.mark.learns
def test_a_game_in_bfloat16_moves_a_hidden_bias_as_one_in_float32_does():
    def train(dtype):
        keras.utils.set_random_seed(0)
        generator = keras.Sequential(
            [
                keras.Input((2,)),
                layers.Dense(64, dtype=dtype),
                layers.Reshape((4, 4, 4)),
                layers.Conv2DTranspose(32, 4, strides=4, padding="same", dtype=dtype),  # 8192 numbers for each bias
                layers.Conv2D(1, 1, dtype=dtype),
            ]
        )
        x = keras.Input((16, 16, 1))
        gan = GAN(generator, keras.Model(x, layers.Dense(1)(layers.Flatten()(x))), 2, seed=0)
        gan.compile("wasserstein", keras.optimizers.SGD(1.0), keras.optimizers.SGD(0.0), run_eagerly=True)
        gan.fit(np.zeros((32, 16, 16, 1), "float32"), batch_size=32, verbose=0)
        return generator.layers[2].bias.numpy()

    assert_near([train("mixed_bfloat16")], [train("float32")], 0.02)
