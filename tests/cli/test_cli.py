import dataclasses
import importlib.metadata
import os
import subprocess
import sys
import warnings

import pytest
from absl import flags

from keras_gan import cli
from keras_gan.cli import info
from keras_gan.cli.__main__ import run
from keras_gan.cli.config import TrainConfig

FLAGS = {
    "train": {field.name for field in dataclasses.fields(TrainConfig)}
    | {"config", "overwrite", "strict", "strategy", "profile", "dry_run", "preset"},
    "prepare": {"folder", "out", "image_size", "encoding", "quality", "labels", "alpha", "overwrite"},
    "sample": {"model", "n", "out", "seed", "labels", "values", "columns", "scale"}
    | {"grid", "interpolate", "mix", "truncation", "where", "match_shares", "video"},
    "project": {"model", "image", "out", "seed", "labels", "steps", "extractor", "codes", "scale"},
    "translate": {"model", "folder", "out", "value", "given", "resize", "overwrite", "batch_size", "seed"},
    "evaluate": {"model", "value", "dataset", "split", "metrics", "extractor", "n", "seed", "image_size", "out"}
    | {"held_out", "label", "columns", "kinds", "match_shares"},
    "compare": {"a", "b"},
    "report": {"run_dir", "out"},
    "export": {"model", "export_dir", "version", "values", "discriminate", "truncation", "max_samples", "keep"},
    "convert": {"model", "format", "output", "signature"},
    "play": {"model", "out", "value", "runtime", "overwrite", "serve", "port"},
    "serve": {"model", "name", "port", "rest_port", "batching", "binary", "flag", "timeout"},
    "request": {"url", "model", "export_dir", "version", "timeout", "retries", "ca_file", "truncation", "end_seed"}
    | {"n", "out", "seed", "labels", "columns", "scale"},
    "info": {"model"},
    "demo": {"name", "out", "seed", "smoke"},
    "completion": {"shell"},
}


def test_without_a_command_the_usage_is_shown(keras_gan):
    result = keras_gan()
    assert (result.code, result.err) == (2, "")
    assert result.out.startswith("usage: keras-gan COMMAND")
    for words in cli.FIRST:
        command, *given = words.split()
        assert command in cli.COMMANDS
        assert {each[2:].partition("=")[0] for each in given} <= set(cli.parser(command))
        assert f"\n  keras-gan {words} " in result.out


@pytest.mark.parametrize("argument", ["help", "--help", "-h"])
def test_help_names_every_command(keras_gan, argument):
    result = keras_gan(argument)
    assert (result.code, result.err) == (0, "")
    for name, what in cli.COMMANDS.items():
        assert f"\n  {name:10} {what}" in result.out


@pytest.mark.parametrize("argument", ["--help", "-h"])
@pytest.mark.parametrize("command", cli.COMMANDS)
def test_help_of_a_command_shows_each_flag_once(keras_gan, tmp_path, command, argument):
    result = keras_gan(command, argument)
    assert (result.code, result.err) == (0, "")
    lines = result.out.splitlines()
    assert lines[0] == f"usage: keras-gan {command} [--flag=value ...]"
    shown = [line.split("--", 1)[1].split(":")[0] for line in lines if line.startswith("  --")]
    assert sorted(shown) == sorted(FLAGS[command])
    assert not list(tmp_path.iterdir())


def test_every_command_is_tested():
    assert set(cli.COMMANDS) == set(FLAGS)


@pytest.mark.parametrize("command", ["trian", "--epochs=1", "Train", ""])
def test_an_unknown_command_is_refused(keras_gan, tmp_path, command):
    result = keras_gan(command)
    assert (result.code, result.out) == (2, "")
    assert result.err == (
        f"keras-gan: unknown command {command!r}. Known: {', '.join(cli.COMMANDS)}\nTry: keras-gan --help\n"
    )
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("command", cli.COMMANDS)
def test_an_unknown_flag_is_refused(refused, command):
    refused([command, "--bogus=1"], "bogus")


@pytest.mark.parametrize("command", cli.COMMANDS)
def test_an_argument_that_is_no_flag_is_refused(refused, command):
    chosen = {"demo": "`name` must be one of figure1. ", "completion": "`shell` must be one of bash, zsh, fish. "}
    refused([command, "stray", "stray", "stray"], chosen.get(command, "flags begin with --."), "stray")


def test_a_misspelt_flag_is_answered_with_the_right_one(refused):
    refused(["train", "--epoch=1"], "epoch", "Did you mean --epochs?")


def raising(error):
    def work(*_):
        raise error

    return work


@pytest.mark.parametrize(
    "error", [ValueError("it went wrong"), OSError("it went wrong"), FloatingPointError("it went wrong")]
)
def test_work_that_fails_gives_1_and_a_line(keras_gan, monkeypatch, error):
    monkeypatch.setattr(info, "prepare", lambda values: raising(error))
    result = keras_gan("info")
    assert (result.code, result.out, result.err) == (1, "", "keras-gan info: it went wrong\n")


@pytest.mark.parametrize("error", [ValueError("it went wrong"), OSError("it went wrong"), flags.Error("it went wrong")])
def test_what_is_found_before_the_work_gives_2(keras_gan, monkeypatch, error):
    monkeypatch.setattr(info, "prepare", raising(error))
    result = keras_gan("info")
    assert (result.code, result.out) == (2, "")
    assert result.err == "keras-gan info: it went wrong\nTry: keras-gan info --help\n"


@pytest.mark.parametrize("when", ["before the work", "at work"])
def test_an_interrupt_gives_130(keras_gan, monkeypatch, when):
    stop = raising(KeyboardInterrupt())
    monkeypatch.setattr(info, "prepare", stop if when == "before the work" else lambda values: stop)
    try:
        result = keras_gan("info")
    except KeyboardInterrupt:  # left alone, it would end pytest
        pytest.fail("the interrupt reached the user as a traceback")
    assert result.code == 130
    assert "interrupted" in result.err


def test_the_arguments_are_those_of_the_process_if_none_are_given(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["keras-gan", "nope"])
    assert cli.main() == 2
    assert "unknown command 'nope'" in capsys.readouterr().err


@pytest.mark.learns
def test_flags_are_gone_after_a_run(keras_gan, refused, plain_model):
    assert keras_gan("info", f"--model={plain_model}").code == 0
    refused(["export"], "`model`", "no --model")  # not the model of the run before
    assert "model" not in flags.FLAGS


def test_the_console_script_is_the_module():
    (script,) = importlib.metadata.entry_points(group="console_scripts", name="keras-gan")
    assert script.load() is run


@pytest.mark.process
def test_the_module_runs_and_its_exit_code_reaches_the_shell(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "keras_gan.cli", "train", "--epochs=0"],
        cwd=tmp_path,
        env=os.environ,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    last = "keras-gan train: `epochs` must be a positive integer. Received: epochs='0'\nTry: keras-gan train --help\n"
    assert done.stderr.endswith(last)
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.iterdir())


def test_a_warning_is_shown_once_and_without_the_line_of_code_that_gave_it(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["keras-gan", "--version"])
    monkeypatch.setenv("TF_CONFIG", "{}")  # so that the process does not end with the command
    with warnings.catch_warnings():  # which puts back how warnings are shown
        with pytest.raises(SystemExit):
            run()
        warnings.warn("something", stacklevel=1)
        with warnings.catch_warnings():  # as where a library quiets its own, after which Python's "once" begins anew
            warnings.simplefilter("ignore", DeprecationWarning)
        warnings.warn("something", stacklevel=1)  # of another line, as where a folder is read again
    assert capsys.readouterr().err == "Warning: something\n"


def test_a_reader_that_ends_early_is_no_error(monkeypatch, capsys):
    class Closed:
        def write(self, text):
            raise BrokenPipeError(32, "Broken pipe")

        def flush(self):
            pass

    monkeypatch.setattr("sys.stdout", Closed())
    assert cli.main(["sample", "--help"]) == 141
    assert capsys.readouterr().err == ""
