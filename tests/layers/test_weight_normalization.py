import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_gan.layers import GaussianNoise, WeightNormalization, initialize_weight_normalization

RNG = np.random.default_rng(0)
WRAPPED = {
    "dense": (lambda **o: keras.layers.Dense(5, activation="relu", **o), (6,)),
    "conv2d": (lambda **o: keras.layers.Conv2D(5, 3, activation="relu", **o), (6, 6, 4)),
    "conv2d_transpose": (lambda **o: keras.layers.Conv2DTranspose(5, 3, activation="relu", **o), (4, 4, 2)),
}
every = pytest.mark.parametrize("name", WRAPPED)


def normal(*shape, mean=0.0, std=1.0):
    return (mean + std * RNG.normal(size=shape)).astype("float32")


def direction(layer):
    """v / ||v||, the norm over all axes but the outputs'."""
    kernel = layer.kernel.numpy()
    axis = kernel.ndim - (2 if "Transpose" in type(layer.layer).__name__ else 1)
    others = tuple(i for i in range(kernel.ndim) if i != axis)
    shape = [-1 if i == axis else 1 for i in range(kernel.ndim)]
    return kernel / np.sqrt((kernel**2).sum(axis=others, keepdims=True)), shape


@every
def test_it_is_its_formula(name):
    make, shape = WRAPPED[name]
    layer, x = WeightNormalization(make()), normal(3, *shape)
    bare = make()
    y = layer(x)
    bare(x)
    bare.set_weights(layer.layer.get_weights())
    np.testing.assert_allclose(y, bare(x), rtol=1e-4, atol=1e-5)  # g begins as ||v||
    layer.g.assign(normal(5))
    v, spread = direction(layer)
    bare.set_weights([v * layer.g.numpy().reshape(spread), *layer.layer.get_weights()[1:]])
    np.testing.assert_allclose(layer(x), bare(x), rtol=1e-4, atol=1e-5)


def test_scaling_v_changes_nothing():
    layer, x = WeightNormalization(keras.layers.Dense(5)), normal(3, 6)
    y = layer(x)
    layer.kernel.assign(7 * layer.kernel.numpy())
    np.testing.assert_allclose(layer(x), y, rtol=1e-5, atol=1e-6)
    assert [w.name for w in layer.trainable_variables] == ["g", "kernel", "bias"]


@every
def test_initialization_standardizes_preactivations(name):
    make, shape = WRAPPED[name]
    layer, x = WeightNormalization(make()), normal(200, *shape, mean=3.0, std=2.0)
    layer(x)
    layer.layer.bias.assign(normal(5))
    y = layer.initialize(x)
    np.testing.assert_allclose(layer(x), y, rtol=1e-5, atol=1e-5)
    assert layer.layer.activation is keras.activations.relu
    assert y.numpy().min() == 0
    layer.layer.activation = None
    t = layer(x).numpy().reshape(-1, 5)
    np.testing.assert_allclose(t.mean(axis=0), 0, atol=1e-4)
    np.testing.assert_allclose(t.std(axis=0), 1, rtol=1e-4)


def test_without_a_bias_only_the_variance_is_set():
    layer, x = WeightNormalization(keras.layers.Dense(5, use_bias=False)), normal(200, 6, mean=3.0)
    t = layer.initialize(x).numpy()
    np.testing.assert_allclose(t.std(axis=0), 1, rtol=1e-4)
    assert np.abs(t.mean(axis=0)).max() > 0.5


def test_a_model_is_initialized_layer_by_layer():
    first = WeightNormalization(keras.layers.Dense(8, activation="relu"))
    skipped = WeightNormalization(keras.layers.Dense(8), data_dependent=False)
    last = WeightNormalization(keras.layers.Dense(4))
    model = keras.Sequential([keras.Input((6,)), first, skipped, last])
    x, before = normal(300, 6, mean=-2.0, std=5.0), [w.numpy() for w in skipped.weights]
    initialize_weight_normalization(model, x)
    y = model(x).numpy()
    np.testing.assert_allclose(y.mean(axis=0), 0, atol=1e-4)
    np.testing.assert_allclose(y.std(axis=0), 1, rtol=1e-4)
    for a, b in zip(before, skipped.weights, strict=True):
        np.testing.assert_array_equal(a, b)
    assert not first.initializing


def test_a_model_that_adds_noise_is_initialized_with_it():
    x, widths = normal(20_000, 6, std=0.5), {}
    for training in (False, True):
        layer = WeightNormalization(keras.layers.Dense(4))
        model = keras.Sequential([keras.Input((6,)), GaussianNoise(1.0, seed=0), layer])
        initialize_weight_normalization(model, x, training=training)
        widths[training] = [model(x, training=each).numpy().std(axis=0) for each in (False, True)]
    # per input a variance of 0.25, and of 1.25 with the noise
    np.testing.assert_allclose(widths[False], [[1.0] * 4, [5**0.5] * 4], rtol=0.03)
    np.testing.assert_allclose(widths[True], [[5**-0.5] * 4, [1.0] * 4], rtol=0.03)


def test_a_model_without_such_a_layer_is_refused():
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2)])
    with pytest.raises(ValueError, match=r"`model` must contain a WeightNormalization.*Received: model="):
        initialize_weight_normalization(model, tf.ones((2, 2)))


def test_a_scope_around_it_keeps_its_averages():
    layer, other, x = *(WeightNormalization(keras.layers.Dense(5)) for _ in range(2)), normal(3, 6)
    layer(x)
    other(x)
    other.set_weights([normal(*w.shape) for w in layer.get_weights()])
    with keras.StatelessScope([(w, o.value) for w, o in zip(layer.weights, other.weights, strict=True)]):
        y = layer(x)
    np.testing.assert_allclose(y, other(x), rtol=1e-5, atol=1e-6)
