"""What `Game` refuses, and says why."""

import functools

import keras
import pytest

from keras_gan import Game, Match
from keras_gan.objectives import Distance


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"players": None}, "`players` must be a dict"),
        ({"values": ["g(z)"]}, "`values` must be a dict"),
        ({"values": {}}, "`values` must have at least one entry"),
        ({"draws": ["z"]}, "`draws` must be a dict"),
        ({"sides": ["g", "d"]}, "`sides` must be a dict"),
        ({"sides": {"generator": None}}, "`sides` must name players"),
        ({"sides": {"my side": "g"}}, "identifiers.*'my side'"),
        ({"shapes": [(2,)]}, "`shapes` must be a dict"),
        ({"matches": {"m": ("d", "x", "made")}}, "`matches` must be a Match"),
        ({"matches": "d(x, made)"}, "`matches` must be a Match"),
        *(
            ({"named": name}, f"names that are free.*'{name}'")
            for name in ("seed", "matches", "step", "objective", "d_ema", "_draws", "_range")
        ),
    ],
)
def test_containers_and_names_that_a_game_cannot_take_are_refused(change, message):
    g = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2)])
    d = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    name = change.pop("named", "g") if "named" in change else "g"
    given = {"players": {name: g, "d": d}, "values": {"made": f"{name}(z)"}, "matches": Match("d", "x", "made")}
    with pytest.raises(ValueError, match=message):
        Game(**{**given, "draws": {"z": 2}, **change})


@pytest.mark.parametrize("value", [None, 3])
def test_make_refuses_what_is_no_array(value):
    g = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2)])
    game = Game({"g": g}, {"made": "g(x)"})
    with pytest.raises(ValueError, match="`x` must be an array of examples"):
        game.make("made", x=value)


@functools.cache  # a refusal leaves a game as it was
def of_one_side():
    g = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2)])
    return Game({"g": g}, {"made": "g(z)"}, draws={"z": 2}, sides={"generator": "g"}, shapes={"x": (2,)})


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"optimizer": "adam"},
            r"`optimizer` must not .* `compile`: `Game` takes `generator_optimizer`\. Received: opt",
        ),
        (
            {"d_optimizer": "adam"},
            "`d_optimizer` must be the optimizer of a side: generator_optimizer. Received: d_opt",
        ),
        (
            {"constraints": {"generator": 3}},
            r"`constraints\['generator'\]` must be a Keras constraint, .* Received: constraints\['generator'\]=3$",
        ),
        (
            {"discriminator_steps": 5},
            "`discriminator_steps` must be 1 in a game without a side 'discriminator': give `moves`. "
            "Received: discriminator_steps=5",
        ),
        (
            {"discriminator_steps": 5, "moves": ["generator"] * 2},
            "`discriminator_steps` must be 1 in a game without a side 'discriminator'",
        ),
        ({"n_critic": 5}, "`n_critic` must not be given to `compile`: `Game` takes `discriminator_steps`. Received"),
    ],
)
def test_compile_names_the_arguments_of_this_game(options, message):
    with pytest.raises(ValueError, match=message):
        of_one_side().compile(Distance("made", "x"), **options)
