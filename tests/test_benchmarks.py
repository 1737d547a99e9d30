"""The benchmark of networks plays, counts what a step needs, and compares with the same networks."""

import doctest
import importlib
import json
import pathlib

import numpy as np
import pytest
from absl import flags

from benchmarks.networks import paper, plain, side
from benchmarks.steps import count
from keras_gan import networks

RECORD = pathlib.Path(__file__).parents[1] / "benchmarks" / "networks.json"
NOISE = np.random.default_rng(0)


@pytest.mark.parametrize("module", [count, paper])
def test_docstring_examples_run(module):
    assert doctest.testmod(module).failed == 0


@pytest.mark.learns
def test_a_row_of_a_preset_and_its_estimate():
    row = {"preset": "dcgan", "side": 8, **side.play("dcgan", 8, 2, "float32", "auto", 1)}
    assert row["images_per_second"] > 0
    assert row["first_step_seconds"] > 0
    told = paper.estimate({128: 50.0}, [row])
    share = 50.0 / np.mean(paper.PUBLISHED[128]) / paper.PEAK_TFLOPS
    assert told["stylegan2_ada"][0]["share_of_peak"] == pytest.approx(share, abs=1e-4)
    speed = share * paper.PEAK_TFLOPS * 1000 / row["gflop_per_image"]
    assert told["images_per_second"]["dcgan 8"] == pytest.approx(speed, rel=0.01)


@pytest.mark.usefixtures("new_flags")
def test_rows_go_on_and_name_those_that_take_too_long(monkeypatch):
    main = importlib.import_module("benchmarks.networks.__main__")
    flags.FLAGS(["", "--presets=dcgan,stylegan2", "--sides=32,64,128", "--minutes=1", "--steps=9"])
    known = {"preset": "dcgan", "side": 32, "batch": 16, "policy": "float32", "xla": False, "steps": 9}
    record = {"cpu": {"rows": {"commit": "now", "rows": [known | {"step_ms": 1000.0, "row_seconds": 30.0}]}}}
    asked = []

    def ask(job, preset, side, *others):
        asked.append((preset, side))
        return {"step_ms": 10.0}

    for name, value in (("read", lambda: record), ("ask", ask), ("commit", lambda: "now")):
        monkeypatch.setattr(main, name, value)
    *_, (left, last) = main.rows()
    assert asked == [("stylegan2", 32), ("dcgan", 64), ("stylegan2", 64), ("dcgan", 128), ("stylegan2", 128)]
    assert last is None
    record["cpu"]["rows"]["rows"][0]["step_ms"] = 3000.0  # four times as many pixels: 10 steps of 12 s
    *_, (left, last) = main.rows()
    assert left[1:] == [
        "dcgan 64 float32: about 2.0 minutes, more than --minutes=1",
        "dcgan 128 float32: about 4.0 minutes, more than --minutes=1",
    ]
    (first_left, first), *_ = main.rows()
    assert first["preset"] == "dcgan"
    assert first_left[1:][0] == "stylegan2 32 float32: stopped before"


def scrambled(model):
    for weight in model.trainable_variables:
        weight.assign(0.2 * NOISE.normal(size=weight.shape))
    return model


@pytest.mark.nightly
def test_plain_networks_are_those_of_the_library():
    z, x = NOISE.normal(size=(4, 16)).astype("float32"), NOISE.normal(size=(4, 32, 32, 3)).astype("float32")
    shape = (32, 32, 3)
    r3gan = plain.r3gan(32, 16, 16)
    mapping, synthesis, judge = plain.stylegan2(32, 16, 8)
    pairs = [
        (networks.r3gan_generator(16, shape, width=16), r3gan[0], z),
        (networks.r3gan_discriminator(shape, width=16), r3gan[1], x),
        (networks.stylegan2_mapping(16, width=16), mapping, z),
        (networks.stylegan2_discriminator(shape, width=8), judge, x),
    ]
    for ours, theirs, given in pairs:
        for variable, value in zip(theirs.trainable_variables, scrambled(ours).trainable_variables, strict=True):
            variable.assign(value)
        np.testing.assert_allclose(ours(given), theirs(given), rtol=1e-4, atol=1e-4 * np.abs(theirs(given)).max())
    ours = networks.stylegan2_synthesis(shape, style=16, width=8)
    assert side.size_of(ours) == side.size_of(synthesis)


@pytest.mark.skipif(not RECORD.is_file(), reason="not run yet")
def test_the_record_says_what_was_not_run():
    record = json.loads(RECORD.read_text(encoding="utf-8"))
    assert record["gpu"].startswith("not run")
