import keras
import numpy as np
import pytest

from keras_gan import layers, networks

PLAYERS = {
    "dcgan_generator": lambda: networks.dcgan_generator(3, (8, 8, 3), filters=2),
    "dcgan_discriminator": lambda: networks.dcgan_discriminator((8, 8, 3), filters=2, normalization="layer"),
    "mlp_generator": lambda: networks.mlp_generator(3, (4, 6, 3)),
    "mlp_discriminator": lambda: networks.mlp_discriminator((4, 6, 3)),
    "resnet_generator": lambda: networks.resnet_generator(3, (8, 8, 3), filters=2),
    "resnet_discriminator": lambda: networks.resnet_discriminator((8, 8, 3), filters=2),
    "autoencoder_discriminator": lambda: networks.autoencoder_discriminator((4, 6, 3)),
    "with_features": lambda: networks.with_features(networks.dcgan_discriminator((8, 8, 3), filters=2), "hidden_1"),
    "with attention": lambda: keras.Sequential([keras.Input((4, 6, 8)), layers.SelfAttention()]),
}


@pytest.fixture
def channels_first():
    keras.config.set_image_data_format("channels_first")
    yield
    keras.config.set_image_data_format("channels_last")


def output(make):
    keras.utils.set_random_seed(0)
    player = make()
    x = np.random.default_rng(0).normal(size=(2, *player.input_shape[1:])).astype("float32")
    return keras.tree.map_structure(np.asarray, player(x))


@pytest.mark.parametrize("make", PLAYERS.values(), ids=PLAYERS)
def test_players_are_the_same_whatever_the_image_data_format(make, request):
    expected = output(make)
    request.getfixturevalue("channels_first")
    keras.tree.map_structure(np.testing.assert_array_equal, output(make), expected)
    assert keras.config.image_data_format() == "channels_first"
