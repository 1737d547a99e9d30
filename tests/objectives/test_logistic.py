"""The tricks on labels: smoothing, ranges, flips. The losses themselves are in test_adversarial.py."""

import numpy as np
import pytest
import tensorflow as tf

from keras_gan import Noise, Round
from keras_gan.objectives import BoundarySeeking, Minimax, NonSaturating

N = 4000


def sigmoid_cross_entropy(logit, target):
    p = 1 / (1 + np.exp(-logit))
    return -target * np.log(p) - (1 - target) * np.log(1 - p)


def a_round(r, f, training=True):
    output = {"real_output": tf.fill((N, 1), float(r)), "fake_output": tf.fill((N, 1), float(f))}
    return Round(**output, noise=Noise((0, "labels")), training=training)


def targets(objective, training=True):
    """What the discriminator was asked to say of real and of fake: the loss is linear in both targets."""
    low, high = (np.asarray(objective.discriminator_loss(a_round(r, 0.0, training))) for r in (0.0, 2.0))
    # loss(2) - loss(0) = softplus(-2) - softplus(0) + 2 (1 - t)
    real = 1 - (high - low - np.logaddexp(0, -2) + np.log(2)) / 2
    low, high = (np.asarray(objective.discriminator_loss(a_round(0.0, f, training))) for f in (0.0, 2.0))
    fake = -(high - low - np.logaddexp(0, 2) + np.log(2)) / 2
    return real, fake


@pytest.mark.parametrize("cls", [Minimax, NonSaturating, BoundarySeeking])
def test_fixed_targets_are_cross_entropies(cls):
    objective = cls(label_smoothing=0.1, fake_smoothing=0.2)
    loss = objective.discriminator_loss(a_round(1.5, -0.5))
    expected = sigmoid_cross_entropy(1.5, 0.9) + sigmoid_cross_entropy(-0.5, 0.2)
    np.testing.assert_allclose(loss, np.full(N, expected), rtol=1e-5)


def test_ranges_draw_a_target_for_each_example():
    real, fake = targets(NonSaturating(label_smoothing=(0.1, 0.3), fake_smoothing=(0.0, 0.2)))
    for values, low, high in ((real, 0.7, 0.9), (fake, 0.0, 0.2)):
        assert values.min() > low - 1e-5
        assert values.max() < high + 1e-5
        assert values.mean() == pytest.approx((low + high) / 2, abs=0.004)
        assert values.std() == pytest.approx((high - low) / np.sqrt(12), abs=0.003)
    assert abs(np.corrcoef(real, fake)[0, 1]) < 0.06


def test_flips_swap_the_targets_of_a_share():
    real, fake = targets(NonSaturating(label_flip=0.2))
    for values, kept in ((real, 1), (fake, 0)):
        np.testing.assert_allclose(values, np.round(values), atol=1e-5)
        assert np.mean(np.round(values) != kept) == pytest.approx(0.2, abs=0.025)
    assert abs(np.corrcoef(np.round(real), np.round(fake))[0, 1]) < 0.06


def test_evaluation_takes_the_mean_and_flips_nothing():
    real, fake = targets(NonSaturating((0.1, 0.3), 0.05, label_flip=0.4), training=False)
    np.testing.assert_allclose(real, np.full(N, 0.8), atol=1e-5)
    np.testing.assert_allclose(fake, np.full(N, 0.05), atol=1e-5)


@pytest.mark.parametrize("value", [1.0, -0.1, (0.3, 0.1), (0.1, 0.2, 0.3), (0.0, 1.0), float("nan")])
@pytest.mark.parametrize("name", ["label_smoothing", "fake_smoothing"])
def test_smoothing_range(name, value):
    with pytest.raises(ValueError, match=rf"`{name}` must be in \[0, 1\).* Received: {name}="):
        NonSaturating(**{name: value})


@pytest.mark.parametrize("flip", [-0.1, 0.5, float("nan")])
def test_flip_range(flip):
    with pytest.raises(ValueError, match=r"`label_flip` must be in \[0, 0.5\). Received: label_flip="):
        Minimax(label_flip=flip)
