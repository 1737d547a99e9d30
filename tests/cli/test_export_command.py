import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_gan.cli import train as train_
from keras_gan.cli.config import TrainConfig
from keras_gan.data import read


def test_the_generator_is_written_as_the_next_version(keras_gan, plain_model, tmp_path):
    for version in (1, 2):
        result = keras_gan("export", f"--model={plain_model}")
        assert (result.code, result.err, result.out) == (0, "", f"SavedModel: saved_models/plain/{version}\n")
    assert sorted(path.name for path in (tmp_path / "saved_models" / "plain").iterdir()) == ["1", "2"]

    latents = np.random.default_rng(0).normal(size=(3, 2)).astype("float32")
    served = tf.saved_model.load("saved_models/plain/2").signatures["serving_default"](latents=tf.constant(latents))
    expected = keras.saving.load_model(plain_model)(latents)
    np.testing.assert_allclose(served["images"], expected, rtol=0, atol=1e-6)


def test_folder_and_version_may_be_given(keras_gan, plain_model, tmp_path):
    result = keras_gan("export", f"--model={plain_model}", "--export_dir=here/there", "--version=7")
    assert (result.code, result.out) == (0, "SavedModel: here/there/7\n")
    assert (tmp_path / "here/there/7/saved_model.pb").is_file()
    assert keras_gan("export", f"--model={plain_model}", "--export_dir=here/there").out.endswith("/8\n")


def test_a_run_folder_names_its_model(keras_gan, run, tmp_path):
    result = keras_gan("export", f"--model={run.folder / 'runs/digits'}")
    assert (result.code, result.out) == (0, "SavedModel: saved_models/digits/1\n")
    assert (tmp_path / "saved_models/digits/1/saved_model.pb").is_file()


def test_the_next_version_of_a_run_stands_beside_the_first(keras_gan, tmp_path):
    pictures = read("digits")
    config = TrainConfig(network="mlp", width=1, name="digits.v1").resolved(pictures)
    game = train_.build(config, pictures, steps=1)
    game.save(tmp_path / "gan.keras")
    game.export(tmp_path / config.export_dir)  # as `keras-gan train` does
    assert keras_gan("export", "--model=gan.keras").out == "SavedModel: saved_models/digits.v1/2\n"


def test_a_version_that_exists_is_refused(keras_gan, refused, plain_model, tmp_path):
    assert keras_gan("export", f"--model={plain_model}", "--version=3").code == 0
    refused(["export", f"--model={plain_model}", "--version=3"], "`version`", "3")


@pytest.mark.parametrize("version", ["0", "-1", "one", "1.5"])
def test_a_version_that_is_no_positive_integer_is_refused(refused, plain_model, version):
    refused(["export", f"--model={plain_model}", f"--version={version}"], "version", version)


@pytest.mark.parametrize("folder", ["file.txt", "file.txt/below"])
def test_a_folder_that_cannot_be_is_refused(refused, plain_model, tmp_path, folder):
    (tmp_path / "file.txt").write_text("a file")
    refused(["export", f"--model={plain_model}", f"--export_dir={folder}"], "`export_dir`", folder)
