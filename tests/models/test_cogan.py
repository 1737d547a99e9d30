import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_gan import data
from keras_gan.models import CoGAN
from keras_gan.networks import coupled_discriminators, coupled_generators, mlp_discriminator, mlp_generator
from keras_gan.noise import Noise
from tests.models import play

A, B = play.A[:8], play.B[:8]


def players():
    """Pairs that share layers, the same at each call."""
    keras.utils.set_random_seed(1)
    makers = coupled_generators(mlp_generator(3, (2,), hidden=(4,), activation="tanh"))
    return *makers, *coupled_discriminators(mlp_discriminator((2,), hidden=(4,)))


def cogan(**options):
    return CoGAN(*players(), latents=3, seed=2, **options)


def losses(g_a, g_b, d_a, d_b, z):
    """The sums over both domains of the usual logistic losses."""
    softplus, mean = tf.math.softplus, tf.reduce_mean
    scores = [(judge(x), judge(maker(z))) for judge, x, maker in ((d_a, A, g_a), (d_b, B, g_b))]
    return sum(mean(softplus(-r) + softplus(f)) for r, f in scores), sum(mean(softplus(-f)) for _, f in scores)


def weights(one, other):
    """Those of two players, shared ones once."""
    return list({id(v): v for v in (*one.trainable_variables, *other.trainable_variables)}.values())


@pytest.mark.learns
def test_a_step_is_that_of_a_loop_by_hand():
    game, by_hand = cogan(), players()
    rates = {"generator": 0.5, "discriminator": 0.25}
    game.compile(**{f"{side}_optimizer": keras.optimizers.SGD(rate) for side, rate in rates.items()}, run_eagerly=True)
    logs = game.train_on_batch({"a": A, "b": B}, return_dict=True)
    for i, (side, pair) in enumerate((("discriminator", by_hand[2:]), ("generator", by_hand[:2]))):
        address = Noise((2, "train"), 0).at(*((side,) if i else (side, 0)))
        with tf.GradientTape() as tape:
            loss = losses(*by_hand, game.latents.draw(8, address.at("latents")))[i]
        variables = weights(*pair)
        for variable, gradient in zip(variables, tape.gradient(loss, variables), strict=True):
            variable.assign_sub(rates[side] * gradient)
        assert logs[f"{side[0]}_loss"] == pytest.approx(float(loss), rel=1e-5)
    for player, expected in zip(game.players.values(), by_hand, strict=True):
        for a, b in zip(player.get_weights(), expected.get_weights(), strict=True):
            np.testing.assert_allclose(a, b, atol=1e-6)


def test_both_examples_of_a_pair_are_of_the_same_latents():
    game = cogan()
    z = game.draws["latents"].draw(5, Noise(("make",), 1).at("latents"))
    for name in "ab":
        made = game.make(f"fake_{name}", n=5, seed=1)
        np.testing.assert_allclose(made, game.players[f"g_{name}"](z), rtol=1e-5)
    assert game.displayed == ["fake_a", "fake_b", "a", "b"]


@pytest.mark.learns
def test_a_loaded_game_shares_its_layers_and_learns_alike(tmp_path):
    game = cogan(ema=0.9)
    game.compile()
    pairs = data.unpaired(a=A, b=B, batch_size=4, seed=1)
    game.fit(pairs, verbose=0)
    game.save(tmp_path / "game.keras")
    again = keras.models.load_model(tmp_path / "game.keras")
    for side, count in (("generator", 6), ("discriminator", 6)):
        found = [len(each.sides[side].trainable_variables) for each in (game, again)]
        assert found == [count, count]
    assert game.fit(pairs, verbose=0).history == again.fit(pairs, verbose=0).history


def test_generators_that_share_nothing_are_refused():
    g_a, _, d_a, d_b = players()
    with pytest.raises(ValueError, match=r"`g_b` must share layers with `g_a`.*Received: 'generator' and 'other'"):
        CoGAN(g_a, mlp_generator(3, (2,), hidden=(4,), name="other"), d_a, d_b, latents=3)
    CoGAN(*coupled_generators(g_a), d_a, mlp_discriminator((2,), hidden=(4,)), latents=3)
