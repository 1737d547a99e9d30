import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_gan import latents
from keras_gan.models import StarGAN
from keras_gan.networks import mlp_discriminator, with_head
from keras_gan.noise import Noise
from tests.models import play
from tests.models.families import told_maker

X, C = play.A[:12], np.arange(12, dtype="int32") % 3


def players(**options):
    """A generator that is told a domain, and a discriminator that names one; the same at each call."""
    keras.utils.set_random_seed(1)
    judge = with_head(mlp_discriminator((2,), hidden=(4,), activation="tanh"), "hidden_1", 3, "class_logits")
    return {"generator": told_maker(3), "discriminator": judge, "domains": 3, **options}


def losses(generator, discriminator, x, c, target, u):
    """Equations 1 to 8, with Wasserstein's adversarial loss, written out."""
    mean, log_p = (
        tf.reduce_mean,
        lambda out, labels: tf.gather(tf.math.log_softmax(out["class_logits"]), labels, batch_dims=1),
    )
    fake = generator([x, target])
    real, made, between = (discriminator(each) for each in (x, fake, x))
    with tf.GradientTape() as tape:
        between = x + u * (fake - x)
        tape.watch(between)
        score = discriminator(between)["output"]
    norm = tf.norm(tape.gradient(score, between), axis=1)
    judged = mean(made["output"]) - mean(real["output"]) + 10 * mean((norm - 1) ** 2) - mean(log_p(real, c))
    back = generator([fake, c])
    return judged, -mean(made["output"]) - mean(log_p(made, target)) + 10 * mean(tf.abs(back - x))


@pytest.mark.learns
def test_a_step_is_that_of_a_loop_by_hand():
    game, by_hand = StarGAN(**players(), seed=2), players()
    rates = {"generator": 0.01, "discriminator": 0.02}
    game.compile(**{f"{side}_optimizer": keras.optimizers.SGD(rate) for side, rate in rates.items()}, run_eagerly=True)
    stacked = [np.stack([part, *(np.roll(part, k, axis=0) for k in range(1, 5))], axis=1) for part in (X, C)]
    logs = game.train_on_batch(*stacked, return_dict=True)
    found = []
    for move in range(6):
        i, side = (0, "discriminator") if move < 5 else (1, "generator")
        x, c = (tf.constant(part[:, min(move, 4)]) for part in stacked)
        address = Noise((2, "train"), 0).at(*((side,) if i else (side, move)))
        target = game.domains.draw(12, address.at("target"))
        with tf.GradientTape() as tape:
            u = address.at("gradient_penalty").uniform((12, 1))
            loss = losses(by_hand["generator"], by_hand["discriminator"], x, c, target, u)[i]
        weights = by_hand[side].trainable_variables
        for weight, gradient in zip(weights, tape.gradient(loss, weights), strict=True):
            weight.assign_sub(rates[side] * gradient)
        found.append(float(loss))
    assert logs["d_loss"] == pytest.approx(np.mean(found[:5]), rel=1e-5)
    assert logs["g_loss"] == pytest.approx(found[5], rel=1e-5)
    for side in rates:
        for a, b in zip(game.players[side].get_weights(), by_hand[side].get_weights(), strict=True):
            np.testing.assert_allclose(a, b, atol=1e-6)


@pytest.mark.learns
def test_the_settings_are_the_papers():
    game = StarGAN(**players())
    game.compile()
    assert game.discriminator_steps == 5
    for optimizer in game.optimizers.values():
        config = optimizer.get_config()
        assert [round(config[name], 6) for name in ("learning_rate", "beta_1", "beta_2")] == [1e-4, 0.5, 0.999]
    assert game.displayed == ["real", "fake", "back"]
    game.compile(discriminator_steps=2)
    assert game.discriminator_steps == 2
    game.compile(moves=["generator", "discriminator"])
    assert game.discriminator_steps == 1


@pytest.mark.learns
def test_targets_are_given_or_drawn():
    game = StarGAN(**players(domains=latents.Categorical([0.0, 0.5, 0.5])), seed=2)
    for target in (np.zeros(12, "int32"), C):
        expected = game.generator([tf.constant(X), tf.constant(target)])
        np.testing.assert_allclose(game.make("fake", real=X, target=target), expected, rtol=1e-5)
        back = game.make("back", real=X, target=target, labels=C)
        np.testing.assert_allclose(back, game.generator([expected, tf.constant(C)]), rtol=1e-5)
    drawn = game.draws["target"].draw(12, Noise(("make",), 3).at("target"))
    assert set(drawn.numpy()) == {1, 2}
    np.testing.assert_allclose(game.make("fake", real=X, seed=3), game.generator([tf.constant(X), drawn]), rtol=1e-5)
    for target in (np.full(12, 3), np.full(12, -1), np.full(12, 0.5)):
        with pytest.raises(ValueError, match=r"`target` must be integers in \[0, 3\), one per example. Received: targ"):
            game.make("fake", real=X, target=target)


@pytest.mark.parametrize("label", [-1, 3])
def test_domains_of_the_data_are_those_of_the_judge(label):
    game = StarGAN(**players())
    game.compile(run_eagerly=True)
    with pytest.raises(ValueError, match="The part 'labels' of the data must be classes from 0 to 2, of which"):
        game.fit(X, np.array([label, *C[1:]]), batch_size=2, verbose=0)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"domains": 1}, "`domains` must be at least 2"),
        ({"domains": latents.Normal(3)}, "`labels` must be"),
        ({"cycle": -1}, "`cycle` must be"),
        ({"classes": "1"}, "`classes` must be"),
        ({"penalty": -1}, "`penalty` must be"),
        ({"discriminator": mlp_discriminator((2,), hidden=(4,))}, "must return a dict with 'class_logits'"),
        ({"generator": play.maker()}, "`values` must give 'generator' as many inputs as it takes, 1"),
    ],
)
def test_bad_arguments(options, message):
    with pytest.raises(ValueError, match=message):
        StarGAN(**players(**options)).compile()
