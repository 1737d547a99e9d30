import fractions

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_gan import Round
from keras_gan.objectives import (
    R1,
    R2,
    BoundaryEquilibrium,
    GradientPenalty,
    Hinge,
    HistoricalAveraging,
    LeCam,
    Objective,
    Sum,
    Wasserstein,
    get,
)

ROUND = Round(real_output=tf.constant([2.0, 0.0]), fake_output=tf.constant([-1.0, 1.0]))


def test_sum_is_the_weighted_sum():
    both = 2 * Hinge() + 0.5 * Wasserstein()
    hinge, wasserstein = np.array([0.0, 3.0]), np.array([-3.0, 1.0])
    np.testing.assert_allclose(both.discriminator_loss(ROUND), 2 * hinge + 0.5 * wasserstein)
    np.testing.assert_allclose(both.generator_loss(ROUND), 2.5 * np.array([1.0, -1.0]))


def test_sums_flatten_and_weights_multiply():
    nested = 3 * (Wasserstein() + 2 * (R1() + R2())) + Hinge()
    assert [(w, str(t)) for w, t in nested.terms] == [(3, "wasserstein"), (6, "r1"), (6, "r2"), (1, "hinge")]


def test_python_sum_works():
    assert str(sum([Wasserstein(), R1()])) == "wasserstein + r1"


def test_multiplication_commutes():
    assert Hinge() * 2 == 2 * Hinge()


def test_names_are_unique():
    assert [name for name, _, _ in (R1() + Hinge() + R1()).named_terms()] == ["r1", "hinge", "r1_2"]


def test_players_of_a_sum():
    assert R1().players == ("discriminator",)
    assert (R1() + R2()).players == ("discriminator",)
    assert (R1() + Hinge()).players == ("discriminator", "generator")


def test_equality_is_by_value():
    assert GradientPenalty(target=0) == GradientPenalty(target=0)
    assert GradientPenalty(target=0) != GradientPenalty()
    assert len({Hinge(), Hinge(), Wasserstein()}) == 2


@pytest.mark.parametrize("weight", [-1, float("nan"), float("inf")])
def test_weights_must_be_finite_and_not_negative(weight):
    with pytest.raises(ValueError, match=r"`weight` must be a finite number of at least 0. Received: weight="):
        weight * Hinge()


@pytest.mark.parametrize("other", ["hinge", None, True, [1]])
def test_other_operands_are_refused(other):
    with pytest.raises(ValueError, match=r"`weight` must be a finite number of at least 0. Received: weight="):
        other * Hinge()
    for add in (lambda: Hinge() + other, lambda: other + Hinge()):
        with pytest.raises(ValueError, match=r"Objectives can be added to objectives .* Received: .*hinge"):
            add()


def test_any_real_number_is_a_weight():
    for weight in (2, 2.0, np.float32(2), np.int64(2), fractions.Fraction(4, 2)):
        assert str(weight * Hinge()) == str(Hinge() * weight) == "2 * hinge"
    assert str(sum([Hinge(), Wasserstein()])) == "hinge + wasserstein"


def test_empty_sum():
    with pytest.raises(ValueError, match=r"`terms` must hold at least one"):
        Sum([])


@pytest.mark.parametrize("objective", [Hinge(), 2.5 * Hinge() + 10 * GradientPenalty(target=0.0, one_sided=True)])
def test_configs_round_trip(objective):
    config = keras.saving.serialize_keras_object(objective)
    assert keras.saving.deserialize_keras_object(config) == objective
    assert get(config) == objective


def test_get_takes_all_forms():
    for form in ("hinge", Hinge, Hinge(), keras.saving.serialize_keras_object(Hinge())):
        assert get(form) == Hinge()


@pytest.mark.parametrize("form", [None, 3, ["hinge"], keras.losses.MeanSquaredError()])
def test_get_refuses_the_rest(form):
    with pytest.raises(ValueError, match="`objective` must be an Objective, its class, name, expression or config"):
        get(form)


def test_a_users_objective_takes_part():
    class Mine(Objective):
        def generator_loss(self, round):
            return tf.reduce_mean(round.fake_scores)

    total = Wasserstein() + 4 * Mine()
    np.testing.assert_allclose(total.generator_loss(ROUND), np.array([1.0, -1.0]) + 0)
    assert Mine().players == ("generator",)


class Remembers(Objective):
    """Holds the mean score of fakes near its past: written by a user, without a check of its own."""

    def build(self, memory, generator, discriminator):
        self.past = memory.add_weight(shape=(), initializer="zeros", trainable=False, name="past")

    def discriminator_loss(self, round):
        return tf.reduce_mean((round.fake_scores - self.past) ** 2, axis=1)

    def update(self, player, round):
        self.past.assign(tf.reduce_mean(round.fake_scores))


class RemembersMore(Remembers):
    """Inherits its memory, and overrides a loss."""

    def generator_loss(self, round):
        return self.past * round.fake_scores


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize(
    "objective",
    [BoundaryEquilibrium(), LeCam(), HistoricalAveraging(), Remembers(), RemembersMore(), RemembersMore() + Hinge()],
    ids=str,
)
def test_what_remembers_must_be_bound(objective, training):
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    scores = {"real_output": tf.constant([2.0, 0.0]), "fake_output": tf.constant([-1.0, 1.0])}
    round = Round(**scores, training=training, generator=model, discriminator=model)
    name = next(term for _, term in objective.terms).name
    for player in objective.players:
        with pytest.raises(ValueError, match=rf"`{name}` must be bound to its players.*`objective.bound\("):
            getattr(objective, f"{player}_loss")(round)
        with pytest.raises(ValueError, match=rf"`{name}` must be bound to its players"):
            objective.reduce(player, round)
    with pytest.raises(ValueError, match=rf"`{name}` must be bound to its players"):
        objective.update("discriminator", round)
    bound = objective.bound(model, model)
    assert bound.players == objective.players
    for player in objective.players:
        getattr(bound, f"{player}_loss")(round)
    bound.update("discriminator", round)
    with pytest.raises(ValueError, match=rf"`{name}` must be bound to its players"):  # the one that was given is not
        objective.discriminator_loss(round)


def test_a_memory_that_a_user_wrote_is_used():
    objective = Remembers().bound(None, None)
    np.testing.assert_allclose(objective.discriminator_loss(ROUND), [1.0, 1.0])
    objective.update("discriminator", Round(fake_output=tf.constant([1.0, 1.0])))
    np.testing.assert_allclose(objective.discriminator_loss(ROUND), [4.0, 0.0])
