import keras
import numpy as np
import pytest

import keras_gan
from keras_gan.networks import mlp_discriminator, mlp_generator

GENERATOR = np.random.default_rng(0)


def normal(*shape):
    return GENERATOR.normal(size=shape).astype("float32")


def call(model, *inputs, training=False):
    inputs = [keras.ops.convert_to_tensor(x) for x in inputs]
    return keras.ops.convert_to_numpy(model(inputs if len(inputs) > 1 else inputs[0], training=training))


def randomize(model):
    """Gives every weight a value of its own, biases too; variances stay positive."""
    model.set_weights([np.abs(normal(*w.shape)) * 0.5 + 0.1 for w in model.get_weights()])
    return model


@pytest.mark.parametrize("shape", [(1,), (2,), (784,), (28, 28, 1), (4, 3, 2)])
@pytest.mark.parametrize("labels", [None, 3])
def test_the_shapes(shape, labels):
    y = [] if labels is None else [np.array([0, 2, 1], "int32")]
    generator = mlp_generator(5, shape, hidden=(8,), labels=labels)
    fake = call(generator, normal(3, 5), *y)
    assert generator.output_shape == (None, *shape)
    assert fake.shape == (3, *shape)
    assert fake.dtype == np.float32
    discriminator = mlp_discriminator(shape, hidden=(8,), labels=labels)
    assert discriminator.output_shape == (None, 1)
    assert call(discriminator, fake, *y).shape == (3, 1)


def test_the_generator_is_its_formula():
    model = randomize(mlp_generator(3, (2, 2), hidden=(4, 5)))
    z = normal(6, 3)
    w1, b1, w2, b2, w3, b3 = model.get_weights()
    expected = np.maximum(np.maximum(z @ w1 + b1, 0) @ w2 + b2, 0) @ w3 + b3
    np.testing.assert_allclose(call(model, z), expected.reshape(6, 2, 2), rtol=1e-5)


def test_the_discriminator_is_its_formula():
    model = mlp_discriminator((2, 3), hidden=(4, 5))
    model.set_weights([normal(*w.shape) for w in model.get_weights()])
    x = normal(6, 2, 3)
    w1, b1, w2, b2, w3, b3 = model.get_weights()

    def leaky(x):
        return np.where(x > 0, x, 0.2 * x)

    expected = leaky(leaky(x.reshape(6, 6) @ w1 + b1) @ w2 + b2) @ w3 + b3
    np.testing.assert_allclose(call(model, x), expected, rtol=1e-4, atol=1e-5)


def test_labels_enter_the_discriminator_by_projection():
    # Miyato & Koyama, 2018: f(x, y) = w . h(x) + b + <e(y), h(x)>
    model = randomize(mlp_discriminator((3,), hidden=(4,), activation="relu", labels=5))
    weights = {w.path: np.asarray(w) for w in model.weights}
    (embedding,) = [w for w in weights.values() if w.shape == (5, 4)]
    (kernel,) = [w for w in weights.values() if w.shape == (3, 4)]
    (score,) = [w for w in weights.values() if w.shape == (4, 1)]
    (bias,) = [w for w in weights.values() if w.shape == (4,)]
    (score_bias,) = [w for w in weights.values() if w.shape == (1,)]
    x, y = normal(8, 3), np.arange(8, dtype="int32") % 5
    features = np.maximum(x @ kernel + bias, 0)
    expected = features @ score + score_bias + np.sum(embedding[y] * features, axis=1, keepdims=True)
    np.testing.assert_allclose(call(model, x, y), expected, rtol=1e-5)


@pytest.mark.parametrize(
    ("options", "count"),
    [
        ({"hidden": (4, 5)}, (2 * 4 + 4) + (4 * 5 + 5) + (5 * 3 + 3)),
        ({"hidden": ()}, 2 * 3 + 3),
        ({"hidden": (4,), "labels": 7}, 7 * 2 + (4 * 4 + 4) + (4 * 3 + 3)),
        ({"hidden": (4,), "normalization": "batch"}, 2 * 4 + 4 * 4 + (4 * 3 + 3)),
        ({"hidden": (4,), "normalization": "layer"}, (2 * 4 + 4) + 2 * 4 + (4 * 3 + 3)),
    ],
)
def test_the_parameters_of_the_generator(options, count):
    assert mlp_generator(2, (3,), **options).count_params() == count


@pytest.mark.parametrize(
    ("options", "count"),
    [
        ({"hidden": (4,)}, (6 * 4 + 4) + (4 + 1)),
        ({"hidden": (4, 5), "dropout": 0.5}, (6 * 4 + 4) + (4 * 5 + 5) + (5 + 1)),
        ({"hidden": (4,), "labels": 3}, (6 * 4 + 4) + (4 + 1) + 3 * 4),
    ],
)
def test_the_parameters_of_the_discriminator(options, count):
    assert mlp_discriminator((2, 3), **options).count_params() == count


@pytest.mark.parametrize(("activation", "low", "high"), [("tanh", -1, 1), ("sigmoid", 0, 1), (None, -np.inf, np.inf)])
def test_the_range_of_the_output(activation, low, high):
    fake = call(mlp_generator(4, (6,), output_activation=activation), 100 * normal(50, 4))
    assert fake.min() >= low
    assert fake.max() <= high
    assert (np.abs(fake).max() > 2) == (activation is None)


def test_every_label_has_an_effect():
    y = np.arange(4, dtype="int32")
    fakes = call(mlp_generator(3, (2,), labels=4), np.tile(normal(1, 3), (4, 1)), y)
    logits = call(mlp_discriminator((2,), labels=4), np.tile(normal(1, 2), (4, 1)), y)
    assert len(np.unique(fakes[:, 0])) == len(np.unique(logits)) == 4


@pytest.mark.learns
def test_batch_normalization_learns_its_statistics_and_layer_normalization_none():
    z = 5 + normal(64, 3)
    batch, layer, plain = (mlp_generator(3, (2,), normalization=name) for name in ("batch", "layer", None))
    for model, alike in ((batch, False), (layer, True), (plain, True)):
        assert np.allclose(call(model, z, training=True)[:1], call(model, z[:1], training=False), atol=1e-5) is alike
    for _ in range(200):
        last = call(batch, z, training=True)
    np.testing.assert_allclose(call(batch, z), last, atol=1e-2)


def test_dropout_is_for_training():
    model = mlp_discriminator((4,), dropout=0.5)
    x = normal(5, 4)
    np.testing.assert_array_equal(call(model, x), call(model, x))
    assert (call(model, x, training=True) != call(model, x, training=True)).any()
    plain = mlp_discriminator((4,))
    np.testing.assert_array_equal(call(plain, x, training=True), call(plain, x))


@pytest.mark.parametrize("labels", [None, 3])
@pytest.mark.parametrize("normalization", [None, "batch", "layer"])
def test_a_saved_model_gives_the_same_output(tmp_path, labels, normalization):
    y = [] if labels is None else [np.array([0, 2, 1], "int32")]
    generator = randomize(mlp_generator(3, (2, 2), hidden=(8,), normalization=normalization, labels=labels))
    discriminator = randomize(mlp_discriminator((2, 2), hidden=(8,), dropout=0.1, labels=labels))
    for model, x in ((generator, normal(3, 3)), (discriminator, normal(3, 2, 2))):
        model.save(tmp_path / "model.keras")
        restored = keras.models.load_model(tmp_path / "model.keras")
        assert restored.name == model.name
        np.testing.assert_array_equal(call(restored, x, *y), call(model, x, *y))


def test_the_names():
    assert mlp_generator(2, (2,)).name == "generator"
    assert mlp_discriminator((2,)).name == "discriminator"
    assert mlp_generator(2, (2,), name="g").name == "g"
    assert mlp_discriminator((2,), name="d").name == "d"


def test_mixed_precision_still_gives_float32():
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_float16")
    try:
        generator, discriminator = mlp_generator(3, (2,), labels=2), mlp_discriminator((2,), labels=2)
    finally:
        keras.config.set_dtype_policy(policy)
    y = np.array([0, 1], "int32")
    assert {layer.compute_dtype for layer in generator.layers if isinstance(layer, keras.layers.Dense)} == {"float16"}
    assert call(generator, normal(2, 3), y).dtype == np.float32
    assert call(discriminator, normal(2, 2), y).dtype == np.float32


@pytest.mark.parametrize("latents", [0, -1, 2.0, True, None, "2"])
def test_latents_that_are_no_count_are_refused(latents):
    with pytest.raises(ValueError, match=rf"`latents` must be an integer of at least 1. Received: latents={latents!r}"):
        mlp_generator(latents, (2,))


@pytest.mark.parametrize("labels", [0, -1, 2.0, True])
def test_labels_that_are_no_count_are_refused(labels):
    message = rf"`labels` must be an integer of at least 1. Received: labels={labels!r}"
    with pytest.raises(ValueError, match=message):
        mlp_generator(2, (2,), labels=labels)
    with pytest.raises(ValueError, match=message):
        mlp_discriminator((2,), labels=labels)


@pytest.mark.parametrize("hidden", [(4,), ()])
@pytest.mark.parametrize("normalization", ["spectral", "Batch", True])
def test_an_unknown_normalization_is_refused(normalization, hidden):
    with pytest.raises(ValueError, match=r"`normalization` must be 'batch', 'layer' or None. Received: normalization="):
        mlp_generator(2, (2,), normalization=normalization, hidden=hidden)


@pytest.mark.parametrize("shape", [2, (0,), (2, -1), (2.5,), None])
def test_a_shape_that_is_none_is_refused(shape):
    with pytest.raises(ValueError, match=r"`output_shape` must .*Received: output_shape="):
        mlp_generator(2, shape)
    with pytest.raises(ValueError, match=r"`input_shape` must .*Received: input_shape="):
        mlp_discriminator(shape)


@pytest.mark.parametrize("hidden", [(0,), (4, -1), (2.5,)])
def test_widths_that_are_none_are_refused(hidden):
    for build in (lambda: mlp_generator(2, (2,), hidden=hidden), lambda: mlp_discriminator((2,), hidden=hidden)):
        with pytest.raises(ValueError, match=r"`(hidden|units)`.*Received: .*(0|-1|2\.5)"):
            build()


def test_a_discriminator_without_hidden_layers_is_refused():
    with pytest.raises(ValueError, match=r"`hidden` must .*Received: hidden=\(\)"):
        mlp_discriminator((2,), hidden=())


@pytest.mark.parametrize("dropout", [1.0, -0.1, 1.5])
def test_a_share_of_dropout_out_of_range_is_refused(dropout):
    with pytest.raises(ValueError, match=rf"`dropout` must be .*Received: dropout={dropout}"):
        mlp_discriminator((2,), dropout=dropout)


def test_maxout_is_the_greatest_of_its_pieces():
    model = randomize(mlp_discriminator((3,), hidden=(4,), pieces=5))
    x = normal(6, 3)
    kernel, bias, score, offset = model.get_weights()
    maps = (x @ kernel.reshape(3, -1) + bias.reshape(-1)).reshape(6, 4, 5)
    np.testing.assert_allclose(call(model, x), maps.max(axis=2) @ score + offset, rtol=1e-4)


def test_a_packed_discriminator_takes_several_examples_at_a_time():
    assert mlp_discriminator((2,), packing=3).input_shape == (None, 6)
    with pytest.raises(ValueError, match=r"`packing` must be an integer of at least 1. Received: packing=0"):
        mlp_discriminator((2,), packing=0)


@pytest.mark.xla
def test_dropout_trains_alike_with_and_without_xla():
    data, results = np.random.default_rng(0).normal(size=(16, 2)).astype("float32"), []
    for jit in (False, True):
        keras.utils.set_random_seed(0)
        discriminator = mlp_discriminator((2,), hidden=(8, 8), dropout=0.5)
        gan = keras_gan.GAN(mlp_generator(2, (2,), hidden=(8,)), discriminator, 2, seed=0)
        gan.compile("hinge", keras.optimizers.SGD(0.1), keras.optimizers.SGD(0.1), jit_compile=jit)
        gan.fit(data, batch_size=8, epochs=2, verbose=0)
        results.append([w.numpy() for w in gan.discriminator.trainable_variables])
    for plain, compiled in zip(*results, strict=True):
        np.testing.assert_allclose(compiled, plain, atol=1e-6)
