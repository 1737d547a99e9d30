import warnings

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_gan.models import AAE, SemiSupervisedAAE
from keras_gan.noise import Noise

RNG = np.random.default_rng(0)
X, LABELS = RNG.normal(size=(8, 3)).astype("float32"), np.array([0, -1, 2, -1, 1, -1, -1, 0], "int32")
softplus = tf.math.softplus


def dense(outputs, seed):
    return keras.layers.Dense(outputs, kernel_initializer=keras.initializers.RandomNormal(stddev=0.5, seed=seed))


def network(inputs, outputs, name):
    hidden = keras.layers.Dense(4, "tanh", kernel_initializer=keras.initializers.RandomNormal(seed=7))
    return keras.Sequential([keras.Input((inputs,)), hidden, dense(outputs, 8)], name=name)


def aae_players(posterior="deterministic"):
    encoder = network(3, 4 if posterior == "gaussian" else 2, "encoder")
    return encoder, network(2, 3, "decoder"), network(2, 1, "discriminator")


def labelled_players():
    x = keras.Input((3,))
    encoder = keras.Model(x, {"output": dense(2, 0)(x), "class_logits": dense(3, 1)(x)}, name="encoder")
    judges = network(2, 1, "discriminator"), network(3, 1, "class_discriminator")
    return encoder, network(5, 3, "decoder"), *judges


def play_both(game, players, losses, members, element):
    """Trains a game by one step, and players as a loop does: each side's move on its own draws, by SGD(0.1)."""
    game.compile(**{f"{side}_optimizer": keras.optimizers.SGD(0.1) for side in game.sides}, run_eagerly=True)
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # Keras's, of weights without a gradient
        logs = game.train_on_batch(element, return_dict=True)
    for side in game.sides:
        noise = Noise((0, "train"), 0).at(side)
        noise = noise if side == list(game.sides)[-1] else noise.at(0)
        weights = [weight for each in members[side] for weight in each.trainable_variables]
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(losses(noise)[side])
        log = {"discriminator": "d", "generator": "g"}.get(side, side)
        assert logs[f"{log}_loss"] == pytest.approx(float(loss), rel=1e-5)
        for weight, gradient in zip(weights, tape.gradient(loss, weights), strict=True):
            weight.assign_sub(0.1 * (0.0 if gradient is None else gradient))
    for ours, by_hand in zip(game.players.values(), players, strict=False):
        for a, b in zip(ours.get_weights(), by_hand.get_weights(), strict=True):
            np.testing.assert_allclose(a, b, atol=1e-6)


@pytest.mark.learns
@pytest.mark.parametrize("posterior", ["deterministic", "gaussian"])
def test_it_is_trained_as_a_loop_by_hand(posterior):
    """Reconstruction, then the discriminator, then the encoder against it: three moves, two of the encoder."""
    encoder, decoder, judge = players = aae_players(posterior)

    def losses(noise):
        z, code = noise.at("latents").normal((8, 2)), encoder(X)
        if posterior == "gaussian":
            mean, log_variance = tf.split(code, 2, axis=1)
            code = mean + tf.exp(log_variance / 2) * noise.at("noise").normal((8, 2))
        return {
            "reconstruction": tf.reduce_mean((decoder(code) - X) ** 2, axis=1),
            "discriminator": softplus(-judge(z)) + softplus(judge(code)),
            "generator": softplus(-judge(code)),
        }

    members = {"reconstruction": [encoder, decoder], "discriminator": [judge], "generator": [encoder]}
    game = AAE(*aae_players(posterior), latents=2, posterior=posterior, seed=0)
    play_both(game, players, losses, members, X)
    assert AAE.from_config(game.get_config()).posterior == posterior


def test_a_posterior_is_known():
    with pytest.raises(ValueError, match=r"`posterior` must be 'deterministic' or 'gaussian'\..*'x'"):
        AAE(*aae_players(), latents=2, posterior="x")


@pytest.mark.learns
def test_with_few_labels_it_is_trained_as_a_loop_by_hand():
    """Four moves, three of the encoder; the last one learns from the labelled examples alone."""
    encoder, decoder, judge, class_judge = players = labelled_players()

    def losses(noise):
        z = noise.at("latents").normal((8, 2))
        drawn = tf.one_hot(noise.at("one_hot").at("categorical", 0).categorical(8, [1 / 3] * 3), 3)
        encoded = encoder(X)
        code, classes = encoded["output"], tf.nn.softmax(encoded["class_logits"])
        known = LABELS >= 0
        return {
            "reconstruction": tf.reduce_mean((decoder(tf.concat([code, classes], axis=1)) - X) ** 2, axis=1),
            "discriminator": softplus(-judge(z))
            + softplus(judge(code))
            + softplus(-class_judge(drawn))
            + softplus(class_judge(classes)),
            "generator": softplus(-judge(code)) + softplus(-class_judge(classes)),
            "classification": -tf.math.log(tf.gather(classes[known], LABELS[known], axis=1, batch_dims=1)),
        }

    members = {
        "reconstruction": [encoder, decoder],
        "discriminator": [judge, class_judge],
        "generator": [encoder],
        "classification": [encoder],
    }
    game = SemiSupervisedAAE(*labelled_players(), latents=2, classes=3, seed=0)
    play_both(game, players, losses, members, {"real": X, "labels": LABELS})


def test_what_can_be_made():
    game = AAE(*aae_players(), latents=2, seed=0)
    z = RNG.normal(size=(3, 2)).astype("float32")
    np.testing.assert_allclose(game.make("fake", latents=z), game.decoder(z), rtol=1e-5)
    np.testing.assert_allclose(game.make("decoded", real=X), game.decoder(game.encoder(X)), rtol=1e-5)
    assert game.compared == ("real", "fake")
    assert game.displayed == ["real", "decoded", "fake"]


def test_what_can_be_made_of_classes():
    game = SemiSupervisedAAE(*labelled_players(), latents=2, classes=3, seed=0)
    z, classes = RNG.normal(size=(3, 2)).astype("float32"), np.eye(3, dtype="float32")
    made = game.make("fake", latents=z, one_hot=classes)
    np.testing.assert_allclose(made, game.decoder(np.concatenate([z, classes], axis=1)), rtol=1e-5)
    found = game.make("classes", real=X)
    np.testing.assert_allclose(found.sum(axis=1), 1, rtol=1e-6)
    np.testing.assert_allclose(found, tf.nn.softmax(game.encoder(X)["class_logits"]), rtol=1e-5)
    assert set(np.unique(game.draws["one_hot"].draw(50, Noise((0,))))) == {0.0, 1.0}


def test_an_optimizer_for_each_side():
    game = AAE(*aae_players(), latents=2, seed=0)
    game.compile(run_eagerly=True)
    assert {side: float(each.learning_rate) for side, each in game.optimizers.items()} == pytest.approx(
        {"reconstruction": 1e-3, "discriminator": 2e-4, "generator": 2e-4}
    )
    game.train_on_batch(X)
    assert {int(each.iterations.numpy()) for each in game.optimizers.values()} == {1}


@pytest.mark.parametrize("labels", [-2, 3])
def test_labels_of_no_class_are_refused(labels):
    game = SemiSupervisedAAE(*labelled_players(), latents=2, classes=3, seed=0)
    game.compile(run_eagerly=True)
    with pytest.raises(ValueError, match=r"'labels' of the data must lie in \[-1, 2\]"):
        game.fit(X, np.full(8, labels, "int32"), verbose=0)


def test_arguments_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="`classes` must be an integer of at least 2"):
        SemiSupervisedAAE(*labelled_players(), latents=2, classes=1)
    with pytest.raises(ValueError, match=r"`values` must fit the players\. Received: code='join"):
        SemiSupervisedAAE(*labelled_players(), latents=2, classes=4).compile()
