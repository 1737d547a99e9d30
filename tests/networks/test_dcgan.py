import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_gan.networks import dcgan_discriminator, dcgan_encoder, dcgan_generator
from keras_gan.networks.dcgan import feature_maps

GENERATOR = np.random.default_rng(0)


def normal(*shape):
    return GENERATOR.normal(size=shape).astype("float32")


def call(model, *inputs, training=False):
    inputs = [keras.ops.convert_to_tensor(x) for x in inputs]
    return keras.ops.convert_to_numpy(model(inputs if len(inputs) > 1 else inputs[0], training=training))


@pytest.mark.parametrize("labels", [None, 3])
@pytest.mark.parametrize(
    "shape",
    [
        (8, 8, 1),
        (28, 28, 1),
        (32, 32, 3),
        (56, 56, 1),
        (64, 64, 3),
        (128, 128, 3),
        (64, 32, 3),
        (28, 64, 1),
        [14, 14, 3],
        (48, 64, 1),
        (96, 96, 3),
    ],
    ids=str,
)
def test_the_shapes(shape, labels):
    y = [] if labels is None else [np.array([2, 0], "int32")]
    generator = dcgan_generator(5, shape, filters=2, labels=labels)
    assert generator.output_shape == (None, *shape)
    fake = call(generator, normal(2, 5), *y)
    assert fake.shape == (2, *shape)
    assert fake.dtype == np.float32
    assert np.abs(fake).max() <= 1
    discriminator = dcgan_discriminator(shape, filters=2, labels=labels)
    assert discriminator.output_shape == (None, 1)
    logits = call(discriminator, fake, *y)
    assert logits.shape == (2, 1)
    assert logits.dtype == np.float32


@pytest.mark.learns
@pytest.mark.parametrize("normalization", [None, "batch", "layer"])
def test_every_weight_learns(normalization):
    z, y = tf.constant(normal(4, 5)), tf.range(4)
    generator = dcgan_generator(5, (16, 16, 1), filters=4, normalization=normalization, labels=4)
    discriminator = dcgan_discriminator((16, 16, 1), filters=4, normalization=normalization, labels=4)
    weights = generator.trainable_variables + discriminator.trainable_variables
    with tf.GradientTape() as tape:
        fake = generator([z, y], training=True)
        value = tf.reduce_sum(tf.math.softplus(discriminator([fake, y], training=True) * [[1.0], [-1.0], [2.0], [3.0]]))
    for weight, gradient in zip(weights, tape.gradient(value, [w.value for w in weights]), strict=True):
        assert gradient is not None, weight.path
        assert np.abs(tf.convert_to_tensor(gradient)).max() > 0, weight.path


def test_feature_maps_double_up_to_512():
    assert feature_maps(32, 3) == [32, 64, 128]
    assert feature_maps(128, 5) == [128, 256, 512, 512, 512]
    assert feature_maps(600, 2) == [600, 600]


@pytest.mark.parametrize(
    ("shape", "options", "count"),
    [
        # a dense layer to 4 x 4 x 2, batch normalisation (4 numbers a map), a transposed convolution with biases
        ((8, 8, 1), {}, 3 * (4 * 4 * 2) + 4 * 2 + (4 * 4 * 2 * 1 + 1)),
        ((16, 16, 3), {}, 3 * (4 * 4 * 4) + 4 * 4 + (4 * 4 * 4 * 2) + 4 * 2 + (4 * 4 * 2 * 3 + 3)),
        ((8, 8, 1), {"normalization": None}, (3 + 1) * (4 * 4 * 2) + (4 * 4 * 2 * 1 + 1)),
        ((8, 8, 1), {"normalization": "layer"}, (3 + 1) * (4 * 4 * 2) + 2 * 2 + (4 * 4 * 2 * 1 + 1)),
        ((8, 8, 1), {"hidden": (5, 7)}, 3 * 5 + 5 * 7 + 7 * (4 * 4 * 2) + 4 * (5 + 7 + 2) + (4 * 4 * 2 * 1 + 1)),
        ((8, 8, 1), {"labels": 5}, 5 * 3 + 6 * (4 * 4 * 2) + 4 * 2 + (4 * 4 * 2 * 1 + 1)),
    ],
)
def test_the_parameters_of_the_generator(shape, options, count):
    assert dcgan_generator(3, shape, filters=2, **options).count_params() == count


@pytest.mark.parametrize(
    ("options", "count"),
    [
        ({"hidden": 0}, (4 * 4 * 3 * 2 + 2) + (4 * 4 * 2 * 4 + 4) + (64 + 1)),
        ({"hidden": 5}, (4 * 4 * 3 * 2 + 2) + (4 * 4 * 2 * 4 + 4) + (64 * 5 + 5) + (5 + 1)),
        ({"hidden": 0, "labels": 3}, (4 * 4 * 3 * 2 + 2) + (4 * 4 * 2 * 4 + 4) + (64 + 1) + 3 * 64),
        ({"hidden": 0, "normalization": "layer"}, (4 * 4 * 3 * 2 + 2) + (4 * 4 * 2 * 4 + 4) + 2 * 4 + (64 + 1)),
    ],
)
def test_the_parameters_of_the_discriminator(options, count):
    # 16 x 16 x 3, halved twice to 4 x 4 x 4: 64 features
    assert dcgan_discriminator((16, 16, 3), filters=2, **options).count_params() == count


def test_the_discriminator_is_its_formula():
    model = dcgan_discriminator((8, 8, 2), filters=3, hidden=0)
    model.set_weights([normal(*w.shape) for w in model.get_weights()])
    kernel, bias, score, score_bias = model.get_weights()
    x = normal(4, 8, 8, 2)
    padded = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
    maps = np.zeros((4, 4, 4, 3))
    for i in range(4):
        for j in range(4):
            window = padded[:, 2 * i : 2 * i + 4, 2 * j : 2 * j + 4]
            maps[:, i, j] = np.tensordot(window, kernel, axes=3) + bias
    features = np.where(maps > 0, maps, 0.2 * maps).reshape(4, -1)
    np.testing.assert_allclose(call(model, x), features @ score + score_bias, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("hidden", [(), (5,), [2, 5]])
def test_the_generator_is_its_formula(hidden):
    model = dcgan_generator(3, (8, 8, 2), filters=3, hidden=hidden, normalization=None)
    model.set_weights([normal(*w.shape) for w in model.get_weights()])
    *dense, kernel, bias = model.get_weights()
    z = features = normal(4, 3)
    for weight, bias_of_dense in zip(dense[::2], dense[1::2], strict=True):
        features = np.maximum(features @ weight + bias_of_dense, 0)
    maps = features.reshape(4, 4, 4, 3)
    # each pixel of the map paints a 4 x 4 stamp, two pixels from its neighbour's; one pixel is cut off all around
    canvas = np.zeros((4, 10, 10, 2))
    for i in range(4):
        for j in range(4):
            canvas[:, 2 * i : 2 * i + 4, 2 * j : 2 * j + 4] += np.einsum("nc,hwoc->nhwo", maps[:, i, j], kernel)
    np.testing.assert_allclose(call(model, z), np.tanh(canvas[:, 1:-1, 1:-1] + bias), rtol=1e-3, atol=1e-4)


def test_an_encoder_is_a_discriminator_with_a_code_in_place_of_the_score():
    encoder = dcgan_encoder((8, 12, 1), 3, filters=2, hidden=5, normalization=None)
    judge = dcgan_discriminator((8, 12, 1), filters=2, hidden=5)
    judge.set_weights([*encoder.get_weights()[:-2], *judge.get_weights()[-2:]])
    x, (kernel, bias) = normal(2, 8, 12, 1), encoder.get_weights()[-2:]
    hidden = call(keras.Model(judge.input, judge.get_layer("hidden_2").output), x)
    assert encoder.output_shape == (None, 3)
    np.testing.assert_allclose(call(encoder, x), hidden @ kernel + bias, rtol=1e-5)
    assert not any("normalization" in layer.name for layer in encoder.layers)
    assert any("normalization" in layer.name for layer in dcgan_encoder((16, 16, 1), 3, filters=2).layers)


def test_labels_enter_the_discriminator_by_projection():
    # the difference between two labels is linear in the features: <e(y) - e(y'), h(x)>
    model = dcgan_discriminator((8, 8, 1), filters=2, hidden=6, labels=3)
    model.set_weights([normal(*w.shape) for w in model.get_weights()])
    x = normal(5, 8, 8, 1)
    (embedding,) = [np.asarray(w) for w in model.weights if w.shape == (3, 6)]
    zero, one, two = (call(model, x, np.full(5, y, "int32"))[:, 0] for y in range(3))
    features = np.stack([one - zero, two - zero], axis=1)  # (N, 2)
    # solving for h on the plane of both differences and asking for a third label
    weights = np.array([0.3, -0.7])
    mixed = embedding[0] + weights @ (embedding[1:] - embedding[0])
    model.get_layer("label_embedding").set_weights([np.stack([mixed] * 3)])
    np.testing.assert_allclose(
        call(model, x, np.zeros(5, "int32"))[:, 0], zero + features @ weights, rtol=1e-3, atol=1e-3
    )


def test_every_label_has_an_effect():
    y = np.arange(4, dtype="int32")
    fakes = call(dcgan_generator(3, (8, 8, 1), filters=2, labels=4), np.tile(normal(1, 3), (4, 1)), y)
    logits = call(dcgan_discriminator((8, 8, 1), filters=2, labels=4), np.tile(normal(1, 8, 8, 1), (4, 1, 1, 1)), y)
    assert len(np.unique(fakes.reshape(4, -1), axis=0)) == len(np.unique(logits)) == 4


@pytest.mark.parametrize(("activation", "low", "high"), [("tanh", -1, 1), ("sigmoid", 0, 1), (None, -np.inf, np.inf)])
def test_the_range_of_the_output(activation, low, high):
    generator = dcgan_generator(3, (8, 8, 1), filters=4, output_activation=activation, normalization=None)
    fake = call(generator, 1000 * normal(20, 3))
    assert fake.min() >= low
    assert fake.max() <= high
    assert (np.abs(fake).max() > 2) == (activation is None)


@pytest.mark.parametrize(("normalization", "coupled"), [(None, False), ("layer", False), ("batch", True)])
def test_only_batch_normalization_couples_the_examples_of_a_batch(normalization, coupled):
    # a gradient penalty needs the output of an example to be a function of that example
    model = dcgan_discriminator((16, 16, 1), filters=4, normalization=normalization)
    x = normal(6, 16, 16, 1)
    alone = call(model, x[:2], training=True)
    together = call(model, np.concatenate([x[:2], 3 + 5 * x[2:]]), training=True)[:2]
    assert np.allclose(alone, together, atol=1e-4) is not coupled


def test_dropout_is_for_training():
    model = dcgan_discriminator((16, 16, 1), filters=4, dropout=0.5)
    x = normal(3, 16, 16, 1)
    np.testing.assert_array_equal(call(model, x), call(model, x))
    assert (call(model, x, training=True) != call(model, x, training=True)).any()


@pytest.mark.learns
@pytest.mark.parametrize("labels", [None, 3])
@pytest.mark.parametrize("normalization", [None, "batch", "layer"])
def test_a_saved_model_gives_the_same_output(tmp_path, labels, normalization):
    y = [] if labels is None else [np.array([0, 2, 1], "int32")]
    options = {"filters": 2, "normalization": normalization, "labels": labels}
    for model, x in (
        (dcgan_generator(3, (16, 16, 1), **options), normal(3, 3)),
        (dcgan_discriminator((16, 16, 1), dropout=0.1, **options), normal(3, 16, 16, 1)),
    ):
        model.set_weights([np.abs(normal(*w.shape)) * 0.3 + 0.05 for w in model.get_weights()])
        model.save(tmp_path / "model.keras")
        restored = keras.models.load_model(tmp_path / "model.keras")
        assert restored.name == model.name
        np.testing.assert_array_equal(call(restored, x, *y), call(model, x, *y))


def test_the_names():
    assert dcgan_generator(2, (8, 8, 1), filters=1).name == "generator"
    assert dcgan_discriminator((8, 8, 1), filters=1).name == "discriminator"
    assert dcgan_generator(2, (8, 8, 1), filters=1, name="g").name == "g"
    assert dcgan_discriminator((8, 8, 1), filters=1, name="d").name == "d"


def test_mixed_precision_still_gives_float32():
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_float16")
    try:
        generator = dcgan_generator(3, (8, 8, 1), filters=2, labels=2)
        discriminator = dcgan_discriminator((8, 8, 1), filters=2, labels=2)
    finally:
        keras.config.set_dtype_policy(policy)
    y = np.array([0, 1], "int32")
    assert {layer.compute_dtype for layer in discriminator.layers if isinstance(layer, keras.layers.Conv2D)} == {
        "float16"
    }
    assert call(generator, normal(2, 3), y).dtype == np.float32
    assert call(discriminator, normal(2, 8, 8, 1), y).dtype == np.float32


def build_both(shape):
    return (lambda: dcgan_generator(3, shape, filters=2)), (lambda: dcgan_discriminator(shape, filters=2))


@pytest.mark.parametrize("side", [0, -28, 4, 9, 30, 33, 100, 28.0, None, "28"])
def test_sides_that_do_not_halve_down_are_refused(side):
    for shape in ((side, 32, 1), (32, side, 1)):
        for build in build_both(shape):
            with pytest.raises(ValueError, match=r"`image_shape` must .*3, 4, 5, 6 or 7.*Received: image_shape=\("):
                build()


@pytest.mark.parametrize("shape", [(28, 28), (28,), (1, 28, 28, 1), (), 28])
def test_shapes_that_are_no_image_are_refused(shape):
    for build in build_both(shape):
        with pytest.raises(
            ValueError, match=r"`image_shape` must be \(height, width, channels\). Received: image_shape="
        ):
            build()


@pytest.mark.parametrize("channels", [0, -1, 1.5, None])
def test_channels_that_are_none_are_refused(channels):
    for build in build_both((8, 8, channels)):
        with pytest.raises(ValueError, match=r"`image_shape` must .*Received: image_shape=\(8, 8, "):
            build()


@pytest.mark.parametrize("filters", [0, -1, 2.0, True])
def test_filters_that_are_no_count_are_refused(filters):
    message = rf"`filters` must be an integer of at least 1. Received: filters={filters!r}"
    for build in (dcgan_discriminator, lambda *args, **options: dcgan_generator(3, *args, **options)):
        with pytest.raises(ValueError, match=message):
            build((8, 8, 1), filters=filters)


@pytest.mark.parametrize("hidden", [-1, 2.5, True])
def test_a_hidden_width_that_is_no_count_is_refused(hidden):
    with pytest.raises(ValueError, match=rf"`hidden` must be .*Received: hidden={hidden!r}"):
        dcgan_discriminator((8, 8, 1), hidden=hidden)


@pytest.mark.parametrize("hidden", [256, (0,), (8, 2.5), (True,), None])
def test_hidden_widths_that_are_no_counts_are_refused(hidden):
    with pytest.raises(ValueError, match=r"`hidden` must be a tuple of integers of at least 1\. Received: hidden="):
        dcgan_generator(3, (8, 8, 1), hidden=hidden)


@pytest.mark.parametrize("count", [0, -1, 2.0, True])
def test_latents_and_labels_that_are_no_count_are_refused(count):
    with pytest.raises(ValueError, match=rf"`latents` must be an integer of at least 1. Received: latents={count!r}"):
        dcgan_generator(count, (8, 8, 1))
    message = rf"`labels` must be an integer of at least 1. Received: labels={count!r}"
    with pytest.raises(ValueError, match=message):
        dcgan_generator(3, (8, 8, 1), labels=count)
    with pytest.raises(ValueError, match=message):
        dcgan_discriminator((8, 8, 1), labels=count)


@pytest.mark.parametrize("side", [8, 16])
def test_an_unknown_normalization_is_refused(side):
    message = r"`normalization` must be 'batch', 'layer' or None. Received: normalization='spectral'"
    with pytest.raises(ValueError, match=message):
        dcgan_generator(3, (side, side, 1), normalization="spectral")
    with pytest.raises(ValueError, match=message):
        dcgan_discriminator((side, side, 1), normalization="spectral")


@pytest.mark.parametrize("dropout", [1.0, -0.1, 1.5])
def test_a_share_of_dropout_out_of_range_is_refused(dropout):
    with pytest.raises(ValueError, match=rf"`dropout` must be .*Received: dropout={dropout}"):
        dcgan_discriminator((8, 8, 1), dropout=dropout)


@pytest.mark.xla
def test_dropout_draws_the_same_masks_with_xla():
    discriminator, x = dcgan_discriminator((8, 8, 1), filters=4, hidden=8, dropout=0.5), normal(4, 8, 8, 1)
    states = [v for v in discriminator.variables if v.path.endswith("seed_generator_state")]
    outputs = []
    for jit in (False, True):
        for state in states:
            state.assign([1, 2])
        outputs.append(tf.function(lambda x: discriminator(x, training=True), jit_compile=jit, autograph=False)(x))
    np.testing.assert_allclose(outputs[1], outputs[0], atol=1e-6)
    assert np.abs(outputs[0] - discriminator(x)).max() > 1e-3
