import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_gan import GAN
from keras_gan.layers import PhaseShuffle
from keras_gan.networks import (
    conv1d_discriminator,
    conv1d_generator,
    recurrent_discriminator,
    recurrent_generator,
)

X = np.random.default_rng(0).uniform(-1, 1, (8, 8, 2)).astype("float32")


@pytest.mark.parametrize("length", [6, 8, 24, 64, 100])
def test_convolutions_make_any_even_length(length):
    maker, judge = conv1d_generator(3, (length, 2), width=2, kernel=5), conv1d_discriminator((length, 2), width=2)
    assert maker.output_shape == (None, length, 2)
    assert judge.output_shape == (None, 1)


def test_the_layers_are_those_of_the_paper():
    """An eighth as wide."""
    maker = conv1d_generator(100, (16384, 1), width=8)
    made = [layer.output.shape[1:] for layer in maker.layers if isinstance(layer, keras.layers.Conv1DTranspose)]
    assert made == [(64, 64), (256, 32), (1024, 16), (4096, 8), (16384, 1)]
    judge = conv1d_discriminator((16384, 1), width=8)
    judged = [layer.output.shape[1:] for layer in judge.layers if isinstance(layer, keras.layers.Conv1D)]
    assert judged == [(4096, 8), (1024, 16), (256, 32), (64, 64), (16, 128)]
    assert sum(isinstance(layer, PhaseShuffle) for layer in judge.layers) == 4


def test_recurrent_players():
    maker = recurrent_generator(3, (8, 2), units=4, depth=2)
    z = np.random.default_rng(0).normal(size=(5, 3)).astype("float32")
    made = maker(z).numpy()
    assert made.shape == (5, 8, 2)
    assert (np.abs(made) <= 1).all()
    judge = recurrent_discriminator((8, 2), units=4, depth=1)
    later = X.copy()
    later[:, 7] += 1  # the last moment is judged too
    assert (judge(X).numpy() != judge(later).numpy()).all()


@pytest.mark.learns
@pytest.mark.parametrize("labels", [None, 3])
def test_a_game(labels):
    keras.utils.set_random_seed(0)
    maker = recurrent_generator(3, (8, 2), units=3, depth=1, labels=labels)
    judge = conv1d_discriminator((8, 2), width=2, kernel=3, labels=labels)
    gan = GAN(maker, judge, 3, labels=labels, seed=0)
    gan.compile("non_saturating", run_eagerly=True)
    history = gan.fit(X, None if labels is None else np.arange(8) % 3, batch_size=4, verbose=0)
    assert np.isfinite(history.history["d_loss"]).all()
    assert gan.generate(2).shape == (2, 8, 2)


def test_a_discriminator_is_saved_and_loaded(tmp_path):
    judge = conv1d_discriminator((8, 2), width=2, kernel=3)
    judge.save(tmp_path / "judge.keras")
    loaded = keras.models.load_model(tmp_path / "judge.keras", safe_mode=True)
    np.testing.assert_array_equal(loaded(X), judge(X))


def test_series_are_shifted_and_reflected():
    layer = PhaseShuffle(2, seed=0)
    x = np.arange(6, dtype="float32")[None, :, None] * np.ones((500, 1, 1), "float32")
    found = {tuple(row) for row in layer(x, training=True).numpy()[..., 0].astype(int).tolist()}
    assert found == {
        (2, 1, 0, 1, 2, 3), (1, 0, 1, 2, 3, 4), (0, 1, 2, 3, 4, 5), (1, 2, 3, 4, 5, 4), (2, 3, 4, 5, 4, 3),
    }  # fmt: skip
    np.testing.assert_array_equal(layer(x), x)


def test_each_series_has_a_shift_of_its_own():
    x = tf.constant(np.arange(6, dtype="float32")[None, :, None] * np.ones((50, 1, 1), "float32"))
    assert len(np.unique(PhaseShuffle(2, seed=0)(x, training=True).numpy()[..., 0], axis=0)) == 5


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: recurrent_generator(3, (8,)), r"`output_shape` must be \(length, columns\)"),
        (lambda: recurrent_generator(3, (8, 2), units=0), "`units` must be .*Received: units=0"),
        (lambda: recurrent_discriminator((8, 2), depth=0), "`depth` must be .*Received: depth=0"),
        (lambda: conv1d_generator(3, (7, 2)), r"must be even.*Received: 7"),
        (lambda: conv1d_generator(3, (74, 2)), "a number up to 32 times a power of 2.*Received: 74"),
        (lambda: conv1d_discriminator((8, 2), kernel=0), "`kernel` must be .*Received: kernel=0"),
        (lambda: conv1d_discriminator((8, 2), shift=-1), "`shift` must be .*Received: shift=-1"),
        (lambda: PhaseShuffle(-1), "`shift` must be .*Received: shift=-1"),
        (lambda: PhaseShuffle(4)(np.zeros((1, 3, 1))), "longer than shift=4"),
    ],
)
def test_what_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()
