import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_gan import GAN, optimizers
from keras_gan.networks import r3gan_discriminator, r3gan_generator
from keras_gan.objectives import R1, R2, RelativisticPaired
from keras_gan.schedules import Cosine, HalfLife
from tests.networks import counting

RNG = np.random.default_rng(0)
X = RNG.uniform(-1, 1, (8, 6, 6, 3)).astype("float32")
Y = np.arange(8, dtype="int32") % 4


def normal(*shape):
    return RNG.normal(size=shape).astype("float32")


@pytest.mark.learns
def test_the_sizes_are_those_of_the_authors():
    """At their setting of CIFAR-10."""
    options = {"labels": 10, "group": 16}
    generator = counting.trained(lambda width: r3gan_generator(64, (32, 32, 3), width=width, **options), 768, unit=16)
    assert generator == 20_781_952
    discriminator = counting.trained(lambda width: r3gan_discriminator((32, 32, 3), width=width, **options), 768, 16)
    assert discriminator == 21_280_512


@pytest.mark.learns
@pytest.mark.parametrize(
    ("shape", "options"),
    [((12, 16, 1), {}), ((8, 8, 3), {"labels": 4, "width": [8, 4]}), ((8, 8, 1), {"labels": 4, "embedding": 3})],
    ids=str,
)
def test_the_shapes(shape, options):
    options = {"width": 4, "blocks": 1, **options}
    y = [tf.constant(Y)] if "labels" in options else []
    generator = r3gan_generator(5, shape, **options)
    fake = generator([tf.constant(normal(8, 5)), *y] if y else normal(8, 5))
    assert fake.shape == (8, *shape)
    discriminator = r3gan_discriminator(shape, **options)
    assert discriminator([fake, *y] if y else fake).shape == (8, 1)
    assert r3gan_discriminator(shape, packing=2, **options).inputs[0].shape == (None, *shape[:2], 2 * shape[2])


@pytest.mark.learns
def test_the_stages_of_256_pixels_are_those_of_the_authors():
    """768 maps up to 32 pixels, then half as many with each doubling; each stage of two blocks."""
    model = r3gan_discriminator((256, 256, 3), width=32)
    maps = [(layer.output.shape[1], layer.output.shape[-1]) for layer in model.layers if "hidden" in layer.name]
    expected = [(256, 4), (128, 8), (64, 16), (32, 32), (16, 32), (8, 32), (4, 32)]
    assert maps == [each for each in expected for _ in range(2)]


def activations(model, x):
    kinds = (keras.layers.LeakyReLU,)
    inner = [layer.output for layer in model.layers if isinstance(layer, kinds)]
    return [np.mean(np.square(each)) for each in keras.Model(model.inputs, inner)(x)]


@pytest.mark.learns
def test_the_variance_is_about_1_at_initialization():
    """Features begin with variance 1, and each convolution of a block takes L^(-1/2) of it, L blocks in all."""
    keras.utils.set_random_seed(1)
    generator = r3gan_generator(64, (8, 8, 3), width=128, blocks=3, labels=10)
    z, y = normal(64, 64), np.arange(64, dtype="int32") % 10
    first = keras.Model(generator.inputs, generator.get_layer("basis").output)([z, y])
    np.testing.assert_allclose(np.var(first), 1, atol=0.15)
    np.testing.assert_allclose(
        activations(generator, [z, y])[:2], [6**-0.5, (10 / 12) ** 2 / 6], rtol=0.1
    )  # but for the border
    discriminator = r3gan_discriminator((8, 8, 3), width=128, blocks=3, labels=10)
    x = normal(64, 8, 8, 3)
    np.testing.assert_allclose(activations(discriminator, [x, y])[:2], [6**-0.5, (22 / 24) ** 2 / 6], rtol=0.15)
    smooth = np.ones((64, 8, 8, 1)) * normal(64, 1, 1, 3)  # which the filter leaves as it is, but for the border
    features = keras.Model(discriminator.inputs, discriminator.get_layer("features").output)([smooth, y])
    np.testing.assert_allclose(np.var(features), 1, atol=0.3)


def test_a_block_is_its_formula():
    model = r3gan_generator(3, (6, 6, 2), width=[8, 8], blocks=1, group=4)
    model.set_weights([0.5 * normal(*w.shape) for w in model.get_weights()])
    names = {layer.name: layer.output for layer in model.layers}
    outputs = keras.Model(model.inputs, [names["basis"], names["hidden_1"]])(normal(2, 3))
    x, y = (np.asarray(each) for each in outputs)
    convolutions = [layer.get_weights() for layer in model.layers if isinstance(layer, keras.layers.Conv2D)][:3]
    (first, bias), (grouped, grouped_bias), (last,) = convolutions
    h = x @ first[0, 0] + bias
    h = np.pad(np.where(h > 0, h, 0.2 * h), ((0, 0), (1, 1), (1, 1), (0, 0)))
    conv = np.zeros((2, 3, 3, 16)) + grouped_bias
    for i, j, g in np.ndindex(3, 3, 4):
        part = slice(4 * g, 4 * g + 4)
        conv[..., part] += h[:, i : i + 3, j : j + 3, part] @ grouped[i, j, :, part]
    np.testing.assert_allclose(y, x + np.where(conv > 0, conv, 0.2 * conv) @ last[0, 0], rtol=1e-3, atol=1e-4)


def test_the_class_enters_the_discriminator_by_an_inner_product():
    model = r3gan_discriminator((6, 6, 1), width=4, blocks=1, labels=3, embedding=5)
    x, y = normal(3, 6, 6, 1), np.array([0, 2, 1], "int32")
    vector, embeddings = model.get_layer("logits").input[0], model.get_layer("label_embedding").get_weights()[0]
    expected = np.sum(np.asarray(keras.Model(model.inputs, vector)([x, y])) * embeddings[y], axis=1)
    np.testing.assert_allclose(model([x, y])[:, 0], expected, rtol=1e-4, atol=1e-6)


@pytest.mark.learns
def test_second_derivatives_by_finite_differences():
    """Of the penalty on the gradient of the score, by the picture, in float64."""
    policy = keras.config.dtype_policy()
    keras.config.set_floatx("float64")
    keras.config.set_dtype_policy("float64")
    try:
        model = r3gan_discriminator((6, 6, 2), width=4, blocks=1, group=4)
    finally:
        keras.config.set_floatx("float32")
        keras.config.set_dtype_policy(policy)
    model = keras.Model(model.inputs, model.get_layer("score").output)  # before it becomes float32
    model.set_weights([0.5 * RNG.normal(size=w.shape) for w in model.get_weights()])

    def penalty(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            score = tf.sin(model(x))
        return tf.reduce_sum(tape.gradient(score, x) ** 2)

    x, direction, h = tf.constant(RNG.normal(size=(2, 6, 6, 2))), RNG.normal(size=(2, 6, 6, 2)), 1e-6
    with tf.GradientTape() as tape:
        tape.watch(x)
        value = penalty(x)
    slope = (penalty(x + h * direction) - penalty(x - h * direction)) / (2 * h)
    np.testing.assert_allclose(tf.reduce_sum(direction * tape.gradient(value, x)), slope, rtol=1e-4)


@pytest.mark.xla
def test_a_penalty_is_the_same_with_xla():
    model, x = r3gan_discriminator((6, 6, 3), width=4, blocks=1, group=4), tf.constant(X)
    model.set_weights([0.5 * normal(*w.shape) for w in model.get_weights()])

    def step(x):
        with tf.GradientTape() as outer, tf.GradientTape() as tape:
            tape.watch(x)
            score = model(x)
            penalty = tf.reduce_sum(tape.gradient(tf.sin(score), x) ** 2)
        return outer.gradient(penalty, [w.value for w in model.trainable_variables])

    plain, compiled = (tf.function(step, jit_compile=jit, autograph=False)(x) for jit in (False, True))
    for ours, theirs in zip(compiled, plain, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=1e-4 * np.abs(theirs).max())


@pytest.mark.learns
def test_the_recipe_is_saved_and_exported(tmp_path):
    """The published game at a tiny size, whose every schedule runs out within its steps."""
    keras.utils.set_random_seed(0)
    options = {"width": 8, "blocks": 1, "group": 4, "labels": 4}
    players = r3gan_generator(4, (6, 6, 3), **options), r3gan_discriminator((6, 6, 3), **options)
    gan = GAN(*players, 4, seed=0, ema=HalfLife(Cosine(0, 40, 3), 4), value_range=(-1, 1))
    made = [optimizers.Adam(Cosine(2e-3, 5e-4, 3), 0.0, Cosine(0.9, 0.99, 3)) for _ in range(2)]
    gan.compile(RelativisticPaired() + Cosine(0.05, 0.005, 3) * (R1() + R2()), *made, run_eagerly=True)
    history = gan.fit(X, Y, batch_size=4, epochs=2, verbose=0).history
    assert np.isfinite(history["d_loss"]).all()
    gan.save(tmp_path / "gan.keras")
    again = keras.models.load_model(tmp_path / "gan.keras")
    np.testing.assert_array_equal(again.generate(3, labels=2, seed=1), gan.generate(3, labels=2, seed=1))
    served = tf.saved_model.load(gan.export(tmp_path / "model")).signatures["serving_default"]
    z, y = tf.constant(normal(3, 4)), tf.constant([0, 1, 3])
    np.testing.assert_allclose(served(latents=z, labels=y)["images"], gan.make(z, y), atol=1e-5)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: r3gan_generator(4, (100, 64, 3)), "Nearest to 100: 96 and 112. Received: image_shape="),
        (lambda: r3gan_generator(4, (8, 8, 3), width=[4]), "`width` must be one number, or one for each of the 2"),
        (lambda: r3gan_generator(4, (8, 8, 3), width=0), "`width` must .*Received: width=0"),
        (
            lambda: r3gan_discriminator((8, 8, 3), width=12),
            "`group` must divide twice the width, 24. Received: group=16",
        ),
        (lambda: r3gan_discriminator((8, 8, 3), blocks=0), "`blocks` must .*Received: blocks=0"),
        (lambda: r3gan_generator(4, (8, 8, 3), width=4, labels=0), "`labels` must .*Received: labels=0"),
    ],
)
def test_what_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()
