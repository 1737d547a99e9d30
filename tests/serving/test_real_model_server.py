"""What the stand-in shows, shown by the real TensorFlow Serving, wherever its binary is installed."""

import shutil
import socket

import numpy as np
import pytest

from keras_gan import images
from keras_gan.serving import Client, ModelServer, ServingError
from keras_gan.serving.server import BINARY

pytestmark = pytest.mark.skipif(
    shutil.which(BINARY) is None,
    reason=f"{BINARY} is not on the PATH: nothing was run against the real TensorFlow Serving",
)


@pytest.fixture(scope="module")
def real(exported):
    with socket.socket() as a, socket.socket() as b:
        for one in (a, b):
            one.bind(("127.0.0.1", 0))
        ports = [one.getsockname()[1] for one in (a, b)]
    with ModelServer(exported, port=ports[0], rest_port=ports[1]) as server:
        yield server


@pytest.fixture(params=["http", "grpc"])
def client(request, real):
    port = real.rest_port if request.param == "http" else real.port
    with Client(f"{request.param}://localhost:{port}", real.name) as client:
        yield client


@pytest.mark.parametrize("labels", [None, 2, [0, 1, 2, 1, 0]])
def test_pictures_are_those_of_the_gan(client, game, labels):
    pictures = client.generate(5, labels, seed=7).astype(int)
    expected = images.to_uint8(game.generate(5, labels, seed=7)).astype(int)
    assert np.abs(pictures - expected).max() <= 1  # another build of TensorFlow may round another way


def test_every_signature_answers(client):
    assert len(client.generate_png(3, 1, seed=0)) == 3
    assert client.interpolate(0, 1, 4, label=1).shape == (4, 8, 8, 1)
    made = client.make(np.zeros((2, 4)), [0, 1])
    assert client.discriminate(made, [0, 1]).shape == (2,)
    assert client.status()[0].state == "AVAILABLE"
    assert client.metadata()["generate"]["outputs"] == {"images": "uint8 (-1, 8, 8, 1)"}


def test_what_the_graph_refuses_is_told_in_its_words(client):
    with pytest.raises(ServingError, match=r"INVALID_ARGUMENT.*`num_samples` must be in \[1, 1024\]. Received: 1025"):
        client.generate(1025)


def test_a_model_that_is_not_there(client):
    with pytest.raises(ServingError, match="NOT_FOUND"):
        Client(client.url, "faces").generate(1)
