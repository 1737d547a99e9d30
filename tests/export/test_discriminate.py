import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_gan import GAN, networks, objectives

X = np.random.default_rng(0).uniform(-1, 1, (5, 8, 8, 1)).astype("float32")


def judging(gan, folder):
    """Asks the signature of the exported game for scores."""
    signature = tf.saved_model.load(gan.export(folder, discriminate=True)).signatures["discriminate"]

    def judge(**feed):
        scores = signature(**{name: tf.constant(value) for name, value in feed.items()})["scores"]
        assert scores.dtype == tf.float32
        return scores

    return judge


def judge(gan, folder, **feed):
    return judging(gan, folder)(**feed)


def mlp(**options):
    return GAN(networks.mlp_generator(4, (8, 8, 1)), networks.mlp_discriminator((8, 8, 1), hidden=(8,)), 4, **options)


@pytest.mark.learns
@pytest.mark.parametrize("compiled", [pytest.param(False, marks=pytest.mark.learns), True])
def test_the_scores_are_the_discriminators(tmp_path, compiled):
    gan = mlp()
    if compiled:
        gan.compile("hinge + 10 * gradient_penalty")
    np.testing.assert_allclose(judge(gan, tmp_path, images=X), gan.discriminator(X)[:, 0], rtol=1e-5, atol=1e-6)


@pytest.mark.learns
def test_a_conditional_discriminator_takes_labels(tmp_path):
    generator = networks.mlp_generator(4, (8, 8, 1), labels=3)
    gan = GAN(generator, networks.mlp_discriminator((8, 8, 1), hidden=(8,), labels=3), 4, labels=3)
    labels = np.array([0, 1, 2, 1, 0], "int32")
    ask = judging(gan, tmp_path)
    scores = ask(images=X, labels=labels)
    np.testing.assert_allclose(scores, gan.discriminator([X, labels])[:, 0], rtol=1e-5, atol=1e-6)
    for wrong in ([0, 1, 2, 1, 3], [0]):
        with pytest.raises(tf.errors.InvalidArgumentError, match="`labels` must be"):
            ask(images=X, labels=np.array(wrong, "int32"))


@pytest.mark.learns
def test_labels_that_no_prior_counts_are_those_of_the_embedding(tmp_path):
    gan = GAN(networks.mlp_generator(4, (2,)), networks.mlp_discriminator((2,), hidden=(2,), labels=3), 4)
    folder = gan.export(tmp_path / "points", discriminate=True)
    ask = tf.saved_model.load(folder).signatures["discriminate"]
    assert ask(images=tf.zeros((1, 2)), labels=tf.constant([2]))["scores"].shape == (1,)
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"`labels` must be in \[0, 3\). Received: 3"):
        ask(images=tf.zeros((1, 2)), labels=tf.constant([3]))


@pytest.mark.learns
def test_a_map_of_patches_is_averaged(tmp_path):
    x = keras.Input((8, 8, 1))
    discriminator = keras.Model(x, keras.layers.Conv2D(1, 3, strides=2)(x))
    gan = GAN(networks.mlp_generator(4, (8, 8, 1)), discriminator, 4)
    expected = np.mean(discriminator(X), axis=(1, 2, 3))
    np.testing.assert_allclose(judge(gan, tmp_path, images=X), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.learns
def test_the_critic_of_the_objective_is_asked(tmp_path):
    discriminator = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(3)])
    gan = GAN(networks.mlp_generator(4, (8, 8, 1)), discriminator, 4)
    gan.compile(objectives.Players(discriminator=objectives.SemiSupervised(), generator=objectives.SemiSupervised()))
    expected = tf.reduce_logsumexp(discriminator(X), axis=1)
    np.testing.assert_allclose(judge(gan, tmp_path, images=X), expected, rtol=1e-5, atol=1e-6)


def test_what_has_no_number_an_example_is_refused(tmp_path):
    packed = GAN(networks.mlp_generator(4, (2,)), networks.mlp_discriminator((4,)), 4, packing=2)
    discriminator = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3)])
    embedding = GAN(networks.mlp_generator(4, (2,)), discriminator, 4)
    kernel = GAN(networks.mlp_generator(4, (2,)), discriminator, 4)
    kernel.compile("maximum_mean_discrepancy")
    for gan in (packed, embedding, kernel):
        with pytest.raises(ValueError, match="`discriminate` must be False if the discriminator"):
            gan.export(tmp_path / "points", discriminate=True)
    assert not (tmp_path / "points").exists()


@pytest.mark.learns
def test_the_discriminator_stays_at_home_unless_asked_for(tmp_path):
    gan = mlp()
    model = tf.saved_model.load(gan.export(tmp_path))
    assert "discriminate" not in model.signatures
    assert sum(np.prod(w.shape) for w in model.weights) == gan.generator.count_params()
