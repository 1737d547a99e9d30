"""examples/serving and the documentation say what is true of the server and of the exported model."""

import pathlib
import re
import shutil
import subprocess
import sys

import numpy as np
import pytest
import requests
from PIL import Image
from stand_in import Server

from keras_gan import images
from keras_gan.serving.server import IMAGE, docker_command

ROOT = pathlib.Path(__file__).parents[2]
EXAMPLES = ROOT / "examples/serving"
# Of TensorFlow Serving 2.20's flags, those that the examples name.
KNOWN = {"rest_api_timeout_in_ms", "tensorflow_intra_op_parallelism", "tensorflow_inter_op_parallelism"}


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """An unconditional GAN of 8x8 pictures."""
    import keras

    from keras_gan import GAN, networks

    keras.utils.set_random_seed(1)
    generator = networks.mlp_generator(4, (8, 8, 1), hidden=(8,), output_activation="tanh")
    return GAN(generator, networks.mlp_discriminator((8, 8, 1), hidden=(8,)), 4, seed=0)


@pytest.fixture(scope="module")
def folder(plain, tmp_path_factory):
    """The model's folder of that GAN, called `digits` as in the examples."""
    folder = tmp_path_factory.mktemp("saved_models") / "digits"
    plain.export(folder)
    return folder


@pytest.fixture(scope="module")
def digits(folder):
    with Server(folder) as server:
        yield server


def documents(name):
    yaml = pytest.importorskip("yaml")
    return list(yaml.safe_load_all((EXAMPLES / name).read_text(encoding="utf-8")))


def check_flags(flags):
    assert {flag.removeprefix("--").partition("=")[0] for flag in flags} == KNOWN


def test_compose():
    (document,) = documents("compose.yaml")
    service = document["services"]["digits"]
    assert service["image"] == IMAGE
    assert service["environment"] == {"MODEL_NAME": "digits"}
    assert service["ports"] == ["8500:8500", "8501:8501"]
    (volume,) = service["volumes"]
    assert (volume["source"], volume["target"]) == ("./saved_models/digits", "/models/digits")
    assert volume["read_only"] is True
    assert (ROOT / volume["source"] / "1/saved_model.pb").is_file()  # it is in the repository
    assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory"}
    check_flags(service["command"])


@pytest.mark.learns
def test_kubernetes(digits):
    deployment, service = documents("kubernetes.yaml")
    assert (deployment["apiVersion"], deployment["kind"]) == ("apps/v1", "Deployment")
    assert (service["apiVersion"], service["kind"]) == ("v1", "Service")
    template = deployment["spec"]["template"]
    labels = template["metadata"]["labels"]
    assert deployment["spec"]["selector"]["matchLabels"] == labels == service["spec"]["selector"]
    (container,) = template["spec"]["containers"]
    assert container["image"] == IMAGE
    assert container["env"] == [{"name": "MODEL_NAME", "value": "digits"}]
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    assert ports == {"grpc": 8500, "rest": 8501}
    assert {port["targetPort"]: port["port"] for port in service["spec"]["ports"]} == ports
    for name in ("startupProbe", "readinessProbe"):
        probe = container[name]["httpGet"]
        assert probe["port"] == "rest"
        assert requests.get(digits.rest_url + probe["path"], timeout=30).status_code == 200
        assert requests.get(digits.rest_url + probe["path"].replace("digits", "x"), timeout=30).status_code == 404
    assert container["livenessProbe"]["tcpSocket"]["port"] in ports
    assert set(container["resources"]["limits"]) == set(container["resources"]["requests"]) == {"cpu", "memory"}
    (mount,) = container["volumeMounts"]
    (volume,) = template["spec"]["volumes"]
    assert (mount["name"], mount["mountPath"], mount["readOnly"]) == (volume["name"], "/models/digits", True)
    check_flags(container["args"])


@pytest.mark.process
@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_picture_of_curl_is_that_of_the_gan(digits, plain, tmp_path):
    script = EXAMPLES / "request.sh"
    command = ["sh", script, digits.rest_url, "digits", "7"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "digits-7.png\n"
    with Image.open(tmp_path / "digits-7.png") as picture:
        np.testing.assert_array_equal(np.asarray(picture), images.to_uint8(plain.generate(1, seed=7))[0, ..., 0])


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "unknown", "empty"])
def test_without_a_picture_the_script_fails_and_leaves_no_file(digits, tmp_path, url):
    name, error = "digits", "127.0.0.1"
    if url == "unknown":
        url, name, error = digits.rest_url, "faces", "Servable not found for request: Latest(faces)"
    elif url == "empty":
        (tmp_path / "v1/models").mkdir(parents=True)
        (tmp_path / "v1/models/digits:predict").write_text('{"outputs": []}')
        url, error = f"file://{tmp_path}", 'no picture in the answer: {"outputs": []}'
    (tmp_path / "here").mkdir()
    command = ["sh", EXAMPLES / "request.sh", url, name, "7"]
    done = subprocess.run(command, cwd=tmp_path / "here", capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (1, "")
    assert error in done.stderr
    assert not list((tmp_path / "here").iterdir())


@pytest.mark.process
@pytest.mark.parametrize("protocol", ["rest", "grpc"])
def test_the_client_of_the_example(digits, plain, tmp_path, protocol):
    command = [sys.executable, EXAMPLES / "request.py", getattr(digits, f"{protocol}_url")]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout.endswith("pictures.png, walk.png\n")
    with Image.open(tmp_path / "pictures.png") as picture:
        expected = images.grid(images.to_uint8(plain.generate(64, seed=0)))[..., 0]
        np.testing.assert_array_equal(np.asarray(picture), expected)
    with Image.open(tmp_path / "walk.png") as picture:
        assert picture.size == (10 * 10 + 2, 12)


def test_the_documentation_names_the_same_image_and_docker_command():
    text = (ROOT / "docs/serving.md").read_text(encoding="utf-8")
    assert set(re.findall(r"tensorflow/serving:[\w.]+", text)) == {IMAGE}
    joined = re.sub(r"\s*\\\n\s*", " ", text)
    assert docker_command(pathlib.Path("/here"), "digits").replace("/here", '"$PWD"/saved_models/digits') in joined
