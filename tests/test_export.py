"""A SavedModel that tf.saved_model.load and the v1 Session loader agree on, written whole or not at all."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_gan import GAN, networks
from keras_gan.export import next_version


def image_gan(labels=None, ema=0.9):
    generator = networks.dcgan_generator(4, (8, 8, 1), filters=4, labels=labels)
    gan = GAN(generator, networks.dcgan_discriminator((8, 8, 1), filters=4, labels=labels), 4, labels=labels, ema=ema)
    for variable in gan.generator.trainable_variables:  # the average and the weights must differ to be told apart
        variable.assign_add(0.1 * tf.ones_like(variable))
    return gan


Z = np.random.default_rng(0).normal(size=(3, 4)).astype("float32")


@pytest.mark.parametrize("labels", [None, 5])
def test_both_loaders_agree_with_the_gan(tmp_path, labels):
    gan = image_gan(labels)
    folder = gan.export(tmp_path / "digits")
    feed = {"latents": Z} if labels is None else {"latents": Z, "labels": np.array([0, 4, 2], "int32")}
    expected = gan([tf.constant(v) for v in feed.values()] if labels else tf.constant(Z))

    signature = tf.saved_model.load(folder).signatures["serving_default"]
    images = signature(**{name: tf.constant(value) for name, value in feed.items()})["images"]
    assert images.dtype == tf.float32
    np.testing.assert_allclose(images, expected, atol=1e-6)

    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        meta = tf.compat.v1.saved_model.load(session, ["serve"], folder)
        spec = meta.signature_def["serving_default"]
        assert set(spec.inputs) == set(feed)
        run = session.run(spec.outputs["images"].name, {spec.inputs[name].name: value for name, value in feed.items()})
    np.testing.assert_allclose(run, expected, atol=1e-6)


def test_the_average_is_exported(tmp_path):
    gan = image_gan()
    signature = tf.saved_model.load(gan.export(tmp_path)).signatures["serving_default"]
    assert not np.allclose(signature(latents=tf.constant(Z))["images"], gan.generator(Z), atol=1e-3)


@pytest.mark.parametrize("count", [0, 1, 7])
def test_the_batch_is_free(tmp_path, count):
    signature = tf.saved_model.load(image_gan().export(tmp_path)).signatures["serving_default"]
    assert signature(latents=tf.zeros((count, 4)))["images"].shape == (count, 8, 8, 1)


def test_points_and_subclassed_generators(tmp_path):
    class Generator(keras.Model):
        def __init__(self):
            super().__init__()
            self.dense = keras.layers.Dense(2)

        def call(self, z):
            return self.dense(z)

    gan = GAN(Generator(), networks.mlp_discriminator((2,)), 4, ema=0.5)
    signature = tf.saved_model.load(gan.export(tmp_path)).signatures["serving_default"]
    np.testing.assert_allclose(signature(latents=tf.constant(Z))["images"], gan(Z), atol=1e-6)


def test_mixed_precision_leaves_as_float32(tmp_path):
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        gan = image_gan()
    finally:
        keras.config.set_dtype_policy("float32")
    signature = tf.saved_model.load(gan.export(tmp_path)).signatures["serving_default"]
    images = signature(latents=tf.constant(Z))["images"]
    assert images.dtype == tf.float32
    np.testing.assert_allclose(images, gan(Z), atol=1e-6)


def test_versions_count_up_and_are_never_overwritten(tmp_path):
    gan = image_gan()
    assert [gan.export(tmp_path) for _ in range(2)] == [str(tmp_path / "1"), str(tmp_path / "2")]
    assert gan.export(tmp_path, version=7) == str(tmp_path / "7")
    assert next_version(tmp_path) == 8
    with pytest.raises(FileExistsError, match=r"`version` must be new. Received: version=7"):
        gan.export(tmp_path, version=7)


@pytest.mark.parametrize("version", [0, -1, 1.5, "1", True])
def test_version_is_checked(tmp_path, version):
    with pytest.raises(ValueError, match=r"`version` must be an integer of at least 1. Received: version="):
        image_gan().export(tmp_path, version=version)


def test_a_failed_export_leaves_nothing(tmp_path, monkeypatch):
    def fail(self, path, **options):
        tf.io.gfile.makedirs(path)
        raise OSError("No space left on device")

    monkeypatch.setattr(type(keras.export.ExportArchive()), "write_out", fail)
    with pytest.raises(OSError, match="No space left"):
        image_gan().export(tmp_path / "digits")
    assert list((tmp_path / "digits").iterdir()) == []


@pytest.mark.parametrize("ema", [None, 0.9])
def test_a_subclassed_conditional_generator(tmp_path, ema):
    class Generator(keras.Model):
        def __init__(self):
            super().__init__()
            self.embedding, self.dense = keras.layers.Embedding(3, 4), keras.layers.Dense(2)

        def call(self, z, labels=None, training=False):
            return self.dense(z + self.embedding(labels))

    gan = GAN(Generator(), networks.mlp_discriminator((2,)), 4, labels=3, ema=ema, name="my gan")
    labels = np.array([0, 2, 1], "int32")
    expected = gan.call([tf.constant(Z), tf.constant(labels)])
    folder = gan.export(tmp_path)
    images = tf.saved_model.load(folder).signatures["serving_default"](
        latents=tf.constant(Z), labels=tf.constant(labels)
    )["images"]
    np.testing.assert_allclose(images, expected, atol=1e-6)
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        spec = tf.compat.v1.saved_model.load(session, ["serve"], folder).signature_def["serving_default"]
        feed = {spec.inputs["latents"].name: Z, spec.inputs["labels"].name: labels}
        np.testing.assert_allclose(session.run(spec.outputs["images"].name, feed), expected, atol=1e-6)
