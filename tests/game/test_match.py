import keras
import pytest

from keras_gan import Match
from keras_gan.replay import FakePool


def test_pairs_and_labels():
    match = Match("d", ("x", "code.mean"), ("fake", "z"), labels=("y", "drawn"))
    assert [str(each) for each in (*match.reals, *match.fakes)] == ["x", "code.mean", "fake", "z"]
    assert match.labels_of == {"real": "y", "fake": "drawn"}
    assert Match("d", "x", "fake", labels="y").labels_of == {"real": "y", "fake": "y"}
    assert Match("d", "x", "fake").labels_of == {}
    assert repr(match) == "<Match: d judges x, code.mean against fake, z>"


def test_its_config_holds_what_learns():
    match = Match("d", "x", "fake", replay=FakePool(7), augmentation="diff_augment", packing=2)
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(match))
    assert again == match
    assert (again.replay.size, type(again.augmentation), again.packing) == (7, type(match.augmentation), 2)
    assert match.replaced(replay=None).replay is None


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"judge": 3}, "`judge` must be the name of a player. Received: judge=3"),
        ({"real": ()}, "`real` must hold at least one name"),
        ({"fake": ("a", "b")}, "`fake` must have as many names as `real`, 1"),
        ({"fake": "a + b"}, "`fake` must hold names"),
        ({"labels": ("a", "b", "c")}, "`labels` must be a name or two names"),
        ({"replay": 50}, "`replay` must be a FakePool or None. Received: replay=50"),
        ({"packing": 0}, "`packing` must be"),
        ({"augmentation": "none_such"}, "`augmentation`"),
    ],
)
def test_what_is_no_match_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        Match(**{"judge": "d", "real": "x", "fake": "fake", **arguments})
