import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from keras_gan import networks
from keras_gan.ema import ExponentialMovingAverage


def test_follows_the_recursion():
    generator = networks.mlp_generator(3, (2,), hidden=(4,))
    ema = ExponentialMovingAverage(generator, 0.8)
    expected = [w.copy() for w in generator.get_weights()]
    for step in range(60):
        generator.set_weights([w + np.sin(step) for w in generator.get_weights()])
        ema.update(generator, tf.constant(step, tf.int64))
        d = min(0.8, (1 + step) / (10 + step))
        expected = [d * e + (1 - d) * w for e, w in zip(expected, generator.get_weights(), strict=True)]
    for shadow, e in zip(ema.shadows, expected, strict=True):
        np.testing.assert_allclose(shadow, e, rtol=2e-5, atol=1e-5)


def test_runs_with_the_shadows_and_leaves_the_generator_alone():
    generator = networks.mlp_generator(3, (2,), hidden=(4,))
    ema = ExponentialMovingAverage(generator, 0.9)
    z = np.ones((2, 3), "float32")
    before = np.asarray(generator(z))
    changed = [w + 1 for w in generator.get_weights()]
    generator.set_weights(changed)
    np.testing.assert_allclose(ema.run(generator, z), before, rtol=1e-6)
    for now, w in zip(generator.get_weights(), changed, strict=True):
        np.testing.assert_array_equal(now, w)


def test_batch_statistics_are_the_generators_own():
    generator = keras.Sequential([keras.Input((1,)), layers.BatchNormalization(epsilon=0)])
    ema = ExponentialMovingAverage(generator, 0.9)
    generator.layers[0].moving_mean.assign([10.0])
    assert float(ema.run(generator, np.array([[10.0]], "float32"))[0, 0]) == pytest.approx(0, abs=1e-6)


def test_a_subclassed_generator_without_a_config_has_an_average():
    class Odd(keras.Model):
        def __init__(self, secret):
            super().__init__()
            self.dense = layers.Dense(secret)

        def call(self, x):
            return self.dense(x)

    generator = Odd(2)
    z = np.ones((1, 3), "float32")
    before = np.asarray(generator(z))
    ema = ExponentialMovingAverage(generator, 0.9)
    generator.dense.kernel.assign(generator.dense.kernel * 0)
    np.testing.assert_allclose(ema.run(generator, z), before, rtol=1e-6)


@pytest.mark.parametrize("decay", [0, 1, 1.5, -0.1, "0.9", True])
def test_range(decay):
    with pytest.raises(ValueError, match=r"`ema` must be a number in \(0, 1\), or None. Received: ema="):
        ExponentialMovingAverage(networks.mlp_generator(3, (2,)), decay)
