"""Columns of an exported graph become the table that the schema itself decodes."""

import json

import numpy as np
import pandas as pd
import pytest
import tensorflow as tf

from keras_gan.data import RowDecoding, Schema, served

N = 60


def some(values):
    """Values of which every fourth is missing."""
    return [None if i % 4 == 0 else value for i, value in enumerate(values)]


@pytest.fixture(scope="module")
def schema():
    rng = np.random.default_rng(0)
    days = pd.Series(pd.date_range("2020-01-01", periods=N, freq="37min"))
    columns = {
        "cents": rng.integers(10**6, 10**10, N) / 100,
        "small": rng.integers(-40, 40, N) / 100,
        "account": rng.integers(10**9, 2**31, N),
        "huge": np.where(np.arange(N) % 5 == 0, 1e300, 1.5),
        "int8": rng.integers(0, 100, N).astype("int8"),
        "counted": pd.array(some(rng.integers(0, 100, N)), dtype="Int64"),
        "gone": days.mask(np.arange(N) % 4 == 0),
        "zoned": days.dt.tz_localize("UTC").dt.tz_convert("Asia/Tokyo"),
        "second": days.astype("datetime64[s]"),
        "span": pd.to_timedelta(rng.integers(0, 10_000, N), unit="s"),
        "month": pd.period_range("2000-01", periods=N, freq="M"),
        "flag": rng.random(N) < 0.3,
        "perhaps": some(rng.random(N) < 0.3),
        "few": rng.choice([1, 2, 5], N),
        "text": some(rng.choice(["a", "b,c"], N)),
        "mixed": [1, "a", 2.5, None, True, float("inf")] * (N // 6),
        "ordered": pd.Categorical(some(rng.choice([3, 1], N)), categories=[3, 1, 2], ordered=True),
        "one": 7.25,
        "none": np.nan,
    }
    return Schema.of(pd.DataFrame(columns), kinds={"few": "category"}, modes=2)


def drawn(schema):
    """Rows as a generator makes them: numbers between those of the data, and any choices."""
    return tf.constant(np.random.default_rng(1).uniform(-1, 1, (200, schema.width)), tf.float32)


@pytest.mark.learns
def test_a_graph_and_what_is_told_of_its_columns_give_the_table(schema):
    rows = drawn(schema)
    told = json.loads(json.dumps(served.describe(schema), allow_nan=False))
    columns = tf.function(RowDecoding(schema), autograph=False)(rows)
    assert {columns[name].dtype for name in ("cents", "huge", "none")} == {tf.float64}
    back = served.restore({name: each.numpy() for name, each in columns.items()}, told)
    there = schema.decode(*(part.numpy() for part in schema.split(rows)))
    there["mixed"] = there["mixed"].replace(float("inf"), "inf")  # which JSON has not
    pd.testing.assert_frame_equal(back, there, check_exact=True)
    assert back.to_csv(index=False) == there.to_csv(index=False)


def test_a_column_of_which_nothing_is_told_stays():
    back = served.restore({"a": np.array([b"x", b""], object), "b": np.array([1, 2])}, {})
    assert back.to_dict("list") == {"a": ["x", ""], "b": [1, 2]}


@pytest.mark.parametrize(
    "change",
    [
        {"dtype": "datetime64[parsecs]"},
        {"dtype": "datetime64"},
        {"dtype": 3},
        {"step": "x"},
        {"origin": None},
        {"values": ["x"], "dtype": "int64"},
        {"values": 3},
        {"categories": 5},
    ],
)
def test_what_does_not_fit_is_refused(change):
    told = served.describe(Schema.of({"a": pd.to_datetime(["2020-01-01", "2020-01-05"])}))["a"]
    with pytest.raises(ValueError, match=r"`told` must describe the columns\. Received: a="):
        served.restore({"a": np.array([b"u"], object) if "values" in change else np.array([1])}, {"a": told | change})
    with pytest.raises(ValueError, match="`told` must describe the columns"):
        served.restore({"a": np.array([1])}, {"a": {}})
