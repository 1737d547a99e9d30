"""Exported models answer in TF Serving's conventions, as any client sees them: raw messages, raw JSON."""

import base64
import io
import shutil

import numpy as np
import pytest
import requests
import tensorflow as tf
from PIL import Image
from stand_in import Model, RefusedError, Server
from tensorflow_serving.apis import model_pb2, predict_pb2

from keras_gan import GAN, images, networks

LATENTS = [[0.5, -1.0, 0.25, 0.0], [1.5, 0.0, -0.125, 2.0]]


@pytest.fixture
def post(server):
    """Posts JSON to the model: the status and the JSON that comes back."""

    def post(body, path=":predict"):
        response = requests.post(f"{server.rest_url}/v1/models/digits{path}", json=body, timeout=30)
        assert response.headers["Content-Type"] == "application/json"
        return response.status_code, response.json()

    return post


@pytest.fixture
def expected(game):
    return np.asarray(game.make(tf.constant(LATENTS), tf.constant([0, 2])))


# -- REST -------------------------------------------------------------------------------------------------------------


def test_columns(post, expected):
    status, answer = post({"inputs": {"latents": LATENTS, "labels": [0, 2]}})
    assert (status, list(answer)) == (200, ["outputs"])
    np.testing.assert_allclose(answer["outputs"], expected, rtol=0, atol=1e-6)


def test_rows(post, expected):
    rows = [{"latents": latents, "labels": label} for latents, label in zip(LATENTS, [0, 2], strict=True)]
    status, answer = post({"signature_name": "serving_default", "instances": rows})
    assert (status, list(answer)) == (200, ["predictions"])
    np.testing.assert_allclose(answer["predictions"], expected, rtol=0, atol=1e-6)


def test_bytes_are_base64(post, game):
    inputs = {"num_samples": 2, "seed": 3, "labels": [1]}
    status, answer = post({"signature_name": "generate_png", "inputs": inputs})
    assert status == 200
    assert [list(item) for item in answer["outputs"]] == [["b64"]] * 2
    pictures = [Image.open(io.BytesIO(base64.b64decode(item["b64"]))) for item in answer["outputs"]]
    np.testing.assert_array_equal(np.stack(pictures)[..., None], images.to_uint8(game.generate(2, 1, seed=3)))


@pytest.mark.learns
def test_one_unnamed_input_is_enough_where_there_is_one(tmp_path):
    gan = GAN(networks.mlp_generator(2, (2,), hidden=(4,)), networks.mlp_discriminator((2,), hidden=(4,)), 2, seed=0)
    gan.export(tmp_path / "points")
    latents = [[0.5, -1.0], [2.0, 0.0], [0.0, 0.0]]
    expected = np.asarray(gan.make(tf.constant(latents)))
    with Server(tmp_path / "points") as server:
        url = f"{server.rest_url}/v1/models/points:predict"
        rows = requests.post(url, json={"instances": latents}, timeout=30).json()["predictions"]
        columns = requests.post(url, json={"inputs": latents}, timeout=30).json()["outputs"]
    np.testing.assert_allclose(rows, expected, rtol=0, atol=1e-6)
    assert rows == columns


@pytest.mark.parametrize(
    ("body", "status", "error"),
    [
        ({"inputs": {"latents": LATENTS}}, 400, "Missing named input: labels in 'inputs' object."),
        ({"inputs": LATENTS}, 400, "inputs is a plain value/list"),
        ({"instances": LATENTS}, 400, "instances is a plain list"),
        ({"instances": [{"latents": LATENTS[0]}]}, 400, "keys must be equal to"),
        ({"instances": []}, 400, "'instances'"),
        ({}, 400, "Missing 'inputs' or 'instances' key"),
        ([1], 400, "Is not object"),
        ({"inputs": {"latents": LATENTS, "labels": [0, 2.0]}}, 400, "2.0 is not of expected type: int32"),
        ({"inputs": {"latents": [[1, 2], [3]], "labels": [0, 2]}}, 400, "unexpected size: 1"),
        ({"inputs": {"latents": [[1, 2]], "labels": [0]}}, 400, "has the shape"),
        ({"signature_name": "nothing", "inputs": {}}, 400, '"nothing" not found in signature def'),
        ({"signature_name": 1, "inputs": {}}, 400, "'signature_name' key must be a string value"),
    ],
)
def test_what_is_refused_is_an_error_with_a_status(post, body, status, error):
    got, answer = post(body)
    assert (got, list(answer)) == (status, ["error"])
    assert error in answer["error"]


def test_a_scalar_is_no_row(post):
    rows = [{"num_samples": 2, "seed": 0, "labels": 0}]
    assert post({"signature_name": "generate", "instances": rows})[0] == 400


@pytest.mark.parametrize("path", ["/versions/7:predict", ":predict"])
def test_what_is_not_served_is_404(server, path):
    name = "digits" if "versions" in path else "faces"
    response = requests.post(f"{server.rest_url}/v1/models/{name}{path}", json={"inputs": LATENTS}, timeout=30)
    assert response.status_code == 404
    assert response.json()["error"].startswith("Servable not found for request: ")


def test_what_is_no_address_of_tf_serving(server):
    assert requests.get(f"{server.rest_url}/v2/models/digits", timeout=30).status_code == 400
    assert requests.post(f"{server.rest_url}/v1/models/digits:paint", json={}, timeout=30).status_code == 400


def test_status_and_metadata(server):
    url = f"{server.rest_url}/v1/models/digits"
    row = {"version": "1", "state": "AVAILABLE", "status": {"error_code": "OK", "error_message": ""}}
    assert requests.get(url, timeout=30).json() == {"model_version_status": [row]}
    assert requests.get(f"{url}/versions/1", timeout=30).json() == {"model_version_status": [row]}
    found = requests.get(f"{url}/metadata", timeout=30).json()
    assert (found["model_spec"]["name"], found["model_spec"]["version"]) == ("digits", "1")
    steps = found["metadata"]["signature_def"]["signature_def"]["interpolate"]["inputs"]["steps"]
    assert (steps["dtype"], steps["tensor_shape"]) == ("DT_INT32", {"dim": [], "unknown_rank": False})


# -- Every signature, in a v1 Session ---------------------------------------------------------------------------------


def test_the_warm_up_requests_are_answered_before_anything_else(server):
    assert server.model.warmed_up == len(server.model.signatures.keys() - {"__saved_model_init_op"}) == 5


def ask(model, name, **inputs):
    request = predict_pb2.PredictRequest(model_spec=model_pb2.ModelSpec(name="digits", signature_name=name))
    for key, value in inputs.items():
        request.inputs[key].CopyFrom(tf.make_tensor_proto(value))
    response = model.predict(request)
    return {key: tf.make_ndarray(value) for key, value in response.outputs.items()}


@pytest.mark.learns
def test_every_signature_gives_what_the_loaded_model_gives(server, exported):
    loaded = tf.saved_model.load(str(exported / "1"))
    i64, i32 = np.int64, np.int32
    requests_ = {
        "serving_default": {"latents": np.float32(LATENTS), "labels": i32([0, 2])},
        "generate": {"num_samples": i32(5), "seed": i64(-3), "labels": i32([-1])},
        "generate_png": {"num_samples": i32(3), "seed": i64(2**40), "labels": i32([0, -1, 2])},
        "interpolate": {"start_seed": i64(1), "end_seed": i64(2), "steps": i32(6), "labels": i32([1])},
        "discriminate": {"images": np.ones((2, 8, 8, 1), "float32"), "labels": i32([0, 1])},
    }
    assert requests_.keys() == loaded.signatures.keys()
    for name, inputs in requests_.items():
        given = {key: tf.constant(value) for key, value in inputs.items()}
        expected = loaded.signatures[name](**given)
        got = ask(server.model, name, **inputs)
        assert got.keys() == expected.keys()
        for key, value in expected.items():
            np.testing.assert_array_equal(got[key], value.numpy())


def test_types_are_not_converted(server):
    with pytest.raises(RefusedError, match="labels is int64"):
        ask(server.model, "serving_default", latents=np.float32(LATENTS), labels=np.int64([0, 2]))


def test_an_output_may_be_chosen(server):
    request = predict_pb2.PredictRequest(model_spec=model_pb2.ModelSpec(name="digits"), output_filter=["pictures"])
    request.inputs["latents"].CopyFrom(tf.make_tensor_proto(np.float32(LATENTS)))
    request.inputs["labels"].CopyFrom(tf.make_tensor_proto(np.int32([0, 2])))
    with pytest.raises(RefusedError, match="output tensor alias not found in signature: pictures"):
        server.model.predict(request)
    request.output_filter[:] = ["images"]
    assert list(server.model.predict(request).outputs) == ["images"]


@pytest.mark.learns
def test_the_newest_version_is_served_by_its_number(exported, tmp_path):
    for version in (2, 10):
        shutil.copytree(exported / "1", tmp_path / "digits" / str(version))
    model = Model(tmp_path / "digits")
    assert model.version == 10
    with pytest.raises(RefusedError, match=r"Specific\(digits, 2\)"):
        model.find(model_pb2.ModelSpec(name="digits", version={"value": 2}))
