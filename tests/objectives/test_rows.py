import numpy as np
import pytest
import scipy.special
import scipy.stats

from keras_gan.objectives import MetConditions, RowLikelihood

RNG = np.random.default_rng(0)
LOGITS = RNG.normal(size=(4, 6)).astype("float32")


def test_the_cross_entropy_of_the_choice_that_was_asked_for():
    term = MetConditions("raw", "asked", blocks=[0, 3, 2], conditions=[1, 2])
    asked = np.eye(5, dtype="float32")[[0, 2, 3, 4]]
    expected = [
        -scipy.special.log_softmax(row[1:4] if place < 3 else row[4:])[place if place < 3 else place - 3]
        for row, place in zip(LOGITS.astype("float64"), [0, 2, 3, 4], strict=True)
    ]
    np.testing.assert_allclose(term.measure(LOGITS, asked), expected, rtol=1e-6)


def test_hard_numbers():
    term = MetConditions("raw", "asked", blocks=[2], conditions=[0])
    np.testing.assert_allclose(term.measure(np.zeros((1, 2), "float32"), np.eye(2, dtype="float32")[:1]), [np.log(2)])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"conditions": []}, "`conditions` must be indices of choices in `blocks`. Received: conditions="),
        ({"conditions": [0]}, "`conditions` must be indices of choices"),
        ({"conditions": [3]}, "`conditions` must be indices of choices"),
        ({"conditions": [1.5]}, "`conditions` must be"),
        ({"blocks": [-3]}, "`blocks` must be"),
        ({"logits": 3}, "`logits` must be the name of a value"),
        ({"condition": None}, "`condition` must be the name of a value"),
    ],
)
def test_what_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        MetConditions(**{"logits": "a", "condition": "b", "blocks": [0, 3, 2], "conditions": [1], **options})


def test_conditions_of_another_table_are_refused():
    term = MetConditions("raw", "asked", blocks=[0, 3, 2], conditions=[1, 2])
    with pytest.raises(ValueError, match=r"`asked` must have one number for each category, 5.*\(4, 6\)"):
        term.measure(LOGITS, LOGITS)


def test_the_likelihood_of_numbers_and_choices():
    term = RowLikelihood("real", "logits", "deviations", blocks=[0, 3, 0, 1])
    numbers, one = RNG.uniform(-1, 1, (2, 4, 1)), np.ones((4, 1))
    rows = np.concatenate([numbers[0], np.eye(3)[[0, 1, 2, 0]], numbers[1], one], axis=1)
    deviations = np.tile([0.1, 0.5], (4, 1))
    expected = 0
    for number, place in ((0, 0), (1, 4)):
        expected = expected - scipy.stats.norm.logpdf(rows[:, place], np.tanh(LOGITS[:, place]), deviations[:, number])
    expected = expected - (rows[:, 1:4] * scipy.special.log_softmax(LOGITS[:, 1:4], axis=1)).sum(axis=1)
    found = term.measure(rows.astype("float32"), LOGITS, deviations.astype("float32"))
    np.testing.assert_allclose(found, expected, rtol=1e-4)


def test_the_likelihood_of_other_rows_is_refused():
    with pytest.raises(ValueError, match=r"`logits` must have the shape of `rows`, \(4, 5\). Received: \(4, 6\)"):
        RowLikelihood("a", "b", "c", [5]).measure(LOGITS[:, :5], LOGITS, LOGITS)
