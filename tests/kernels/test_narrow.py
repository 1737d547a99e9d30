"""Convolutions to and from few channels against TensorFlow's own, with first and second derivatives."""

import collections

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_gan import GAN, kernels, networks
from keras_gan.kernels import narrow, rules
from keras_gan.play import players

SIZES = [  # (size, channels, kernel, stride, filters): transposed where there is a stride
    ((8, 8), 6, (7, 7), None, 1),
    ((7, 12), 5, (3, 3), None, 3),
    ((5, 6), 4, (3, 2), None, 3),
    ((4, 4), 5, (4, 4), None, 2),
    ((4, 5), 6, (4, 4), (2, 2), 3),
    ((4, 3), 6, (5, 5), (2, 2), 1),
    ((3, 4), 4, (5, 3), (3, 1), 2),
    ((3, 3), 4, (2, 2), (2, 2), 1),
]


FROM_FEW = [((8, 8), 6, (3, 3), (2, 2), 1), ((6, 4), 5, (4, 2), (3, 1), 2), ((7, 6), 5, (3, 3), (2, 2), 1)]


def both(size, channels, kernel, stride, filters, dtype="float32"):
    """The inputs, TensorFlow's operation, and ours."""
    draw = np.random.default_rng(0)
    x = tf.constant(draw.normal(size=(2, *size, channels)), dtype)
    if stride is None:
        weights = tf.constant(draw.normal(size=(*kernel, channels, filters)), dtype)
        return x, weights, lambda x, k: tf.nn.conv2d(x, k, 1, "SAME"), narrow.conv2d_to_few
    weights = tf.constant(draw.normal(size=(*kernel, filters, channels)), dtype)
    shape = (2, size[0] * stride[0], size[1] * stride[1], filters)
    return (
        x,
        weights,
        lambda x, k: tf.nn.conv2d_transpose(x, k, shape, stride, "SAME"),
        lambda x, k: narrow.conv2d_transpose(x, k, stride),
    )


def from_few(size, channels, kernel, stride, few):
    """The same of a convolution from few channels; the stride of the last case does not divide the size."""
    draw = np.random.default_rng(0)
    x, weights = draw.normal(size=(2, *size, few)), draw.normal(size=(*kernel, few, channels))
    return (
        tf.constant(x, "float32"),
        tf.constant(weights, "float32"),
        lambda x, k: tf.nn.conv2d(x, k, stride, "SAME"),
        lambda x, k: narrow.conv2d_from_few(x, k, stride),
    )


@pytest.mark.parametrize(
    ("make", "case"),
    [*((both, case) for case in SIZES), *((from_few, case) for case in FROM_FEW)],
    ids=lambda value: getattr(value, "__name__", str(value)),
)
def test_values_and_gradients_are_those_of_tensorflow(make, case):
    x, kernel, theirs, mine = make(*case)
    cotangent = tf.random.stateless_normal(theirs(x, kernel).shape, (0, 1))

    def evaluate(operation):
        with tf.GradientTape() as outer:
            outer.watch([x, kernel])
            with tf.GradientTape() as inner:
                inner.watch([x, kernel])
                y = operation(x, kernel)
                loss = tf.reduce_sum(cotangent * y**2)
            first = inner.gradient(loss, [x, kernel])
            norm = sum(tf.reduce_sum(gradient**2) for gradient in first)
        return [y, *first, *outer.gradient(norm, [x, kernel])]

    for one, other in zip(evaluate(mine), evaluate(theirs), strict=True):
        np.testing.assert_allclose(one, other, rtol=0, atol=2e-5 * np.max(np.abs(other)))


@pytest.mark.xla
@pytest.mark.parametrize("case", [SIZES[0], SIZES[3]], ids=str)
def test_under_xla_in_bfloat16_and_with_an_unknown_batch_size(case):
    x, kernel, theirs, mine = both(*case, dtype="bfloat16")
    expected = tf.cast(theirs(tf.cast(x, tf.float32), tf.cast(kernel, tf.float32)), tf.float32)
    unknown = tf.TensorSpec((None, *x.shape[1:]), x.dtype)
    for compiled in (
        tf.function(mine, jit_compile=True, autograph=False),
        tf.function(mine, [unknown, tf.TensorSpec(kernel.shape, x.dtype)], autograph=False),
    ):
        y = tf.cast(compiled(x, kernel), tf.float32)
        np.testing.assert_allclose(y, expected, rtol=0, atol=0.005 * np.max(np.abs(expected)))


def kinds(function, x):
    """How many operations of each kind compute function(x)."""
    graph = tf.function(function, autograph=False).get_concrete_function(x).graph
    return collections.Counter(operation.type for operation in graph.get_operations())


@pytest.mark.parametrize("transposed", [False, True])
def test_a_player_gives_what_it_gave_before(transposed):
    keras.utils.set_random_seed(0)
    if transposed:
        generator = networks.dcgan_generator(4, (8, 8, 3), filters=32)
    else:
        last = keras.layers.Conv2D(1, 3, padding="same", activation="tanh", bias_initializer="ones")
        generator = keras.Sequential(
            [keras.Input((4,)), keras.layers.Dense(256), keras.layers.Reshape((4, 4, 16)), last]
        )
    z = np.random.default_rng(0).normal(size=(5, 4)).astype("float32")
    before = generator(z, training=False).numpy()
    plainly = kinds(generator, z)
    with kernels.used():
        inside = players.call(generator, z).numpy()
        assert kinds(lambda z: players.call(generator, z), z) != plainly
    np.testing.assert_array_equal(players.call(generator, z), before)  # nothing is changed outside of training
    np.testing.assert_allclose(inside, before, rtol=0, atol=2e-6)


def test_a_discriminators_gradient_by_the_picture_is_what_it_was():
    keras.utils.set_random_seed(0)
    discriminator = networks.dcgan_discriminator((8, 8, 1))
    x = tf.constant(np.random.default_rng(0).normal(size=(5, 8, 8, 1)), "float32")

    def gradient(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            score = tf.reduce_sum(players.call(discriminator, x))
        return tape.gradient(score, x)

    before, plainly = gradient(x), kinds(gradient, x)
    with kernels.used():
        inside, narrowly = gradient(x), kinds(gradient, x)
    assert narrowly["Conv2DBackpropInput"] == plainly["Conv2DBackpropInput"] - 1
    np.testing.assert_allclose(inside, before, rtol=0, atol=1e-6 * np.max(np.abs(before)))


def test_pictures_of_unknown_size_are_left_to_keras():
    player = keras.Sequential([keras.Input((None, None, 16)), keras.layers.Conv2D(1, 3, padding="same")])
    x = tf.random.stateless_normal((2, 5, 6, 16), (0, 1))
    with kernels.used():
        traced = tf.function(
            lambda x: players.call(player, x), [tf.TensorSpec((None, None, None, 16))], autograph=False
        )
        np.testing.assert_allclose(traced(x), player(x), rtol=0, atol=1e-5)


def test_other_convolutions_are_left_alone():
    layers = keras.layers
    others = [
        layers.Conv2D(8, 3, padding="same"),
        layers.Conv2D(1, 3, padding="valid"),
        layers.Conv2D(1, 3, strides=2, padding="same"),
        layers.Conv2D(1, 3, padding="same", dilation_rate=2),
        layers.Conv2D(2, 3, padding="same", groups=2),
        layers.Conv2D(1, 1, padding="same"),
        layers.Conv2D(5, 3, padding="same"),
        layers.Conv2D(1, (np.int64(3), 3), strides=(np.int64(4), 1), padding="same"),
        layers.Conv2DTranspose(1, 2, strides=3, padding="same"),
        layers.Conv2DTranspose(1, 4, strides=2, padding="same", output_padding=1),
    ]
    for layer in others:
        layer.build((None, 6, 6, 32))
        assert not narrow.overrides(layer), layer.get_config()
    for channels, taken in ((15, False), (16, True)):
        layer = layers.Conv2D(1, (np.int64(3), 3), padding="same")
        layer.build((None, 6, 6, channels))
        assert bool(narrow.overrides(layer)) == taken


def test_a_call_of_the_users_own_is_left_alone():
    layer = keras.layers.Conv2D(1, 3, padding="same")
    player = keras.Sequential([keras.Input((6, 6, 16)), layer])
    layer.call = own = lambda inputs: inputs[..., :1]
    x = tf.random.stateless_normal((2, 6, 6, 16), (0, 1))
    with kernels.used():
        np.testing.assert_array_equal(players.call(player, x), x[..., :1])
    assert layer.call is own


@pytest.mark.learns
@pytest.mark.parametrize("jit_compile", [False, pytest.param(True, marks=pytest.mark.xla)])
def test_training_is_what_it_was(jit_compile, monkeypatch):
    """Second derivatives, in a graph; `dcgan` players of 16 feature maps end and begin in narrow layers."""

    def train():
        keras.utils.set_random_seed(0)
        shape = (8, 8, 1)
        both = networks.dcgan_generator(4, shape, filters=16), networks.dcgan_discriminator(shape, filters=16)
        gan = GAN(*both, 4, seed=0)
        rates = {f"{player}_optimizer": keras.optimizers.SGD(0.05) for player in ("generator", "discriminator")}
        gan.compile("wasserstein + 10 * gradient_penalty + r1", jit_compile=jit_compile, **rates)
        pictures = np.random.default_rng(0).uniform(size=(12, *shape)).astype("float32")
        logs = gan.fit(pictures, batch_size=4, verbose=0).history
        return [*gan.get_weights(), *logs.values()], kinds(gan.train_step, tf.constant(pictures[:4]))

    inside, narrowly = train()
    monkeypatch.setattr(rules, "LAYERS", {})
    plain, plainly = train()
    assert narrowly["Conv2DBackpropInput"] < plainly["Conv2DBackpropInput"]
    for one, other in zip(inside, plain, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)
