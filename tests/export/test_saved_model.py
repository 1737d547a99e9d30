"""A SavedModel that tf.saved_model.load and the v1 Session loader agree on, written whole or not at all."""

import json
import pathlib

import keras
import numpy as np
import pytest
import tensorflow as tf

import keras_gan
from keras_gan import GAN, latents, networks

Z = np.random.default_rng(0).normal(size=(3, 4)).astype("float32")


def image_gan(labels=None, ema=0.9, **options):
    generator = networks.dcgan_generator(4, (8, 8, 1), filters=4, labels=labels)
    discriminator = networks.dcgan_discriminator((8, 8, 1), filters=4, labels=labels)
    gan = GAN(generator, discriminator, 4, labels=labels, ema=ema, **options)
    gan.step.assign(1)  # before the first step the average is the weights
    for variable in gan.generator.trainable_variables:  # the average and the weights must differ to be told apart
        variable.assign_add(0.1 * tf.ones_like(variable))
    gan.step.assign(1)  # before the first step averages are the weights
    return gan


def point_gan(**options):
    return GAN(networks.mlp_generator(4, (2,)), networks.mlp_discriminator((2,)), 4, **options)


def default(folder):
    return tf.saved_model.load(folder).signatures["serving_default"]


@pytest.fixture(scope="module")
def averaged(tmp_path_factory):
    """A GAN whose average differs from its weights, and where it was exported. Not to be changed."""
    keras.utils.set_random_seed(0)
    gan = image_gan()
    return gan, gan.export(tmp_path_factory.mktemp("averaged") / "digits")


@pytest.mark.learns
@pytest.mark.parametrize("labels", [None, pytest.param(5, marks=pytest.mark.learns)])
def test_both_loaders_agree_with_the_gan(averaged, tmp_path, labels):
    gan, folder = averaged
    if labels:
        gan = image_gan(labels)
        folder = gan.export(tmp_path / "digits")
    feed = {"latents": Z} if labels is None else {"latents": Z, "labels": np.array([0, 4, 2], "int32")}
    expected = gan([tf.constant(v) for v in feed.values()] if labels else tf.constant(Z))
    pictures = keras_gan.images.to_uint8(gan.generate(9, seed=3))

    images = default(folder)(**{name: tf.constant(value) for name, value in feed.items()})["images"]
    assert images.dtype == tf.float32
    np.testing.assert_allclose(images, expected, atol=1e-6)

    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        signatures = tf.compat.v1.saved_model.load(session, ["serve"], folder).signature_def

        def run(name, **feed):
            spec = signatures[name]
            return session.run(dict(outputs_of(spec)), {spec.inputs[key].name: value for key, value in feed.items()})

        assert set(signatures["serving_default"].inputs) == set(feed)
        np.testing.assert_allclose(run("serving_default", **feed)["images"], expected, atol=1e-6)
        more = {} if labels is None else {"labels": [-1]}
        made = run("generate", num_samples=9, seed=3, **more)["images"]
        np.testing.assert_array_equal(made, pictures)
        with pytest.raises(tf.errors.InvalidArgumentError, match=r"`num_samples` must be in \[1, 1024\]"):
            run("generate", num_samples=10**7, seed=3, **more)


def outputs_of(spec):
    return ((key, info.name) for key, info in spec.outputs.items())


@pytest.mark.learns
def test_the_average_is_exported_and_alone(averaged):
    gan, folder = averaged
    assert not np.allclose(default(folder)(latents=tf.constant(Z))["images"], gan.generator(Z), atol=1e-3)
    kept = sum(int(np.prod(w.shape)) for w in tf.saved_model.load(folder).weights)
    assert kept == gan.generator.count_params()


@pytest.mark.parametrize("count", [0, 1, 7])
def test_the_batch_is_free(averaged, count):
    assert default(averaged[1])(latents=tf.zeros((count, 4)))["images"].shape == (count, 8, 8, 1)


@pytest.mark.learns
@pytest.mark.parametrize("ema", [pytest.param(None, marks=pytest.mark.learns), 0.9])
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
    model = tf.saved_model.load(gan.export(tmp_path))
    images = model.signatures["serving_default"](latents=tf.constant(Z), labels=tf.constant(labels))["images"]
    np.testing.assert_allclose(images, expected, atol=1e-6)
    request = {"num_samples": tf.constant(6), "seed": tf.constant(1, tf.int64), "labels": tf.constant([-1])}
    np.testing.assert_array_equal(model.signatures["generate"](**request)["images"], gan.generate(6, seed=1))


@pytest.mark.learns
@pytest.mark.parametrize("policy", ["mixed_bfloat16", "float64"])
def test_other_precisions_leave_as_float32(tmp_path, policy):
    keras.config.set_dtype_policy(policy)
    try:
        gan = image_gan()
    finally:
        keras.config.set_dtype_policy("float32")
    signatures = tf.saved_model.load(gan.export(tmp_path)).signatures
    images = signatures["serving_default"](latents=tf.constant(Z))["images"]
    assert images.dtype == tf.float32
    np.testing.assert_allclose(images, tf.cast(gan(Z), tf.float32), atol=1e-6)
    made = signatures["generate"](num_samples=tf.constant(9), seed=tf.constant(1, tf.int64))["images"]
    np.testing.assert_array_equal(made, keras_gan.images.to_uint8(gan.generate(9, seed=1)))


@pytest.mark.learns
def test_a_gan_of_several_replicas_is_exported(tmp_path):
    strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"], cross_device_ops=tf.distribute.ReductionToOneDevice())
    with strategy.scope():
        gan = image_gan()
    made = tf.saved_model.load(gan.export(tmp_path)).signatures["generate"](
        num_samples=tf.constant(5), seed=tf.constant(1, tf.int64)
    )
    np.testing.assert_array_equal(made["images"], keras_gan.images.to_uint8(gan.generate(5, seed=1)))


@pytest.mark.learns
def test_the_metadata_tells_what_a_client_must_know(tmp_path):
    gan = image_gan(labels=5, name="digits")
    told = {"config": {"epochs": 3}, "metrics": {"d_loss": 0.5}}
    folder = gan.export(tmp_path / "model", metadata=told, discriminate=True, max_samples=64)
    known = json.loads(pathlib.Path(folder, "assets", "keras_gan.json").read_text())
    model = tf.saved_model.load(folder)
    assert (
        pathlib.Path(model.metadata.asset_path.numpy().decode()).read_bytes()
        == pathlib.Path(folder, "assets", "keras_gan.json").read_bytes()
    )
    assert known["metadata"] == told
    assert (known["keras_gan"], known["keras"], known["tensorflow"]) == (
        keras_gan.__version__,
        keras.__version__,
        tf.__version__,
    )
    assert {key: known[key] for key in ("name", "step", "ema", "example_shape", "value_range", "max_samples")} == {
        "name": "digits",
        "step": 1,
        "ema": 0.9,
        "example_shape": [8, 8, 1],
        "value_range": [-1.0, 1.0],
        "max_samples": 64,
    }
    assert keras.saving.deserialize_keras_object(known["latents"]) == latents.Normal(4)
    assert keras.saving.deserialize_keras_object(known["labels"]).count == 5
    assert set(known["signatures"]) == set(model.signatures)
    for name, signature in model.signatures.items():
        described = known["signatures"][name]
        for side, specs in (
            ("inputs", signature.structured_input_signature[1]),
            ("outputs", signature.structured_outputs),
        ):
            assert {key: (value["dtype"], value["shape"]) for key, value in described[side].items()} == {
                key: (spec.dtype.name, spec.shape.as_list()) for key, spec in specs.items()
            }
            assert all(value["description"].endswith(".") for value in described[side].values())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"metadata": {"a": object()}}, "`metadata` must be a dict that can be written as JSON"),
        ({"metadata": {"a": float("nan")}}, "`metadata` must be a dict that can be written as JSON"),
        ({"metadata": [1]}, r"`metadata` must be a dict or None. Received: metadata=\[1\]"),
        ({"max_samples": 0}, "`max_samples` must be an integer from 1 to 2147483647. Received: max_samples=0"),
        ({"keep": 0}, "`keep` must be an integer of at least 1. Received: keep=0"),
        ({"value_range": (1, -1)}, r"`value_range` must be two finite numbers, low < high. Received: value_range=\(1"),
    ],
)
def test_arguments_are_checked_before_anything_is_written(tmp_path, options, message):
    with pytest.raises(ValueError, match=message):
        point_gan().export(tmp_path / "points", **options)
    assert not (tmp_path / "points").exists()


@pytest.mark.learns
def test_a_failed_export_leaves_nothing(tmp_path, monkeypatch):
    def fail(module, path, signatures):
        tf.io.gfile.makedirs(path)
        raise OSError("No space left on device")

    monkeypatch.setattr(tf.saved_model, "save", fail)
    with pytest.raises(OSError, match="No space left"):
        point_gan().export(tmp_path / "points")
    assert list((tmp_path / "points").iterdir()) == []
