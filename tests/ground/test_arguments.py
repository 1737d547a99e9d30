import math
import re

import numpy as np
import pytest
import tensorflow as tf

from keras_gan import augmentations, latents, layers, objectives
from keras_gan.ground.arguments import check_count, check_number, reason
from keras_gan.replay import FakePool


@pytest.mark.parametrize(
    ("ends", "inside", "outside"),
    [("[)", (0, 0.5), (1, -0.1)), ("(]", (1, 0.5), (0, 1.1)), ("[]", (0, 1), (-0.1, 1.1)), ("()", (0.5,), (0, 1))],
)
def test_the_ends_of_a_range(ends, inside, outside):
    for value in inside:
        assert check_number("p", value, 0, 1, ends) == value
    for value in outside:
        with pytest.raises(ValueError, match=re.escape(f"`p` must be in {ends[0]}0, 1{ends[1]}. Received: p={value}")):
            check_number("p", value, 0, 1, ends)


@pytest.mark.parametrize(
    ("low", "ends", "required"),
    [
        (-math.inf, "[)", "a finite number"),
        (0, "[)", "a finite number of at least 0"),
        (2, "()", "a finite number above 2"),
    ],
)
def test_an_open_range(low, ends, required):
    assert check_number("p", 3, low, ends=ends) == 3
    for value in (math.inf, -math.inf, math.nan, "3", None, True, [3], 3j):
        with pytest.raises(ValueError, match=re.escape(f"`p` must be {required}. Received: p={value!r}")):
            check_number("p", value, low, ends=ends)


def test_numbers_of_numpy_become_floats_that_a_config_can_hold():
    assert type(check_number("p", np.float32(0.5), 0, 1)) is float
    assert type(check_number("p", np.int64(2), 0)) is float


def test_counts_from_another_least():
    assert check_count("steps", 2, least=2) == 2
    with pytest.raises(ValueError, match=r"`steps` must be an integer of at least 2. Received: steps=1"):
        check_count("steps", 1, least=2)
    with pytest.raises(ValueError, match=r"`k` must be an integer from 0 to 3. Received: k=-1"):
        check_count("k", -1, most=3, least=0)


TAKES_A_NUMBER = {
    "every": [objectives.R1],
    "target": [objectives.GradientPenalty, augmentations.AdaptiveAugmentation],
    "scale": [objectives.DRAGAN],
    "margin": [objectives.EnergyMargin],
    "gamma": [objectives.BoundaryEquilibrium],
    "rate": [objectives.BoundaryEquilibrium, layers.Dropout],
    "decay": [objectives.LeCam],
    "label_flip": [objectives.NonSaturating],
    "label_smoothing": [objectives.NonSaturating],
    "continuous": [objectives.MutualInformation],
    "continuous_weight": [objectives.MutualInformation],
    "a": [objectives.LeastSquares],
    "stddev": [augmentations.InstanceNoise, layers.GaussianNoise],
    "p": [augmentations.AdaptiveAugmentation],
    "share": [FakePool],
    "epsilon": [layers.PixelNormalization, layers.MinibatchStandardDeviation, layers.VirtualBatchNormalization],
    "momentum": [lambda **options: layers.ConditionalBatchNormalization(3, **options)],
    "low": [lambda **options: latents.Uniform(2, **options)],
    "high": [lambda **options: latents.Uniform(2, **options)],
    "threshold": [lambda **options: latents.TruncatedNormal(2, **options)],
}


@pytest.mark.parametrize("value", ["1", None])
@pytest.mark.parametrize(("name", "make"), [(name, make) for name, makes in TAKES_A_NUMBER.items() for make in makes])
def test_text_and_none_are_no_numbers(name, make, value):
    with pytest.raises(ValueError, match=rf"`{name}` must be .*Received: {name}={value!r}"):
        make(**{name: value})


def test_the_reason_of_a_failed_check_in_a_graph_is_its_text():
    @tf.function
    def check(x):
        text = tf.strings.format("`x` must be in [0, 2]. Received: {}", x)
        with tf.control_dependencies([tf.debugging.Assert(tf.reduce_all(x < 3), [text])]):
            return tf.identity(x)

    with pytest.raises(tf.errors.InvalidArgumentError) as failed:
        check(tf.constant([1, 5]))
    assert reason(failed.value) == "`x` must be in [0, 2]. Received: [1 5]"
