"""Every signature of every kind of GAN over gRPC and REST, and its warm-up requests."""

import io
import pathlib
import sys

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image
from stand_in import Server

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "export"))  # for the kinds of GAN

from kinds import DIM, MODELS, REQUIRED

from keras_gan.images import to_uint8
from keras_gan.serving import Client

Z = np.random.default_rng(0).normal(size=(5, DIM)).astype("float32")


QUICK = "conditional"
KINDS = [kind if kind == QUICK else pytest.param(kind, marks=pytest.mark.learns) for kind in REQUIRED]


@pytest.fixture(scope="module", params=KINDS)
def served(request, tmp_path_factory):
    """A GAN, and a stand-in of TF Serving with what it exported."""
    gan = MODELS[request.param]()
    folder = tmp_path_factory.mktemp(request.param) / "digits"
    gan.export(folder, discriminate=True)
    with Server(folder) as server:
        yield gan, server


@pytest.mark.learns
def test_every_warm_up_request_is_answered(served):
    assert served[1].model.warmed_up == len(served[1].model.signatures.keys() - {"__saved_model_init_op"}) == 5


@pytest.mark.parametrize("protocol", ["rest", "grpc"])
def test_every_signature_answers_as_the_gan_does(served, protocol):
    gan, server = served
    labels, one = (np.array([2, 0, 1, 1, 0], "int32"), 1) if gan.takes_labels else (None, None)
    examples = gan.generate(5, labels, seed=3)
    given = examples if labels is None else [examples, labels]
    with Client(getattr(server, f"{protocol}_url"), "digits") as client:
        np.testing.assert_array_equal(client.generate(19, seed=3), to_uint8(gan.generate(19, seed=3)))
        np.testing.assert_array_equal(client.generate(5, labels, seed=3), to_uint8(examples))
        files = client.generate_png(5, labels, seed=3)
        pictures = [np.asarray(Image.open(io.BytesIO(file)))[..., None] for file in files]
        np.testing.assert_array_equal(pictures, to_uint8(examples))
        walk = client.interpolate(3, 4, 6, one)
        assert walk.shape == (6, *gan.example_shape)
        np.testing.assert_array_equal(walk[0], to_uint8(gan.generate(1, one, seed=3))[0])
        made = gan(Z if labels is None else [Z, labels])
        np.testing.assert_allclose(client.make(Z, labels), made, rtol=0, atol=1e-6)
        judge = tf.function(gan.discriminator, autograph=False)  # bfloat16 is rounded otherwise outside of a graph
        scores = judge(given)
        np.testing.assert_allclose(client.discriminate(examples, labels), np.ravel(scores), rtol=0, atol=1e-6)
