import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_gan import GAN, Round, networks
from keras_gan.objectives import FeatureMatching, Hinge, Players, PullingAway, Wasserstein

RNG = np.random.default_rng(0)
REAL, FAKE = RNG.normal(size=(2, 7, 5)).astype("float32")


def a_round(real, fake):
    outputs = [{"output": tf.zeros((len(x), 1)), "features": tf.constant(x)} for x in (real, fake)]
    return Round(real_output=outputs[0], fake_output=outputs[1])


def test_feature_matching():
    expected = np.mean((REAL.mean(0) - FAKE.mean(0)) ** 2)
    assert float(FeatureMatching().generator_loss(a_round(REAL, FAKE))) == pytest.approx(expected, rel=1e-5)
    assert FeatureMatching().discriminator_loss(a_round(REAL, FAKE)) is None


def test_feature_maps_are_features_too():
    maps = RNG.normal(size=(2, 4, 3, 3, 2)).astype("float32")
    expected = np.mean((maps[0].mean(0) - maps[1].mean(0)) ** 2)
    assert float(FeatureMatching().generator_loss(a_round(*maps))) == pytest.approx(expected, rel=1e-5)


def test_pulling_away_against_a_double_loop():
    cosines = [
        (FAKE[i] @ FAKE[j] / np.linalg.norm(FAKE[i]) / np.linalg.norm(FAKE[j])) ** 2
        for i in range(7)
        for j in range(7)
        if i != j
    ]
    assert float(PullingAway().generator_loss(a_round(REAL, FAKE))) == pytest.approx(np.mean(cosines), rel=1e-5)


@pytest.mark.parametrize(("fake", "expected"), [(np.eye(4), 0.0), (np.ones((4, 4)), 1.0), (-np.ones((4, 4)), 1.0)])
def test_pulling_away_of_known_angles(fake, expected):
    fake = fake.astype("float32")
    assert float(PullingAway().generator_loss(a_round(fake, fake))) == pytest.approx(expected, abs=1e-6)


def test_a_missing_part_is_named_when_the_game_is_compiled():
    gan = GAN(networks.mlp_generator(2, (2,)), networks.mlp_discriminator((2,)), 2)
    with pytest.raises(ValueError, match=r"a dict with 'features' beside its 'output' .*with_features.*one tensor"):
        gan.compile(Hinge() + FeatureMatching())


@pytest.mark.learns
def test_the_generator_matches_the_features_of_a_named_layer(points):
    keras.utils.set_random_seed(0)
    discriminator = networks.mlp_discriminator((2,), hidden=(16, 8))
    named = networks.with_features(discriminator, discriminator.layers[-2].name)
    gan = GAN(networks.mlp_generator(2, (2,), hidden=(16,)), named, 2, seed=0)
    gan.compile(Players(discriminator=Wasserstein(), generator=FeatureMatching()), "sgd", keras.optimizers.SGD(0.0))
    gan.generator_optimizer.learning_rate = 0.3
    history = gan.fit(points + np.float32(2.0), batch_size=64, epochs=60, verbose=0).history["g_feature_matching"]
    assert history[-1] < 0.2 * history[0]
    assert set(gan.fit(points, batch_size=64, verbose=0).history) == {
        *("d_loss", "g_loss", "d_real", "d_fake", "d_wasserstein", "g_feature_matching"),
    }
