import json
import os
import re
import socket

import fake_model_server
import pytest

from keras_gan.serving import ModelServer, ServingError
from keras_gan.serving.server import IMAGE, docker_command

# Every flag of TensorFlow Serving 2.20 that a command line here may name.
KNOWN = {"port", "rest_api_port", "model_name", "model_base_path", "monitoring_config_file", "enable_batching",
         "batching_parameters_file", "enable_model_warmup"}  # fmt: skip


@pytest.fixture
def model(tmp_path):
    """What looks like an exported model's folder from outside."""
    for name in ("2/saved_model.pb", "10/saved_model.pb", "monitoring.config", "batching.config", "model.config"):
        (tmp_path / "digits" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "digits" / name).write_text("")
    return tmp_path / "digits"


@pytest.fixture
def ports():
    """Two free ports."""
    with socket.socket() as a, socket.socket() as b:
        for one in (a, b):
            one.bind(("127.0.0.1", 0))
        found = [one.getsockname()[1] for one in (a, b)]
    return dict(zip(("port", "rest_port"), found, strict=True))


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """Puts a fake binary on the PATH, and gives its folder."""

    def install(**behaviour):
        folder = tmp_path / "bin"
        folder.mkdir()
        fake_model_server.install(folder, **behaviour)
        monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)
        return folder

    return install


def flags_of(command):
    return [flag.removeprefix("--").partition("=")[::2] for flag in command[1:]]


def test_the_flags_name_the_model_the_ports_and_the_monitoring(model, installed, ports):
    folder = installed()
    command = ModelServer(model, **ports).command
    assert command[0] == str(folder / "tensorflow_model_server")
    assert flags_of(command) == [
        ("port", str(ports["port"])),
        ("rest_api_port", str(ports["rest_port"])),
        ("model_name", "digits"),
        ("model_base_path", str(model)),
        ("monitoring_config_file", str(model / "monitoring.config")),
    ]


def test_batching_names_and_further_flags(model, installed, monkeypatch):
    installed()
    monkeypatch.chdir(model.parent)
    server = ModelServer("digits", name="faces", batching=True, flags=["--tensorflow_session_parallelism=2"])
    flags = flags_of(server.command)
    assert {name for name, _ in flags} == KNOWN | {"tensorflow_session_parallelism"}
    assert dict(flags)["model_name"] == "faces"
    assert dict(flags)["model_base_path"] == str(model)
    assert dict(flags)["enable_batching"] == ""
    assert dict(flags)["enable_model_warmup"] == "false"
    assert dict(flags)["batching_parameters_file"] == str(model / "batching.config")


def test_configurations_that_were_not_exported_are_not_named(model, installed):
    installed()
    for file in model.glob("*.config"):
        file.unlink()
    names = [name for name, _ in flags_of(ModelServer(model, batching=True).command)]
    assert names == ["port", "rest_api_port", "model_name", "model_base_path", "enable_batching", "enable_model_warmup"]
    assert docker_command(model, "digits").endswith(IMAGE)


def test_it_waits_until_the_model_answers_and_ends_with_the_block(model, installed, ports):
    folder = installed(patience=3)
    with ModelServer(model, **ports) as server:
        assert [row.state for row in server.client().status()] == ["AVAILABLE"]
        assert json.loads((folder / "argv.json").read_text()) == server.command[1:]
        assert not (folder / "signals").exists()
    assert (folder / "signals").read_text() == "SIGTERM\n"
    with pytest.raises(ServingError, match="UNAVAILABLE"):
        server.client(retries=0).status()


def test_a_server_that_does_not_end_is_killed(model, installed, ports):
    folder = installed(deaf=1)
    server = ModelServer(model, **ports)
    server.start()
    server.stop(patience=0.5)
    assert (folder / "signals").read_text() == "SIGTERM\n"
    with pytest.raises(ServingError, match="ended: SIGKILL"):
        server.wait()


def test_a_server_that_ends_before_it_answers(model, installed, ports):
    installed(broken=3)
    with pytest.raises(ServingError, match="tensorflow_model_server ended: exit code 3"):
        ModelServer(model, **ports).start()


def test_a_server_that_never_answers_is_stopped(model, installed, ports):
    folder = installed(patience=10**6)
    with pytest.raises(ServingError, match=r"'digits' was not available in 1.5 s"):
        ModelServer(model, **ports).start(timeout=1.5)
    assert (folder / "signals").read_text() == "SIGTERM\n"


def test_a_port_that_is_taken_is_refused_before_anything_starts(model, installed, ports):
    folder = installed()
    for key, port in ports.items():
        with (
            socket.create_server(("127.0.0.1", port)),
            pytest.raises(ValueError, match=f"`{key}` must be free.*{port}"),
        ):
            ModelServer(model, **ports).start()
    assert not (folder / "argv.json").exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"port": 0}, r"`port` must be in \[1, 65535\]. Received: port=0"),
        ({"rest_port": 65536}, r"`rest_port` must be in \[1, 65535\]"),
        ({"port": 8501}, "`rest_port` must not be `port`. Received: rest_port=8501, port=8501"),
    ],
)
def test_bad_ports(model, installed, options, message):
    installed()
    with pytest.raises(ValueError, match=message):
        ModelServer(model, **options)


@pytest.mark.parametrize("folder", ["nothing", "digits/2", "file"])
def test_what_is_no_models_folder(model, installed, folder):
    installed()
    (model.parent / "file").write_text("")
    with pytest.raises(ValueError, match=r"`model` must be a model's folder.*Received: model="):
        ModelServer(model.parent / folder)


def test_without_the_binary_it_says_how_to_get_it(model, monkeypatch):
    monkeypatch.setenv("PATH", str(model))
    with pytest.raises(FileNotFoundError, match="not on the PATH") as error:
        ModelServer(model)
    assert docker_command(model, "digits") in str(error.value)
    monitoring = "--monitoring_config_file=/models/digits/monitoring.config"
    assert docker_command(model, "digits").endswith(f"{IMAGE} {monitoring}")
    assert re.search(r"docker run --rm -p 8500:8500 -p 8501:8501 .*target=/models/digits", str(error.value))
    told = {"port": 9000, "rest_port": 9001, "batching": True, "flags": ["--file_system_poll_wait_seconds=5"]}
    with pytest.raises(FileNotFoundError) as error:
        ModelServer(model, **told)
    command = re.search(r"docker run .*", str(error.value))[0]
    assert "-p 9000:8500 -p 9001:8501 " in command
    batching = "--enable_batching --enable_model_warmup=false --batching_parameters_file=/models/digits/batching.config"
    assert command.endswith(f"{IMAGE} {monitoring} {batching} --file_system_poll_wait_seconds=5")
    with pytest.raises(FileNotFoundError, match="binary='elsewhere'"):
        ModelServer(model, binary="elsewhere")
