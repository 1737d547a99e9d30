"""Rows that are chosen by their categories' shares, against closed forms."""

import numpy as np
import pandas as pd
import pytest

from keras_gan.data import Schema, match_shares
from keras_gan.data.shares import raked


def test_weights_of_one_column_are_the_ratios_of_the_shares():
    weights = raked([np.array([0, 0, 0, 1])], [np.array([0.5, 0.5])])
    np.testing.assert_allclose(weights, [2 / 3, 2 / 3, 2 / 3, 2], rtol=1e-6)


def test_weights_of_two_columns_keep_odds_ratios_and_have_both_shares():
    counts, wanted = np.array([[40, 10], [20, 30]]), (np.array([0.3, 0.7]), np.array([0.5, 0.5]))
    a, b = (np.repeat(each.ravel(), counts.ravel()) for each in np.indices((2, 2)))
    weights = raked([a, b], wanted)
    table = np.zeros((2, 2))
    np.add.at(table, (a, b), weights / weights.sum())
    np.testing.assert_allclose(table.sum(axis=1), wanted[0], atol=2e-3)
    np.testing.assert_allclose(table.sum(axis=0), wanted[1], atol=2e-3)
    odds = [each[0, 0] * each[1, 1] / each[0, 1] / each[1, 0] for each in (table, counts)]
    assert odds[0] == pytest.approx(odds[1])


def test_what_no_row_has_is_left_to_the_others():
    weights = raked([np.array([0, 0, 1])], [np.array([0.25, 0.25, 0.5])])
    assert weights[2] == pytest.approx(2 * weights[0])
    assert weights.mean() == pytest.approx(1)
    np.testing.assert_allclose(raked([np.zeros(4, int)], [np.array([0.0, 1.0])]), 1)


def test_rows_are_chosen_once_each_as_often_as_in_the_data():
    real = pd.DataFrame({"job": ["cook", "nurse"] * 50, "old": [True, False, False, False] * 25, "n": np.arange(100.0)})
    rng = np.random.default_rng(0)
    job, old = np.where(rng.random(4000) < 0.7, "cook", "nurse"), rng.random(4000) < 0.4
    made = pd.DataFrame({"job": job, "old": old, "n": np.arange(4000.0)})
    schema = Schema.of(real, kinds={"old": "category"}, modes=1)
    rows = match_shares(made, schema, 1000, seed=1)
    assert (rows["job"] == "cook").mean() == pytest.approx(0.5, abs=0.003)
    assert rows["old"].mean() == pytest.approx(0.25, abs=0.003)
    assert rows["n"].is_unique
    pd.testing.assert_frame_equal(rows, made.iloc[rows["n"].astype(int)].reset_index(drop=True))
    pd.testing.assert_frame_equal(rows, match_shares(made, schema, 1000, seed=1))
    pd.testing.assert_frame_equal(match_shares(made, schema, 4000), made)


def test_tables_without_categories_are_drawn_from():
    made = {"n": np.arange(30.0)}
    assert len(match_shares(made, Schema.of(made, modes=1), 10)) == 10


@pytest.mark.parametrize(
    ("rows", "n", "text"),
    [
        ({"job": ["cook"] * 3}, 4, "`n` must be"),
        ({"job": ["king"] * 3}, 2, "A category must be one of 'cook', 'nurse'"),
        ({"name": ["cook"] * 3}, 2, "must have the columns"),
    ],
)
def test_rows_that_do_not_fit_are_refused(rows, n, text):
    with pytest.raises(ValueError, match=text):
        match_shares(rows, Schema.of({"job": ["cook", "nurse"]}), n)
