"""The trace of some steps."""

import pathlib

import numpy as np
import pytest

from keras_gan import GAN, callbacks, networks


def traces(folder):
    return list(pathlib.Path(folder).rglob("*.xplane.pb"))


def play(folder, examples=64, **options):
    gan = GAN(networks.mlp_generator(2, (2,), hidden=(4,)), networks.mlp_discriminator((2,), hidden=(4,)), 2, seed=0)
    gan.compile("hinge", **options)
    profile = callbacks.Profile(folder, first=2, steps=3)
    gan.fit(np.zeros((examples, 2), "float32"), batch_size=4, verbose=0, callbacks=[profile])


@pytest.mark.learns
@pytest.mark.parametrize("options", [{}, pytest.param({"steps_per_execution": 8}, marks=pytest.mark.learns)], ids=str)
def test_a_trace_holds_the_steps(tmp_path, options):
    play(tmp_path / "profile", **options)
    [trace] = traces(tmp_path)
    assert b"MatMul" in trace.read_bytes()


@pytest.mark.learns
def test_a_run_that_is_shorter_writes_what_there_was(tmp_path):
    play(tmp_path / "short", examples=12)
    play(tmp_path / "shorter", examples=8)
    assert len(traces(tmp_path / "short")) == 1
    assert not traces(tmp_path / "shorter")


@pytest.mark.parametrize("arguments", [{"first": 0}, {"steps": 0}], ids=str)
def test_bad_arguments(arguments):
    [name] = arguments
    with pytest.raises(ValueError, match=f"`{name}` must be .*Received: {name}=0"):
        callbacks.Profile("there", **arguments)
