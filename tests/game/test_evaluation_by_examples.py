"""What `evaluate` and the logs say does not depend on how examples are cut into batches."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from keras_gan import GAN, latents
from keras_gan.objectives import Objective

EXAMPLES = np.random.default_rng(0).normal(size=(33, 2)).astype("float32")
LABELS = (np.arange(33) % 3).astype("int32")


class Mean(Objective):
    """D and G: losses whose means over all examples are known."""

    def discriminator_loss(self, round):
        return round.real_scores[:, 0] + round.fake_scores[:, 0]

    def generator_loss(self, round):
        return round.fake_scores[:, 0] ** 2


def game(packing=1, **options):
    """A generator and a discriminator that add up, with weights of 1."""
    z, y = keras.Input((2,)), keras.Input((), dtype="int32")
    coded = layers.Embedding(3, 2, embeddings_initializer="ones")(y)
    generator = keras.Model([z, y], layers.Add()([z, layers.Dense(2, kernel_initializer="ones")(coded)]))
    discriminator = keras.Sequential([keras.Input((2 * packing,)), layers.Dense(1, kernel_initializer="ones")])
    gan = GAN(generator, discriminator, latents.Uniform(2), labels=3, seed=1, ema=0.9, packing=packing)
    gan.compile(Mean(), keras.optimizers.SGD(0.0), keras.optimizers.SGD(0.0), **options)
    return gan


@pytest.fixture(scope="module")
def plain():
    return game(metrics=["mse"])


@pytest.mark.learns
def test_32_zeros_and_a_one(plain):
    x = np.zeros((33, 2), "float32")
    x[-1] = 0.5
    for batch_size in (1, 2, 32, 33):
        result = plain.evaluate(x, LABELS, batch_size=batch_size, verbose=0, return_dict=True)
        assert result["d_real"] == pytest.approx(1 / 33, rel=1e-6)


def whole(gan):
    """All numbers from one batch of everything."""
    return gan.evaluate(EXAMPLES, LABELS, batch_size=33, verbose=0)


@pytest.mark.learns
@pytest.mark.parametrize("batch_size", [1, 5, 32])
def test_the_whole_result_is_that_of_one_batch(plain, batch_size):
    by_batches = plain.evaluate(EXAMPLES, LABELS, batch_size=batch_size, verbose=0)
    np.testing.assert_allclose(by_batches, whole(plain), rtol=1e-5, atol=1e-6)
    sizes = tf.data.Dataset.from_generator(
        lambda: ((EXAMPLES[a:b], LABELS[a:b]) for a, b in ((0, 3), (3, 4), (4, 33))),
        output_signature=(tf.TensorSpec((None, 2)), tf.TensorSpec((None,), tf.int32)),
    )
    np.testing.assert_allclose(plain.evaluate(sizes, verbose=0), whole(plain), rtol=1e-5, atol=1e-6)


def test_the_numbers_are_those_of_numpy(plain):
    """Every example has a fake of its own: the mean loss is that over all of the fakes."""
    d_loss, g_loss, d_real, d_fake, mse = whole(plain)
    assert d_real == pytest.approx(np.mean(EXAMPLES.sum(axis=1)), abs=1e-5)
    assert d_loss == pytest.approx(d_real + d_fake, abs=1e-5)
    assert g_loss > d_fake**2 + 1e-3  # a mean of squares, as fakes differ
    assert mse > 0


@pytest.mark.xla
def test_under_xla(plain):
    gan = game(jit_compile=True, metrics=["mse"])
    np.testing.assert_allclose(
        gan.evaluate(EXAMPLES, LABELS, batch_size=20, verbose=0), whole(plain), rtol=1e-5, atol=1e-6
    )


@pytest.mark.learns
def test_on_two_replicas(plain):
    devices = {"devices": ["/cpu:0", "/cpu:1"], "cross_device_ops": tf.distribute.ReductionToOneDevice()}
    with tf.distribute.MirroredStrategy(**devices).scope():
        gan = game(metrics=["mse"])
    for batch_size in (32, 7):  # the last batches leave a replica with one example less, or with none
        result = gan.evaluate(EXAMPLES, LABELS, batch_size=batch_size, verbose=0)
        np.testing.assert_allclose(result, whole(plain), rtol=1e-5, atol=1e-6)


@pytest.mark.learns
def test_validation_and_training_logs_weigh_by_examples(plain):
    data = tf.data.Dataset.from_tensor_slices((EXAMPLES, LABELS)).batch(32)
    history = plain.fit(data, verbose=0, validation_data=(EXAMPLES, LABELS), validation_batch_size=32).history
    assert history["d_real"][0] == pytest.approx(np.mean(EXAMPLES.sum(axis=1)), abs=1e-5)
    for name, value in zip(("d_loss", "g_loss", "d_real", "d_fake"), whole(plain), strict=False):
        assert history[f"val_{name}"][0] == pytest.approx(value, rel=1e-5, abs=1e-6)


@pytest.mark.learns
def test_a_pack_weighs_as_many_examples_as_were_new():
    """A last batch of one example makes a pack of it alone, which counts as one example of 33."""
    gan = game(packing=2, run_eagerly=True)
    x = np.zeros((33, 2), "float32")
    x[-1] = 0.5  # its pack scores 0.5 * 2 * 2
    result = gan.evaluate(x, LABELS, batch_size=32, verbose=0, return_dict=True)
    assert result["d_real"] == pytest.approx(2 / 33, rel=1e-6)
