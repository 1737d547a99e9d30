import csv
import json
import re
import shutil
import subprocess

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_gan.cli import provenance
from keras_gan.cli import train as train_
from keras_gan.cli.config import TrainConfig
from keras_gan.data import read
from keras_gan.evaluation import Record

pytestmark = pytest.mark.usefixtures("read_once")


@pytest.mark.learns
def test_the_generator_is_written_as_the_next_version(exported, plain_model):
    assert exported.codes == [0, 0]
    assert exported.out == "SavedModel: saved_models/plain/1\nSavedModel: saved_models/plain/2\n"
    written = (exported.folder / "saved_models" / "plain").iterdir()
    assert sorted(path.name for path in written if path.is_dir()) == ["1", "2"]

    latents = np.random.default_rng(0).normal(size=(3, 2)).astype("float32")
    model = tf.saved_model.load(str(exported.folder / "saved_models/plain/2"))
    served = model.signatures["serving_default"](latents=tf.constant(latents))
    expected = keras.saving.load_model(plain_model)(latents)
    np.testing.assert_allclose(served["images"], expected, rtol=0, atol=1e-6)


@pytest.mark.learns
def test_folder_and_version_may_be_given_and_one_that_exists_is_refused(keras_gan, refused, plain_model, tmp_path):
    result = keras_gan("export", f"--model={plain_model}", "--export_dir=here/there", "--version=7")
    assert (result.code, result.err, result.out) == (0, "", "SavedModel: here/there/7\n")
    assert (tmp_path / "here/there/7/saved_model.pb").is_file()
    flags = ["export", f"--model={plain_model}", "--export_dir=here/there"]
    refused([*flags, "--version=7"], "`version`", "7")
    assert keras_gan(*flags).out.endswith("/8\n")


@pytest.mark.learns
def test_a_run_folder_names_its_model(keras_gan, run, tmp_path):
    result = keras_gan("export", f"--model={run.folder / 'runs/digits'}")
    assert (result.code, result.out) == (0, "SavedModel: saved_models/digits/1\n")
    assert (tmp_path / "saved_models/digits/1/saved_model.pb").is_file()


@pytest.mark.learns
def test_the_next_version_of_a_run_stands_beside_the_first(keras_gan, tmp_path):
    pictures = read("digits")
    config = TrainConfig(network="mlp", width=1, name="digits.v1").resolved(pictures)
    game = train_.build(config, pictures.image_shape, steps=1)
    game.save(tmp_path / "gan.keras")
    (tmp_path / config.export_dir / "1").mkdir(parents=True)  # where `keras-gan train` exports it
    assert keras_gan("export", "--model=gan.keras").out == "SavedModel: saved_models/digits.v1/2\n"


def told(folder):
    """What the caller told the export, from a version's metadata."""
    return json.loads((folder / "assets" / "keras_gan.json").read_text())["metadata"]


def test_the_metadata_names_the_model(exported, plain_model):
    assert told(exported.folder / "saved_models/plain/1") == {
        "model": str(plain_model),
        "config": None,
        "finished": None,
        "metrics": [],
        "commit": provenance.commit(),
    }


def line(metric, value, **other):
    """A line of a run's metrics."""
    texts = dict.fromkeys(("extractor", "extractor_hash", "resize", "dataset", "split", "reference_hash"), "x")
    numbers = {"real": 1.0, "n": 10, "n_reference": 10, "n_real": 10, "seed": 0}
    rest = {"better": "lower", "settings": {}, "versions": {}, "created": "now", "model": {}}
    return Record(metric=metric, value=value, **(texts | numbers | rest | other)).to_json()


@pytest.mark.learns
@pytest.mark.parametrize("named", ["", pytest.param("gan.keras", marks=pytest.mark.learns)])
def test_the_metadata_holds_what_the_run_folder_knows(keras_gan, plain_model, tmp_path, named):
    folder = tmp_path / "runs/x"
    folder.mkdir(parents=True)
    (folder / "gan.keras").write_bytes(plain_model.read_bytes())
    (folder / "config.json").write_text('{"epochs": 3}')
    (folder / "finished.json").write_text('{"seconds": 1.5}')
    lines = [line("frechet", 3.0), line("kernel", 2.0), line("frechet", 1.0), line("frechet", 4.0, n=20)]
    (folder / "metrics.jsonl").write_text("\n".join(lines) + "\n")
    assert keras_gan("export", f"--model={folder / named}", "--export_dir=out").code == 0
    assert told(tmp_path / "out/1") == {
        "model": str(folder / named),
        "config": {"epochs": 3},
        "finished": {"seconds": 1.5},
        "metrics": [json.loads(lines[i]) for i in (2, 1, 3)],
        "commit": provenance.commit(),
    }


def test_a_run_exports_what_it_was_and_how_it_went(run):
    metadata = told(run.folder / "saved_models/digits/1")
    assert metadata["config"] == json.loads((run.folder / "runs/digits/config.json").read_text())
    assert (metadata["seed"], metadata["commit"]) == (3, provenance.commit())
    last = list(csv.DictReader((run.folder / "runs/digits/history.csv").read_text().splitlines()))[-1]
    assert {"d_loss", "g_loss", "d_real", "d_fake"} <= set(metadata["metrics"]["values"])
    for name, value in metadata["metrics"]["values"].items():
        assert value == pytest.approx(float(last[name]), rel=1e-6)


def test_a_commit_is_named_in_a_checkout_only(monkeypatch, tmp_path):
    package = tmp_path / "keras_gan"
    package.mkdir()
    monkeypatch.setattr(provenance.keras_gan, "__file__", str(package / "__init__.py"))
    assert provenance.commit() is None
    git = ["git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@b.c"]
    subprocess.run([*git, "init", "-q"], check=True)
    (package / "__init__.py").write_text("")
    subprocess.run([*git, "add", "."], check=True)
    subprocess.run([*git, "commit", "-q", "-m", "first"], check=True)
    commit = provenance.commit()
    assert re.fullmatch("[0-9a-f]{40}", commit)
    (package / "__init__.py").write_text("changed")
    assert provenance.commit() == f"{commit}-dirty"


@pytest.mark.learns
def test_signatures_and_limits_may_be_asked_for(keras_gan, exported, plain_model, tmp_path):
    folder = tmp_path / "saved_models" / "plain"
    shutil.copytree(exported.folder / "saved_models/plain", folder)
    assert keras_gan("export", f"--model={plain_model}", "--discriminate", "--max_samples=9", "--keep=2").code == 0
    assert sorted(path.name for path in folder.iterdir() if path.is_dir()) == ["2", "3"]
    signatures = tf.saved_model.load(str(folder / "3")).signatures
    assert "discriminate" in signatures
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"in \[1, 9\]. Received: 10"):
        signatures["generate"](num_samples=tf.constant(10), seed=tf.constant(0, tf.int64))
    keras_gan("export", f"--model={plain_model}", "--truncation")
    assert "truncation" in tf.saved_model.load(str(folder / "4")).signatures["generate"].structured_input_signature[1]


@pytest.mark.parametrize("version", ["0", "-1", "one", "1.5"])
def test_a_version_that_is_no_positive_integer_is_refused(refused, plain_model, version):
    refused(["export", f"--model={plain_model}", f"--version={version}"], "version", version)


@pytest.mark.parametrize("folder", ["file.txt", "file.txt/below"])
def test_a_folder_that_cannot_be_is_refused(refused, plain_model, tmp_path, folder):
    (tmp_path / "file.txt").write_text("a file")
    refused(["export", f"--model={plain_model}", f"--export_dir={folder}"], "`export_dir`", folder)


def test_a_value_that_is_not_there_is_refused(refused, vae):
    refused(
        ["export", f"--model={vae / 'vae.keras'}", "--values=nope"], "`values` must name values of the game", "nope"
    )
