import json
import shutil
import types

import keras
import pytest
import tensorflow as tf

import keras_gan as package
from keras_gan import objectives, presets
from keras_gan.cli import info
from keras_gan.game import moves

pytestmark = pytest.mark.usefixtures("read_once")


def lines(result):
    """What was printed as `name  value` lines."""
    assert (result.code, result.err) == (0, "")
    return dict(line.split(maxsplit=1) for line in result.out.splitlines() if len(line.split(maxsplit=1)) == 2)


def test_without_a_model_the_installation_is_shown(keras_gan, tmp_path):
    result = keras_gan("info")
    shown = lines(result)
    for name, version in (
        ("keras_gan", package.__version__),
        ("keras", keras.__version__),
        ("tensorflow", tf.__version__),
    ):
        assert shown[name] == version
    assert "CPU" in shown["devices"]
    assert {"dcgan", "mlp"} <= set(shown["networks"].split(", "))
    assert shown["models"].split(", ") == presets.names()
    assert shown["objectives"].split(", ") == list(objectives.KNOWN)
    assert "digits" in result.out
    assert not list(tmp_path.iterdir())


def test_a_gan_is_shown_with_its_game(keras_gan, plain_model):
    result = keras_gan("info", f"--model={plain_model}")
    shown = lines(result)
    assert 'Model: "generator"' in result.out
    assert 'Model: "discriminator"' in result.out
    assert shown["examples"] == "(8, 8, 1)"
    assert shown["range"].startswith("(-1.0, 1.0)")
    assert shown["objective"] == "hinge"
    assert shown["average"] == "0.9"
    assert shown["seed"] == "0"
    assert shown["moves"] == "discriminator 1, generator 1"
    assert "steps taken 0\n" in result.out


@pytest.mark.learns
def test_the_labels_of_a_conditional_gan_are_shown(keras_gan, conditional_model):
    assert "3" in lines(keras_gan("info", f"--model={conditional_model}"))["labels"]


def test_a_gan_that_was_not_compiled_is_shown_too(keras_gan, uncompiled_model):
    shown = lines(keras_gan("info", f"--model={uncompiled_model}"))
    assert shown["objective"] == "not compiled"


def test_a_run_folder_is_shown_with_the_steps_it_took(keras_gan, run):
    result = keras_gan("info", f"--model={run.folder / 'runs' / 'digits'}")
    config = json.loads((run.folder / "runs/digits/config.json").read_text())
    assert result.code == 0
    assert "steps taken 4\n" in result.out
    assert f"objective   {config['objective']}\n" in result.out


@pytest.mark.parametrize("version", [None, 1, 2])
def test_a_saved_model_is_shown_with_its_signatures(keras_gan, exported, tmp_path, version):
    folder = shutil.copytree(exported.folder / "saved_models/plain", tmp_path / "served")
    (folder / "notes").mkdir()
    result = keras_gan("info", f"--model={folder if version is None else folder / str(version)}")
    assert (result.code, result.err) == (0, "")
    first, *known = result.out.splitlines()
    assert first == f"SavedModel {folder / str(version or 2)}"  # the highest, as a server would take
    assert known[0].split() == ["name", "plain"]
    assert known[-4:] == [
        "  serving_default: latents (None, 2) float32 -> images (None, 8, 8, 1) float32",
        "  generate: num_samples () int32, seed () int64 -> images (None, 8, 8, 1) uint8",
        "  generate_png: num_samples () int32, seed () int64 -> image_bytes (None,) string",
        "  interpolate: start_seed () int64, end_seed () int64, steps () int32 -> images (None, 8, 8, 1) uint8",
    ]


def test_the_tenth_version_comes_after_the_ninth(keras_gan, exported, tmp_path):
    for version in (9, 10):
        shutil.copytree(exported.folder / "saved_models/plain/1", tmp_path / str(version))
    assert f"SavedModel {tmp_path / '10'}\n" in keras_gan("info", f"--model={tmp_path}").out


@pytest.mark.learns
def test_a_conditional_saved_model_takes_labels(keras_gan, conditional_model, tmp_path):
    keras_gan("export", f"--model={conditional_model}", f"--export_dir={tmp_path}")
    result = keras_gan("info", f"--model={tmp_path}")
    assert "labels (None,) int32" in result.out
    assert "latents (None, 2) float32" in result.out


def test_a_folder_without_a_model_is_refused(refused, tmp_path):
    (tmp_path / "empty").mkdir()
    refused(["info", "--model=empty"], "`model`", "'empty'")


@pytest.mark.parametrize("below", ["checkpoints", "samples"])
def test_what_lies_in_a_finished_run_names_that_run(refused, run, below):
    place = run.folder / "runs/digits"
    refused(
        ["info", f"--model={place / below}"], f"its versions; give {place}, a run that has finished. Received: model="
    )


def test_a_game_of_another_shape_says_what_it_is_for(keras_gan, vae):
    shown = keras_gan("info", f"--model={vae / 'vae.keras'}").out
    assert "reconstruct is the value decoded\n" in shown
    assert (
        "  generate: num_samples () int32, seed () int64 -> fake (None, 8, 8, 1) float32\n"
        in keras_gan("info", f"--model={vae / 'vae'}").out
    )


def test_the_moves_of_each_side_are_counted():
    sides = {name: types.SimpleNamespace(name=name) for name in ("discriminator", "generator")}
    for names in (["discriminator"] * 5 + ["generator"], ["discriminator", "generator", "generator"]):
        game = types.SimpleNamespace(moves=moves.schedule(sides, names))
        assert info._moves(game) == ", ".join(f"{name} {names.count(name)}" for name in sides)
