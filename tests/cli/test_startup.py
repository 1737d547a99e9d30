import os
import subprocess
import sys

import pytest

from keras_gan.cli import startup

SAID = (
    b"WARNING: All log messages before absl::InitializeLog() is called are written to STDERR\n"
    b"I0000 00:00:1.5  42 port.cc:153] oneDNN custom operations are on.\n"
    b"I0000 00:00:1.5  42 cudart_stub.cc:31] Could not find cuda drivers on your machine, GPU will not be used.\n"
    b"I0000 00:00:1.5  42 cpu_feature_guard.cc:227] This TensorFlow binary is optimized.\n"
    b"To enable the following instructions: AVX2, rebuild TensorFlow with the appropriate compiler flags.\n"
    b"E0000 00:00:1.5  42 cuda_platform.cc:52] failed call to cuInit: UNKNOWN ERROR (303)\n"
)
WARNED = b"W0000 00:00:1.5  42 gpu_device.cc:1] Cannot dlopen some GPU libraries.\n"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (b"", b""),
        (SAID, b""),
        (SAID + WARNED + b"another program's line", WARNED + b"another program's line"),
        (SAID.splitlines(keepends=True)[-1], SAID.splitlines(keepends=True)[-1]),  # a driver is there, and fails
        (b"I know\nE0 x\n", b"I know\nE0 x\n"),
    ],
)
def test_only_lines_on_the_machine_are_held_back(text, left):
    assert startup.without_noise(text) == left


class Devices:
    """TensorFlow, which says on stderr what it is not to."""

    class config:  # noqa: N801
        @staticmethod
        def list_physical_devices():
            os.write(2, SAID)


@pytest.fixture
def fresh(monkeypatch):
    """A process that has not imported TensorFlow; what gives it one, after which the block may end."""
    monkeypatch.delitem(sys.modules, "tensorflow")
    monkeypatch.delenv(startup.LEVEL)
    monkeypatch.setitem(os.environ, "UNTOUCHED", "1")
    yield lambda: monkeypatch.setitem(sys.modules, "tensorflow", Devices)
    os.environ.pop(startup.LEVEL, None)


def test_what_python_says_passes_and_the_stream_comes_back(fresh, capfd):
    with startup.quiet():
        os.write(2, WARNED)
        print("of Python", file=sys.stderr)
        fresh()
    assert os.environ[startup.LEVEL] == "1"
    print("afterwards", file=sys.stderr)
    assert capfd.readouterr().err == f"of Python\n{WARNED.decode()}afterwards\n"


def test_what_fails_is_told(fresh, capfd):
    with pytest.raises(ImportError, match="broken"), startup.quiet():
        os.write(2, SAID + WARNED)
        raise ImportError("broken")
    assert capfd.readouterr().err == WARNED.decode()


def test_it_is_shown_where_that_is_asked_for(fresh, monkeypatch, capfd):
    with startup.quiet(shown=True):
        os.write(2, SAID)
    monkeypatch.setenv(startup.LEVEL, "0")
    with startup.quiet():
        os.write(2, SAID)
    assert capfd.readouterr().err == 2 * SAID.decode()


@pytest.mark.parametrize("level", ["1", "3"])
def test_a_level_that_is_set_is_no_wish_to_see_more(fresh, monkeypatch, capfd, level):
    monkeypatch.setenv(startup.LEVEL, level)
    with startup.quiet():
        os.write(2, SAID)
        fresh()
    assert os.environ[startup.LEVEL] == level
    assert capfd.readouterr().err == ""


@pytest.mark.process
def test_a_command_begins_without_a_word_on_stderr():
    environment = {name: value for name, value in os.environ.items() if name != startup.LEVEL}
    command = [sys.executable, "-m", "keras_gan.cli", "info"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "keras_gan" in done.stdout
