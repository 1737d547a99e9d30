"""A small run of the load test: benchmarks/serving.json is the record of the whole one."""

import json
import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).parents[2]


@pytest.mark.process
def test_no_answer_is_wrong_or_lost(tmp_path):
    import keras

    from keras_gan import GAN, networks

    keras.utils.set_random_seed(0)
    generator = networks.dcgan_generator(8, (8, 8, 1), filters=4)
    gan = GAN(generator, networks.dcgan_discriminator((8, 8, 1), filters=4), 8, seed=0, ema=0.9)
    gan.save(tmp_path / "gan.keras")
    gan.export(tmp_path / "tiny")
    arguments = [f"--gan={tmp_path / 'gan.keras'}", f"--model={tmp_path / 'tiny'}", f"--out={tmp_path / 'record.json'}"]
    command = [sys.executable, "-m", "benchmarks.serving", "--requests=200", "--clients=4", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    record = json.loads((tmp_path / "record.json").read_text())
    assert (record["requests"], record["clients"], record["answered"]) == (200, 4, 200)
    assert (record["wrong"], record["lost"]) == (0, 0)


def test_the_record_is_of_ten_thousand_right_answers():
    record = json.loads((ROOT / "benchmarks/serving.json").read_text())
    assert (record["requests"], record["clients"], record["answered"]) == (10_000, 8, 10_000)
    assert (record["wrong"], record["lost"]) == (0, 0)
