"""GaussianNoise and Dropout."""

import keras
import numpy as np
import pytest
import scipy.stats
import tensorflow as tf

from keras_gan.layers import Dropout, GaussianNoise
from keras_gan.noise import Noise
from keras_gan.play import players

BOTH = pytest.mark.parametrize("make", [lambda **o: GaussianNoise(2.0, **o), lambda **o: Dropout(0.3, **o)])
ONES = np.ones((200, 100), "float32")


def test_the_noise_is_normal():
    e = GaussianNoise(2.0, seed=1)(ONES, training=True).numpy() - ONES
    assert scipy.stats.kstest(e.ravel()[:5000] / 2, "norm").pvalue > 0.01
    assert abs(np.corrcoef(e[0], e[1])[0, 1]) < 0.4


def test_dropout_keeps_its_share_and_the_mean():
    y = Dropout(0.3, seed=1)(ONES, training=True).numpy()
    np.testing.assert_allclose(np.unique(y), [0, 1 / 0.7], rtol=1e-6)
    assert abs((y == 0).mean() - 0.3) < 4 * np.sqrt(0.3 * 0.7 / y.size)


@BOTH
def test_nothing_happens_in_inference_or_at_zero(make):
    np.testing.assert_array_equal(make()(ONES), ONES)
    for layer in (GaussianNoise(0.0), Dropout(0.0)):
        np.testing.assert_array_equal(layer(ONES, training=True), ONES)


@BOTH
def test_calls_draw_differently_and_the_seed_fixes_them(make):
    draws = [[layer(ONES, training=True).numpy() for _ in range(3)] for layer in (make(seed=1), make(seed=1))]
    np.testing.assert_array_equal(*draws)
    a, b, _ = draws[0]
    assert abs(np.corrcoef(a.ravel(), b.ravel())[0, 1]) < 0.03
    other = make(seed=2)(ONES, training=True).numpy()
    assert abs(np.corrcoef(a.ravel(), other.ravel())[0, 1]) < 0.03


@pytest.mark.xla
@BOTH
def test_the_same_with_xla_and_for_unknown_sizes(make):
    draws = []
    for jit in (None, False, True):
        layer = make(seed=3)
        call = lambda x, layer=layer: layer(x, training=True)  # noqa: E731
        if jit is not None:
            signature = None if jit else [tf.TensorSpec((None, None))]
            call = tf.function(call, jit_compile=jit, input_signature=signature, autograph=False)
        draws.append([call(tf.constant(ONES)).numpy() for _ in range(2)])
    exactly = isinstance(layer, Dropout)
    for other in draws[1:]:
        np.testing.assert_allclose(draws[0], other, rtol=0, atol=0 if exactly else 1e-5)


@BOTH
def test_the_game_sets_the_seed(make):
    model = keras.Sequential([keras.Input((100,)), make(), make()])
    assert len(players.seed_states(model)) == 2

    def draw(index):
        players.reseed(model, Noise((0,), index))
        return model(ONES, training=True).numpy()

    np.testing.assert_array_equal(draw(1), draw(1))
    assert (draw(1) != draw(2)).any()


@BOTH
def test_replicas_draw_differently(make):
    reduction = tf.distribute.ReductionToOneDevice()
    strategy = tf.distribute.MirroredStrategy(["/cpu:0", "/cpu:1"], cross_device_ops=reduction)
    with strategy.scope():
        layer = make(seed=4)
    run = tf.function(lambda: strategy.run(lambda: layer(tf.constant(ONES), training=True)), autograph=False)
    a, b = (part.numpy() for part in strategy.experimental_local_results(run()))
    assert abs(np.corrcoef(a.ravel(), b.ravel())[0, 1]) < 0.03
    np.testing.assert_array_equal(a, make(seed=4)(ONES, training=True))
