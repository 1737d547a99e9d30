"""The layers that compare the examples of a batch."""

import numpy as np
import pytest
import tensorflow as tf

from keras_gan.layers import MinibatchDiscrimination, MinibatchStandardDeviation

RNG = np.random.default_rng(0)


def two_replicas():
    reduction = tf.distribute.ReductionToOneDevice()
    return tf.distribute.MirroredStrategy(["/cpu:0", "/cpu:1"], cross_device_ops=reduction)


def discrimination(f, T):
    M = (f @ T).reshape(len(f), 3, 2)
    o = np.zeros((len(f), 3))
    for i in range(len(f)):
        for j in range(len(f)):
            if i != j:
                o[i] += np.exp(-np.abs(M[i] - M[j]).sum(axis=-1))
    return np.concatenate([f, o], axis=1)


def deviation(x, group, features, epsilon=1e-8):
    count, out = len(x), []
    for i in range(count):
        members = x[i % (count // group) :: count // group]
        s = np.sqrt(members.var(axis=0) + epsilon).reshape(-1, features, x.shape[-1] // features).mean(axis=(0, 2))
        out.append(np.concatenate([x[i], np.broadcast_to(s, (*x.shape[1:-1], features))], axis=-1))
    return np.stack(out)


def test_discrimination_is_its_formula():
    layer = MinibatchDiscrimination(3, 2)
    f = RNG.normal(size=(5, 4)).astype("float32")
    y = layer(f)
    np.testing.assert_allclose(y, discrimination(f, layer.kernel.numpy()), rtol=1e-5)


def test_discrimination_keeps_small_closeness():
    # exp(-20) = 2e-9 beside the example's own exp(0) = 1 is lost in float32
    layer = MinibatchDiscrimination(1, 1, kernel_initializer="ones")
    np.testing.assert_allclose(layer(np.array([[0.0], [20.0]]))[:, 1], [np.exp(-20)] * 2, rtol=1e-4)


@pytest.mark.parametrize("shape", [(8, 6), (8, 3, 2, 6)])
@pytest.mark.parametrize(("group", "features"), [(4, 1), (2, 3), (None, 2), (16, 1), (1, 1), (8, 1)])
def test_deviation_is_its_formula(shape, group, features):
    x = RNG.normal(size=shape).astype("float32")
    expected = deviation(x.astype("float64"), min(group or 8, 8), features)
    np.testing.assert_allclose(MinibatchStandardDeviation(group, features)(x), expected, rtol=1e-5, atol=1e-7)


def test_a_group_that_does_not_divide_the_batch():
    layer = MinibatchStandardDeviation(4)
    x = RNG.normal(size=(6, 2)).astype("float32")
    message = r"`group_size` must divide a batch of training. Received: group_size=4, a batch of 6"
    with pytest.raises(ValueError, match=message):
        layer(x, training=True)
    np.testing.assert_allclose(layer(x), deviation(x, 6, 1), rtol=1e-5)
    unknown = tf.function(layer, input_signature=[tf.TensorSpec((None, 2))], autograph=False)
    np.testing.assert_allclose(unknown(x), deviation(x, 6, 1), rtol=1e-5)
    np.testing.assert_allclose(unknown(x[:3]), deviation(x[:3], 3, 1), rtol=1e-5)
    x = RNG.normal(size=(8, 2)).astype("float32")
    np.testing.assert_allclose(unknown(x), deviation(x, 4, 1), rtol=1e-5)


def test_equal_examples_have_finite_derivatives():
    x = tf.ones((4, 3))
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = MinibatchStandardDeviation()(x)
        gradient = inner.gradient(y, x)
    assert np.isfinite(gradient).all()
    assert np.isfinite(outer.gradient(gradient, x)).all()


@pytest.mark.learns
@pytest.mark.parametrize("split", [[4, 4], [5, 3]])
@pytest.mark.parametrize("make", [lambda: MinibatchDiscrimination(3, 2, "ones"), lambda: MinibatchStandardDeviation(4)])
def test_two_replicas_see_the_global_batch(make, split):
    x = 0.1 * RNG.normal(size=(8, 5)).astype("float32")
    c = RNG.normal(size=8).astype("float32")

    def run(layer, x, c):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = layer(x)
            loss = tf.reduce_sum(c[:, None] * y**2)
        return y, tape.gradient(loss, x)

    expected = run(make(), tf.constant(x), tf.constant(c))
    strategy = two_replicas()
    with strategy.scope():
        layer = make()
        layer.build((None, 5))
    parts = [np.split(a, [split[0]]) for a in (x, c)]
    x, c = (
        strategy.experimental_distribute_values_from_function(
            lambda context, part=part: tf.constant(part[context.replica_id_in_sync_group])
        )
        for part in parts
    )
    results = tf.function(lambda x, c: strategy.run(run, (layer, x, c)), autograph=False)(x, c)
    for result, alone in zip(results, expected, strict=True):
        np.testing.assert_allclose(
            np.concatenate(strategy.experimental_local_results(result)), alone, rtol=1e-4, atol=1e-6
        )
