import doctest

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_gan import GAN, latents, networks
from keras_gan.noise import Noise
from keras_gan.play import sampling


def mlp(**options):
    generator = networks.mlp_generator(8, (8, 8, 1), hidden=(64,), normalization="batch", output_activation="tanh")
    return GAN(generator, networks.mlp_discriminator((8, 8, 1)), 8, **options)


def dcgan():
    generator = networks.dcgan_generator(8, (28, 28, 1), filters=4, labels=3)
    discriminator = networks.dcgan_discriminator((28, 28, 1), filters=4, labels=3)
    return GAN(generator, discriminator, 8, labels=3, ema=0.9)


def resnet():
    generator = networks.resnet_generator(8, (16, 16, 3), filters=4)
    return GAN(generator, networks.resnet_discriminator((16, 16, 3), filters=4), latents.Uniform(8))


def noisy(ema=None):
    """A generator whose layers draw also when it is not trained."""
    z = keras.Input((8,))
    x = keras.layers.Dropout(0.5)(keras.layers.Dense(32)(z), training=True)
    x = keras.layers.GaussianNoise(0.5)(x, training=True)
    return GAN(keras.Model(z, keras.layers.Dense(2)(x)), networks.mlp_discriminator((2,)), 8, ema=ema)


@pytest.mark.learns
@pytest.mark.parametrize(
    "make", [mlp, dcgan, pytest.param(resnet, marks=pytest.mark.learns), noisy, lambda: noisy(ema=0.5)]
)
def test_a_longer_request_begins_with_the_very_bits_of_a_shorter_one(make):
    gan = make()
    long = gan.generate(280, seed=5)
    assert len({example.tobytes() for example in long}) == 280
    for n in (1, 2, 4, 5, 9, 17, 33, 129, 257):
        np.testing.assert_array_equal(gan.generate(n, seed=5), long[:n])
    assert not np.array_equal(gan.generate(4, seed=6), long[:4])


@pytest.mark.learns
@pytest.mark.parametrize("ema", [None, 0.9])
def test_the_examples_are_those_of_the_latents_of_the_seed(ema):
    gan = mlp(ema=ema)
    for variable in gan.generator.trainable_variables:
        variable.assign_add(0.1 * tf.ones_like(variable))
    z = gan.latents.draw(20, Noise(("generate",), 3).at("latents"))
    np.testing.assert_allclose(gan.generate(20, seed=3), gan(z), rtol=0, atol=1e-6)
    np.testing.assert_allclose(gan.generate(20, seed=3, use_ema=False), gan.generator(z), rtol=0, atol=1e-6)


@pytest.mark.learns
def test_labels_follow_their_examples():
    gan = dcgan()
    given = np.arange(20) % 3
    mixed = gan.generate(20, labels=given, seed=1)
    for label in range(3):
        alone = gan.generate(20, labels=label, seed=1)
        np.testing.assert_array_equal(mixed[given == label], alone[given == label])
    drawn = gan.labels.draw(20, Noise(("generate",), 1).at("labels")).numpy()
    np.testing.assert_array_equal(gan.generate(20, seed=1), gan.generate(20, labels=drawn, seed=1))


def test_the_pieces_are_of_one_layout_and_whole():
    sizes, start = [], 0
    while start < 1000:
        sizes.append(int(sampling._size(start, 256)))
        start += sizes[-1]
    assert sizes == [4, 4, 8, 16, 32, 64, 128, 256, 256, 256]
    seen = []

    class Spy(keras.Model):
        def call(self, z):
            tf.py_function(lambda z: seen.append(z.numpy()), [z], [])
            return z

    gan = GAN(Spy(), networks.mlp_discriminator((2,)), 2)
    seen.clear()
    gan.generate(30, seed=0)
    whole = np.concatenate(seen)
    assert [len(piece) for piece in seen] == [4, 4, 8, 16]
    np.testing.assert_array_equal(whole, gan.generate(32, seed=0))  # no row is made up


def test_no_piece_is_larger_than_asked():
    sizes = []

    class Spy(keras.Model):
        def call(self, z):
            tf.py_function(lambda z: sizes.append(len(z)), [z], [])
            return z

    gan = GAN(Spy(), networks.mlp_discriminator((2,)), 2)
    for batch_size, expected in ((3, [3, 3, 3]), (5, [4, 4, 5]), (1, [1] * 9)):
        sizes.clear()
        gan.generate(9, seed=0, batch_size=batch_size)
        assert sizes == expected


@pytest.mark.learns
def test_nothing_is_written_while_generating():
    gan = noisy()
    state = [variable.numpy() for variable in gan.variables]
    gan.generate(9, seed=0)
    for variable, before in zip(gan.variables, state, strict=True):
        np.testing.assert_array_equal(variable.numpy(), before)


@pytest.fixture(scope="module")
def plain():
    """A GAN that is only asked for examples."""
    return mlp()


@pytest.mark.learns
def test_finish_is_done_to_every_example(plain):
    n, seed = tf.constant(9), tf.constant(1, tf.int64)
    finished = sampling.sample(plain, n, seed, finish=lambda x: tf.cast(x > 0, tf.uint8))
    assert finished.dtype == tf.uint8
    np.testing.assert_array_equal(finished, plain.generate(9, seed=1) > 0)


@pytest.mark.parametrize("integer", [np.int64, np.int32, np.uint8, np.uint64])
def test_numpy_integers_ask_for_the_same_examples(plain, integer):
    expected = plain.generate(5, seed=3, batch_size=8)
    np.testing.assert_array_equal(plain.generate(integer(5), seed=integer(3), batch_size=integer(8)), expected)


def test_a_batch_beyond_32_bits_is_refused_by_name(plain):
    with pytest.raises(ValueError, match=r"`batch_size` .*1099511627776"):
        plain.generate(2, batch_size=2**40)


def test_the_docstring_examples_run():
    assert doctest.testmod(sampling).failed == 0


@pytest.mark.learns
@pytest.mark.parametrize("n", [3, 9])
def test_examples_follow_layers_that_change_after_the_first_request(n):
    """As by `enable_lora` or another precision; the generator alone, without a graph, says what is right."""
    gan = GAN(networks.mlp_generator(3, (2,), hidden=(4,)), networks.mlp_discriminator((2,), hidden=(4,)), 3)
    dense = next(layer for layer in gan.generator.layers if isinstance(layer, keras.layers.Dense))
    z = gan.latents.draw(16, Noise(("generate",), 3).at("latents"))[:n]
    made = [gan.generate(n, seed=3)]
    dense.enable_lora(1)
    dense.lora_kernel_b.assign(np.ones(dense.lora_kernel_b.shape))
    made.append(gan.generate(n, seed=3))
    np.testing.assert_allclose(made[-1], gan.generator(z), rtol=1e-5, atol=1e-6)
    dense.dtype_policy = "mixed_float16"
    made.append(gan.generate(n, seed=3))
    np.testing.assert_allclose(made[-1], gan.generator(z), rtol=1e-5, atol=1e-6)
    assert not np.array_equal(made[0], made[1])
    assert not np.array_equal(made[1], made[2])
