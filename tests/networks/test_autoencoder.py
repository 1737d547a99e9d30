import numpy as np
import pytest

from keras_gan import GAN
from keras_gan.networks import autoencoder_discriminator, mlp_generator

X = np.random.default_rng(0).normal(size=(64, 2, 3)).astype("float32")


@pytest.mark.parametrize("norm", [1, 2])
def test_the_energy_is_the_error_of_the_layers(norm):
    model = autoencoder_discriminator((2, 3), code=2, hidden=(5,), activation="tanh", norm=norm)
    output = model(X)
    flat = X.reshape(64, 6)
    w = model.get_weights()
    code = np.tanh(flat @ w[0] + w[1]) @ w[2] + w[3]
    rebuilt = np.tanh(code @ w[4] + w[5]) @ w[6] + w[7]
    np.testing.assert_allclose(output["features"], code, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(output["output"][:, 0], np.mean(np.abs(flat - rebuilt) ** norm, axis=1), rtol=1e-4)


@pytest.mark.learns
@pytest.mark.parametrize(
    ("objective", "norm"), [("energy_margin(margin=2) + 0.1 * pulling_away", 2), ("boundary_equilibrium", 1)]
)
def test_a_game(objective, norm):
    gan = GAN(mlp_generator(2, (2, 3)), autoencoder_discriminator((2, 3), code=2, norm=norm), 2, seed=0)
    gan.compile(objective, "adam", "adam")
    history = gan.fit(X, batch_size=32, epochs=30, verbose=0).history
    assert history["d_real"][-1] < history["d_real"][0]
    assert all(np.isfinite(values).all() for values in history.values())


def test_packing_and_errors():
    assert autoencoder_discriminator((28, 28, 1), packing=2).input_shape == (None, 28, 28, 2)
    with pytest.raises(ValueError, match=r"`norm` must be 1 or 2. Received: norm=3"):
        autoencoder_discriminator((2,), norm=3)
    with pytest.raises(ValueError, match=r"`code` must be an integer of at least 1. Received: code=0"):
        autoencoder_discriminator((2,), code=0)
