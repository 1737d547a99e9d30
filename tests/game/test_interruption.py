"""A `fit` that is interrupted, as by the stop button of a notebook, leaves a game that is as good as before."""

import keras
import numpy as np
import pytest

from keras_gan import GAN, callbacks, networks
from tests.games import renewing


@pytest.fixture(scope="module")
def same_gan():
    gan = GAN(networks.mlp_generator(2, (2,), hidden=(8,)), networks.mlp_discriminator((2,), hidden=(8,)), 2, seed=0)
    gan.compile()
    return renewing(gan)


@pytest.fixture
def points():
    return np.random.default_rng(0).normal(size=(32, 2)).astype("float32")


class Interrupt(keras.callbacks.Callback):
    """Presses the stop button after the third batch."""

    def on_train_batch_end(self, batch, logs=None):
        if batch == 2:
            raise KeyboardInterrupt


@pytest.mark.learns
def test_the_game_is_that_of_the_steps_it_took_and_trains_on(same_gan, points, tmp_path):
    data = {"batch_size": 8, "verbose": 0}  # 4 steps per epoch
    gan = same_gan()
    gan.fit(points[:24], **data, shuffle=False)
    expected = gan.generate(5, seed=1)

    gan = same_gan()
    with pytest.raises(KeyboardInterrupt):
        gan.fit(points, **data, shuffle=False, epochs=9, callbacks=[Interrupt(), callbacks.SampleGrid(tmp_path)])
    assert int(gan.step) == 3
    np.testing.assert_allclose(gan.generate(5, seed=1), expected, rtol=1e-6)

    history = gan.fit(points, **data, epochs=2, callbacks=[callbacks.SampleGrid(tmp_path)]).history
    assert (int(gan.step), len(history["d_loss"])) == (11, 2)
    assert (tmp_path / "samples.gif").exists()
    gan.save(tmp_path / "gan.keras")
    again = keras.models.load_model(tmp_path / "gan.keras")
    np.testing.assert_allclose(again.generate(5, seed=1), gan.generate(5, seed=1), rtol=1e-6)
