import pathlib
import sys

import keras
import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))  # for the stand-in of TF Serving

from stand_in import Server

from keras_gan import GAN, networks


@pytest.fixture(scope="session")
def game():
    """A conditional GAN of 8x8 pictures of 3 classes."""
    keras.utils.set_random_seed(0)
    generator = networks.mlp_generator(4, (8, 8, 1), hidden=(8,), output_activation="tanh", labels=3)
    return GAN(generator, networks.mlp_discriminator((8, 8, 1), hidden=(8,), labels=3), 4, labels=3, seed=0, ema=0.9)


@pytest.fixture(scope="session")
def exported(game, tmp_path_factory):
    """The model's folder of the GAN, with the discriminator; not to be changed."""
    folder = tmp_path_factory.mktemp("exported") / "digits"
    game.export(folder, discriminate=True)
    return folder


@pytest.fixture(scope="session")
def server(exported):
    """A stand-in of TF Serving with that model."""
    with Server(exported) as server:
        yield server


@pytest.fixture(params=["rest", "grpc"])
def url(request, server):
    """The server's address, once for each protocol."""
    return getattr(server, f"{request.param}_url")
