"""A side that `moves` does not name rests: it needs no loss, and nothing of it changes."""

import keras
import numpy as np
import pytest

from keras_gan import Game, Match, networks
from keras_gan.callbacks.examination import examine
from keras_gan.game import moves
from keras_gan.layers import GaussianNoise
from keras_gan.noise import Noise
from keras_gan.objectives import Distance

X = np.random.default_rng(0).normal(size=(16, 2)).astype("float32")


def make(**options):
    keras.utils.set_random_seed(1)
    game = Game(
        players={
            "maker": networks.mlp_generator(2, (2,), hidden=(3,), normalization="batch"),
            "judge": networks.mlp_discriminator((2,), hidden=(3,)),
        },
        values={"made": "maker(a)"},
        matches=Match("judge", "b", "made"),
        objective="hinge",
        seed=2,
    )
    game.compile(**options)
    return game


@pytest.mark.learns
def test_the_first_of_two_phases_leaves_the_judge_alone():
    averaging = keras.optimizers.Adam(use_ema=True)  # of a side that rests there is no average to take
    game = make(objective="distance(made, b)", moves="generator", discriminator_optimizer=averaging)
    data = {"a": X, "b": -X}
    judged, made = game.judge.get_weights(), game.maker.get_weights()
    history = game.fit(data, batch_size=8, epochs=2, validation_data=data, verbose=0).history
    assert set(history) == {"g_loss", "val_g_loss"}
    for before, after in zip(judged, game.judge.get_weights(), strict=True):
        np.testing.assert_array_equal(before, after)
    assert any(np.any(a != b) for a, b in zip(made, game.maker.get_weights(), strict=True))
    assert game.optimizers["discriminator"].iterations == 0
    assert list(game.moving) == ["generator"]
    expected = np.abs(game.make("made", a=X) + X).mean()
    assert game.evaluate(data, verbose=0) == pytest.approx([expected], rel=1e-5)

    game.compile()
    assert list(game.moving) == ["discriminator", "generator"]
    history = game.fit(data, batch_size=8, verbose=0).history
    assert set(history) == {"d_loss", "g_loss", "d_real", "d_fake"}
    assert int(game.step.numpy()) == 6
    assert any(np.any(a != b) for a, b in zip(judged, game.judge.get_weights(), strict=True))


def test_it_is_the_step_of_the_generator_alone():
    game = make(objective=2 * Distance("made", "b"), moves=["generator"], run_eagerly=True)
    alone = Game(
        players={"maker": game.maker},
        values={"made": "maker(a)"},
        objective=2 * Distance("made", "b"),
        shapes={"b": (2,)},
        seed=2,
    )
    alone.compile(run_eagerly=True)
    before = game.maker.get_weights()
    found = []
    for each in (game, alone):
        game.maker.set_weights(before)
        each.train_on_batch({"a": X, "b": -X})
        found.append(game.maker.get_weights())
    for one, other in zip(*found, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.learns
def test_only_what_moves_is_examined_and_saved_as_it_moves(tmp_path):
    game = make(objective="distance(made, b)", moves="generator", run_eagerly=True)
    found = examine(game, {"a": X, "b": -X}, Noise((0, "look")))
    assert set(found) == {"g_loss", "g_gradient", "g_gradient_rms", "g_weights"}
    game.save(tmp_path / "game.keras")
    loaded = keras.models.load_model(tmp_path / "game.keras")
    assert loaded.get_compile_config() == game.get_compile_config()
    assert list(loaded.moving) == ["generator"]


def normalizing(outputs):
    body = [keras.layers.Dense(4), keras.layers.BatchNormalization(), keras.layers.Dense(outputs)]
    return keras.Sequential([keras.Input((2,)), *body])


@pytest.mark.parametrize(("rests", "moves"), [("d", "generator"), ("g", "discriminator")])
def test_statistics_of_a_player_that_rests_stay(rests, moves):
    game = Game({"g": normalizing(2), "d": normalizing(1)}, {"made": "g(x)"}, Match("d", "x", "made"), seed=0)
    game.compile("hinge", moves=moves, run_eagerly=True)
    before = {name: player.get_weights() for name, player in game.players.items()}
    game.train_on_batch({"x": X + 5})
    changed = {name: [bool(np.any(a != b)) for a, b in zip(before[name], game.players[name].get_weights(), strict=True)]
               for name in "gd"}  # fmt: skip
    assert changed[rests] == [False] * 8
    assert all(changed["g" if rests == "d" else "d"][:6])


def test_a_player_on_no_side_is_called_as_after_training():
    """Its dropout is off and its statistics stay; what has no weights, such as noise, does in training what it does."""
    features = keras.Sequential([keras.Input((2,)), keras.layers.BatchNormalization(), keras.layers.Dropout(0.9)])
    features.layers[0].moving_mean.assign([3.0, -1.0])
    before = features.get_weights()
    game = Game(
        players={
            "maker": networks.mlp_generator(2, (2,), hidden=(3,)),
            "features": features,
            "noise": GaussianNoise(1.0, seed=0),
        },
        values={"noisy": "noise(a)", "made": "maker(noisy)", "of_real": "features(b)", "of_made": "features(a)"},
        sides={"generator": "maker"},
        shapes={"b": (2,)},
        seed=2,
    )
    game.compile("distance(of_real, of_made) + 0 * distance(made, b)", run_eagerly=True)
    distance = game.train_on_batch({"a": X, "b": -X}, return_dict=True)["g_distance_of_real"]
    assert distance == pytest.approx(np.abs(2 * X / np.sqrt(1 + 1e-3)).mean(), rel=1e-5)
    for one, other in zip(before, features.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    values = moves.prepare(game, {"a": X, "b": -X}, Noise((0, "move")))
    assert not np.allclose(values["noisy"], X)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"moves": "maker"},
            "`moves` must name sides, .*'discriminator', 'generator'.*at least one.*Received: .*'maker'",
        ),
        ({"moves": []}, r"`moves` must name sides, .*Received: moves=\[\]"),
        ({"moves": "generator", "discriminator_steps": 2}, "and `discriminator_steps` be 1. .*discriminator_steps=2"),
        ({"moves": "generator", "objective": "r1"}, "for each side that moves: generator. Received: 'r1', without"),
        ({"objective": "distance(made, b)"}, "must give both players a loss.*without one for the discriminator"),
    ],
)
def test_what_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        make(**options)
