import keras
import numpy as np
import pytest

from keras_gan.networks import coupled_discriminators, coupled_generators, dcgan_discriminator, dcgan_generator

PICTURE = (8, 8, 1)


def shared(one, other):
    """Whether the layers with weights to train are the same in two models, in their order."""
    pairs = zip(*([layer for layer in each.layers if layer.trainable_weights] for each in (one, other)), strict=True)
    return [a is b for a, b in pairs]


@pytest.mark.parametrize("apart", [1, 2])
def test_generators_share_all_but_the_last_layers(apart):
    one, other = coupled_generators(dcgan_generator(3, PICTURE, filters=2), apart)
    assert shared(one, other) == [True] * (3 - apart) + [False] * apart
    z = np.random.default_rng(0).normal(size=(4, 3)).astype("float32")
    assert np.abs(one(z) - other(z)).max() > 1e-3  # their own layers begin apart
    other.set_weights(one.get_weights())
    np.testing.assert_allclose(one(z), other(z), atol=1e-6)
    assert (one.name, other.name) == ("generator", "generator_b")


@pytest.mark.parametrize("apart", [1, 2])
def test_discriminators_share_all_but_the_first_layers(apart):
    one, other = coupled_discriminators(dcgan_discriminator(PICTURE, filters=2, hidden=4, dropout=0.5), apart)
    assert shared(one, other) == [False] * apart + [True] * (3 - apart)


def test_sequential_models_have_pairs_too():
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(4, "relu"), keras.layers.Dense(2)])
    assert shared(*coupled_generators(model)) == [True, False]
    assert shared(*coupled_discriminators(model)) == [False, True]


@pytest.mark.parametrize(
    ("model", "apart", "message"),
    [
        (keras.Sequential([keras.layers.Dense(2)]), 1, "`generator` must be a built Sequential or functional model"),
        (
            keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)]),
            1,
            r"`apart` must be below the number of layers .*apart=1",
        ),
        (dcgan_generator(3, PICTURE, filters=2), 0, "`apart` must be"),
        (dcgan_generator(3, PICTURE, filters=2), 5, "`apart` must be below the number of layers"),
    ],
    ids=["not built", "one layer", "none apart", "more than there are"],
)
def test_bad_arguments(model, apart, message):
    with pytest.raises(ValueError, match=message):
        coupled_generators(model, apart)
