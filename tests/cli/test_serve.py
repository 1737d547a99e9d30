import json
import os
import pathlib
import shlex
import signal
import socket
import subprocess
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "serving"))

import fake_model_server

from keras_gan.cli import serve


@pytest.fixture
def model(tmp_path):
    """What looks like an exported model's folder from outside."""
    (tmp_path / "models/faces/1").mkdir(parents=True)
    (tmp_path / "models/faces/1/saved_model.pb").write_text("")
    return "models/faces"


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Puts a fake TensorFlow Serving on the PATH, and gives its folder."""

    def install(**behaviour):
        (tmp_path / "bin").mkdir()
        fake_model_server.install(tmp_path / "bin", **behaviour)
        monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=os.pathsep)
        return tmp_path / "bin"

    return install


@pytest.fixture
def ports():
    """The flags of two free ports."""
    with socket.socket() as a, socket.socket() as b:
        for one in (a, b):
            one.bind(("127.0.0.1", 0))
        numbers = [one.getsockname()[1] for one in (a, b)]
    return [f"--port={numbers[0]}", f"--rest_port={numbers[1]}"]


def test_it_starts_the_binary_and_says_when_it_answers(keras_gan, install, model, ports, tmp_path):
    folder = install(patience=2, exit_code=0)
    result = keras_gan("serve", f"--model={model}", *ports, "--flag=--tensorflow_session_parallelism=1")
    assert (result.code, result.err) == (0, "")
    flags = json.loads((folder / "argv.json").read_text())
    assert flags[:2] == [ports[0], ports[1].replace("rest_port", "rest_api_port")]
    assert flags[2:] == [
        "--model_name=faces",
        f"--model_base_path={tmp_path / model}",
        "--tensorflow_session_parallelism=1",
    ]
    first, second, third = result.out.splitlines()
    assert first == " ".join([str(folder / "tensorflow_model_server"), *flags])
    rest_port = ports[1].partition("=")[2]
    assert second.startswith(f"'faces' answers: http://localhost:{rest_port} (REST)")
    assert third == f"Try: keras-gan request --url=http://localhost:{rest_port} --model=faces"


@pytest.mark.parametrize("behaviour", [{"broken": 3}, {"exit_code": 3}])
def test_a_server_that_fails_gives_1(keras_gan, install, model, ports, behaviour):
    install(**behaviour)
    result = keras_gan("serve", f"--model={model}", *ports)
    assert result.code == 1
    assert "tensorflow_model_server ended: exit code 3" in result.err


def test_a_server_that_never_answers_gives_1(keras_gan, install, model, ports):
    install(patience=10**6)
    result = keras_gan("serve", f"--model={model}", *ports, "--timeout=1")
    assert (result.code, "'faces' was not available in 1.0 s" in result.err) == (1, True)


def test_without_the_binary_it_says_how_to_get_it(refused, model, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    refused(["serve", f"--model={model}"], "`binary`", "docker run --rm -p 8500:8500", "target=/models/faces,readonly")


@pytest.mark.parametrize(
    ("flags", "mentions"),
    [
        ([], ["`model`", "no --model"]),
        (["--model=models"], ["`model`", "versions"]),
        (["--model=models/faces", "--port=0"], ["`port`", "0"]),
        (["--model=models/faces", "--port=8501"], ["`rest_port`", "8501"]),
        (["--model=models/faces", "--binary=elsewhere"], ["`binary`", "elsewhere"]),
        (["--model=models/faces", "--timeout=-1"], ["timeout", "-1"]),
    ],
)
def test_bad_flags_are_refused(refused, install, model, flags, mentions):
    install()
    refused(["serve", *flags], *mentions)


@pytest.mark.process
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_reach_the_server_and_end_both(install, model, ports, tmp_path, number):
    folder = install()
    command = [sys.executable, "-m", "keras_gan.cli", "serve", f"--model={model}", *ports]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        for line in running.stdout:
            if line.startswith("Try:"):
                break
        running.send_signal(number)
        _, errors = running.communicate(timeout=60)
    assert running.returncode == 0
    assert "Traceback" not in errors
    assert (folder / "signals").read_text() == f"{number.name}\n"


def test_a_run_and_its_newest_version_name_the_folder(run, monkeypatch, tmp_path):
    monkeypatch.chdir(run.folder)
    folder = run.folder / "saved_models/digits"
    assert serve._folder("runs/digits").resolve() == folder
    assert serve._folder("saved_models/digits/1").resolve() == folder
    assert serve._folder("saved_models/digits").resolve() == folder
    monkeypatch.chdir(tmp_path)
    assert serve._folder(str(run.folder / "runs/digits")) == folder


def test_what_is_not_exported_and_what_is_old_is_refused(refused, tmp_path):
    for version in (1, 2):
        (tmp_path / f"faces/{version}").mkdir(parents=True)
        (tmp_path / f"faces/{version}/saved_model.pb").touch()
    refused(["serve", "--model=faces/1"], "`model` must be the newest version of its folder", "2", "'faces/1'")
    refused(["serve", "--model=gan.keras"], "keras-gan export --model=gan.keras")


def test_a_run_whose_export_is_gone_is_refused(refused, tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run/finished.json").write_text(json.dumps({"exported": "saved_models/run/1"}))
    refused(["serve", "--model=run"], "`model` must name the folder of an exported model", "moved or removed", "'run'")


def test_the_command_that_it_prints_can_be_pasted(keras_gan, install, model, ports, tmp_path):
    install(exit_code=0)
    (tmp_path / "models").rename(tmp_path / "my models")
    result = keras_gan("serve", "--model=my models/faces", *ports)
    assert (result.code, result.err) == (0, "")
    assert f"--model_base_path={tmp_path / 'my models/faces'}" in shlex.split(result.out.splitlines()[0])
