"""Hard numbers, NumPy references of every equation, patch maps and mistakes."""

import math

import numpy as np
import pytest
import scipy.optimize
import tensorflow as tf

from keras_gan import Round
from keras_gan.objectives import (
    R1,
    Adversarial,
    BoundaryEquilibrium,
    BoundarySeeking,
    EnergyMargin,
    FDivergence,
    Hinge,
    LeastSquares,
    Minimax,
    NonSaturating,
    Players,
    RelativisticAverage,
    RelativisticPaired,
    Wasserstein,
)

R, F = np.array([2.0, -1.0, 0.0]), np.array([0.5, -3.0, 0.0])


def sp(x):
    return np.logaddexp(0, x)


def cross_entropy(logit, target):
    """-t log p - (1 - t) log(1 - p), the long way round."""
    p = 1 / (1 + np.exp(-logit))
    return -target * np.log(p) - (1 - target) * np.log(1 - p)


def relu(x):
    return np.maximum(x, 0)


# objective, discriminator's loss, generator's loss, as NumPy functions of (r, f)
REFERENCES = [
    (Minimax(), lambda r, f: cross_entropy(r, 1) + cross_entropy(f, 0), lambda r, f: -cross_entropy(f, 0)),
    (NonSaturating(), lambda r, f: cross_entropy(r, 1) + cross_entropy(f, 0), lambda r, f: cross_entropy(f, 1)),
    (
        Minimax(label_smoothing=0.1),
        lambda r, f: cross_entropy(r, 0.9) + cross_entropy(f, 0),
        lambda r, f: -cross_entropy(f, 0),
    ),
    (
        NonSaturating(label_smoothing=0.3),
        lambda r, f: cross_entropy(r, 0.7) + cross_entropy(f, 0),
        lambda r, f: cross_entropy(f, 1),
    ),
    (LeastSquares(), lambda r, f: ((r - 1) ** 2 + f**2) / 2, lambda r, f: (f - 1) ** 2 / 2),
    (LeastSquares(a=-1, b=1, c=0), lambda r, f: ((r - 1) ** 2 + (f + 1) ** 2) / 2, lambda r, f: f**2 / 2),
    (Wasserstein(), lambda r, f: f - r, lambda r, f: -f),
    (Hinge(), lambda r, f: relu(1 - r) + relu(1 + f), lambda r, f: -f),
    (RelativisticPaired(), lambda r, f: sp(-(r - f)), lambda r, f: sp(-(f - r))),
    (
        RelativisticAverage(),
        lambda r, f: cross_entropy(r - f.mean(0), 1) + cross_entropy(f - r.mean(0), 0),
        lambda r, f: cross_entropy(f - r.mean(0), 1) + cross_entropy(r - f.mean(0), 0),
    ),
    (BoundarySeeking(), lambda r, f: cross_entropy(r, 1) + cross_entropy(f, 0), lambda r, f: f**2 / 2),
    (EnergyMargin(1.5), lambda r, f: r + relu(1.5 - f), lambda r, f: f),
    (BoundaryEquilibrium().bound(None, None), lambda r, f: r, lambda r, f: f),
]

# objective, mean losses of both players at R and F: worked out with 30 digits outside of this project
HARD_NUMBERS = [
    (Minimax(), 1.283049, -0.571937),
    (NonSaturating(), 1.283049, 1.405271),
    (Minimax(label_smoothing=0.1), 1.316383, -0.571937),
    (LeastSquares(), 2.541667, 2.875000),
    (Wasserstein(), -1.166667, 0.833333),
    (Hinge(), 1.833333, 0.833333),
    (RelativisticPaired(), 0.340496, 1.507163),
    (RelativisticAverage(), 0.851097, 3.184431),
    (BoundarySeeking(), 1.283049, 1.541667),
    (EnergyMargin(1.0), 2.166667, -0.833333),
    (BoundaryEquilibrium().bound(None, None), 0.333333, -0.833333),
    (FDivergence("kl"), -0.002425, -0.330909),
    (FDivergence("reverse_kl"), -0.548794, 1.833333),
    (FDivergence("pearson"), -0.395833, 0.062500),
    (FDivergence("squared_hellinger"), 0.184042, 0.100497),
    (FDivergence("jensen_shannon"), -0.103245, 0.121210),
    (FDivergence("total_variation"), -0.122562, 0.088823),
]


def a_round(r, f):
    return Round(real_output=tf.constant(r, tf.float32), fake_output=tf.constant(f, tf.float32))


@pytest.mark.parametrize(
    ("objective", "discriminator", "generator"), REFERENCES, ids=[str(row[0]) for row in REFERENCES]
)
@pytest.mark.parametrize("shape", [(8,), (8, 1), (8, 3, 2, 1)], ids=["N", "N1", "patches"])
def test_against_numpy(objective, discriminator, generator, shape):
    r, f = np.random.default_rng(0).normal(size=(2, *shape), scale=2)
    round = a_round(r, f)
    for loss, reference in ((objective.discriminator_loss, discriminator), (objective.generator_loss, generator)):
        expected = reference(r, f).reshape(8, -1).mean(axis=1)
        np.testing.assert_allclose(loss(round), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("objective", "discriminator", "generator"), HARD_NUMBERS, ids=[str(row[0]) for row in HARD_NUMBERS]
)
def test_hard_numbers(objective, discriminator, generator):
    round = a_round(R, F)
    assert np.mean(objective.discriminator_loss(round)) == pytest.approx(discriminator, abs=2e-6)
    assert np.mean(objective.generator_loss(round)) == pytest.approx(generator, abs=2e-6)


def test_an_undecided_discriminator():
    round = a_round([0.0], [0.0])
    assert float(Minimax().discriminator_loss(round)[0]) == pytest.approx(2 * math.log(2))
    assert float(Minimax().generator_loss(round)[0]) == pytest.approx(-math.log(2))
    assert float(RelativisticPaired().generator_loss(round)[0]) == pytest.approx(math.log(2))


@pytest.mark.parametrize("objective", [Minimax(), NonSaturating(), RelativisticPaired()], ids=str)
def test_huge_logits_stay_finite(objective):
    round = a_round([500.0, -500.0], [500.0, -500.0])
    assert np.all(np.isfinite(objective.discriminator_loss(round)))
    assert np.all(np.isfinite(objective.generator_loss(round)))


def test_only_the_non_saturating_generator_has_a_gradient_where_the_discriminator_is_sure():
    f = tf.constant([-20.0])
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(f)
        round = Round(fake_output=f)
        minimax, non_saturating = Minimax().generator_loss(round), NonSaturating().generator_loss(round)
    assert float(tape.gradient(minimax, f)[0]) == pytest.approx(0, abs=1e-8)
    assert float(tape.gradient(non_saturating, f)[0]) == pytest.approx(-1, abs=1e-6)


@pytest.mark.parametrize("objective", [Hinge(), RelativisticPaired()], ids=str)
def test_a_mismatch_is_an_error_never_a_broadcast(objective):
    with pytest.raises(ValueError, match=r"same shape. Received: \(4, 1\) on real, \(1, 1\) on fake"):
        objective.discriminator_loss(a_round(np.zeros((4, 1)), np.zeros((1, 1))))


@pytest.mark.parametrize("smoothing", [-0.1, 1.0, 1.5, float("nan")])
def test_label_smoothing_range(smoothing):
    with pytest.raises(ValueError, match=r"`label_smoothing` must be in \[0, 1\).* Received: label_smoothing="):
        NonSaturating(label_smoothing=smoothing)


def test_bfloat16_outputs_are_judged_in_float32():
    round = Round(real_output=tf.constant([1.0], tf.bfloat16), fake_output=tf.constant([2.0], tf.bfloat16))
    assert Hinge().discriminator_loss(round).dtype == tf.float32


@pytest.mark.parametrize(
    ("objective", "expected"),
    [
        (Hinge(), None),
        (NonSaturating(), None),
        (LeastSquares(a=-1, b=3), 1.0),
        (Wasserstein(), (R.mean() + F.mean()) / 2),
        (RelativisticPaired() + 5 * R1(), (R.mean() + F.mean()) / 2),
        (RelativisticAverage() @ "a", (R.mean() + F.mean()) / 2),
        (R1() + 2 * LeastSquares(), 0.5),
        (Players(Wasserstein(), Hinge()), (R.mean() + F.mean()) / 2),
        (Players(generator=Wasserstein()), None),
        (FDivergence("kl"), 1.0),
        (FDivergence("reverse_kl"), None),
        (NonSaturating(label_smoothing=0.1), np.log(0.45 / 0.55)),
        (Minimax(label_smoothing=(0.0, 0.3), label_flip=0.2), np.log(0.425 / 0.575)),
        (BoundarySeeking(label_smoothing=0.2, fake_smoothing=0.2), None),
    ],
)
def test_the_boundary_between_real_and_fake(objective, expected):
    term = objective.boundary_term
    if expected is None:
        assert term is None
        assert objective.boundary(R[:, None], F[:, None]) == 0
    else:
        real, fake = (tf.constant(scores[:, None], tf.float32) for scores in (R, F))
        assert float(term.boundary(real, fake)) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(
    "objective",
    [
        NonSaturating(),
        NonSaturating(label_smoothing=0.3),
        Minimax(label_smoothing=0.1, fake_smoothing=0.05),
        LeastSquares(a=-1, b=3),
        *map(FDivergence, ("kl", "reverse_kl", "pearson", "squared_hellinger", "jensen_shannon")),
    ],
    ids=str,
)
def test_the_boundary_is_the_best_score_where_real_and_fake_are_alike(objective):
    def loss(score):
        same = tf.fill((1, 1), np.float32(score))
        return float(objective.discriminator_loss(Round(real_output=same, fake_output=same))[0])

    found = scipy.optimize.minimize_scalar(loss, bounds=(-3, 3), method="bounded", options={"xatol": 1e-4}).x
    assert float(objective.boundary(None, None)) == pytest.approx(found, abs=0.02)


def test_a_loss_that_is_missing_is_named():
    class Judging(Adversarial):
        def on_scores_discriminator(self, r, f):
            return f - r

    class Making(Adversarial):
        def on_scores_generator(self, r, f):
            return -f

    with pytest.raises(TypeError, match=r"Judging.*on_scores_generator"):
        Judging()
    with pytest.raises(NotImplementedError, match="`Making` must define `on_scores_discriminator` or `discriminator_l"):
        Making().discriminator_loss(Round(real_output=tf.constant([1.0]), fake_output=tf.constant([0.0])))
