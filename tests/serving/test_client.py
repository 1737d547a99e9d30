import io

import numpy as np
import pytest
from PIL import Image
from stand_in import Server

from keras_gan import images, networks
from keras_gan.models import StyleGAN2
from keras_gan.serving import Client, ServingError, VersionStatus


@pytest.fixture
def client(url):
    with Client(url, "digits", backoff=0.0) as client:
        yield client


# -- What is answered -------------------------------------------------------------------------------------------------


@pytest.mark.learns
@pytest.mark.parametrize("labels", [None, 2, [0, 1, 2, 1, 0]])
def test_pictures_are_those_of_the_gan(client, game, labels):
    pictures = client.generate(5, labels, seed=7)
    assert (pictures.shape, pictures.dtype) == ((5, 8, 8, 1), np.uint8)
    np.testing.assert_array_equal(pictures, images.to_uint8(game.generate(5, labels, seed=7)))


@pytest.mark.learns
@pytest.mark.parametrize("protocol", ["rest", "grpc"])
def test_labels_choose_the_classes_of_other_games(tmp_path, protocol):
    mapping = networks.stylegan2_mapping(3, width=4, depth=1, labels=3)
    judge = networks.stylegan2_discriminator((6, 6, 1), width=2, labels=3)
    synthesis = networks.stylegan2_synthesis((6, 6, 1), style=4, width=2)
    game = StyleGAN2(mapping, synthesis, judge, latents=3, labels=3, seed=0)
    game.export(tmp_path / "styled")
    with Server(tmp_path / "styled") as server, Client(getattr(server, f"{protocol}_url"), "styled") as client:
        drawn, given = client.generate(3, seed=7), [client.generate(3, labels, seed=7) for labels in (2, [1, 0, 2])]
        by_name = client.ask("fake", num_samples=3, seed=7, label=[2])
    np.testing.assert_allclose(drawn, game.make("fake", n=3, seed=7), atol=1e-5)
    np.testing.assert_allclose(given[0], game.make("fake", label=np.full(3, 2), seed=7), atol=1e-5)
    np.testing.assert_allclose(given[1], game.make("fake", label=np.array([1, 0, 2]), seed=7), atol=1e-5)
    np.testing.assert_array_equal(by_name, given[0])


def test_png_files_hold_the_same_pictures(client):
    files = client.generate_png(3, [0, 1, 2], seed=7)
    read = [np.asarray(Image.open(io.BytesIO(file)))[..., None] for file in files]
    np.testing.assert_array_equal(read, client.generate(3, [0, 1, 2], seed=7))


def test_a_walk_goes_from_one_seed_to_the_other(client):
    path = client.interpolate(1, 2, 5, label=1)
    assert path.shape == (5, 8, 8, 1)
    for picture, seed in ((path[0], 1), (path[-1], 2)):
        np.testing.assert_array_equal(picture, client.generate(1, 1, seed)[0])
    np.testing.assert_array_equal(client.interpolate(1, 2, 2)[0], client.generate(1, None, 1)[0])


def test_latents_and_scores_are_those_of_the_players(client, game):
    latents, labels = np.random.default_rng(0).normal(size=(4, 4)).astype("float32"), np.array([0, 1, 2, 0])
    made = client.make(latents, labels)
    assert made.dtype == np.float32
    np.testing.assert_allclose(made, game.make(latents, labels), rtol=0, atol=1e-6)
    scores = game.discriminator([made, labels])
    np.testing.assert_allclose(client.discriminate(made, labels), np.ravel(scores), rtol=0, atol=1e-6)


def test_both_protocols_give_the_same_bits(server):
    latents, labels = np.random.default_rng(1).normal(size=(64, 4)), np.arange(64) % 3
    a, b = (Client(url, "digits").make(latents, labels) for url in (server.rest_url, server.grpc_url))
    np.testing.assert_array_equal(a, b)
    assert len(np.unique(a)) > 1000


def test_a_seed_that_is_not_given_is_drawn(client):
    a, b = client.generate(2, 0), client.generate(2, 0)
    assert np.any(a != b)


def test_grpc_carries_more_than_its_default_of_4_mb(server):
    client, count = Client(server.grpc_url, "digits"), 17_000
    made = client.make(np.zeros((count, 4)), np.zeros(count))
    assert made.nbytes > 2**22
    assert client.discriminate(made, np.zeros(count)).shape == (count,)


def test_metadata_names_types_and_shapes(client):
    known = client.metadata()
    assert sorted(known) == ["discriminate", "generate", "generate_png", "interpolate", "serving_default"]
    assert known["generate"] == {
        "inputs": {"labels": "int32 (-1,)", "num_samples": "int32 ()", "seed": "int64 ()"},
        "outputs": {"images": "uint8 (-1, 8, 8, 1)"},
    }


def test_status_names_the_version(client):
    assert client.status() == [VersionStatus(1, "AVAILABLE", "")]


def test_a_version_may_be_named(url):
    assert Client(url, "digits", version=1).generate(1, 0, 0).shape == (1, 8, 8, 1)
    with pytest.raises(ServingError, match=r"NOT_FOUND.*digits") as error:
        Client(url, "digits", version=7).generate(1, 0, 0)
    assert error.value.code == "NOT_FOUND"


# -- What is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda c: c.generate(0), "`n` must be an integer of at least 1. Received: n=0"),
        (lambda c: c.generate(2, seed=2**63), "`seed` must hold numbers of type int64"),
        (lambda c: c.generate(2, 0.5), "`labels` must hold numbers of type int32. Received: labels="),
        (lambda c: c.generate(2, "two"), "`labels` must hold numbers of type int32"),
        (lambda c: c.generate(2, truncation=0.5), "`truncation` must be None: the signature 'generate'"),
        (lambda c: c.make(np.zeros((2, 4))), "`labels` must be given: the signature 'serving_default'"),
        (lambda c: c.make(np.zeros((2, 3)), [0, 0]), r"`latents` must have the shape \(-1, 4\).*\(2, 3\)"),
        (lambda c: c.make(np.zeros(4), [0]), r"`latents` must have the shape \(-1, 4\).*\(4,\)"),
        (lambda c: c.make([[1, 2, 3], [4]], [0, 0]), "`latents` must hold numbers of type float32"),
        (lambda c: c.make(np.full((1, 4), 1e300), [0]), "`latents` must hold numbers of type float32"),
        (lambda c: c.make(np.zeros((0, 4)), []), r"`l\w+` must hold at least 1 example. Received: l\w+.shape=\(0,"),
        (lambda c: c.generate(2, []), r"`labels` must hold at least 1 example. Received: labels.shape=\(0,\)"),
    ],
)
def test_what_does_not_fit_is_not_sent(client, ask, message):
    with pytest.raises(ValueError, match=message):
        ask(client)


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda c: c.generate(1025), r"`num_samples` must be in \[1, 1024\]. Received: 1025"),
        (lambda c: c.generate(2, [0, 1, 2]), "`labels` must be 1 or as many as `num_samples`. Received: 3"),
        (lambda c: c.generate(2, 3), r"`labels` must be in \[0, 3\). Received: 3"),
        (lambda c: c.interpolate(0, 1, 1), r"`steps` must be in \[2, 1024\]. Received: 1"),
    ],
)
def test_what_the_graph_refuses_is_told_in_its_words(client, ask, message):
    with pytest.raises(ServingError, match=message) as error:
        ask(client)
    assert error.value.code == "INVALID_ARGUMENT"
    assert "\n" not in str(error.value)


def test_a_model_that_is_not_there(url):
    with pytest.raises(ServingError, match=r"NOT_FOUND: .*Servable not found for request: Latest"):
        Client(url, "faces").generate(1)
    with pytest.raises(ServingError, match=r"NOT_FOUND: .*Could not find any versions of model faces"):
        Client(url, "faces").status()


def test_a_signature_that_was_not_exported(client, monkeypatch):
    client.metadata()
    del client._signatures["discriminate"]
    with pytest.raises(ValueError, match=r"`model` must offer 'discriminate'.*which offers generate, generate_png"):
        client.discriminate(np.zeros((1, 8, 8, 1)), [0])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"url": "localhost:8501"}, "`url` must begin with http://, https://, grpc://, grpcs://"),
        ({"url": "http://"}, "`url` must begin with"),
        ({"model": ""}, "`model` must be the name"),
        ({"ca_file": "none.pem"}, "`ca_file` must be a PEM file. Received: ca_file='none.pem', no such file"),
        ({"version": "abc"}, "`version` must be an integer .*Received: version='abc'"),
        ({"version": True}, "`version` must be an integer .*Received: version=True"),
        ({"version": -1}, "`version` must be an integer from 0 to .*Received: version=-1"),
        ({"timeout": 0}, "`timeout` must be above 0. Received: timeout=0"),
        ({"timeout": float("nan")}, "`timeout` must be above 0"),
        ({"retries": -1}, "`retries` must be an integer of at least 0. Received: retries=-1"),
        ({"retries": 1.5}, "`retries` must be an integer"),
        ({"backoff": -1.0}, "`backoff` must be at least 0"),
    ],
)
def test_bad_arguments(options, message):
    with pytest.raises(ValueError, match=message):
        Client(**{"url": "http://localhost:8501", "model": "digits", **options})
