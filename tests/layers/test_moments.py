"""Batch, layer and group normalization beside Keras's layers of these names, far from 0, and over replicas."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_gan import kernels, layers
from keras_gan.play import players

RNG = np.random.default_rng(0)
KINDS = {
    "BatchNormalization": [{}, {"axis": 1}, {"center": False, "epsilon": 1e-2}, {"scale": False, "momentum": 0.5}],
    "LayerNormalization": [{}, {"axis": [1, 2]}, {"axis": (-1, 1), "center": False}, {"scale": False}],
    "GroupNormalization": [{"groups": 2}, {"groups": -1}, {"groups": 3, "axis": 1}, {"groups": 1, "scale": False}],
}
CASES = [(name, options) for name, each in KINDS.items() for options in each]


def normal(*shape, mean=0.0):
    return (mean + RNG.normal(size=shape)).astype("float32")


@pytest.mark.parametrize(("name", "options"), CASES, ids=str)
def test_as_keras(name, options):
    x, training = normal(3, 6, 4, 8, mean=1.0), {"training": True} if name == "BatchNormalization" else {}
    ours, stock = getattr(layers, name)(**options), getattr(keras.layers, name)(**options)
    for layer in (ours, stock):
        layer.build(x.shape)
    values = [normal(*w.shape) ** 2 for w in stock.weights]
    for layer in (ours, stock):
        layer.set_weights(values)
    assert [(w.name, w.shape) for w in ours.weights] == [(w.name, w.shape) for w in stock.weights]
    np.testing.assert_allclose(ours(x, **training), stock(x, **training), atol=1e-5)
    np.testing.assert_allclose(ours(x), stock(x), atol=1e-5)
    for w, expected in zip(ours.weights, stock.weights, strict=True):
        np.testing.assert_allclose(w, expected, atol=1e-5)
    assert ours.get_config() == {**stock.get_config(), "name": ours.name}


def test_a_frozen_layer_and_a_mask_are_as_with_keras():
    x, mask = normal(4, 5, 3, mean=2.0), RNG.uniform(size=(4, 5)) < 0.6
    ours, stock = layers.BatchNormalization(momentum=0.5), keras.layers.BatchNormalization(momentum=0.5)
    expected = stock(x, training=True, mask=mask)
    np.testing.assert_allclose(ours(x, training=True, mask=mask), expected, atol=1e-5)
    np.testing.assert_allclose(ours.moving_variance, stock.moving_variance, atol=1e-6)
    for layer in (ours, stock):
        layer.trainable = False
    np.testing.assert_allclose(ours(x, training=True), stock(x, training=True), atol=1e-5)
    with pytest.raises(ValueError, match=r"`renorm` must be False.*Received: renorm=True"):
        layers.BatchNormalization(renorm=True)


def make(name, synchronized=False):
    """A layer, and the axes of (N, H, W, C) over which it takes its statistics."""
    if name == "conditional":
        return layers.ConditionalBatchNormalization(3, epsilon=1e-7, synchronized=synchronized), (0, 1, 2)
    options = {"synchronized": synchronized} if name == "BatchNormalization" else {"groups": 1} if "Gr" in name else {}
    axes = {"BatchNormalization": (0, 1, 2), "LayerNormalization": 3, "GroupNormalization": (1, 2, 3)}[name]
    return getattr(layers, name)(epsilon=1e-7, **options), axes


def run(layer, x, labels):
    if isinstance(layer, layers.ConditionalBatchNormalization):
        return layer([x, labels], training=True)
    return layer(x, training=True) if isinstance(layer, layers.BatchNormalization) else layer(x)


@pytest.mark.parametrize("name", [*KINDS, "conditional"])
@pytest.mark.parametrize("mean", [0, 100, 1000, 10000])
def test_nothing_cancels_far_from_zero(name, mean):
    x, labels = normal(64, 32, 32, 3, mean=mean), np.zeros(64, "int32")
    layer, axes = make(name)
    exact = x.astype("float64")
    deviation = np.sqrt(exact.var(axes, keepdims=True) + 1e-7)
    expected = (exact - exact.mean(axes, keepdims=True)) / deviation
    np.testing.assert_allclose(run(layer, x, labels), expected, atol=1e-5, rtol=1e-5)


def test_nothing_cancels_in_a_layer_of_keras_that_is_synchronized_while_it_trains():
    x = normal(256, 3, mean=1000)
    layer = keras.layers.BatchNormalization(synchronized=True, epsilon=1e-7)
    model, exact = keras.Sequential([keras.Input((3,)), layer]), x.astype("float64")
    expected = (exact - exact.mean(0)) / np.sqrt(exact.var(0) + 1e-7)
    with kernels.used():
        y = players.call(model, x, training=True)
    np.testing.assert_allclose(y, expected, atol=1e-5, rtol=1e-5)
    np.testing.assert_allclose(layer.moving_variance, 0.99 + 0.01 * exact.var(0), rtol=1e-5)
    assert type(layer) is keras.layers.BatchNormalization


@pytest.mark.learns
@pytest.mark.parametrize("name", ["BatchNormalization", "conditional"])
@pytest.mark.parametrize("mean", [0, 1000])
def test_two_replicas_are_one(name, mean):
    """Outputs, moving averages and the gradient of a penalty, of a batch that is split in two."""
    x, labels, c = normal(8, 2, 2, 3, mean=mean), np.arange(8, dtype="int32") % 3, normal(8, 2, 2, 3)
    reduction = tf.distribute.ReductionToOneDevice()
    strategy = tf.distribute.MirroredStrategy(["/cpu:0", "/cpu:1"], cross_device_ops=reduction)
    with strategy.scope():
        layer, _ = make(name, synchronized=True)
        layer.build([(None, 2, 2, 3), (None,)] if name == "conditional" else (None, 2, 2, 3))

    def penalize(layer, x, labels, c):
        with tf.GradientTape() as outer:
            outer.watch(x)
            with tf.GradientTape() as inner:
                inner.watch(x)
                y = run(layer, x, labels)
                score = tf.reduce_sum(c * tf.sin(y))
            penalty = tf.reduce_sum(inner.gradient(score, x) ** 2)
        return y, outer.gradient(penalty, x)

    parts = [
        strategy.experimental_distribute_values_from_function(
            lambda context, a=a: tf.constant(a[4 * context.replica_id_in_sync_group :][:4])
        )
        for a in (x, labels, c)
    ]
    run_all = tf.function(lambda *parts: strategy.run(lambda *each: penalize(layer, *each), parts), autograph=False)
    results = zip(*map(strategy.experimental_local_results, run_all(*parts)), strict=True)
    together = [np.concatenate(each) for each in zip(*results, strict=True)]
    alone, _ = make(name, synchronized=True)
    expected = penalize(alone, *map(tf.constant, (x, labels, c)))
    for got, value in zip(together, expected, strict=True):
        np.testing.assert_allclose(got, value, atol=2e-5 * max(1, np.abs(value).max()))
    averages = [v for v in layer.variables if "moving" in v.name]
    for got, value in zip(averages, [v for v in alone.variables if "moving" in v.name], strict=True):
        np.testing.assert_allclose(got, value, rtol=1e-5)
