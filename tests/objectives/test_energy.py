import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_gan import GAN, Round, networks
from keras_gan.objectives import BoundaryEquilibrium, EnergyMargin
from tests.games import renewing


def a_round(real, fake, **options):
    return Round(real_output=tf.constant(real), fake_output=tf.constant(fake), **options)


def test_the_margin_by_hand():
    round = a_round([1.0, 0.5, 0.0], [0.25, 3.0, 10.0])
    np.testing.assert_allclose(EnergyMargin(3.0).discriminator_loss(round), [1 + 2.75, 0.5, 0.0], rtol=1e-6)
    np.testing.assert_allclose(EnergyMargin(3.0).generator_loss(round), [0.25, 3.0, 10.0])


def test_k_follows_its_equation():
    objective = BoundaryEquilibrium(gamma=0.5, rate=0.1).bound(None, None)
    k = 0.0
    rng = np.random.default_rng(0)
    for _ in range(30):
        real, fake = rng.uniform(0, 4, (2, 5)).astype("float32")
        round = a_round(real, fake)
        np.testing.assert_allclose(objective.discriminator_loss(round), real - k * fake, rtol=1e-5, atol=1e-6)
        objective.update("generator", round)  # k moves with the discriminator alone
        assert float(objective.k) == pytest.approx(k, abs=1e-6)
        objective.update("discriminator", round)
        k = np.clip(k + 0.1 * (0.5 * real.mean() - fake.mean()), 0, 1)
        assert float(objective.k) == pytest.approx(k, abs=1e-5)
    assert 0 <= k <= 1


@pytest.mark.parametrize(("real", "fake", "end"), [(9.0, 0.0, 1.0), (0.0, 9.0, 0.0)])
def test_k_is_clipped(real, fake, end):
    objective = BoundaryEquilibrium(rate=1.0).bound(None, None)
    for _ in range(3):
        objective.update("discriminator", a_round([real], [fake]))
    assert float(objective.k) == end


def game(**options):
    keras.utils.set_random_seed(0)
    discriminator = networks.autoencoder_discriminator((2,), code=1, hidden=(8,), norm=1)
    gan = GAN(networks.mlp_generator(2, (2,), hidden=(8,)), discriminator, 2, seed=0)
    gan.compile(BoundaryEquilibrium(rate=0.5), **options)
    return gan


@pytest.mark.learns
def test_two_games_do_not_share_k(points):
    objective = BoundaryEquilibrium(rate=0.5)
    games = [game(), game()]
    for gan in games:
        gan.compile(objective, run_eagerly=True)
    games[0].fit(points, batch_size=16, verbose=0)
    assert float(games[0].objective.k) > 0
    assert float(games[1].objective.k) == 0
    assert objective.k == 0


@pytest.mark.learns
def test_k_moves_in_training_only_and_is_saved(points, tmp_path):
    gan = game()
    anew = renewing(gan)
    gan.fit(points, batch_size=16, verbose=0)
    k = float(gan.objective.k)
    assert 0 < k < 1
    gan.evaluate(points, verbose=0)
    assert float(gan.objective.k) == k
    gan.save(tmp_path / "gan.keras")
    again = keras.models.load_model(tmp_path / "gan.keras")
    assert float(again.objective.k) == k
    anew().fit(points, batch_size=16, shuffle=False, epochs=2, verbose=0)
    whole = float(gan.objective.k)
    anew().fit(points, batch_size=16, shuffle=False, verbose=0)
    gan.save_weights(tmp_path / "half.weights.h5")
    assert float(anew().objective.k) == 0
    gan.load_weights(tmp_path / "half.weights.h5")
    gan.fit(points, batch_size=16, shuffle=False, verbose=0)
    assert float(gan.objective.k) == whole


def test_ranges():
    with pytest.raises(ValueError, match=r"`margin` must be a finite number above 0. Received: margin=0"):
        EnergyMargin(0)
    with pytest.raises(ValueError, match=r"`gamma` must be in \(0, 1\]. Received: gamma=2"):
        BoundaryEquilibrium(gamma=2)
    with pytest.raises(ValueError, match=r"`rate` must be a finite number above 0. Received: rate=0"):
        BoundaryEquilibrium(rate=0)
