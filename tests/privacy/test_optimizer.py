import math

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_gan.noise import Noise
from keras_gan.privacy import PrivateOptimizer

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(5, 3)).astype("float32"), RNG.normal(size=5).astype("float32")
NOISE = Noise((0, "test"), index=3)


def weights(*shapes):
    return [keras.Variable(np.full(shape, 0.5, "float32")) for shape in shapes]


def squares(variables):
    """The loss of an example of a linear regression."""
    w, b = variables
    return lambda i: (tf.reduce_sum(tf.gather(X, i) * w.value) + b.value - tf.gather(Y, i)) ** 2


def test_gradients_are_clipped_one_by_one_by_the_norm_of_all_weights():
    variables, clip = weights((3,), ()), 3.0
    residual = X @ np.full(3, 0.5) + 0.5 - Y
    each = np.concatenate([2 * residual[:, None] * X, 2 * residual[:, None]], axis=1)
    norms = np.linalg.norm(each, axis=1)
    assert 0 < (norms > clip).sum() < len(norms)
    expected = (each * np.minimum(1, clip / norms)[:, None]).mean(0)
    optimizer = PrivateOptimizer("sgd", clip, noise_multiplier=0)

    def run():
        return optimizer.gradients(squares(variables), 5, variables, NOISE)

    for found in (run(), tf.function(run, autograph=False)()):
        np.testing.assert_allclose(np.append(*found), expected, rtol=1e-5)


def test_the_noise_has_the_deviation_of_clip_and_multiplier():
    variables = weights((100, 100), (100, 100), ())
    optimizer = PrivateOptimizer("sgd", l2_norm_clip=3.0, noise_multiplier=0.5)

    def nothing(i):
        return tf.reduce_sum(variables[0].value) * 0.0  # the others have no gradient at all

    first, second, number = (x.numpy() for x in optimizer.gradients(nothing, 4, variables, NOISE))
    for drawn in (first, second):
        assert drawn.std() == pytest.approx(3.0 * 0.5 / 4, rel=0.02)
        assert abs(drawn.mean()) < 4 * drawn.std() / 100
    assert abs(np.corrcoef(first.ravel(), second.ravel())[0, 1]) < 0.04
    assert number.shape == ()
    assert number != 0
    again = optimizer.gradients(nothing, 4, variables, NOISE)[0].numpy()
    elsewhere = optimizer.gradients(nothing, 4, variables, Noise((0, "test"), index=4))[0].numpy()
    np.testing.assert_array_equal(again, first)
    assert abs(np.corrcoef(elsewhere.ravel(), first.ravel())[0, 1]) < 0.04


def test_it_updates_as_the_optimizer_within():
    (mine,), (other,) = weights((3,)), weights((3,))
    private, plain = PrivateOptimizer(keras.optimizers.Adam(0.1)), keras.optimizers.Adam(0.1)
    private.build([mine])
    for gradient in ([1.0, 2.0, 3.0], [0.0, -1.0, 5.0]):
        private.apply_gradients([(tf.constant(gradient), mine)])
        plain.apply_gradients([(tf.constant(gradient), other)])
    np.testing.assert_array_equal(mine.numpy(), other.numpy())
    assert int(private.iterations) == 2
    private.learning_rate = 0.5
    assert float(private.inner_optimizer.learning_rate) == 0.5


def test_it_round_trips():
    optimizer = PrivateOptimizer(keras.optimizers.SGD(0.25, momentum=0.5), 0.5, 1.5)
    restored = keras.optimizers.deserialize(keras.optimizers.serialize(optimizer))
    assert restored.get_config() == optimizer.get_config()
    assert restored.inner_optimizer.momentum == 0.5


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"l2_norm_clip": 0}, "`l2_norm_clip` must be .*Received: l2_norm_clip=0"),
        ({"l2_norm_clip": float("inf")}, "`l2_norm_clip` must be "),
        ({"noise_multiplier": -1}, "`noise_multiplier` must be .*Received: noise_multiplier=-1"),
        ({"inner_optimizer": "adamant"}, "`inner_optimizer` must be "),
        ({"inner_optimizer": PrivateOptimizer("sgd")}, "`inner_optimizer` must not be a PrivateOptimizer"),
    ],
)
def test_what_it_refuses(arguments, message):
    with pytest.raises(ValueError, match=message):
        PrivateOptimizer(**{"inner_optimizer": "sgd", **arguments})


@pytest.mark.parametrize("scale", [1e15, 1e19, 1e20, 3e38, math.inf, math.nan])
def test_one_example_changes_the_sum_by_no_more_than_the_clip(scale):
    """Squares of great gradients overflow; those that are no numbers count as zero."""
    variables, clip = weights((3,), ()), 0.7
    direction = np.array([0.6, 0.0, -0.3], "float32")

    def loss(i):
        sloped = tf.reduce_sum(tf.constant(direction) * variables[0].value) * tf.constant(scale, tf.float32)
        return tf.where(i == 0, sloped, 0.0) if np.isfinite(scale) else sloped * tf.cast(i == 0, tf.float32)

    found = PrivateOptimizer("sgd", clip, noise_multiplier=0).gradients(loss, 1, variables, NOISE)
    expected = clip * direction / np.linalg.norm(direction) if np.isfinite(scale) else np.zeros(3)
    np.testing.assert_allclose(found[0], expected, rtol=1e-6)
    np.testing.assert_array_equal(found[1], 0)


@pytest.mark.parametrize("scale", [0.0, 1e-30, 1e-10])
def test_small_gradients_stay(scale):
    variables = weights((3,), ())
    found = PrivateOptimizer("sgd", 1.0, noise_multiplier=0).gradients(
        lambda i: scale * tf.reduce_sum(variables[0].value) + 0.0 * tf.cast(i, tf.float32), 1, variables, NOISE
    )
    np.testing.assert_allclose(found[0], np.full(3, scale, "float32"), rtol=1e-6)
