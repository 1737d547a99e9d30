"""What the signatures answer, compared with the GAN that was exported."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from keras_gan import GAN, images, latents, networks
from keras_gan.noise import Noise

DIM = 4


def image_gan(labels=3, ema=0.9, activation="tanh", **options):
    generator = networks.dcgan_generator(DIM, (8, 8, 1), filters=4, labels=labels, output_activation=activation)
    discriminator = networks.dcgan_discriminator((8, 8, 1), filters=4, labels=labels)
    gan = GAN(generator, discriminator, options.pop("latents", DIM), labels=labels, ema=ema, **options)
    gan.step.assign(1)  # before the first step the average is the weights
    for variable in generator.trainable_variables:  # the average and the weights must differ to be told apart
        variable.assign_add(0.2 * tf.ones_like(variable))
    return gan


def loaded(gan, folder, **options):
    """Asks a signature by name, with arrays of the dtypes it takes."""
    model = tf.saved_model.load(gan.export(folder, **options))

    def ask(name, **inputs):
        signature = model.signatures[name]
        specs = signature.structured_input_signature[1]
        given = {key: tf.constant(value, specs[key].dtype) for key, value in inputs.items()}
        return {key: value.numpy() for key, value in signature(**given).items()}

    ask.model = model
    return ask


@pytest.fixture(scope="module")
def conditional(tmp_path_factory):
    keras.utils.set_random_seed(0)
    gan = image_gan()
    return gan, loaded(gan, tmp_path_factory.mktemp("conditional") / "digits", max_samples=40)


class TestGenerate:
    @pytest.mark.learns
    def test_the_pictures_are_those_of_the_gan_to_the_bit(self, conditional):
        gan, ask = conditional
        for n, labels in ((1, [-1]), (7, [2]), (40, [-1]), (5, [0, -1, 2, 1, -1])):
            prior = gan.labels.draw(n, Noise(("generate",), 11).at("labels")).numpy()
            meant = np.where(np.array(labels) < 0, prior, labels)
            made = ask("generate", num_samples=n, seed=11, labels=labels)["images"]
            assert made.dtype == np.uint8
            np.testing.assert_array_equal(made, images.to_uint8(gan.generate(n, labels=meant, seed=11)))

    def test_a_longer_request_begins_with_a_shorter_one(self, conditional):
        ask = conditional[1]
        long = ask("generate", num_samples=40, seed=-3, labels=[-1])["images"]
        np.testing.assert_array_equal(ask("generate", num_samples=9, seed=-3, labels=[-1])["images"], long[:9])
        assert not np.array_equal(ask("generate", num_samples=9, seed=4, labels=[-1])["images"], long[:9])

    @pytest.mark.learns
    def test_png_files_hold_the_same_pictures(self, conditional, tmp_path):
        ask = conditional[1]
        files = ask("generate_png", num_samples=3, seed=5, labels=[1])["image_bytes"]
        for i, expected in enumerate(ask("generate", num_samples=3, seed=5, labels=[1])["images"]):
            (tmp_path / "image.png").write_bytes(files[i])
            np.testing.assert_array_equal(np.array(Image.open(tmp_path / "image.png")), expected[..., 0])

    @pytest.mark.learns
    def test_a_sigmoid_makes_pictures_between_0_and_1(self, tmp_path):
        gan = image_gan(labels=None, activation="sigmoid")
        made = loaded(gan, tmp_path)("generate", num_samples=4, seed=1)["images"]
        np.testing.assert_array_equal(made, images.to_uint8(gan.generate(4, seed=1), (0.0, 1.0)))

    @pytest.mark.learns
    def test_the_range_may_be_given(self, tmp_path):
        gan = image_gan(labels=None, activation=None)
        made = loaded(gan, tmp_path, value_range=(-2, 4))("generate", num_samples=4, seed=1)["images"]
        np.testing.assert_array_equal(made, images.to_uint8(gan.generate(4, seed=1), (-2.0, 4.0)))

    @pytest.mark.learns
    def test_what_is_no_picture_stays_float32(self, tmp_path):
        gan = GAN(networks.mlp_generator(3, (2,)), networks.mlp_discriminator((2,)), 3)
        ask = loaded(gan, tmp_path)
        assert set(ask.model.signatures) == {"serving_default", "generate", "interpolate"}
        np.testing.assert_array_equal(ask("generate", num_samples=7, seed=2)["images"], gan.generate(7, seed=2))
        assert ask("interpolate", start_seed=0, end_seed=1, steps=3)["images"].dtype == np.float32

    @pytest.mark.learns
    def test_layers_that_draw_draw_the_same_again(self, tmp_path):
        z = keras.Input((DIM,))
        x = keras.layers.Dropout(0.5)(keras.layers.Dense(32)(z), training=True)
        x = keras.layers.GaussianNoise(0.5)(x, training=True)
        gan = GAN(keras.Model(z, keras.layers.Dense(2)(x)), networks.mlp_discriminator((2,)), DIM, ema=0.5)
        ask = loaded(gan, tmp_path)
        expected = gan.generate(20, seed=2)
        for n in (20, 9, 20):
            np.testing.assert_array_equal(ask("generate", num_samples=n, seed=2)["images"], expected[:n])
        same = [ask("serving_default", latents=np.ones((2, DIM)))["images"] for _ in range(2)]
        np.testing.assert_array_equal(*same)

    @pytest.mark.parametrize(
        ("inputs", "message"),
        [
            ({"num_samples": 0}, "`num_samples` must be in [1, 40]. Received: 0]"),
            ({"num_samples": 41}, "`num_samples` must be in [1, 40]. Received: 41]"),
            ({"num_samples": 10**7}, "`num_samples` must be in [1, 40]. Received: 10000000]"),
            ({"num_samples": 2**31 - 1}, "`num_samples` must be in [1, 40]. Received: 2147483647]"),
            ({"num_samples": -(2**31)}, "`num_samples` must be in [1, 40]. Received: -2147483648]"),
            ({"labels": [3]}, "`labels` must be in [0, 3). Received: 3]"),
            ({"labels": [0, 12, 5]}, "`labels` must be in [0, 3). Received: 12]"),
            ({"labels": [-2]}, "`labels` must be in [0, 3). Received: -2]"),
            ({"labels": [0, 1]}, "`labels` must be 1 or as many as `num_samples`. Received: 2]"),
            ({"labels": []}, "`labels` must be 1 or as many as `num_samples`. Received: 0]"),
        ],
    )
    @pytest.mark.parametrize("name", ["generate", "generate_png"])
    def test_a_request_out_of_range_is_an_error(self, conditional, name, inputs, message):
        with pytest.raises(tf.errors.InvalidArgumentError) as raised:
            conditional[1](name, **{"num_samples": 3, "seed": 0, "labels": [-1], **inputs})
        assert message in raised.value.message

    @pytest.mark.learns
    def test_labels_that_nobody_can_draw(self, tmp_path):
        generator = networks.mlp_generator(DIM, (2,), labels=3)
        ask = loaded(GAN(generator, networks.mlp_discriminator((2,), labels=3), DIM), tmp_path)
        assert ask("generate", num_samples=2, seed=0, labels=[2])["images"].shape == (2, 2)
        for label in (-1, 3):  # the size of the embedding
            with pytest.raises(tf.errors.InvalidArgumentError, match=rf"`labels` must be in \[0, 3\). Rec.*: {label}"):
                ask("generate", num_samples=2, seed=0, labels=[label])

    @pytest.mark.learns
    def test_an_embedding_of_something_else_is_no_limit(self, tmp_path):
        z, y = keras.Input((DIM,)), keras.Input((), dtype="int32")
        place = keras.layers.Embedding(2, 5)(keras.layers.Lambda(lambda y: 0 * y)(y))
        x = keras.layers.Concatenate()([z, place, keras.layers.CategoryEncoding(5, "one_hot")(y[:, None])])
        gan = GAN(keras.Model([z, y], keras.layers.Dense(2)(x)), networks.mlp_discriminator((2,)), DIM)
        ask = loaded(gan, tmp_path)
        assert ask("generate", num_samples=2, seed=0, labels=[4])["images"].shape == (2, 2)
        with pytest.raises(tf.errors.InvalidArgumentError, match=r"`labels` must be at least 0. Received: -1"):
            ask("generate", num_samples=2, seed=0, labels=[-1])


class TestTruncation:
    @pytest.mark.learns
    def test_latents_are_those_of_a_truncated_normal_of_a_checked_threshold(self, tmp_path):
        gan = image_gan(labels=None)
        ask = loaded(gan, tmp_path, truncation=True)
        for threshold in (0.5, 3.0):
            z = latents.TruncatedNormal(DIM, threshold).draw(20, Noise(("generate",), 6).at("latents"))
            made = ask("generate", num_samples=20, seed=6, truncation=threshold)["images"]
            difference = np.abs(made - images.to_uint8(gan(z)).astype("float32"))
            assert difference.max() <= 1
            assert difference.mean() < 1e-3
        for wrong in (0.0, -1.0, np.inf, np.nan):
            with pytest.raises(tf.errors.InvalidArgumentError, match=r"`truncation` must be finite and above 0. Rec"):
                ask("generate", num_samples=2, seed=6, truncation=wrong)

    def test_other_latents_are_refused(self, tmp_path):
        gan = image_gan(labels=None, latents=latents.Uniform(DIM))
        with pytest.raises(ValueError, match=r"`truncation` must be False unless .* Received: latents=Uniform"):
            gan.export(tmp_path / "digits", truncation=True)
        assert not (tmp_path / "digits").exists()


class TestInterpolate:
    @pytest.mark.learns
    @pytest.mark.parametrize(
        "prior",
        [
            latents.Sphere(DIM),
            latents.Uniform(DIM),
            pytest.param(DIM, marks=pytest.mark.learns),
            pytest.param(latents.Codes(2, (3,), 1), marks=pytest.mark.learns),
        ],
    )
    def test_the_walk_is_that_of_the_priors_kind(self, tmp_path, prior):
        dim = prior if isinstance(prior, int) else prior.dim
        prior = latents.get_latents(prior)

        class Same(keras.Model):
            def call(self, z):
                return 1.0 * z

        gan = GAN(Same(), networks.mlp_discriminator((dim,)), prior)
        path = loaded(gan, tmp_path)("interpolate", start_seed=1, end_seed=2, steps=9)["images"]
        ends = [prior.draw(1, Noise(("generate",), seed).at("latents"))[0] for seed in (1, 2)]
        kind = "spherical" if isinstance(prior, latents.Normal | latents.Sphere) else "linear"
        np.testing.assert_allclose(path, latents.interpolate(*ends, 9, kind), rtol=0, atol=1e-6)
        np.testing.assert_array_equal(path[0], gan.generate(1, seed=1)[0])

    @pytest.mark.learns
    def test_a_walk_to_itself_stands_still(self, conditional):
        gan, ask = conditional
        made = ask("interpolate", start_seed=7, end_seed=7, steps=3, labels=[1])["images"]
        expected = images.to_uint8(gan.generate(1, labels=1, seed=7))
        assert np.abs(made.astype(int) - expected).max() <= 1

    @pytest.mark.learns
    def test_the_label_is_given_or_drawn_as_the_first_of_the_start(self, conditional):
        gan, ask = conditional
        drawn = int(gan.labels.draw(1, Noise(("generate",), 7).at("labels"))[0])
        for label, meant in ((-1, drawn), (2, 2)):
            made = ask("interpolate", start_seed=7, end_seed=8, steps=5, labels=[label])["images"]
            np.testing.assert_array_equal(made[0], images.to_uint8(gan.generate(1, labels=meant, seed=7))[0])
            end = images.to_uint8(gan.generate(1, labels=meant, seed=8)).astype(int)[0]
            assert np.abs(made[-1] - end).max() <= 1

    @pytest.mark.parametrize("steps", [1, 41, 10**7])
    def test_steps_are_checked(self, conditional, steps):
        with pytest.raises(tf.errors.InvalidArgumentError) as raised:
            conditional[1]("interpolate", start_seed=0, end_seed=1, steps=steps, labels=[0])
        assert f"`steps` must be in [2, 40]. Received: {steps}]" in raised.value.message


class TestServingDefault:
    @pytest.mark.parametrize("labels", [[0, 3], [-1, 0]])
    def test_labels_are_checked(self, conditional, labels):
        with pytest.raises(tf.errors.InvalidArgumentError, match=r"`labels` must be in \[0, 3\). Received: "):
            conditional[1]("serving_default", latents=np.zeros((2, DIM)), labels=labels)

    def test_there_is_a_label_for_each_latent(self, conditional):
        with pytest.raises(tf.errors.InvalidArgumentError, match=r"`labels` must be as many as `latents`. Received: 1"):
            conditional[1]("serving_default", latents=np.zeros((2, DIM)), labels=[1])


@pytest.mark.learns
def test_the_limit_may_be_one(tmp_path):
    ask = loaded(image_gan(labels=None), tmp_path, max_samples=1)
    assert ask("generate", num_samples=1, seed=0)["images"].shape == (1, 8, 8, 1)
    assert ask("interpolate", start_seed=0, end_seed=1, steps=2)["images"].shape == (2, 8, 8, 1)
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"`num_samples` must be in \[1, 1\]. Received: 2"):
        ask("generate", num_samples=2, seed=0)
