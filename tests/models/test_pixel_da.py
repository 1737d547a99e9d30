import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_gan import latents
from keras_gan.models import PixelDA
from keras_gan.networks import mlp_discriminator
from keras_gan.noise import Noise
from tests.models import play
from tests.models.families import noisy_maker

X, Y, T = play.A[:12], np.arange(12, dtype="int32") % 3, play.B[:12]
NAMES = ("generator", "discriminator", "classifier")


def players():
    """The same at each call."""
    keras.utils.set_random_seed(1)
    classifier = keras.Sequential([keras.Input((2,)), keras.layers.Dense(4, "tanh"), keras.layers.Dense(3)])
    return noisy_maker(), mlp_discriminator((2,), hidden=(4,), activation="tanh"), classifier


def pixel_da(**options):
    return PixelDA(*players(), latents.Uniform(2), seed=2, **options)


def losses(generator, discriminator, classifier, z):
    """The weighted losses of the authors' code, written out."""
    softplus, mean = tf.math.softplus, tf.reduce_mean

    def surprise(x):
        return -mean(tf.gather(tf.math.log_softmax(classifier(x)), Y, batch_dims=1))

    fake = generator([tf.constant(X), z])
    real, made = discriminator(T), discriminator(fake)
    judged = 0.136 * mean(softplus(-real) + softplus(made)) + surprise(X) + surprise(fake)
    return judged, 0.0113 * mean(softplus(-made)) + 0.0101 * surprise(fake)


@pytest.mark.learns
@pytest.mark.parametrize("reuse_fakes", [False, True])
def test_a_step_is_that_of_a_loop_by_hand(reuse_fakes):
    """Also where fakes are made once: the classifier's guesses of them are not, as both sides learn through these."""
    game, by_hand = pixel_da(), players()
    rates = {"discriminator": 0.5, "generator": 10.0}
    optimizers = {f"{side}_optimizer": keras.optimizers.SGD(rate) for side, rate in rates.items()}
    game.compile(**optimizers, reuse_fakes=reuse_fakes, run_eagerly=True)
    logs = game.train_on_batch({"source": X, "labels": Y, "target": T}, return_dict=True)
    generator, discriminator, classifier = by_hand
    for i, (side, moved) in enumerate(
        {"discriminator": (discriminator, classifier), "generator": (generator,)}.items()
    ):
        address = Noise((2, "train"), 0).at(*((side,) if i and not reuse_fakes else ("discriminator", 0)))
        weights = [weight for player in moved for weight in player.trainable_variables]
        with tf.GradientTape() as tape:
            loss = losses(*by_hand, game.latents.draw(12, address.at("latents")))[i]
        for weight, gradient in zip(weights, tape.gradient(loss, weights), strict=True):
            weight.assign_sub(rates[side] * gradient)
        assert logs[f"{side[0]}_loss"] == pytest.approx(float(loss), rel=1e-5)
    for name, expected in zip(NAMES, by_hand, strict=True):
        for a, b in zip(game.players[name].get_weights(), expected.get_weights(), strict=True):
            np.testing.assert_allclose(a, b, atol=1e-6)


def test_what_can_be_made():
    game = pixel_da(ema=0.9)
    z = np.random.default_rng(0).uniform(-1, 1, (12, 2)).astype("float32")
    fake = game.make("fake", source=X, latents=z)
    np.testing.assert_allclose(fake, game.generator([tf.constant(X), tf.constant(z)]), rtol=1e-5)
    np.testing.assert_allclose(game.make("logits", target=T), game.classifier(T), rtol=1e-5)
    np.testing.assert_allclose(game.make("source_logits", source=X), game.classifier(X), rtol=1e-5)
    np.testing.assert_allclose(game.make("fake_logits", source=X, latents=z), game.classifier(fake), rtol=1e-5)
    assert set(game.averages) == {"generator", "classifier"}
    assert game.compared == ("target", "fake")


def test_the_settings_are_the_authors():
    game = pixel_da()
    game.compile(run_eagerly=True)
    assert (game.domain, game.style, game.task) == (0.136, 0.0113, 0.0101)
    assert list(game.sides["discriminator"].members) == ["discriminator", "classifier"]
    for optimizer in game.optimizers.values():
        assert [round(optimizer.get_config()[name], 6) for name in ("learning_rate", "beta_1")] == [1e-3, 0.5]


@pytest.mark.parametrize("weight", ["domain", "style", "task"])
def test_weights_are_numbers_of_at_least_0(weight):
    with pytest.raises(ValueError, match=f"`{weight}` must be"):
        pixel_da(**{weight: -1})


def test_labels_beyond_the_logits_are_refused():
    game = pixel_da()
    game.compile(run_eagerly=True)
    with pytest.raises(ValueError, match=r"'labels' of the data must lie in \[0, 2\]"):
        game.fit({"source": X, "labels": Y + 1, "target": T}, verbose=0)
