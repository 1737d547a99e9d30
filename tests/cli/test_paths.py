"""One way to spell a path, in the flags of every command."""

import pathlib
import re

import pytest
from absl import flags

from keras_gan import cli
from keras_gan.cli import config_flags, info, paths
from keras_gan.cli.config import TrainConfig
from keras_gan.ground import prefixes

ABOUT = re.compile(r"\b(folder|file|picture to (write|find))\b", re.IGNORECASE)
NO_PATHS = {"columns", "kinds", "signature", "labels", "name", "value", "label", "metrics", "split", "flag"}


@pytest.fixture(autouse=True)
def home(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    return str(tmp_path / "home")


def settled(command, *arguments):
    values = cli.parser(command)
    values([command, *arguments])
    paths.settle(values)
    return values


@pytest.mark.parametrize("command", cli.COMMANDS)
def test_every_flag_of_a_path_is_settled(command):
    shown = [flag for flag in cli.shown_flags(cli.parser(command)) if ABOUT.search(flag.help or "")]
    texts = [flag.name for flag in shown if type(flag.parser) is flags.ArgumentParser]
    assert set(texts) <= {*paths.PATHS, *paths.SOURCES, *NO_PATHS}


@pytest.mark.parametrize("command", cli.COMMANDS)
def test_home_is_replaced_in_every_flag_of_a_path(command, home):
    named = [flag for flag in cli.shown_flags(cli.parser(command)) if flag.name in paths.PATHS]
    for flag in named:
        if type(flag.parser) is flags.ArgumentParser:
            value = getattr(settled(command, f"--{flag.name}=~/of/x"), flag.name)
            assert value == ([f"{home}/of/x"] if isinstance(flag, flags.MultiFlag) else f"{home}/of/x")


def test_the_model_of_evaluate_may_have_a_prefix(home):
    assert settled("evaluate", "--model=table:~/made.csv").model == f"table:{home}/made.csv"
    assert settled("train", "--dataset=folder:~/a").dataset == "folder:~/a"  # which the data replace


def test_a_command_gets_settled_paths(keras_gan, monkeypatch, home):
    monkeypatch.setattr(info, "prepare", lambda values: lambda: print(values.model))
    assert keras_gan("info", "--model=~/run").out == f"{home}/run\n"


def test_a_user_without_a_home_is_refused(refused):
    refused(["info", "--model=~nobody.of.this.name/x"], "`model` must be below the home of an existing user")


def test_a_config_file_may_not_name_the_home(tmp_path):
    (tmp_path / "config.json").write_text('{"run_dir": "~/run"}')
    with pytest.raises(ValueError, match="`run_dir` of a config file must be below the working folder"):
        config_flags.from_flags(settled("train", f"--config={tmp_path / 'config.json'}"))


@pytest.mark.parametrize("name", paths.SOURCES)
@pytest.mark.parametrize("prefix", prefixes.KINDS)
def test_other_spellings_of_a_path_are_the_same_data(name, prefix, tmp_path):
    usual = TrainConfig(**{name: f"{prefix}:my/data"})
    for spelling in ("my/data/", "./my/data", "my//data", "my/./data//"):
        assert config_flags.from_flags(settled("train", f"--{name}={prefix}:{spelling}")) == usual
        older = TrainConfig(**{name: f"{prefix}:{spelling}"}).to_json()
        (tmp_path / "config.json").write_text(older)
        assert config_flags.from_flags(settled("train", f"--config={tmp_path / 'config.json'}")) == usual
        assert not usual.differences(config_flags._read(tmp_path / "config.json"))
    for other in ("my/data2", "../my/data", "/my/data", "my"):
        assert config_flags.from_flags(settled("train", f"--{name}={prefix}:{other}")) != usual


def test_a_folder_is_spelled_as_a_dot():
    assert pathlib.PurePath(paths.spell("folder:.").removeprefix("folder:")) == pathlib.PurePath()
