"""The example of a loop of one's own takes the steps of `GAN.fit`."""

import importlib.util
import pathlib

import keras
import numpy as np
import pytest
import tensorflow as tf
from absl import flags

from keras_gan import GAN


@pytest.fixture(scope="module")
def example():
    path = pathlib.Path(__file__).parents[2] / "examples" / "custom_loop.py"
    spec = importlib.util.spec_from_file_location("custom_loop", path)
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    finally:
        if "smoke" in flags.FLAGS:  # which every example defines
            delattr(flags.FLAGS, "smoke")
    return module


@pytest.mark.learns
def test_the_loop_of_the_example_trains_as_fit_does(example):
    """Memory, power iterations, dropout and all noise included."""
    points = np.random.default_rng(0).normal(size=(80, 2)).astype("float32")
    keras.utils.set_random_seed(0)
    loop = example.Loop(*example.make_players())
    keras.utils.set_random_seed(0)
    gan = GAN(*example.make_players(), 2, seed=0)
    gan.compile(example.OBJECTIVE, *(keras.optimizers.Adam(1e-3, beta_1=0.0) for _ in range(2)))
    before = [weight.copy() for weight in gan.get_weights()]
    history = gan.fit(points, batch_size=16, shuffle=False, verbose=0).history
    logs = [loop.step(tf.constant(points[i : i + 16]), tf.constant(i // 16, tf.int64)) for i in range(0, 80, 16)]
    for name in logs[0]:
        assert history[name][0] == pytest.approx(np.mean([each[name] for each in logs]), rel=1e-4, abs=1e-6)
    for player in ("generator", "discriminator"):
        for ours, theirs in zip(getattr(gan, player).variables, getattr(loop, player).variables, strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6, err_msg=ours.path)
    assert max(np.abs(a - b).max() for a, b in zip(before, gan.get_weights(), strict=True)) > 1e-3
    [mine], [theirs] = ([t for _, t in each.objective.terms if t.name == "le_cam"] for each in (gan, loop))
    assert float(mine.real_mean) == pytest.approx(float(theirs.real_mean), rel=1e-4)
    assert float(mine.real_mean) != 0
