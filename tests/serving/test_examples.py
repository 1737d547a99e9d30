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
KNOWN = {"monitoring_config_file", "rest_api_timeout_in_ms", "tensorflow_intra_op_parallelism",
         "tensorflow_inter_op_parallelism"}  # fmt: skip


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
    """The model's folder of that GAN, called `mnist` as in the examples."""
    folder = tmp_path_factory.mktemp("saved_models") / "mnist"
    plain.export(folder)
    return folder


@pytest.fixture(scope="module")
def mnist(folder):
    with Server(folder) as server:
        yield server


def documents(name):
    yaml = pytest.importorskip("yaml")
    return list(yaml.safe_load_all((EXAMPLES / name).read_text(encoding="utf-8")))


def check_flags(flags, folder):
    names = {flag.removeprefix("--").partition("=")[0]: flag.partition("=")[2] for flag in flags}
    assert names.keys() == KNOWN
    inside = pathlib.PurePosixPath(names["monitoring_config_file"])
    assert inside.parent == pathlib.PurePosixPath("/models/mnist")
    assert (folder / inside.name).exists()


def test_compose(folder):
    (document,) = documents("compose.yaml")
    service = document["services"]["mnist"]
    assert service["image"] == IMAGE
    assert service["environment"] == {"MODEL_NAME": "mnist"}
    assert service["ports"] == ["8500:8500", "8501:8501"]
    (volume,) = service["volumes"]
    assert (volume["source"], volume["target"], volume["read_only"]) == ("./saved_models/mnist", "/models/mnist", True)
    assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory"}
    check_flags(service["command"], folder)


def test_kubernetes(mnist, folder):
    deployment, service = documents("kubernetes.yaml")
    assert (deployment["apiVersion"], deployment["kind"]) == ("apps/v1", "Deployment")
    assert (service["apiVersion"], service["kind"]) == ("v1", "Service")
    template = deployment["spec"]["template"]
    labels = template["metadata"]["labels"]
    assert deployment["spec"]["selector"]["matchLabels"] == labels == service["spec"]["selector"]
    (container,) = template["spec"]["containers"]
    assert container["image"] == IMAGE
    assert container["env"] == [{"name": "MODEL_NAME", "value": "mnist"}]
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    assert ports == {"grpc": 8500, "rest": 8501}
    assert {port["targetPort"]: port["port"] for port in service["spec"]["ports"]} == ports
    for name in ("startupProbe", "readinessProbe"):
        probe = container[name]["httpGet"]
        assert probe["port"] == "rest"
        assert requests.get(mnist.rest_url + probe["path"], timeout=30).status_code == 200
        assert requests.get(mnist.rest_url + probe["path"].replace("mnist", "x"), timeout=30).status_code == 404
    assert container["livenessProbe"]["tcpSocket"]["port"] in ports
    assert set(container["resources"]["limits"]) == set(container["resources"]["requests"]) == {"cpu", "memory"}
    (mount,) = container["volumeMounts"]
    (volume,) = template["spec"]["volumes"]
    assert (mount["name"], mount["mountPath"], mount["readOnly"]) == (volume["name"], "/models/mnist", True)
    check_flags(container["args"], folder)


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_picture_of_curl_is_that_of_the_gan(mnist, plain, tmp_path):
    script = EXAMPLES / "request.sh"
    command = ["sh", script, mnist.rest_url, "mnist", "7"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "mnist-7.png\n"
    with Image.open(tmp_path / "mnist-7.png") as picture:
        np.testing.assert_array_equal(np.asarray(picture), images.to_uint8(plain.generate(1, seed=7))[0, ..., 0])


@pytest.mark.parametrize("protocol", ["rest", "grpc"])
def test_the_client_of_the_example(mnist, plain, tmp_path, protocol):
    command = [sys.executable, EXAMPLES / "request.py", getattr(mnist, f"{protocol}_url")]
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
    assert (
        docker_command(pathlib.PurePosixPath("/here"), "mnist").replace("/here", '"$PWD"/saved_models/mnist') in joined
    )
