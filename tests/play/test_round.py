import inspect
import re

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from keras_gan import Noise, Round
from keras_gan.play.round import Pictures, scores


class Recorder(keras.Model):
    """Notes what it is called on: the sign of the first number."""

    def __init__(self):
        super().__init__()
        self.calls = []
        self.dense = layers.Dense(1)

    def call(self, x):
        self.calls.append("real" if float(x[0, 0]) > 0 else "fake")
        return self.dense(x)


REAL, FAKE = tf.ones((4, 2)), -tf.ones((4, 2))


@pytest.mark.parametrize("first", ["real_output", "fake_output"])
def test_discriminator_is_called_on_real_then_fake_once_each(first):
    recorder = Recorder()
    round = Round(real=REAL, fake=FAKE, discriminator=recorder)
    for name in (first, "real_output", "fake_output", "real_scores", "fake_gradient"):
        getattr(round, name)
    assert recorder.calls == ["real", "fake"]


def test_nothing_is_computed_that_nobody_asks_for():
    recorder = Recorder()
    round = Round(real=REAL, fake=FAKE, discriminator=recorder, real_first=False)
    _ = round.fake_output
    assert recorder.calls == ["fake"]


def test_a_round_by_hand_needs_only_outputs():
    round = Round(real_output=tf.constant([[1.0], [2.0]]), fake_output=tf.constant([[3.0], [4.0]]))
    np.testing.assert_array_equal(round.real_scores, [[1.0], [2.0]])
    np.testing.assert_array_equal(round.fake_scores, [[3.0], [4.0]])


@pytest.mark.parametrize(
    ("read", "missing", "argument"),
    [
        (lambda round: round.real, "`real`", "real"),
        (lambda round: round.fake, "`fake`", "fake"),
        (lambda round: round.noise, "`noise`", "noise"),
        (lambda round: round.values, "`values`", "values"),
        (lambda round: round.at("a"), "`at`", "at"),
        (lambda round: round.real_output, "`real_output` or `discriminator`", "discriminator"),
        (lambda round: round.fake_gradient, "`fake_output` or `discriminator`", "discriminator"),
        (lambda round: round.output(REAL, name="elsewhere"), "`discriminator`", "discriminator"),
    ],
)
def test_what_is_missing_is_named_with_the_argument_that_gives_it(read, missing, argument):
    text = f"The round must have {missing} for this objective: give `Round({argument}=...)`. Received: None"
    with pytest.raises(ValueError, match=f"^{re.escape(text)}$"):
        read(Round())
    assert argument in inspect.signature(Round).parameters


@pytest.mark.parametrize(
    ("shape", "patches"), [((3,), 1), ((3, 1), 1), ((3, 4, 5, 1), 20)], ids=["N", "N1", "patch_map"]
)
def test_scores(shape, patches):
    values = np.arange(np.prod(shape), dtype="float32").reshape(shape)
    np.testing.assert_array_equal(scores(tf.constant(values)), values.reshape(3, patches))
    np.testing.assert_array_equal(scores({"output": tf.constant(values), "features": 0}), values.reshape(3, patches))


@pytest.mark.parametrize("shape", [(3, 2), (3, 4, 4, 2), (3, 4, 1)])
def test_scores_refuse_other_shapes(shape):
    with pytest.raises(ValueError, match=r"one number per example.*Received: shape=\(3, "):
        scores(tf.zeros(shape))


def test_scores_want_the_key_output():
    with pytest.raises(ValueError, match=r"key 'output'. Received: keys=\['logits'\]"):
        scores({"logits": tf.zeros((3, 1))})


def test_gradients_against_finite_differences():
    model = keras.Sequential([keras.Input((2,)), layers.Dense(5, activation="tanh"), layers.Dense(1)])
    x = np.random.default_rng(0).normal(size=(3, 2)).astype("float32")
    round = Round(real=tf.constant(x), fake=tf.constant(-x), discriminator=model)
    h = 1e-3
    for given, gradient in (
        (x, round.real_gradient),
        (-x, round.fake_gradient),
        (2 * x, round.gradient(tf.constant(2 * x))),
    ):
        for i in range(2):
            shift = np.eye(2, dtype="float32")[i] * h
            difference = (np.asarray(model(given + shift)) - np.asarray(model(given - shift)))[:, 0] / (2 * h)
            np.testing.assert_allclose(gradient[:, i], difference, atol=2e-3)


def test_gradient_of_a_patch_map_is_that_of_its_mean():
    model = keras.Sequential([keras.Input((4, 4, 1)), layers.Conv2D(1, 1, kernel_initializer="ones")])
    round = Round(real=tf.ones((2, 4, 4, 1)), discriminator=model)
    np.testing.assert_allclose(round.real_gradient, np.full((2, 4, 4, 1), 1 / 16), rtol=1e-6)


def test_dropout_is_addressed_by_what_is_looked_at():
    model = keras.Sequential([keras.Input((50,)), layers.Dropout(0.5), layers.Dense(1, kernel_initializer="ones")])

    def outputs():
        ones = tf.ones((1, 50))
        round = Round(real=ones, fake=ones, discriminator=model, noise=Noise((0,)))
        return float(round.real_output[0, 0]), float(round.fake_output[0, 0])

    assert outputs() == outputs()
    assert outputs()[0] != outputs()[1]


class Scaled(keras.Model):
    """The score s x, for examples of one number."""

    def __init__(self, scale):
        super().__init__()
        self.scale = scale

    def call(self, x):
        return self.scale * x


def shifted():
    """A round whose pictures 1 and 5 are augmented by adding 10 to real and 20 to fake."""
    pictures = Pictures(
        {"real": tf.constant([[1.0]]), "fake": tf.constant([[5.0]])}, lambda x, kind: x + {"real": 10, "fake": 20}[kind]
    )
    return Round(**pictures.shown, pictures=pictures, discriminator=Scaled(3.0))


def test_swapping_a_round_commutes_with_what_else_makes_rounds():
    for of in (Round.before_augmentation, Round.again, lambda round: round.again().before_augmentation()):
        for round in (of(shifted().swapped()), of(shifted()).swapped()):
            assert round.real_output.numpy().tolist() == [[3 * 25.0]]
            assert round.fake_output.numpy().tolist() == [[3 * 11.0]]
            assert round.real.numpy().tolist() == of(shifted()).fake.numpy().tolist()
            assert round.real_gradient.numpy().tolist() == [[3.0]]


def test_other_pictures_of_a_swapped_round_are_augmented_as_its_real_ones():
    before = shifted().before_augmentation()
    assert before.output(tf.constant([[0.0]])).numpy().tolist() == [[3 * 10.0]]
    assert before.swapped().output(tf.constant([[0.0]])).numpy().tolist() == [[3 * 20.0]]


def test_the_passes_of_a_round_are_shared_with_the_swapped_one():
    recorder = Recorder()
    round = Round(real=REAL, fake=FAKE, discriminator=recorder)
    swapped = round.swapped()
    _ = swapped.real_output, swapped.fake_output, round.real_output, round.fake_output
    assert recorder.calls == ["real", "fake"]
    assert swapped.real_output is round.fake_output
