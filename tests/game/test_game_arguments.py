"""What `Game` refuses, and says why."""

import keras
import pytest

from keras_gan import Game, Match


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
            for name in ("seed", "matches", "step", "objective", "d_ema")
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
