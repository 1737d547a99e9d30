"""Virtual and conditional batch normalisation, and pixel normalisation."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_gan.layers import (
    ConditionalBatchNormalization,
    GroupNormalization,
    PixelNormalization,
    VirtualBatchNormalization,
    set_reference,
)

RNG = np.random.default_rng(0)


def normal(*shape, mean=0.0, std=1.0):
    return (mean + std * RNG.normal(size=shape)).astype("float32")


@pytest.mark.parametrize("shape", [(2, 4, 6, 3), (3, 5, 2)])
def test_instance_normalization_is_of_each_map_of_each_example(shape):
    x, layer = normal(*shape, mean=3, std=2), GroupNormalization(groups=-1, epsilon=1e-5)
    axes = tuple(range(1, len(shape) - 1))
    expected = (x - x.mean(axis=axes, keepdims=True)) / np.sqrt(x.var(axis=axes, keepdims=True) + 1e-5)
    np.testing.assert_allclose(layer(x), expected, atol=1e-5)
    assert [w.numpy().tolist() for w in layer.weights] == [[1.0] * shape[-1], [0.0] * shape[-1]]
    layer.set_weights([scale := 1 + RNG.random(shape[-1]), shift := RNG.random(shape[-1])])
    np.testing.assert_allclose(layer(x), scale * expected + shift, atol=1e-5)


@pytest.mark.parametrize("shape", [(5, 6), (2, 3, 3, 6)])
def test_pixels_have_length_one(shape):
    x = normal(*shape, std=10)
    expected = x / np.sqrt((x.astype("float64") ** 2).mean(axis=-1, keepdims=True) + 1e-8)
    np.testing.assert_allclose(PixelNormalization()(x), expected, rtol=1e-5)
    np.testing.assert_allclose(
        PixelNormalization(3.0)(x)[0], x[0] / np.sqrt((x[0] ** 2).mean(-1, keepdims=True) + 3), rtol=1e-5
    )


def test_a_pixel_of_zeros_has_finite_derivatives():
    x = tf.zeros((1, 3))
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = PixelNormalization()(x)
        gradient = inner.gradient(y, x)
    assert np.isfinite(gradient).all()
    assert np.isfinite(outer.gradient(gradient, x)).all()


@pytest.mark.parametrize("space", [(), (4, 3)])
def test_virtual_statistics_are_their_formula(space):
    reference, x = normal(20, *space, 5, mean=3.0, std=2.0), normal(4, *space, 5)
    layer = VirtualBatchNormalization()
    model = keras.Sequential([keras.Input((*space, 5)), layer])
    layer.gamma.assign(normal(5))
    layer.beta.assign(normal(5))
    set_reference(model, reference)
    axes = tuple(range(1, 1 + len(space)))
    all_axes = (0, *axes)
    r, X = reference.astype("float64"), x.astype("float64")
    mean = (20 * r.mean(axis=all_axes) + X.mean(axis=axes, keepdims=True)) / 21
    squares = (20 * (r**2).mean(axis=all_axes) + (X**2).mean(axis=axes, keepdims=True)) / 21
    expected = layer.gamma.numpy() * (X - mean) / np.sqrt(squares - mean**2 + 1e-5) + layer.beta.numpy()
    np.testing.assert_allclose(model(x, training=True), expected, rtol=1e-4, atol=1e-5)
    np.testing.assert_array_equal(model(x, training=True), model(x, training=False))
    np.testing.assert_allclose(model(x)[:1], model(x[:1]), rtol=1e-5, atol=1e-6)  # no example sees the others


def test_references_pass_through_the_model_in_order(tmp_path):
    first, second = VirtualBatchNormalization(), VirtualBatchNormalization()
    dense = keras.layers.Dense(3, "relu")
    model = keras.Sequential([keras.Input((4,)), first, dense, second])
    z = normal(50, 4, mean=2.0, std=3.0)
    set_reference(model, z)
    inner = dense((z - z.mean(axis=0)) / np.sqrt(z.var(axis=0) + 1e-5)).numpy()
    np.testing.assert_allclose(second.reference_mean, inner.mean(axis=0), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(second.reference_variance, inner.var(axis=0), rtol=1e-4, atol=1e-5)
    assert float(second.reference_count) == 50
    assert not first.initializing
    model.save(tmp_path / "model.keras")
    np.testing.assert_array_equal(keras.models.load_model(tmp_path / "model.keras")(z), model(z))


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "int32"])
def test_a_reference_of_an_array(dtype):
    x = (10 * normal(20, 3, 3, 2)).astype(dtype)
    layer = VirtualBatchNormalization()
    mean, variance = layer.reference(x)
    wide = x.astype("float64")
    for found in (mean, layer.reference_mean):
        np.testing.assert_allclose(found, wide.mean(axis=(0, 1, 2)), rtol=1e-4, atol=1e-5)
    for found in (variance, layer.reference_variance):
        np.testing.assert_allclose(found, wide.var(axis=(0, 1, 2)), rtol=1e-4)
    assert float(layer.reference_count) == 20


def test_a_reference_in_lists_and_none_at_all():
    x = normal(6, 2)
    model = keras.Sequential([keras.Input((2,)), VirtualBatchNormalization()])
    for batch in (x.tolist(), list(x), tuple(x), [x]):
        set_reference(model, np.zeros((1, 2)))
        set_reference(model, batch)
        np.testing.assert_allclose(model.layers[0].reference_mean, x.mean(axis=0), rtol=1e-5, atol=1e-6)
    with pytest.raises(ValueError, match=r"`batch` must be a batch, such as .*Received: a data set"):
        set_reference(model, tf.data.Dataset.from_tensor_slices(x).batch(2))
    with pytest.raises(ValueError, match=r"at least one example\. Received"):
        set_reference(model, x[:0])
    with pytest.raises(ValueError, match=r"at least one example\. Received"):
        model.layers[0].reference(x[:0])
    np.testing.assert_allclose(model.layers[0].reference_mean, x.mean(axis=0), rtol=1e-5, atol=1e-6)


def test_a_model_without_virtual_batch_normalization_is_refused():
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2)])
    with pytest.raises(ValueError, match=r"`model` must contain a VirtualBatchNormalization.*Received: model="):
        set_reference(model, tf.ones((2, 2)))


@pytest.mark.parametrize("space", [(), (3, 2)])
def test_conditional_normalization_is_its_formula(space):
    layer = ConditionalBatchNormalization(5, momentum=0.8)
    x, y = normal(8, *space, 4, mean=2.0, std=3.0), np.array([0, 1, 4, 4, 2, 0, 3, 1])
    layer([x, y])
    gamma, beta = normal(5, 4), normal(5, 4)
    layer.gamma.assign(gamma)
    layer.beta.assign(beta)
    axes = tuple(range(1 + len(space)))
    mean, variance = x.mean(axis=axes), x.var(axis=axes)
    spread = (8, *[1] * len(space), 4)

    def expected(mean, variance):
        z = (x - mean) / np.sqrt(variance + 1e-5)
        return gamma[y].reshape(spread) * z + beta[y].reshape(spread)

    np.testing.assert_allclose(layer([x, y], training=True), expected(mean, variance), rtol=1e-3, atol=1e-4)
    moved = 0.2 * mean, 0.8 + 0.2 * variance
    np.testing.assert_allclose(layer([x, y]), expected(*moved), rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("synchronized", [True, False])
def test_conditional_normalization_over_replicas(synchronized):
    x, y = normal(8, 4, std=3.0), np.arange(8) % 3
    reduction = tf.distribute.ReductionToOneDevice()
    strategy = tf.distribute.MirroredStrategy(["/cpu:0", "/cpu:1"], cross_device_ops=reduction)
    with strategy.scope():
        layer = ConditionalBatchNormalization(3, synchronized=synchronized)
        layer.build([(None, 4), (None,)])
    x_parts, y_parts = (
        strategy.experimental_distribute_values_from_function(
            lambda context, a=a: tf.constant(a[4 * context.replica_id_in_sync_group :][:4])
        )
        for a in (x, y)
    )
    run = tf.function(lambda x, y: strategy.run(lambda x, y: layer([x, y], training=True), (x, y)), autograph=False)
    together = np.concatenate(strategy.experimental_local_results(run(x_parts, y_parts)))
    alone = ConditionalBatchNormalization(3)([x, y], training=True)
    assert np.allclose(together, alone, atol=1e-4) is synchronized
