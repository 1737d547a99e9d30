"""TensorFlow's own command line shows and runs an exported model, as the documentation has it."""

import os
import pathlib
import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf
from absl import flags
from absl.testing import flagsaver
from tensorflow.python.tools import saved_model_cli

sys.path.insert(0, str(pathlib.Path(__file__).parent))  # for the kinds of GAN

from kinds import MODELS, REQUIRED

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


@pytest.mark.process
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


def run_here(arguments):
    """The command in this process, as another takes ten seconds to start: what its `main` does, but for `sys.exit`."""
    with flagsaver.flagsaver():
        left = flags.FLAGS([str(COMMAND), *arguments])
        saved_model_cli.create_parser().parse_args(left[1:]).func()


REQUESTS = {
    "serving_default": "latents=[[0.5,0,0,1]]",
    "generate": "num_samples=5;seed=7",
    "generate_png": "num_samples=2;seed=7",
    "interpolate": "start_seed=7;end_seed=8;steps=3",
}


@pytest.mark.parametrize(
    "kind", [kind if kind == "conditional" else pytest.param(kind, marks=pytest.mark.learns) for kind in REQUIRED]
)
def test_run_writes_what_the_gan_makes_of_every_signature(tmp_path, kind):
    gan = MODELS[kind]()
    folder = gan.export(tmp_path / "digits")
    for name, inputs in REQUESTS.items():
        inputs += ";labels=[2]" * gan.takes_labels
        asked = ["--tag_set=serve", f"--signature_def={name}", f"--input_exprs={inputs}", f"--outdir={tmp_path / name}"]
        run_here(["run", f"--dir={folder}", *asked])
    label = 2 if gan.takes_labels else None
    pictures = to_uint8(gan.generate(5, label, seed=7))
    np.testing.assert_array_equal(np.load(tmp_path / "generate" / "images.npy"), pictures)
    np.testing.assert_array_equal(np.load(tmp_path / "interpolate" / "images.npy")[0], pictures[0])
    for file, picture in zip(
        np.load(tmp_path / "generate_png" / "image_bytes.npy", allow_pickle=True), pictures[:2], strict=True
    ):
        np.testing.assert_array_equal(tf.io.decode_png(file), picture)
    latents = tf.constant([[0.5, 0.0, 0.0, 1.0]])
    images = np.load(tmp_path / "serving_default" / "images.npy")
    expected = gan([latents, tf.constant([label])] if gan.takes_labels else latents)
    np.testing.assert_allclose(images, expected, rtol=0, atol=1e-6)
