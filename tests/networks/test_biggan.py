import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_gan import GAN
from keras_gan.layers import SelfAttention, SpectralNormalization
from keras_gan.networks import biggan_discriminator, biggan_generator
from keras_gan.noise import Noise
from tests.networks import counting

RNG = np.random.default_rng(0)
X = RNG.uniform(-1, 1, (8, 6, 6, 3)).astype("float32")
Y = np.arange(8, dtype="int32") % 4


def normal(*shape):
    return tf.constant(RNG.normal(size=shape).astype("float32"))


@pytest.mark.learns
def test_the_sizes_are_those_of_the_authors():
    """At their setting of ImageNet at 128 pixels."""
    shape, options = (128, 128, 3), {"labels": 1000}
    generator = counting.trained(lambda width: biggan_generator(120, shape, width=width, **options), 96, unit=4)
    assert generator == 70_433_988
    discriminator = counting.trained(lambda width: biggan_discriminator(shape, width=width, **options), 96, unit=8)
    assert discriminator == 87_982_370


@pytest.mark.learns
@pytest.mark.parametrize("shape", [(6, 6, 1), (12, 16, 3), (64, 48, 3)], ids=str)
def test_the_shapes(shape):
    y = tf.constant([0, 3])
    fake = biggan_generator(9, shape, width=1, embedding=2, labels=4)([normal(2, 9), y])
    assert fake.shape == (2, *shape)
    discriminator = biggan_discriminator(shape, width=1, labels=4)
    assert discriminator([fake, y]).shape == (2, 1)
    assert biggan_discriminator(shape, width=1, labels=4, packing=2).inputs[0].shape[-1] == 2 * shape[-1]


@pytest.mark.learns
def test_the_blocks_are_those_of_the_paper():
    generator = biggan_generator(12, (64, 64, 3), width=4, labels=3)
    maps = [layer.output.shape[1:] for layer in generator.layers if layer.name.startswith("hidden")]
    assert maps == [(8, 8, 64), (16, 16, 32), (32, 32, 16), (64, 64, 8)]
    assert isinstance(generator.get_layer("hidden_4"), SelfAttention)
    discriminator = biggan_discriminator((32, 32, 3), width=2, labels=3)
    maps = [layer.output.shape[1:] for layer in discriminator.layers if layer.name.startswith("hidden")]
    assert maps == [(16, 16, 8), (8, 8, 8), (8, 8, 8), (8, 8, 8)]


@pytest.mark.learns
def test_each_part_of_the_latents_tells_its_block():
    """The last of three parts changes nothing before the second block."""
    model = biggan_generator(9, (12, 12, 1), width=2, embedding=3, labels=4)
    hidden = keras.Model(model.inputs, [model.get_layer(f"hidden_{i}").output for i in (1, 2)])
    z, other, y = normal(2, 9), np.zeros((2, 9), "float32"), tf.constant([1, 2])
    other[:, 6:] = 1
    for first, second in zip(hidden([z, y]), hidden([z + other, y]), strict=True):
        changed = np.abs(first - second).max()
        assert (changed > 1e-6) == (first.shape[1] == 12)


@pytest.mark.learns
def test_the_scale_and_shift_are_linear_maps_of_class_and_latents():
    model = biggan_generator(4, (6, 6, 1), width=2, embedding=3, labels=4)
    add = next(layer for layer in model.layers if isinstance(layer, keras.layers.Add))
    told = next(layer for layer in model.layers if isinstance(layer, keras.layers.Concatenate))
    normalized = next(layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization))
    found = keras.Model(model.inputs, [told.output, normalized.output, add.output])
    told, x, y = found([normal(2, 4), tf.constant([1, 2])])
    scale, shift = [
        np.asarray(layer.kernel / layer.sigma())
        for layer in model.layers
        if isinstance(layer, SpectralNormalization) and layer.kernel.shape[0] == 5
    ][:2]
    expected = x * (1 + told @ scale)[:, None, None] + (told @ shift)[:, None, None]
    np.testing.assert_allclose(y, expected, rtol=1e-4, atol=1e-5)


def gan(**options):
    keras.utils.set_random_seed(0)
    generator = biggan_generator(4, (6, 6, 3), width=2, embedding=3, labels=4)
    made = GAN(generator, biggan_discriminator((6, 6, 3), width=2, labels=4), 4, labels=4, seed=0, **options)
    made.compile("hinge", run_eagerly=True)
    return made


@pytest.mark.learns
def test_a_game_is_saved_and_exported(tmp_path):
    game = gan(ema=0.9)
    game.fit(X, Y, batch_size=8, verbose=0)
    game.standing_statistics(batches=2, batch_size=8)
    game.save(tmp_path / "gan.keras")
    again = keras.models.load_model(tmp_path / "gan.keras")
    np.testing.assert_array_equal(again.generate(3, labels=2, seed=1), game.generate(3, labels=2, seed=1))
    served = tf.saved_model.load(game.export(tmp_path / "model")).signatures["serving_default"]
    z, y = normal(3, 4), tf.constant([0, 1, 3])
    np.testing.assert_allclose(served(latents=z, labels=y)["images"], game.make(z, y), atol=1e-5)


@pytest.mark.learns
def test_standing_statistics_are_those_of_what_is_made_now():
    """The first normalization's, written out, by the averaged weights."""
    game = gan(ema=0.9)
    for weight in game.ema.shadows:
        weight.assign(weight + 0.1)
    game.step.assign(1)  # else the averages begin where the weights are
    layer = next(each for each in game.generator.layers if isinstance(each, keras.layers.BatchNormalization))
    weights = [np.array(w) for w in game.generator.trainable_weights]
    game.standing_statistics(batches=3, batch_size=8, seed=5)
    before = keras.Model(game.generator.inputs, layer.input)
    means, variances = [], []
    for i in range(3):
        noise = Noise(("standing", 5), i)
        inputs = [game.latents.draw(8, noise.at("latents")), game.labels.draw(8, noise.at("labels"))]
        with game.ema.scope(game.generator):
            x = np.asarray(before(inputs, training=False))
        means.append(x.mean(axis=(0, 1, 2)))
        variances.append(x.var(axis=(0, 1, 2)))
    shadows = {id(weight): shadow for weight, shadow in game.ema.pairs(game.generator)}
    for own, expected in ((layer.moving_mean, means), (layer.moving_variance, variances)):
        np.testing.assert_allclose(shadows[id(own)], np.mean(expected, axis=0), rtol=1e-4, atol=1e-5)
    for now, then in zip(game.generator.trainable_weights, weights, strict=True):
        np.testing.assert_array_equal(now, then)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: biggan_generator(8, (100, 64, 3), labels=2), "Nearest to 100: 96 and 112. Received: image_shape="),
        (lambda: biggan_generator(1, (6, 6, 3), labels=2), "`latents` must .*at least 2.*Received: latents=1"),
        (lambda: biggan_generator(8, (6, 6, 3), width=0, labels=2), "`width` must .*Received: width=0"),
        (lambda: biggan_discriminator((6, 6, 3), width=1, labels=0), "`labels` must .*Received: labels=0"),
        (lambda: gan().standing_statistics(batches=0), "`batches` must .*Received: batches=0"),
        (lambda: gan().standing_statistics(batch_size=1), "`batch_size` must .*Received: batch_size=1"),
    ],
)
def test_what_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()
