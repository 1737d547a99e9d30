import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_gan.layers import GaussianPosterior

MEAN, LOG_VARIANCE, NOISE = np.random.default_rng(0).normal(size=(3, 5, 2)).astype("float32")
SAMPLE = MEAN + np.exp(LOG_VARIANCE / 2) * NOISE


@pytest.mark.parametrize(
    "inputs",
    [np.concatenate([MEAN, LOG_VARIANCE], axis=1), {"mean": MEAN, "log_variance": LOG_VARIANCE, "more": NOISE}],
    ids=["beside each other", "a dict"],
)
def test_the_formula(inputs):
    code = GaussianPosterior()(keras.tree.map_structure(tf.constant, inputs), tf.constant(NOISE))
    assert set(code) == {"mean", "log_variance", "sample"}
    np.testing.assert_allclose(code["mean"], MEAN)
    np.testing.assert_allclose(code["log_variance"], LOG_VARIANCE)
    np.testing.assert_allclose(code["sample"], SAMPLE, rtol=1e-6)


def test_the_mean_and_variance_of_many_draws():
    noise = np.random.default_rng(1).normal(size=(100_000, 2)).astype("float32")
    inputs = tf.constant([[1.0, -2.0, np.log(4.0), np.log(0.25)]] * len(noise))
    sample = GaussianPosterior()(inputs, tf.constant(noise))["sample"].numpy()
    np.testing.assert_allclose(sample.mean(axis=0), [1.0, -2.0], atol=0.02)
    np.testing.assert_allclose(sample.var(axis=0), [4.0, 0.25], rtol=0.02)


def test_gradients_pass():
    inputs, noise = tf.constant(np.concatenate([MEAN, LOG_VARIANCE], axis=1)), tf.constant(NOISE)
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        sample = GaussianPosterior()(inputs, noise)["sample"]
    expected = np.concatenate([np.ones_like(MEAN), 0.5 * (SAMPLE - MEAN)], axis=1)
    np.testing.assert_allclose(tape.gradient(sample, inputs), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_codes_are_float32_whatever_the_encoder_computes_in(policy):
    inputs = tf.cast(np.concatenate([MEAN, LOG_VARIANCE], axis=1), policy.removeprefix("mixed_"))
    code = GaussianPosterior()(inputs, tf.constant(NOISE))
    assert {each.dtype for each in code.values()} == {tf.float32}


@pytest.mark.parametrize(
    ("inputs", "noise"),
    [
        (np.zeros((5, 6)), NOISE),
        (np.zeros((5, 3)), NOISE),
        (np.zeros((5, 6)), np.zeros((5, 1))),  # would be broadcast
        ({"mean": MEAN}, NOISE),
        ({"mean": MEAN, "log_variance": LOG_VARIANCE[:, :1]}, NOISE),
    ],
    ids=["too many", "odd", "one number of noise", "no variances", "one variance"],
)
def test_shapes_that_do_not_fit_are_refused(inputs, noise):
    inputs = keras.tree.map_structure(lambda x: tf.constant(x, tf.float32), inputs)
    with pytest.raises(ValueError, match="`inputs` must be means and logarithms of variances"):
        GaussianPosterior()(inputs, tf.constant(noise, tf.float32))


def test_saved_inside_a_model(tmp_path):
    encoded, noise = keras.Input((4,)), keras.Input((2,))
    model = keras.Model([encoded, noise], GaussianPosterior(name="code")(encoded, noise)["sample"])
    inputs = [np.concatenate([MEAN, LOG_VARIANCE], axis=1), NOISE]
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(model(inputs), SAMPLE, rtol=1e-6)
    np.testing.assert_array_equal(again(inputs), model(inputs))
