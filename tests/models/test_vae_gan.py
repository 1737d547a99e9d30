import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_gan.models import VAEGAN
from keras_gan.noise import Noise

X = np.random.default_rng(0).normal(size=(8, 3)).astype("float32")
softplus = tf.math.softplus


def network(sizes, name, last="linear"):
    start = keras.initializers.RandomNormal(stddev=0.5, seed=len(name))
    layers = [keras.layers.Dense(n, "tanh", kernel_initializer=start, name=f"hidden_{n}") for n in sizes[1:-1]]
    layers = [keras.Input((sizes[0],)), *layers, keras.layers.Dense(sizes[-1], last, kernel_initializer=start)]
    return keras.Sequential(layers, name=name)


def players():
    return network((3, 4), "encoder"), network((2, 4, 3), "decoder"), network((3, 5, 1), "discriminator")


def vae_gan(layer="hidden_5", **options):
    return VAEGAN(*players(), dim=2, layer=layer, gamma=0.3, seed=0, **options)


def losses(encoder, decoder, discriminator, noise):
    """Equations 5 to 8 of the paper: the losses of discriminator, decoder and encoder."""
    mean, log_variance = tf.split(encoder(X), 2, axis=1)
    z = mean + tf.exp(log_variance / 2) * noise.at("noise").normal((8, 2))
    back, fake = decoder(z), decoder(noise.at("latents").normal((8, 2)))
    hidden = discriminator.layers[0]
    like = 0.5 * tf.reduce_sum((hidden(X) - hidden(back)) ** 2, axis=1)
    r, of_back, of_fake = discriminator(X)[:, 0], discriminator(back)[:, 0], discriminator(fake)[:, 0]
    divergence = 0.5 * tf.reduce_sum(mean**2 + tf.exp(log_variance) - 1 - log_variance, axis=1)
    found = {
        "discriminator": softplus(-r) + (softplus(of_back) + softplus(of_fake)) / 2,
        "generator": 0.3 * like + softplus(-of_back) + softplus(-of_fake),
        "encoder": divergence + like,
    }
    return {side: tf.reduce_mean(loss) for side, loss in found.items()}


@pytest.mark.learns
def test_it_is_trained_as_a_loop_by_hand():
    """In it the encoder learns nothing of what judges, and the discriminator nothing of the likeness."""
    game = vae_gan()
    optimizers = {f"{side}_optimizer": keras.optimizers.SGD(0.1) for side in game.sides}
    game.compile(**optimizers, run_eagerly=True)
    logs = game.train_on_batch(X, return_dict=True)
    encoder, decoder, discriminator = by_hand = players()
    moves = {"discriminator": discriminator, "generator": decoder, "encoder": encoder}
    for side, player in moves.items():
        noise = Noise((0, "train"), 0).at(side)
        noise = noise if side == "encoder" else noise.at(0)
        with tf.GradientTape() as tape:
            loss = losses(*by_hand, noise)[side]
        assert logs[{"discriminator": "d", "generator": "g"}.get(side, side) + "_loss"] == pytest.approx(
            float(loss), rel=1e-5
        )
        for weight, gradient in zip(
            player.trainable_variables, tape.gradient(loss, player.trainable_variables), strict=True
        ):
            weight.assign_sub(0.1 * gradient)
    for ours, expected in zip(game.players.values(), by_hand, strict=False):
        for a, b in zip(ours.get_weights(), expected.get_weights(), strict=True):
            np.testing.assert_allclose(a, b, atol=1e-6)


def test_what_can_be_made():
    game = vae_gan()
    z = np.random.default_rng(1).normal(size=(3, 2)).astype("float32")
    np.testing.assert_allclose(game.make("fake", latents=z), game.decoder(z), rtol=1e-5)
    back = game.make("decoded", real=X, noise=np.zeros((8, 2)))
    np.testing.assert_allclose(back, game.decoder(game.make("code.mean", real=X)), rtol=1e-5)
    assert game.compared == ("real", "fake")
    assert game.displayed == ["real", "decoded", "fake"]


def test_a_layer_that_the_discriminator_does_not_have_is_refused():
    with pytest.raises(ValueError, match=r"`layer` must be a layer of the functional player 'discriminator'.*'h'"):
        vae_gan(layer="h")


def test_a_layer_of_unknown_size_is_refused():
    judge = keras.Sequential([keras.Input((None, 3)), keras.layers.Dense(1, name="map")])
    with pytest.raises(ValueError, match=r"`layer` must have outputs of a known size\. Received: layer='map'"):
        VAEGAN(*players()[:2], judge, dim=2, layer="map")


def test_a_negative_weight_is_refused():
    with pytest.raises(ValueError, match=r"`gamma` must be"):
        VAEGAN(*players(), dim=2, layer="hidden_5", gamma=-1)
