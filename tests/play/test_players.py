import keras
import numpy as np
import pytest
from keras import layers

from keras_gan import networks
from keras_gan.noise import Noise
from keras_gan.play import players


class WithLabels(keras.Model):
    def __init__(self):
        super().__init__()
        self.dense, self.embedding = layers.Dense(2), layers.Embedding(3, 2)

    def call(self, latents, labels=None, training=False):
        return self.dense(latents) + self.embedding(labels)


class WithoutLabels(keras.Model):
    def __init__(self):
        super().__init__()
        self.dense = layers.Dense(2)

    def call(self, latents):
        return self.dense(latents)


Z, Y = np.ones((3, 4), "float32"), np.array([0, 1, 2])


@pytest.mark.parametrize(
    ("player", "expected"),
    [
        (lambda: keras.Sequential([keras.Input((4,)), layers.Dense(2)]), False),
        (lambda: networks.mlp_generator(4, (2,)), False),
        (lambda: networks.mlp_generator(4, (2,), labels=3), True),
        (WithLabels, True),
        (WithoutLabels, False),
    ],
)
def test_takes_labels_and_call(player, expected):
    player = player()
    assert players.takes_labels(player) is expected
    out = players.call(player, Z, Y)
    assert out.shape == (3, 2)
    if expected:
        assert not np.allclose(out[0], out[1])  # the latents are equal, the labels are not
        with pytest.raises(ValueError, match=r"`labels` must be given.*Received: labels=None"):
            players.call(player, Z)


def test_reseed_fixes_dropout_and_changes_it_with_the_address():
    model = keras.Sequential([keras.Input((100,)), layers.Dropout(0.5)])
    ones = np.ones((1, 100), "float32")

    def mask(index):
        players.reseed(model, Noise((0,), index))
        return np.asarray(model(ones, training=True))

    np.testing.assert_array_equal(mask(1), mask(1))
    assert not np.array_equal(mask(1), mask(2))


def test_reseed_finds_nested_generators():
    inner = keras.Sequential([layers.Dropout(0.5), layers.Dense(3)])
    model = keras.Sequential([keras.Input((4,)), inner, layers.GaussianNoise(1.0)])
    assert len(players.seed_states(model)) == 2
