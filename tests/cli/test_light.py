"""What comes at once: help, version and completion, without TensorFlow."""

import importlib
import os
import pathlib
import resource
import shutil
import subprocess
import sys

import keras
import pytest
from absl import flags

import keras_gan as package
from keras_gan import cli, evaluation
from keras_gan.cli import completion, config, parsers, strategy
from keras_gan.export import convert, layout
from keras_gan.ground import files
from keras_gan.serving import server

LIGHT = [["--help"], ["--version"], ["completion", "bash"], *([name, "--help"] for name in cli.COMMANDS)]


def python(*arguments, **options):
    return subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, timeout=120, check=False, **options
    )


def _processor_seconds():  # not those of the clock: tests run beside this one
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@pytest.mark.process
def test_help_version_and_completion_come_at_once():
    seconds = []
    for arguments in LIGHT:
        began = _processor_seconds()
        module = "keras_gan" if len(seconds) % 4 == 0 else "keras_gan.cli"
        done = python("-X", "importtime", "-m", module, *arguments)
        seconds.append(_processor_seconds() - began)
        assert done.returncode == 0, done.stderr
        imported = {line.rsplit("|", 1)[1].strip() for line in done.stderr.splitlines() if "|" in line}
        assert "keras_gan.cli" in imported
        assert not imported & {"tensorflow", "keras", "numpy", "matplotlib", "PIL"}
    assert sorted(seconds)[len(seconds) // 2] < 0.3


@pytest.mark.process
@pytest.mark.parametrize(
    ("closed", "out", "err"), [("<&-", "out\nout", "err"), (">&-", "", "err"), ("<&- >&- 2>&-", "", "")]
)
def test_closed_streams_are_no_error(tmp_path, closed, out, err):
    """A file that is opened afterwards gets nothing that is printed, in Python or below it."""
    (tmp_path / "keras-gan").write_text(
        "import os\nfrom keras_gan.cli import __main__ as program\n"
        "def main():\n    with open('own.txt', 'w') as own:\n"
        "        print('out', flush=True), os.write(1, b'out'), os.write(2, b'err')\n"
        "        own.write('own')\n    return 3\n"
        "program.main = main\nprogram.run()\n"
    )
    done = subprocess.run(
        ["sh", "-c", f"'{sys.executable}' keras-gan {closed}"],
        capture_output=True, text=True, timeout=120, check=False, cwd=tmp_path, env=os.environ,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (3, out, err)
    assert (tmp_path / "own.txt").read_text() == "own"


@pytest.mark.parametrize(
    ("words", "is_command"),
    [
        (["python", "-m", "keras_gan", "info"], True),
        (["python", "-X", "importtime", "-m", "keras_gan.cli"], True),
        (["python", "-Im", "keras_gan"], True),
        (["python", "-mkeras_gan"], True),
        (["python", "-m", "pytest", "keras_gan"], False),
        (["python", "-m", "keras_gan_tools"], False),
    ],
)
def test_the_command_line_is_told_from_other_programs(monkeypatch, words, is_command):
    monkeypatch.setattr(sys, "argv", ["-m", *words[3:]])
    monkeypatch.setattr(sys, "orig_argv", words)
    assert package._is_command_line() is is_command


@pytest.mark.process
def test_the_console_script_is_light_too(tmp_path):
    script = tmp_path / "keras-gan"
    script.write_text("import sys\nfrom keras_gan.cli import main\ncode = main()\n"
                      "print(sorted({'tensorflow', 'keras'} & set(sys.modules)))\nsys.exit(code)\n")  # fmt: skip
    done = python(script, "--version")
    assert (done.returncode, done.stdout) == (0, f"keras-gan {package.__version__}\n[]\n")


@pytest.mark.process
def test_the_process_ends_once_what_atexit_holds_has_run(tmp_path):
    """Python does not take modules apart, which takes long once TensorFlow is among them."""
    (tmp_path / "program.py").write_text(
        "import atexit\nfrom keras_gan.cli import __main__ as program\n"
        "class Part:\n    def __del__(self, print=print):\n        print('taken apart')\n"
        "part = Part()\n"
        "def main():\n    atexit.register(print, 'at exit')\n    print('ended')\n    return 3\n"
        "program.main = main\nprogram.run()\n"
    )
    done = python(tmp_path / "program.py")
    assert (done.returncode, done.stdout) == (3, "ended\nat exit\n")


LOADS = """
import sys
for name in ("fcntl", "pwd", "resource", "termios"):  # what Windows lacks
    sys.modules[name] = None
import keras_gan, keras
gan = keras.models.load_model({file!r})
assert type(gan) is keras_gan.GAN
from keras_gan.objectives import Hinge
import keras_gan.cli.evaluate, keras_gan.cli.serve, keras_gan.cli.train
print(sorted(set(keras_gan.__all__) - set(dir(keras_gan))), gan.generate(2, seed=0).shape)
"""


@pytest.mark.process
@pytest.mark.parametrize("name", ["program.py", "keras-gan"])
def test_a_fresh_process_loads_a_saved_gan(plain_model, tmp_path, name):
    first = "import keras_gan\nkeras_gan.import_all()\n" if name == "keras-gan" else ""
    (tmp_path / name).write_text(first + LOADS.format(file=str(plain_model)))
    done = python(tmp_path / name)
    assert (done.returncode, done.stdout) == (0, "[] (2, 8, 8, 1)\n"), done.stderr


def test_another_backend_is_refused(monkeypatch):
    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    with pytest.raises(ImportError, match=r"must run on Keras's TensorFlow backend.*Received: 'jax'"):
        package.import_all()


def test_files_are_written_and_locked_where_folders_cannot_be_opened(monkeypatch, tmp_path):
    def open_file(path, flags, *more):  # as Windows does
        if pathlib.Path(path).is_dir():
            raise PermissionError(path)
        return opened(path, flags, *more)

    opened = files.os.open
    monkeypatch.setattr(files, "WINDOWS", True)
    monkeypatch.setattr(files.os, "open", open_file)
    monkeypatch.setitem(sys.modules, "fcntl", None)
    with files.alone(tmp_path / "new"):
        files.write_text(tmp_path / "new" / "a.txt", "whole")
    with files.atomic(tmp_path / "folder") as part:
        part.mkdir()
        (part / "b.txt").write_text("whole")
    assert (tmp_path / "new/a.txt").read_text() == (tmp_path / "folder/b.txt").read_text() == "whole"


def test_the_names_that_help_lists_are_those_that_work():
    assert list(evaluation.MEASURES) == list(parsers.MEASURES)
    assert list(convert.FORMATS) == list(parsers.FORMATS)
    assert parsers.HIGHEST_VERSION == layout.HIGHEST
    assert parsers.SERVER == server.BINARY
    for name in ("none", "mirrored"):
        assert strategy.get(name, 2) is not None


def test_every_name_is_offered():
    assert set(package.__all__) <= set(dir(package))
    with pytest.raises(AttributeError, match="has no attribute 'GANN'"):
        _ = package.GANN
    for name in ("GAN", "Noise", "Round", "enable_determinism"):
        assert package.__getattr__(name) is getattr(package, name)
    assert package.__getattr__("objectives") is importlib.import_module("keras_gan.objectives")


def complete(line, tmp_path):
    """What bash would offer for a line, of the words that it splits it into."""
    words = line.replace("=", " = ").split() + ([""] if line.endswith((" ", "=")) else [])
    listed = " ".join(f"'{word}'" for word in words)
    program = (
        f"{completion.script('bash')}\nCOMP_WORDS=({listed}); COMP_CWORD={len(words) - 1}; COMP_LINE='{line}'\n"
        "COMP_POINT=${#COMP_LINE}; _keras_gan; printf '%s\\n' \"${COMPREPLY[@]}\"\n"
    )
    done = subprocess.run(["bash", "-c", program], capture_output=True, text=True, check=True, cwd=tmp_path)
    return done.stdout.split()


@pytest.mark.process
@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash")
def test_bash_completes_commands_flags_choices_and_files(tmp_path):
    (tmp_path / "pictures").mkdir()
    assert complete("keras-gan ", tmp_path) == [*cli.COMMANDS, "--help", "--version"]
    assert complete("keras-gan ex", tmp_path) == ["export"]
    assert complete("keras-gan sample --la", tmp_path) == ["--labels="]
    assert complete("keras-gan train --dr", tmp_path) == ["--dry_run"]
    assert complete("keras-gan train --nodr", tmp_path) == ["--nodry_run"]
    assert complete("keras-gan train --network=", tmp_path) == list(config.NETWORKS)
    assert complete("keras-gan train --network=m", tmp_path) == ["mlp"]
    assert complete("keras-gan completion --shell=z", tmp_path) == ["zsh"]
    assert complete("keras-gan info --model=pic", tmp_path) == ["pictures"]
    assert complete("keras-gan report pic", tmp_path) == ["pictures"]


@pytest.mark.parametrize("shell", parsers.SHELLS)
def test_a_script_names_every_command_and_flag(keras_gan, shell):
    result = keras_gan("completion", shell)
    assert (result.code, result.err) == (0, "")
    for name in cli.COMMANDS:
        assert name in result.out
        for flag in cli.shown_flags(cli.parser(name)):
            assert (f"-l {flag.name} " if shell == "fish" else f"--{flag.name}") in result.out
    assert isinstance(cli.parser("train"), flags.FlagValues)


def test_a_shell_must_be_named(refused):
    refused(["completion"], "`shell` must be one of bash, zsh, fish. Received: none")
