import keras
import numpy as np
import pytest
import scipy.special
import tensorflow as tf

from keras_gan.layers import Deviations, RowActivation, RowDraw

RNG = np.random.default_rng(0)
LOGITS, NOISE = RNG.normal(size=(4, 7)).astype("float32"), RNG.normal(size=(4, 5)).astype("float32")


@pytest.mark.parametrize("temperature", [0.2, 1.0])
def test_numbers_and_soft_choices(temperature):
    rows = RowActivation([0, 3, 0, 2], temperature)(LOGITS, NOISE).numpy()
    np.testing.assert_allclose(rows[:, [0, 4]], np.tanh(LOGITS[:, [0, 4]]), atol=1e-6)
    np.testing.assert_allclose(
        rows[:, 1:4], scipy.special.softmax((LOGITS[:, 1:4] + NOISE[:, :3]) / temperature, axis=1), atol=1e-6
    )
    np.testing.assert_allclose(
        rows[:, 5:], scipy.special.softmax((LOGITS[:, 5:] + NOISE[:, 3:]) / temperature, axis=1), atol=1e-6
    )


def test_choices_are_draws_from_the_softmax():
    logits = np.tile(np.log([0.7, 0.2, 0.1]).astype("float32"), (20_000, 1))
    noise = RNG.gumbel(size=logits.shape).astype("float32")
    rows = RowActivation([3])(logits, noise).numpy()
    shares = np.bincount(rows.argmax(axis=1)) / len(rows)
    np.testing.assert_allclose(shares, [0.7, 0.2, 0.1], atol=0.01)
    assert rows.max(axis=1).mean() > 0.85  # nearly one-hot


def test_it_has_a_gradient_and_no_weights():
    layer, x = RowActivation([0, 3, 0, 2]), tf.constant(LOGITS)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.reduce_sum(layer(x, NOISE) ** 2)
    assert (tf.abs(tape.gradient(y, x)).numpy() > 0).all()
    assert not layer.weights


@pytest.mark.parametrize("options", [{"blocks": [-1]}, {"blocks": [1.5]}, {"blocks": [2], "temperature": 0}])
def test_what_is_refused(options):
    with pytest.raises(ValueError, match=f"`{list(options)[-1]}` must be"):
        RowActivation(**options)


def test_rows_are_drawn_from_their_distributions():
    n = 20_000
    decoded = {"logits": np.tile(np.array([0.5, *np.log([0.7, 0.2, 0.1])], "float32"), (n, 1))}
    decoded["deviations"] = np.full((n, 1), 0.2, "float32")
    noise, normal = RNG.gumbel(size=(n, 3)).astype("float32"), RNG.normal(size=(n, 1)).astype("float32")
    rows = RowDraw([0, 3])(decoded, noise, normal).numpy()
    np.testing.assert_allclose(rows[:, 0], np.clip(np.tanh(0.5) + 0.2 * normal[:, 0], -1, 1), atol=1e-6)
    np.testing.assert_allclose(rows[:, 1:].mean(axis=0), [0.7, 0.2, 0.1], atol=0.01)
    assert set(np.unique(rows[:, 1:])) == {0.0, 1.0}


def test_rows_of_choices_or_of_numbers_alone():
    one = np.ones((2, 1), "float32")
    assert (
        RowDraw([2])({"logits": one * [1.0, 2.0], "deviations": one}, one * [0.0, 0.0], one).numpy().tolist()
        == [[0.0, 1.0]] * 2
    )
    assert RowDraw([0])({"logits": one * 0, "deviations": one}, one, one * 0).numpy().tolist() == [[0.0]] * 2


def test_deviations_are_learned_within_their_range():
    layer = Deviations(3)
    layer.build((None, 2))
    optimizer = keras.optimizers.SGD(1.0)
    optimizer.apply([tf.constant([-5.0, 0.05, 5.0])], layer.trainable_variables)
    np.testing.assert_allclose(layer(np.zeros((2, 2))), [[1.0, 0.05, 0.01]] * 2, atol=1e-7)
