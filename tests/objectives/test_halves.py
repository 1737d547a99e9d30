import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_gan import Round
from keras_gan.objectives import (
    R1,
    Cramer,
    FeatureMatching,
    Hinge,
    MaximumMeanDiscrepancy,
    NonSaturating,
    Players,
    Wasserstein,
    get,
)

ROUND = Round(real_output=tf.constant([2.0, 0.0]), fake_output=tf.constant([-1.0, 1.0]))


def test_each_player_gets_its_half():
    both = Players(discriminator=Hinge(), generator=NonSaturating())
    np.testing.assert_allclose(both.discriminator_loss(ROUND), Hinge().discriminator_loss(ROUND))
    np.testing.assert_allclose(both.generator_loss(ROUND), NonSaturating().generator_loss(ROUND))
    assert both.players == ("discriminator", "generator")


@pytest.mark.parametrize("player", ["discriminator", "generator"])
def test_sums_fall_apart_into_terms_with_their_weights(player):
    half = Players(**{player: 2 * Hinge() + 3 * Wasserstein()})
    assert half.players == (player,)
    assert [(w, t.name, t.players) for w, t in (5 * half).terms] == [
        (10, "hinge", (player,)),
        (15, "wasserstein", (player,)),
    ]
    loss, logs = half.reduce(player, ROUND)
    parts = [getattr(o, f"{player}_loss")(ROUND).numpy().mean() for o in (Hinge(), Wasserstein())]
    assert float(loss) == pytest.approx(2 * parts[0] + 3 * parts[1])
    assert {name: float(v) for name, v in logs.items()} == {
        f"{player[0]}_hinge": pytest.approx(parts[0]),
        f"{player[0]}_wasserstein": pytest.approx(parts[1]),
    }


def test_a_half_of_a_half():
    inner = Players(discriminator=Hinge() + R1(), generator=Wasserstein())
    outer = Players(discriminator=inner, generator=inner)
    assert [(t.name, t.players[0]) for _, t in outer.terms] == [(t.name, t.players[0]) for _, t in inner.terms]


@pytest.mark.parametrize(
    "objective",
    [
        Players(discriminator=Hinge() + 2 * R1(), generator=FeatureMatching()),
        Players(discriminator=Hinge()),
        Players(generator=0.5 * Wasserstein()) + Players(discriminator=Hinge()),
    ],
    ids=str,
)
def test_round_trips(objective):
    assert get(str(objective)) == objective
    config = keras.saving.serialize_keras_object(objective)
    assert keras.saving.deserialize_keras_object(config) == objective


def test_the_critic_is_that_of_the_term_that_has_one():
    assert (Hinge() + R1()).critic_term is None
    assert isinstance((R1() + Cramer()).critic_term, Cramer)
    assert (Players(discriminator=Hinge() + R1(), generator=MaximumMeanDiscrepancy())).critic_term is None
    halves = R1() + Players(generator=Hinge(), discriminator=MaximumMeanDiscrepancy())
    assert isinstance(halves.critic_term, MaximumMeanDiscrepancy)


def test_sides_by_name_class_expression_and_config():
    wanted = Players(discriminator=Hinge() + 2 * R1(), generator=Wasserstein())
    assert Players(discriminator="hinge + 2 * r1", generator=Wasserstein) == wanted
    assert Players("hinge + 2 * r1", keras.saving.serialize_keras_object(Wasserstein())) == wanted
    with pytest.raises(ValueError, match=r"`objective` must be made of known names. Did you mean 'hinge'"):
        Players("hinje")
    with pytest.raises(ValueError, match=r"`objective` must be an Objective, .* Received: objective=3"):
        Players(generator=3)


def test_an_objective_without_that_half_is_refused():
    with pytest.raises(ValueError, match=r"`generator` must give the generator a loss, or be None"):
        Players(discriminator=Hinge(), generator=R1())
    with pytest.raises(ValueError, match=r"must be an objective. Received: None and None"):
        Players()
