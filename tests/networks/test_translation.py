import itertools

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_gan.networks import patch_discriminator, resnet_translator, unet_generator
from keras_gan.networks.translation import feature_maps

RNG = np.random.default_rng(0)


def normal(*shape):
    return RNG.normal(size=shape).astype("float32")


def call(model, x, training=False):
    return keras.ops.convert_to_numpy(model(x, training=training))


def randomise(model):
    model.set_weights([0.3 * np.abs(normal(*w.shape)) + 0.05 * normal(*w.shape) for w in model.get_weights()])
    return model


@pytest.mark.parametrize("build", [unet_generator, resnet_translator])
@pytest.mark.parametrize(
    ("shape", "channels"),
    [((28, 28, 1), None), ((28, 28, 1), 3), ((32, 16, 3), 1), ((20, 36, 1), None), ((64, 64, 2), None)],
    ids=str,
)
def test_pictures_become_pictures(build, shape, channels):
    model = build(shape, channels, width=2)
    y = call(model, 9 * normal(2, *shape))
    assert y.shape == (2, *shape[:2], channels or shape[2])
    assert y.dtype == np.float32
    assert np.abs(y).max() <= 1


@pytest.mark.parametrize(("shape", "depth"), [((25, 31, 1), 1), ((25, 31, 1), 4), ((28, 28, 1), 5), ((1, 9, 2), 2)])
def test_a_unet_takes_any_size(shape, depth):
    model = unet_generator(shape, width=2, depth=depth)
    y = call(model, normal(2, *shape))
    assert y.shape == (2, *shape)
    smallest = model.get_layer(f"hidden_{depth}").output.shape[1:3]
    assert smallest == tuple(-(-side // 2**depth) for side in shape[:2])


@pytest.mark.parametrize(("side", "expected"), [(28, 2), (32, 5), (48, 4), (256, 8), (25, 1)])
def test_a_unet_halves_as_often_as_sides_are_even(side, expected):
    model = unet_generator((side, side, 1), width=1)
    names = [layer.name for layer in model.layers if layer.name.startswith("hidden_")]
    assert len(names) == 2 * expected - 1
    assert model.get_layer(f"hidden_{expected}").output.shape[1] == -(-side // 2**expected)


def test_feature_maps_double_up_to_eight_times():
    assert feature_maps(64, 8) == [64, 128, 256, 512, 512, 512, 512, 512]


def test_the_parameters_of_the_published_unet():
    # 4x4 convolutions; batch normalisation (4 numbers a map) of all but the first and the innermost, of one pixel
    w, down = 1, [1, 2, 4, 8, 8, 8, 8, 8]
    convolutions = 16 * (3 * w + sum(a * b for a, b in itertools.pairwise(down))) + w + 8 * w
    up = 16 * (8 * 8 + 16 * 8 + 16 * 8 + 16 * 8 + 16 * 4 + 8 * 2 + 4 * 1 + 2 * 3) + 3
    norms = 4 * (2 + 4 + 8 * 4) + 4 * (8 * 4 + 4 + 2 + 1)
    model = unet_generator((256, 256, 3), width=w)
    assert model.count_params() == convolutions + up + norms
    assert [layer.rate for layer in model.layers if "dropout" in layer.name] == [0.5] * 3
    assert [layer.output.shape[1] for layer in model.layers if "dropout" in layer.name] == [2, 4, 8]


@pytest.mark.parametrize(("side", "blocks"), [(28, 2), (64, 4), (128, 6), (256, 9)])
def test_the_parameters_of_the_translator(side, blocks):
    # no biases but the last: instance normalisation takes them away
    model = resnet_translator((side, side, 3), width=2)
    expected = 49 * 3 * 2 + 9 * (2 * 4 + 4 * 8) + blocks * 2 * 9 * 64 + 9 * (8 * 4 + 4 * 2) + 49 * 2 * 3 + 3
    assert model.count_params() == expected


def test_the_parameters_of_the_published_patchgan():
    model = patch_discriminator((256, 256, 3), inputs=2, normalization="batch")
    kernels = 16 * (6 * 64 + 64 * 128 + 128 * 256 + 256 * 512 + 512)
    assert model.count_params() == kernels + 64 + 4 * (128 + 256 + 512) + 1
    assert model.output_shape == (None, 30, 30, 1)
    assert [layer.strides for layer in model.layers if isinstance(layer, keras.layers.Conv2D)] == [
        *[(2, 2)] * 3,
        *[(1, 1)] * 2,
    ]


@pytest.mark.parametrize(("depth", "field"), [(1, 16), (2, 34), (3, 70)])
def test_what_a_score_sees(depth, field):
    # without normalisation, as that lets each score see the whole map
    model = randomise(patch_discriminator((96, 96, 1), width=1, patch=field, normalization=None))
    by_depth = patch_discriminator((96, 96, 1), width=1, depth=depth, normalization=None)
    assert [w.shape for w in model.weights] == [w.shape for w in by_depth.weights]
    x = tf.constant(normal(1, 96, 96, 1))
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = model(x)
        middle = y[0, y.shape[1] // 2, y.shape[2] // 2, 0]
    seen = tape.gradient(middle, x).numpy()[0, :, :, 0] != 0
    for axis in (0, 1):
        (places,) = np.nonzero(seen.any(axis=axis))
        assert places.max() - places.min() + 1 == field


@pytest.mark.parametrize(
    ("shape", "map_side", "depth"), [((28, 28, 1), 12, None), ((48, 48, 1), 10, None), ((28, 28, 1), 1, 3)]
)
def test_a_small_picture_has_small_patches(shape, map_side, depth):
    assert patch_discriminator(shape, width=1, depth=depth).output_shape == (None, map_side, map_side, 1)


def test_pairs_may_differ_in_channels():
    model = randomise(patch_discriminator([(8, 8, 1), (8, 8, 3)], width=2, inputs=2))
    a, b = normal(4, 8, 8, 1), normal(4, 8, 8, 3)
    y = call(model, [a, b])
    assert y.shape == (4, 2, 2, 1)
    assert (call(model, [a, -b]) != y).any(axis=(1, 2, 3)).all()
    assert (call(model, [-a, b]) != y).any(axis=(1, 2, 3)).all()


def test_every_kernel_begins_as_the_papers_do():
    shape = (32, 32, 3)
    for model in (
        unet_generator(shape, width=16, depth=3),
        resnet_translator(shape, width=16),
        patch_discriminator(shape, width=32, inputs=2),
    ):
        kernels = [w.numpy().ravel() for w in model.trainable_weights if w.name == "kernel"]
        together = np.concatenate(kernels)
        assert abs(together.std() - 0.02) < 3e-4
        assert abs(together.mean()) < 3e-4
        assert len({kernel[0] for kernel in kernels}) == len(kernels)


@pytest.mark.parametrize("normalization", ["batch", "instance", None])
@pytest.mark.parametrize("build", [unet_generator, resnet_translator, patch_discriminator])
def test_every_weight_learns(build, normalization):
    model = build((16, 16, 1), width=2, normalization=normalization)
    x, target = tf.constant(normal(4, 16, 16, 1)), normal(4, *model.output_shape[1:])
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum((model(x, training=True) - target) ** 3)
    gradients = tape.gradient(loss, [w.value for w in model.trainable_variables])
    for weight, gradient in zip(model.trainable_variables, gradients, strict=True):
        assert np.abs(gradient).max() > 0, weight.path


@pytest.mark.parametrize(("normalization", "coupled"), [(None, False), ("instance", False), ("batch", True)])
@pytest.mark.parametrize("build", [unet_generator, resnet_translator, patch_discriminator])
def test_only_batch_normalization_couples_the_examples_of_a_batch(build, normalization, coupled):
    model = randomise(build((16, 16, 1), width=2, normalization=normalization, **_without_dropout(build)))
    x = 0.1 * normal(6, 16, 16, 1)
    alone = call(model, x[:2], training=True)
    together = call(model, np.concatenate([x[:2], 3 + 5 * x[2:]]), training=True)[:2]
    assert np.allclose(alone, together, atol=1e-4) is not coupled


def _without_dropout(build):
    return {"dropout": 0.0} if build is unet_generator else {}


@pytest.mark.learns
def test_the_dropout_of_a_unet_is_noise_while_training():
    model, x = unet_generator((16, 16, 1), width=4), normal(2, 16, 16, 1)
    np.testing.assert_array_equal(call(model, x), call(model, x))
    assert (call(model, x, training=True) != call(model, x, training=True)).any()


@pytest.mark.parametrize("build", [unet_generator, resnet_translator, patch_discriminator])
def test_a_saved_model_gives_the_same_output(build, tmp_path):
    model, x = randomise(build((8, 12, 3), width=2)), normal(2, 8, 12, 3)
    model.save(tmp_path / "model.keras")
    restored = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(call(restored, x), call(model, x))


@pytest.mark.parametrize("build", [unet_generator, resnet_translator, patch_discriminator])
def test_mixed_precision_still_gives_float32(build):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_float16")
    try:
        model = build((8, 8, 1), width=2)
    finally:
        keras.config.set_dtype_policy(before)
    assert call(model, normal(2, 8, 8, 1)).dtype == np.float32
    convolutions = [layer for layer in model.layers if isinstance(layer, keras.layers.Conv2D)]
    assert {layer.compute_dtype for layer in convolutions[:-1]} == {"float16"}


def test_the_translator_pads_by_reflection():
    # a picture of one colour stays one without a border; a frame of zeros would show
    model = randomise(resnet_translator((16, 16, 1), width=2, blocks=1, normalization=None))
    image = np.full((1, 16, 16, 1), 0.5, "float32")
    first = keras.Model(model.input, model.get_layer("hidden_1").output)
    assert np.ptp(call(first, image), axis=(1, 2)).max() < 1e-5


@pytest.mark.parametrize("normalization", ["instance", "batch", None])
def test_a_translator_may_be_told_a_class_and_latents(normalization):
    model = resnet_translator(
        (8, 8, 3), 1, width=4, blocks=1, latents=2, classes=3, normalization=normalization, name="told"
    )
    assert [(each.name, each.shape[1:]) for each in model.inputs] == [
        ("inputs", (8, 8, 3)),
        ("latents", (2,)),
        ("labels", ()),
    ]
    model.set_weights([normal(*w.shape) if w.ndim > 1 else w for w in model.get_weights()])
    image, z = np.repeat(normal(1, 8, 8, 3), 3, axis=0), np.repeat(normal(1, 2), 3, axis=0)

    def made(*inputs):
        return call(model, [tf.constant(each) for each in inputs])

    told = made(image, z, np.array([0, 1, 2], "int32"))
    assert told.shape == (3, 8, 8, 1)
    assert all(np.abs(told[i] - told[i - 1]).max() > 1e-2 for i in range(3))  # instance normalization leaves them
    noisy = made(image, normal(3, 2), np.zeros(3, "int32"))
    assert np.abs(noisy[0] - noisy[1]).max() > 1e-2


@pytest.mark.parametrize(("halvings", "sides"), [(0, [9] * 3), (1, [10, 5, 5, 10]), (3, [16, 8, 4, 2, 2, 4, 8, 16])])
def test_a_translator_halves_as_often_as_asked(halvings, sides):
    model = resnet_translator((sides[0], sides[0], 1), width=1, blocks=1, halvings=halvings)
    hidden = [layer for layer in model.layers if layer.name.startswith("hidden_")]
    assert [layer.output.shape[1] for layer in hidden] == (sides if halvings else sides[:2])
    kernels = [layer.kernel_size[0] for layer in model.layers if isinstance(layer, keras.layers.Conv2D)]
    assert (kernels[0], kernels[-1]) == ((7, 7) if halvings else (3, 3))


@pytest.mark.parametrize("build", [unet_generator, resnet_translator, patch_discriminator])
@pytest.mark.parametrize("shape", [(28, 28), (28, 28, 0), (28.0, 28, 1), 28, (None, 28, 1)])
def test_shapes_that_are_no_picture_are_refused(build, shape):
    with pytest.raises(ValueError, match=r"`image_shape` must be \(height, width, channels\).*Received: image_shape="):
        build(shape)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: unet_generator((28, 28, 1), depth=6), r"`depth` must leave .*Received: depth=6"),
        (lambda: unet_generator((28, 28, 1), depth=0), r"`depth` must be an integer of at least 1"),
        (lambda: unet_generator((28, 28, 1), dropout=1.0), r"`dropout` must be .*Received: dropout=1.0"),
        (lambda: unet_generator((28, 28, 1), channels=0), r"`channels` must be .*Received: channels=0"),
        (lambda: unet_generator((28, 28, 1), normalization="layer"), r"`normalization` must be 'batch', 'instance' or"),
        (lambda: resnet_translator((30, 28, 1)), r"multiples of 4.*Received: image_shape=\(30, 28, 1\)"),
        (lambda: resnet_translator((4, 4, 1)), r"at least 8. Received: image_shape=\(4, 4, 1\)"),
        (lambda: resnet_translator((12, 12, 1), halvings=3), r"multiples of 8"),
        (lambda: resnet_translator((8, 8, 1), halvings=-1), r"`halvings` must be .*Received: halvings=-1"),
        (lambda: resnet_translator((8, 8, 1), classes=1), r"`classes` must be .*Received: classes=1"),
        (lambda: resnet_translator((8, 8, 1), latents=0), r"`latents` must be .*Received: latents=0"),
        (lambda: resnet_translator((8, 8, 1), blocks=-1), r"`blocks` must be .*Received: blocks=-1"),
        (lambda: resnet_translator((8, 8, 1), width=0), r"`width` must be .*Received: width=0"),
        (lambda: patch_discriminator((28, 28, 1), depth=4), r"`depth` must leave .*Received: depth=4"),
        (lambda: patch_discriminator((4, 4, 1)), r"`depth` must leave a map of 3 pixels or more of"),
        (
            lambda: patch_discriminator((28, 28, 1), patch=32),
            r"`patch` must be one of \[16, 34, 70,.*Received: patch=32",
        ),
        (lambda: patch_discriminator((28, 28, 1), patch=34, depth=2), r"`patch` must be None where `depth` is given"),
        (lambda: patch_discriminator((28, 28, 1), patch=142), r"`depth` must leave .*Received: depth=4"),
        (lambda: patch_discriminator((8, 8, 1), inputs=0), r"`inputs` must be .*Received: inputs=0"),
        (lambda: patch_discriminator([(8, 8, 1), (9, 8, 1)]), r"`image_shape` must be one shape.*equal sides"),
        (lambda: patch_discriminator([(8, 8, 1), (8, 8, 1)], inputs=3), r"`image_shape` must be one.*inputs=3"),
    ],
)
def test_what_does_not_fit_is_refused(build, message):
    with pytest.raises(ValueError, match=message):
        build()
