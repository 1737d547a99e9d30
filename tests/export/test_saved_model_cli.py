"""TensorFlow's own command line shows and runs an exported model, as the documentation has it."""

import os
import pathlib
import subprocess
import sys

import numpy as np
import pytest

from keras_gan import GAN, networks
from keras_gan.images import to_uint8

COMMAND = pathlib.Path(sys.executable).with_name("saved_model_cli")


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    generator = networks.mlp_generator(4, (8, 8, 1), hidden=(8,), output_activation="tanh", labels=3)
    gan = GAN(generator, networks.mlp_discriminator((8, 8, 1), hidden=(8,), labels=3), 4, labels=3)
    return gan, gan.export(tmp_path_factory.mktemp("digits"))


def cli(*arguments):
    environment = {**os.environ, "CUDA_VISIBLE_DEVICES": "", "TF_CPP_MIN_LOG_LEVEL": "3"}
    return subprocess.run([COMMAND, *arguments], capture_output=True, text=True, timeout=300, env=environment)


def test_show_lists_the_signatures_by_their_names(exported):
    done = cli("show", "--dir", exported[1], "--all")
    assert done.returncode == 0, done.stderr
    parts = dict(part.split("']:", 1) for part in done.stdout.split("signature_def['")[1:])
    parts.pop("__saved_model_init_op", None)
    assert set(parts) == {"serving_default", "generate", "generate_png", "interpolate"}
    shown = {name: " ".join(part.split()) for name, part in parts.items()}
    for name, put in {
        "serving_default": "inputs['latents'] tensor_info: dtype: DT_FLOAT shape: (-1, 4)",
        "generate": "outputs['images'] tensor_info: dtype: DT_UINT8 shape: (-1, 8, 8, 1)",
        "generate_png": "outputs['image_bytes'] tensor_info: dtype: DT_STRING shape: (-1)",
        "interpolate": "inputs['start_seed'] tensor_info: dtype: DT_INT64 shape: ()",
    }.items():
        assert put in shown[name]
        assert "Method name is: tensorflow/serving/predict" in shown[name]


def test_run_writes_what_the_gan_generates(exported, tmp_path):
    gan, folder = exported
    asked = ("--tag_set", "serve", "--signature_def", "generate", "--input_exprs", "num_samples=5;seed=7;labels=[2]")
    done = cli("run", "--dir", folder, *asked, "--outdir", tmp_path)
    assert done.returncode == 0, done.stderr
    np.testing.assert_array_equal(np.load(tmp_path / "images.npy"), to_uint8(gan.generate(5, 2, seed=7)))
