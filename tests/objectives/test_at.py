import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_gan import Round, networks
from keras_gan.game import Game, Match
from keras_gan.objectives import (
    R1,
    At,
    AuxiliaryClassifier,
    Distance,
    Hinge,
    LeastSquares,
    NonSaturating,
    Swapped,
    Wasserstein,
    get,
)

R, F = np.random.default_rng(0).normal(size=(2, 4)).astype("float32")
A = Round(real_output=tf.constant(R), fake_output=tf.constant(F))
B = Round(real_output=tf.constant(F), fake_output=tf.constant(R + 1))
BOTH = Round(at={"a": A, "b": B}.__getitem__)


def softplus(x):
    return np.log1p(np.exp(x))


def test_a_term_at_a_match():
    placed = LeastSquares() @ "b"
    np.testing.assert_allclose(placed.discriminator_loss(BOTH), LeastSquares().discriminator_loss(B))
    np.testing.assert_allclose(placed.generator_loss(BOTH), LeastSquares().generator_loss(B))
    assert (placed.name, placed.players) == ("least_squares_b", ("discriminator", "generator"))


def test_a_sum_at_a_match_is_the_sum_of_its_terms_there():
    placed = (Hinge() + 2 * Wasserstein()) @ "a" + Hinge() @ "b"
    assert str(placed) == "hinge@a + 2 * wasserstein@a + hinge@b"
    expected = Hinge().generator_loss(A) + 2 * Wasserstein().generator_loss(A) + Hinge().generator_loss(B)
    np.testing.assert_allclose(placed.generator_loss(BOTH), expected)
    _, logs = placed.reduce("generator", BOTH)
    assert set(logs) == {"g_hinge_a", "g_wasserstein_a", "g_hinge_b"}


def test_the_makers_of_a_swapped_objective_minimise_the_judges_loss():
    swapped = Swapped("non_saturating")
    np.testing.assert_allclose(swapped.discriminator_loss(A), softplus(-R) + softplus(F), rtol=1e-5)
    np.testing.assert_allclose(swapped.generator_loss(A), softplus(R) + softplus(-F), rtol=1e-5)
    assert swapped.players == ("discriminator", "generator")
    assert swapped.generator_sees_real


def test_labels_are_exchanged_too():
    real, fake = np.random.default_rng(1).normal(size=(2, 4, 3)).astype("float32")
    heads = {"output": tf.zeros((4, 1))}
    given = Round(
        real_output={**heads, "class_logits": tf.constant(real)},
        fake_output={**heads, "class_logits": tf.constant(fake)},
        real_labels=tf.constant([0, 1, 2, 0]),
        fake_labels=tf.constant([2, 2, 1, 1]),
    )
    mirror = Round(
        real_output=given.fake_output,
        fake_output=given.real_output,
        real_labels=given.fake_labels,
        fake_labels=given.real_labels,
    )
    expected = AuxiliaryClassifier().discriminator_loss(mirror)
    np.testing.assert_allclose(Swapped(AuxiliaryClassifier()).generator_loss(given), expected)
    twice = given.swapped().swapped()
    assert twice.real_output is given.real_output
    assert twice.fake_labels is given.fake_labels


OBJECTIVES = [
    "swapped(non_saturating)",
    "swapped(hinge)@a",
    "0.5 * swapped(least_squares(a=-1.0)) + 10 * r1",
    "swapped(hinge + 2 * wasserstein)",
    "least_squares@a + least_squares@b + 10 * distance(a='back_a', b='a')",
    "at(hinge, match='a', maker='generator')",
    "at(hinge, maker='generator')",
    "players(discriminator=least_squares)@a",
]


@pytest.mark.parametrize("text", OBJECTIVES)
def test_round_trips(text):
    objective = get(text)
    assert str(objective) == text
    assert get(keras.saving.serialize_keras_object(objective)) == objective


def test_matmul_and_text_are_the_same():
    assert get("hinge@a + 10 * distance(back_a, a)") == Hinge() @ "a" + 10 * Distance("back_a", "a")
    assert get("(hinge + r1)@a") == (Hinge() + R1()) @ "a"
    assert get("swapped(non_saturating)@a") == Swapped(NonSaturating()) @ "a"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: At(Hinge() + R1(), "a"), "`objective` must be one term"),
        (lambda: Distance("a", "b") @ "a", r"`objective` must be a term that acts at matches .* Received: distance\("),
        (lambda: (Hinge() @ "a") @ "b", "has no match yet.* Received: hinge@a"),
        (lambda: At("hinge", 3), "`match` must be a name or None. Received: match=3"),
        (lambda: At("hinge", "a", maker=3), "`maker` must be a name or None. Received: maker=3"),
        (lambda: Swapped("feature_matching"), "`objective` must give the discriminator a loss"),
        (lambda: Swapped(Hinge() @ "a"), r"place it outside, as in `Swapped\('hinge'\) @ 'a'`. Received: hinge@a"),
        (lambda: Swapped(Distance("a", "b", side="discriminator")), "must give the discriminator a loss on real and"),
        (
            lambda: Swapped(Wasserstein() + R1()),
            r"`objective` must be without gradient penalties.* Received: wasserstein \+ r1",
        ),
    ],
)
def test_bad_arguments(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def game():
    players = {
        **{f"g_{each}": networks.mlp_generator(2, (2,), hidden=(3,)) for each in "ab"},
        **{f"d_{each}": networks.mlp_discriminator((2,), hidden=(3,)) for each in "ab"},
    }
    return Game(
        players,
        values={"fake_a": "g_a(b)", "fake_b": "g_b(a)"},
        matches={each: Match(f"d_{each}", each, f"fake_{each}") for each in "ab"},
        seed=0,
    )


@pytest.mark.parametrize(
    ("objective", "message"),
    [
        ("hinge@c", "must name a match of the game: 'a', 'b'. Received: 'c' in 'hinge@c'"),
        (
            "at(hinge, match='a', maker='g')",
            "must name a maker of the game: 'discriminator', 'generator'. Received: 'g'",
        ),
        ("hinge + distance(fake_c, a)", "must name a value of the game: 'fake_a', 'fake_b'.* Received: 'fake_c'"),
        ("distance(fake_a, a)", "must give both players a loss. Received: .*, without one for the discriminator"),
    ],
)
def test_names_that_do_not_exist_are_refused_with_those_that_do(objective, message):
    with pytest.raises(ValueError, match=message):
        game().compile(objective)


@pytest.mark.learns
def test_without_a_place_a_term_acts_at_every_match():
    a, b = np.random.default_rng(2).normal(size=(2, 4, 2)).astype("float32")
    data = tf.data.Dataset.from_tensors({"a": a, "b": b})
    everywhere, placed = game(), game()
    for each, objective in ((everywhere, "least_squares"), (placed, "least_squares@a + 3 * least_squares@b")):
        each.compile(objective, run_eagerly=True)
    placed.set_weights(everywhere.get_weights())
    scores = {
        each: [everywhere.players[f"d_{each}"](x).numpy() for x in (real, everywhere.players[f"g_{each}"](other))]
        for each, real, other in (("a", a, b), ("b", b, a))
    }
    parts = {each: ((real - 1) ** 2 / 2 + fake**2 / 2).mean() for each, (real, fake) in scores.items()}
    found = everywhere.evaluate(data, return_dict=True, verbose=0)
    assert found["d_loss"] == pytest.approx(parts["a"] + parts["b"], rel=1e-5)
    found = placed.evaluate(data, return_dict=True, verbose=0)
    assert found["d_loss"] == pytest.approx(parts["a"] + 3 * parts["b"], rel=1e-5)
