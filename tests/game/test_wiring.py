import pytest

from keras_gan.game.wiring import Reference, Wiring, read_reference

PLAYERS = ["g_ab", "g_ba", "encoder"]
CYCLE = {"fake_b": "g_ab(a)", "fake_a": ("g_ba", "b"), "back_a": "g_ba( fake_b )"}


def test_calls_are_read_as_text_and_as_tuples():
    wiring = Wiring(CYCLE, PLAYERS)
    assert {name: str(value) for name, value in wiring.values.items()} == {
        "fake_b": "g_ab(a)",
        "fake_a": "g_ba(b)",
        "back_a": "g_ba(fake_b)",
    }


def test_several_inputs_and_outputs():
    value = Wiring({"code": "encoder(x, y)", "back": "g_ab(code.mean, code[1])"}, PLAYERS).values["back"]
    assert value.inputs == (Reference("code", "mean"), Reference("code", 1))
    assert [str(each) for each in value.inputs] == ["code.mean", "code[1]"]


def test_what_is_needed_comes_in_the_order_of_the_game():
    wiring = Wiring(CYCLE, PLAYERS)
    assert wiring.needed(["back_a"]) == ["fake_b", "back_a"]
    assert wiring.needed(["back_a", "fake_a"]) == ["fake_b", "fake_a", "back_a"]
    assert wiring.leaves(["back_a", "a"]) == ["a"]
    assert wiring.leaves(["fake_a", "back_a"]) == ["a", "b"]
    assert wiring.makers(["back_a"]) == ["g_ab", "g_ba"]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"x": "g_ab"}, r"`values` must be a call of a player.*Received: x='g_ab'"),
        ({"x": "g_ab()"}, "must be a call of a player"),
        ({"x": "g_ab(a=b)"}, "must be a call of a player"),
        ({"x": "g_ab(a + b)"}, "must be a call of a player"),
        ({"x": "g_ab(g_ba(a))"}, "must be a call of a player"),
        ({"x": "__import__('os')(a)"}, "must be a call of a player"),
        ({"x": ("g_ab",)}, "must be a call of a player"),
        ({"x": 3}, "must be a call of a player"),
        ({"x": "(" * 500}, "must be a call of a player"),
        ({"x": "other(a)"}, r"must call players, \['g_ab', 'g_ba', 'encoder'\]. Received: x='other\(a\)'"),
        ({"g_ab": "g_ab(a)"}, "must have other names than players and draws. Received: 'g_ab', which is taken"),
        ({"z": "g_ab(a)"}, "must have other names than players and draws. Received: 'z', which is taken"),
        ({"x": "g_ab(y)", "y": "g_ba(a)"}, "must be in the order .*which reads 'y' before it is made"),
        ({"x": "g_ab(x)"}, "must be in the order"),
    ],
)
def test_what_is_no_wiring_is_refused(values, message):
    with pytest.raises(ValueError, match=message):
        Wiring(values, PLAYERS, draws=["z"])


@pytest.mark.parametrize("text", ["", "a.b.c", "a[b]", "a()", "1", None, "a b", "("])
def test_what_is_no_name_is_refused(text):
    with pytest.raises(ValueError, match="`real` must hold names"):
        read_reference(text, "real")
