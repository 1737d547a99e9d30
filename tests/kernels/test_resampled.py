"""Convolutions beside a change of resolution against TensorFlow's own, with first and second derivatives."""

import collections

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_gan import kernels, layers
from keras_gan.kernels import resampled, rules
from keras_gan.play import players

WAYS = {
    "enlarged": (
        lambda x, w, s: tf.nn.conv2d(tf.repeat(tf.repeat(x, s[0], 1), s[1], 2), w, 1, "SAME"),
        resampled.conv2d_of_enlarged,
    ),
    "mean": (
        lambda x, w, s: tf.nn.avg_pool2d(tf.nn.conv2d(x, w, 1, "SAME"), s, s, "VALID"),
        resampled.mean_of_conv2d,
    ),
}
CASES = [((6, 4), (3, 3), (2, 2)), ((3, 6), (5, 1), (3, 2)), ((4, 4), (1, 1), (2, 2)), ((4, 6), (1, 3), (1, 3))]


def draw(*shape, dtype="float64"):
    return tf.cast(np.random.default_rng(0).normal(size=shape), dtype)


def derivatives(operation, x, kernel):
    """The output, the gradients of a loss, and those of the squared norm of these."""
    with tf.GradientTape() as outer:
        outer.watch([x, kernel])
        with tf.GradientTape() as inner:
            inner.watch([x, kernel])
            y = operation(x, kernel)
            loss = tf.reduce_sum(draw(*y.shape, dtype=y.dtype) * y**2)
        first = inner.gradient(loss, [x, kernel])
        norm = sum(tf.reduce_sum(gradient**2) for gradient in first)
    return [y, *first, *outer.gradient(norm, [x, kernel])]


def relative_errors(found, expected):
    return [
        np.max(np.abs(np.asarray(a, "float64") - b)) / np.max(np.abs(b)) for a, b in zip(found, expected, strict=False)
    ]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("size", "kernel", "factors"), CASES, ids=str)
def test_values_and_gradients_are_those_of_tensorflow(way, size, kernel, factors):
    plain, ours = (lambda x, w, f=f: f(x, w, factors) for f in WAYS[way])
    size = size if way == "enlarged" else [length * factor for length, factor in zip(size, factors, strict=True)]
    x, w = draw(2, *size, 3), draw(*kernel, 3, 4)
    expected = [np.asarray(value) for value in derivatives(plain, x, w)]
    assert max(relative_errors(derivatives(ours, x, w), expected)) < 1e-13
    if kernel != (3, 3):
        return
    single = derivatives(ours, tf.cast(x, "float32"), tf.cast(w, "float32"))
    assert max(relative_errors(single, expected)) < 1e-5
    low = [tf.cast(value, "bfloat16") for value in (x, w)]
    exact = derivatives(plain, *(tf.cast(value, "float64") for value in low))
    found, theirs = (relative_errors(derivatives(each, *low)[:3], exact) for each in (ours, plain))
    for error, other in zip(found, theirs, strict=True):
        assert error < max(0.01, 1.5 * other)


def generator(**options):
    """A block as SNGAN's: its first convolution and that of its shortcut come behind an enlargement."""
    x = inputs = keras.Input((8, 8, 4))
    h = layers.SpectralNormalization(keras.layers.Conv2D(5, 3, padding="same", activation="relu"))(
        layers.UpSampling2D()(x)
    )
    shortcut = keras.layers.Conv2D(5, 1, padding="same", bias_initializer="ones")(keras.layers.UpSampling2D()(x))
    return keras.Model(inputs, keras.layers.Add()([h, shortcut]), **options)


def discriminator():
    x = inputs = keras.Input((16, 16, 5))
    h = layers.SpectralNormalization(keras.layers.Conv2D(4, 3, padding="same", bias_initializer="ones"))(x)
    shortcut = keras.layers.AveragePooling2D(2)(keras.layers.Conv2D(4, 1, padding="same")(x))
    return keras.Model(inputs, keras.layers.Add()([keras.layers.AveragePooling2D(2)(h), shortcut]))


def shapes(function, *inputs):
    """The height of each convolution's output, of those that the result needs."""
    graph = tf.function(function, autograph=False).get_concrete_function(*inputs).graph
    needed, left = set(), [tensor.op for tensor in graph.outputs]
    while left:
        operation = left.pop()
        if operation not in needed:
            needed.add(operation)
            left += [tensor.op for tensor in operation.inputs]
    kinds = ("Conv2D", "Conv2DBackpropInput")
    return collections.Counter((each.type, each.outputs[0].shape[1]) for each in needed if each.type in kinds)


@pytest.mark.learns
@pytest.mark.parametrize("make", [generator, discriminator])
def test_a_player_gives_what_it_gave(make):
    keras.utils.set_random_seed(0)
    player = make()
    x = draw(2, *player.input_shape[1:], dtype="float32")

    def twice(x):
        """The output, and the gradients of a penalty by all weights."""
        weights = [variable.value for variable in player.trainable_variables]
        with tf.GradientTape() as outer:
            outer.watch(weights)
            with tf.GradientTape() as inner:
                inner.watch(x)
                y = players.call(player, x, training=True)
                squares = y**2
            penalty = tf.reduce_sum(inner.gradient(squares, x) ** 2)
        return y, *outer.gradient(penalty, weights)

    plain, plainly = tf.function(twice, autograph=False)(x), shapes(lambda x: players.call(player, x), x)
    with kernels.used():
        inside, ours = tf.function(twice, autograph=False)(x), shapes(lambda x: players.call(player, x), x)
        np.testing.assert_array_equal(twice(x)[0], plain[0])  # eagerly nothing is pruned: it is Keras's
    assert plainly == {("Conv2D", 16): 2}
    assert ours == ({("Conv2D", 8): 1, ("Conv2DBackpropInput", 16): 1} if make is generator else {("Conv2D", 8): 2})
    for one, other in zip(inside, plain, strict=True):
        np.testing.assert_allclose(one, other, rtol=0, atol=2e-5 * np.max(np.abs(other)))


def test_gradients_by_what_enters_and_leaves_a_player_are_there():
    """The last layer of the one enlarges, and the first one of the other convolves: yet each is for itself."""
    z, x = keras.Input((8, 8, 2)), keras.Input((16, 16, 2))
    maker = keras.Model(z, keras.layers.UpSampling2D()(z))
    convolved = keras.layers.Conv2D(3, 3, padding="same")(x)
    judge = keras.Model(x, [convolved, keras.layers.AveragePooling2D(2)(convolved)])
    start = keras.Input((8, 8, 2))
    chain = keras.Sequential([start, maker, judge.layers[1]])

    def gradients(z):
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(z)
            fake = players.call(maker, z)
            features, score = players.call(judge, fake)
        return [tape.gradient(score, each) for each in (fake, features, z)]

    z = draw(1, 8, 8, 2, dtype="float32")
    plain = gradients(z)
    with kernels.used():
        inside = tf.function(gradients, autograph=False)(z)
        assert shapes(lambda z: players.call(chain, z), z) == {("Conv2D", 16): 1}
    for one, other in zip(inside, plain, strict=True):
        np.testing.assert_allclose(one, other, rtol=0, atol=1e-6)


@pytest.mark.learns
def test_what_it_is_used_for():
    small, large = keras.Input((7, 9, 2)), keras.Input((8, 8, 2))
    convolve = keras.layers.Conv2D
    before = {
        "a small map": (small, keras.layers.UpSampling2D(), convolve(3, 3, padding="same")),
        "valid": (large, keras.layers.UpSampling2D(), convolve(3, 3)),
        "a stride": (large, keras.layers.UpSampling2D(), convolve(3, 3, strides=2, padding="same")),
        "an even kernel": (large, keras.layers.UpSampling2D(), convolve(3, 4, padding="same")),
        "bilinear": (large, layers.UpSampling2D(interpolation="bilinear"), convolve(3, 3, padding="same")),
        "another pooling": (keras.Input((16, 16, 2)), convolve(3, 3, padding="same"), keras.layers.MaxPooling2D()),
        "overlapping": (keras.Input((32, 32, 2)), convolve(3, 3, padding="same"), keras.layers.AveragePooling2D(3, 2)),
        "a rest": (keras.Input((17, 17, 2)), convolve(3, 3, padding="same"), keras.layers.AveragePooling2D(2)),
        "activated": (
            keras.Input((16, 16, 2)),
            convolve(3, 3, padding="same", activation="relu"),
            keras.layers.AveragePooling2D(2),
        ),
    }
    for name, (inputs, first, second) in before.items():
        model = keras.Sequential([inputs, first, second])
        x = tf.TensorSpec((1, *model.input_shape[1:]))
        plain = shapes(lambda x, model=model: players.call(model, x), x)
        with kernels.used():
            assert shapes(lambda x, model=model: players.call(model, x), x) == plain, name


def test_the_resampling_layers_are_listed():
    kinds = [keras.layers.AveragePooling2D, layers.UpSampling2D, keras.layers.UpSampling2D]
    found = [
        type(layer)
        for player in (discriminator(), generator())
        for layer in player._flatten_layers()
        if kernels.computes(resampled.overrides(layer))
    ]
    assert collections.Counter(found) == {kinds[0]: 2, kinds[1]: 1, kinds[2]: 1}
    assert resampled.overrides in rules.LAYERS.values()
