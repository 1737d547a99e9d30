import keras
import numpy as np
import pytest

from keras_gan.networks import patch_heads, resnet_translator

RNG = np.random.default_rng(0)


def normal(*shape):
    return RNG.normal(size=shape).astype("float32")


def test_each_layer_has_a_head_of_its_own():
    translator = resnet_translator((8, 12, 1), width=2, blocks=1)
    heads = patch_heads(translator, ["hidden_2", "inputs"], patches=30, units=5)
    assert [tuple(each.shape) for each in heads.inputs] == [(None, 4, 6, 4), (None, 8, 12, 1), (None, 96)]
    places, maps = RNG.uniform(size=(3, 96)).astype("float32"), [normal(3, 4, 6, 4), normal(3, 8, 12, 1)]
    found = heads([*maps, places])
    assert {name: tuple(each.shape) for name, each in found.items()} == {"hidden_2": (3, 24, 5), "inputs": (3, 30, 5)}
    assert heads.count_params() == (4 + 1) * 5 + (1 + 1) * 5 + 2 * (5 + 1) * 5
    other = heads([maps[0], 2 * maps[1], places])
    np.testing.assert_array_equal(other["hidden_2"], found["hidden_2"])
    assert (other["inputs"] - found["inputs"]).numpy().any(axis=-1).all()


def test_the_papers_layers_are_the_default():
    heads = patch_heads(resnet_translator((32, 32, 3), width=1, blocks=9))
    assert {name: tuple(each.shape[1:]) for name, each in heads.output.items()} == {
        "inputs": (256, 256),
        "hidden_2": (256, 256),
        **dict.fromkeys(("hidden_3", "hidden_4", "hidden_8"), (64, 256)),
    }


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"hidden": ["hidden_9"]}, r"`layer` must be one of .*Received: layer='hidden_9'"),
        ({"hidden": []}, r"`layers` must hold the names of layers. Received: layers=\[\]"),
        (
            {"hidden": ["flat"]},
            r"`hidden` must name layers that give maps .*Received: 'flat', which gives",
        ),
        ({"patches": 0}, "`patches` must be .*Received: patches=0"),
        ({"units": 0}, "`units` must be .*Received: units=0"),
    ],
)
def test_what_does_not_fit_is_refused(options, message):
    image = keras.Input((4, 4, 1), name="inputs")
    model = keras.Model(image, keras.layers.Flatten(name="flat")(image))
    with pytest.raises(ValueError, match=message):
        patch_heads(model, **{"hidden": ["inputs"], **options})
