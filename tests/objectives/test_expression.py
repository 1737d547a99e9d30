import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_gan.objectives import (
    KNOWN,
    R1,
    FeatureMatching,
    GradientPenalty,
    Hinge,
    LeastSquares,
    NamedTerm,
    NonSaturating,
    Objective,
    Players,
    Swapped,
    get,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("hinge", "hinge"),
        ("hinge()", "hinge"),
        (" wasserstein+10*gradient_penalty ", "wasserstein + 10 * gradient_penalty"),
        ("gradient_penalty * 10 + wasserstein", "10 * gradient_penalty + wasserstein"),
        ("2 * (hinge + 3 * (r1 + r2))", "2 * hinge + 6 * r1 + 6 * r2"),
        ("0.5 * 2 * hinge", "hinge"),
        ("1e-3 * r1 + hinge", "0.001 * r1 + hinge"),
    ],
)
def test_reads(text, expected):
    assert str(get(text)) == expected


def test_reads_arguments():
    assert get("gradient_penalty(target=0, one_sided=True)") == GradientPenalty(0, one_sided=True)
    assert get("least_squares(a=-1, b=1, c=0)") == LeastSquares(-1, 1, 0)
    assert get("non_saturating(label_smoothing=0.1)") == NonSaturating(0.1)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "   ",
            "3",
            "2 * 3",
            "hinge +",
            "hinge - r1",
            "hinge * r1",
            "2 + hinge",
            "hinge / 2",
            "hinge(0.1)",
            "(hinge",
        ),
        *("hinge(**x)", "hinge; r1", "hinge.x", "hinge if 1 else r1", "[hinge]", "-hinge", "f(hinge)()", "'hinge'"),
        *("True * hinge", "1j * hinge", "hinge\nr1", "\0", "(" * 400 + "hinge" + ")" * 400, "lambda: 0"),
        "gradient_penalty(target=r1)",
    ],
)
def test_refuses_what_is_not_in_the_grammar(text):
    with pytest.raises(ValueError, match="objective"):
        get(text)


def test_reads_halves_and_ranges():
    halves = get("players(discriminator=hinge + 2 * r1, generator=feature_matching)")
    assert halves == Players(discriminator=Hinge() + 2 * R1(), generator=FeatureMatching())
    assert get(str(halves)) == halves
    noisy = get("non_saturating(label_smoothing=(0.0, 0.3), label_flip=0.05)")
    assert noisy == NonSaturating((0.0, 0.3), label_flip=0.05)
    assert get(str(noisy)) == noisy
    assert str(get("f_divergence(divergence='kl')")) == "f_divergence"


def test_refuses_code():
    with pytest.raises(ValueError, match="`objective` must be a sum of weighted names"):
        get("__import__('os').system('echo')")


def test_unknown_names_are_guessed_and_else_the_known_are_listed():
    received = r"Received: objective='waserstein \+ r1', where 'waserstein' is unknown$"
    with pytest.raises(ValueError, match=r"made of known names\. Did you mean 'wasserstein'\? " + received):
        get("waserstein + r1")
    with pytest.raises(ValueError, match=r"Known: auxiliary_classifier, .*wasserstein\. Received: objective='xyz'"):
        get("xyz")


def test_unknown_arguments_list_the_known():
    with pytest.raises(
        ValueError,
        match=r"`gradient_penalty` takes target, one_sided, every. Received: gradient_penalty\(taget=1\)$",
    ):
        get("gradient_penalty(taget=1)")
    with pytest.raises(ValueError, match=r"`wasserstein` takes no arguments. Received: wasserstein\(a=1\)$"):
        get("wasserstein(a=1)")


def test_missing_arguments_are_named(monkeypatch):
    class Needy(Objective):
        def __init__(self, first, second=0):
            super().__init__()

    monkeypatch.setitem(KNOWN, "needy", Needy)
    with pytest.raises(ValueError, match=r"`needy` takes first, second. Received: needy\(second=1\), without first$"):
        get("hinge + needy(second=1)")


def test_arguments_of_what_is_made_of_objectives_are_objectives(monkeypatch):
    class Twice(Swapped):
        pass

    monkeypatch.setitem(KNOWN, "twice", Twice)
    assert get("twice(least_squares(b=2))").objective == LeastSquares(b=2)


def test_too_long():
    with pytest.raises(ValueError, match=r"at most 1000 characters. Received: 5005 characters"):
        get("hinge" + " + r1" * 1000)


PLAIN = sorted(name for name, each in KNOWN.items() if not issubclass(each, NamedTerm))  # the others need names
weights = st.floats(0, 1e6, allow_nan=False).map(lambda x: float(f"{x:g}"))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(weights, st.sampled_from(PLAIN)), min_size=1, max_size=5))
def test_every_sum_round_trips_through_its_text(terms):
    objective = sum((w * KNOWN[name]() for w, name in terms[1:]), terms[0][0] * KNOWN[terms[0][1]]())
    again = get(str(objective))
    assert [(pytest.approx(w), t) for w, t in objective.terms] == [(w, t) for w, t in again.terms]


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="hinger1+*() .0123456789=,-_", max_size=40))
def test_arbitrary_text_gives_an_objective_or_a_value_error(text):
    try:
        outcome = get(text).terms
    except ValueError as error:
        outcome = str(error)
    assert isinstance(outcome, tuple) or "Received" in outcome
