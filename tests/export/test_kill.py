"""A process that is killed while it exports leaves whole versions only."""

import pathlib
import subprocess
import sys

import pytest
import tensorflow as tf

# Imports once, before TensorFlow has threads, and forks a child for each kill. Half of the kills wait for the hidden
# folder of a version that is being written.
NURSERY = """
import os, pathlib, random, signal, sys, time
from keras_gan import GAN, networks

path, kills = pathlib.Path(sys.argv[1]), int(sys.argv[2])
random.seed(0)
for kill in range(kills):
    ready, told = os.pipe()
    child = os.fork()
    if child == 0:
        gan = GAN(networks.mlp_generator(4, (8, 8, 1), hidden=(1024,)), networks.mlp_discriminator((8, 8, 1)), 4)
        gan.export(path)
        os.write(told, b"!")
        while True:
            gan.export(path, keep=3)
    os.read(ready, 1)
    standing = set(path.iterdir())
    while kill % 2 and not any(new.name.startswith(".part-") for new in set(path.iterdir()) - standing):
        time.sleep(0.001)
    time.sleep(random.uniform(0, 0.05 if kill % 2 else 1.0))
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    print(os.WTERMSIG(status), *sorted(entry.name for entry in path.iterdir()), flush=True)
"""
FILES = ("saved_model.pb", "variables/variables.index", "assets/keras_gan.json", "fingerprint.pb")


def images(folder):
    signature = tf.saved_model.load(str(folder)).signatures["generate"]
    return signature(num_samples=tf.constant(2), seed=tf.constant(1, tf.int64))["images"]


@pytest.mark.process
@pytest.mark.parametrize("kills", [2, pytest.param(16, marks=pytest.mark.nightly)])
def test_a_kill_at_any_moment_leaves_whole_versions_only(tmp_path, kills):
    path = tmp_path / "digits"
    path.mkdir()
    command = [sys.executable, "-c", NURSERY, str(path), str(kills)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, done.stderr
    killed = [line.split() for line in done.stdout.splitlines()]
    assert [signal for signal, *_ in killed] == ["9"] * kills
    assert all(any(name.isdecimal() for name in names) for _, *names in killed)
    assert any(name.startswith(".part-") for name in killed[-1]), "no kill met an export half way"

    versions = [child for child in path.iterdir() if child.name.isdecimal()]
    for folder in versions:
        assert all((folder / file).is_file() for file in FILES)
        assert images(folder).shape == (2, 8, 8, 1)
    assert all((pathlib.Path(path) / name).is_file() for name in ("model.config", "batching.config"))
