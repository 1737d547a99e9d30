import functools

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_gan import latents, networks
from keras_gan.export.values import ValueSignatures
from keras_gan.game import making
from keras_gan.models import StyleGAN2
from keras_gan.noise import Noise
from keras_gan.objectives import R1, NonSaturating, PathLength

SHAPE = (6, 6, 1)
X = np.random.default_rng(0).uniform(-1, 1, (8, *SHAPE)).astype("float32")


def stylegan2(classes=None, **options):
    keras.utils.set_random_seed(0)
    mapping = networks.stylegan2_mapping(3, width=4, depth=2, labels=classes)
    synthesis = networks.stylegan2_synthesis(SHAPE, style=4, width=4)
    judge = networks.stylegan2_discriminator(SHAPE, width=4, labels=classes)
    return StyleGAN2(mapping, synthesis, judge, latents=3, labels=classes, seed=0, **options)


@pytest.fixture(scope="module")
def trained():
    """A game of one step without mixing, its logs, and its players' weights before."""
    game = stylegan2(mixing=0.0)
    game.compile(run_eagerly=True)
    before = {name: player.get_weights() for name, player in game.players.items()}
    return game, game.train_on_batch(X[:4], return_dict=True), before


@pytest.mark.learns
def test_a_step_has_the_losses_of_the_paper(trained):
    """Of the same draws: the strength of the noise inputs is 0 before the first step."""
    _, logs, _ = trained
    game = stylegan2(mixing=0.0)
    z = latents.Normal(3).draw(4, Noise((0, "train"), 0).at("discriminator", 0).at("latents"))
    fake = game.synthesis(tf.repeat(game.mapping(z)[:, None], 4, axis=1))
    real = tf.constant(X[:4])
    with tf.GradientTape() as tape:
        tape.watch(real)
        score = game.discriminator(real)
    softplus, gradient = tf.math.softplus, tape.gradient(score, real)
    expected = tf.reduce_mean(softplus(-score) + softplus(game.discriminator(fake)))
    np.testing.assert_allclose(logs["d_non_saturating"], expected, rtol=1e-5)
    penalty = 16 * 0.5 * tf.reduce_mean(tf.reduce_sum(gradient**2, axis=(1, 2, 3)))
    np.testing.assert_allclose(logs["d_r1"], penalty, rtol=1e-4)
    total = logs["d_non_saturating"] + 10 * logs["d_r1"]
    np.testing.assert_allclose(logs["d_loss"], total, rtol=1e-5)
    np.testing.assert_allclose(logs["g_loss"], logs["g_non_saturating"] + 2 * logs["g_path_length"], rtol=1e-5)
    assert logs["g_path_length"] > 0


@pytest.mark.learns
def test_both_makers_learn_and_the_mean_of_w_is_tracked(trained):
    game, _, before = trained
    assert list(game.sides["generator"].members) == ["mapping", "synthesis"]
    for name in ("mapping", "synthesis", "truncation"):
        moved = [np.abs(w - v).max() for w, v in zip(getattr(game, name).get_weights(), before[name], strict=True)]
        assert max(moved) > 1e-4, name


@pytest.mark.learns
def test_truncation_lowers_the_variety():
    game = stylegan2()
    game.truncation.mean.assign(np.mean(game.make("w", n=500, seed=2), axis=0))
    spread = []
    for psi in (1.0, 0.5, 0.0):
        made = game.make("fake", n=64, seed=1, psi=np.full((64, 1), psi))
        spread.append(made.var(axis=0).mean())
    assert spread[0] > 1.5 * spread[1] > 0
    assert spread[2] < 1e-9
    np.testing.assert_array_equal(game.make("fake", n=3, seed=1), game.make("fake", n=3, seed=1, psi=np.ones((3, 1))))


@pytest.mark.learns
def test_what_it_minimises():
    assert stylegan2().default_objective == NonSaturating() + 10 * R1(every=16) + 2 * PathLength("synthesis", "styles")
    game = stylegan2(gamma=0.01, path_length=0.0)
    assert game.default_objective == NonSaturating() + 0.01 * R1(every=16)
    optimizer = game.default_optimizer("generator")
    assert (float(optimizer.learning_rate), optimizer.beta_1, optimizer.beta_2) == (pytest.approx(2e-3), 0.0, 0.99)


@pytest.mark.learns
def test_a_game_of_classes():
    game = stylegan2(classes=3, ema=0.9)
    game.compile(run_eagerly=True)
    history = game.fit(X, np.arange(8, dtype="int32") % 3, batch_size=4, verbose=0).history
    assert np.isfinite(history["g_loss"]).all()
    z, psi = np.zeros((3, 3), "float32"), np.ones((3, 1), "float32")
    made = game.make("w", latents=z + 1, label=np.arange(3, dtype="int32"))
    assert len({tuple(w) for w in made.round(5)}) == 3
    assert game.make("fake", latents=z, label=np.arange(3, dtype="int32"), psi=psi).shape == (3, *SHAPE)


@pytest.mark.learns
def test_both_halves_are_signatures_that_draw_nothing():
    game = stylegan2(classes=3)
    made = ValueSignatures(game, functools.partial(making.compute, game), 10).all(["fake"])
    assert {name: list(made[name].inputs) for name in ("map", "synthesize")} == {
        "map": ["latents", "label"],
        "synthesize": ["styles"],
    }
    z, label = tf.constant(X[:3, 0, :3, 0]), tf.constant([2, 0, 1])
    w = made["map"].call(latents=z, label=label)["w"]
    np.testing.assert_allclose(w, game.make("w", latents=z.numpy(), label=label.numpy()), atol=1e-6)
    pictures = made["synthesize"].call(styles=tf.repeat(w[:, None], 4, axis=1))["fake"]
    np.testing.assert_allclose(pictures, game.make("fake", w=w.numpy()), atol=1e-6)


@pytest.mark.nightly
@pytest.mark.xla
def test_a_step_is_the_same_with_xla(trained):
    _, known, _ = trained
    game = stylegan2(mixing=0.0)
    game.compile(jit_compile=True)
    logs = game.train_on_batch(X[:4], return_dict=True)
    for name, value in known.items():
        np.testing.assert_allclose(logs[name], value, rtol=1e-3, atol=1e-5, err_msg=name)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"gamma": -1}, "`gamma` must .*Received: gamma=-1"),
        ({"path_length": -1}, "`path_length` must .*Received: path_length=-1"),
        ({"mixing": 1.5}, "`mixing` must .*Received: mixing=1.5"),
    ],
)
def test_what_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        stylegan2(**options)


def test_an_augmentation_is_that_of_its_match():
    game = stylegan2(augmentation="adaptive")
    assert game.matches[""].augmentation is game.augmentation
    again = type(game).from_config(game.get_config())
    assert again.augmentation.get_config() == game.augmentation.get_config()
