import warnings

import numpy as np
import pandas as pd
import pytest

from keras_gan.data import Windows

SERIES = np.stack([np.arange(100.0), np.sin(np.arange(100) / 5)], axis=1)


def test_windows_are_cut_in_the_order_of_time():
    series = Windows(SERIES, 10, test=0.3)
    assert (series.train.shape, series.test.shape) == ((61, 10, 2), (21, 10, 2))
    for i, window in enumerate(series.decode(series.train)):
        np.testing.assert_allclose(window, SERIES[i : i + 10], atol=1e-5)
    np.testing.assert_allclose(series.decode(series.test)[0], SERIES[70:80], atol=1e-5)


def test_no_moment_is_in_training_and_in_the_test():
    series = Windows(SERIES, 10, test=0.25)
    trained = np.unique(series.decode(series.train)[..., 0].round())
    tested = np.unique(series.decode(series.test)[..., 0].round())
    assert not set(trained) & set(tested)
    assert len(trained) + len(tested) == 100


def test_the_scale_is_that_of_training():
    series = Windows(SERIES, 10, test=0.3)
    assert (series.train.min(axis=(0, 1)), series.train.max(axis=(0, 1))) == (
        pytest.approx([-1, -1]),
        pytest.approx([1, 1]),
    )
    assert series.test[..., 0].min() == pytest.approx(2 * 70 / 69 - 1)
    assert (series.train.dtype, series.test.dtype) == ("float32", "float32")


def test_strides_and_no_test():
    series = Windows(SERIES[:, 0], 10, test=0, stride=10)
    assert (series.train.shape, series.test.shape) == ((10, 10, 1), (0, 10, 1))
    assert series.names == ["x0"]
    np.testing.assert_allclose(series.decode(series.train).ravel(), SERIES[:, 0], atol=1e-4)


def test_tables_and_files(tmp_path):
    frame = pd.DataFrame({"day": pd.date_range("2020-01-01", periods=30), "price": np.arange(30.0), "n": range(30)})
    frame.to_csv(tmp_path / "a.csv", index=False)
    for data in (frame, frame.to_dict("list"), tmp_path / "a.csv", str(tmp_path / "a.csv")):
        series = Windows(data, 5, time="day")
        assert series.names == ["price", "n"]
        back = series.frame(series.train[:2])
        assert list(back.columns) == ["window", "moment", "price", "n"]
        assert back["price"].round(3).tolist() == [0, 1, 2, 3, 4, 1, 2, 3, 4, 5]


UNSORTED = pd.DataFrame({"t": [3, 1, 2] * 10, "x": np.arange(30.0)})
DAYS = pd.to_datetime(["2020-01-01", "2020-01-02"])
BAD = {
    "no series": (lambda: Windows(3, 2), "`data` must be a series of numbers, a table, or a file. Received: data=3"),
    "pictures": (lambda: Windows(np.zeros((9, 2, 2)), 2), r"`data` must hold real numbers.*\(9, 2, 2\)"),
    "texts": (lambda: Windows(np.array(["a", "b", "c"]), 2), "`data` must hold real numbers"),
    "nothing": (lambda: Windows(np.zeros((0, 2)), 2), "`data` must hold real numbers"),
    "a gap": (lambda: Windows(np.array([1.0, np.nan, 2.0, 3.0]), 2), "finite numbers.*nan in 'x0', moment 1"),
    "infinity": (lambda: Windows(np.array([1.0, np.inf, 2.0, 3.0]), 2), "finite numbers.*inf in 'x0', moment 1"),
    "one moment": (lambda: Windows(SERIES, 1), "`length` must be .*Received: length=1"),
    "half a moment": (lambda: Windows(SERIES, 2.5), "`length` must be .*Received: length=2.5"),
    "more than there are": (lambda: Windows(SERIES, 80), "`length` must be at most.*to train. Received: length=80, 70"),
    "more than the test": (lambda: Windows(SERIES, 40), "`length` must be at most.*to test. Received: length=40, 30"),
    "all to test": (lambda: Windows(SERIES, 2, test=1), "`test` must be .*Received: test=1"),
    "a stride of 0": (lambda: Windows(SERIES, 2, stride=0), "`stride` must be .*Received: stride=0"),
    "a column that rests": (
        lambda: Windows({"x": np.arange(20.0), "y": np.ones(20)}, 2),
        "columns that change in the moments of training. Received: 'y', which is 1.0 throughout",
    ),
    "a column of texts": (lambda: Windows({"x": ["a", "b", "c"]}, 2), "`data` must have columns of numbers.*'x'"),
    "no such time": (lambda: Windows(UNSORTED, 2, time="day"), "`time` must name a column.*Received: time='day'"),
    "times that are labels": (
        lambda: Windows(UNSORTED, 2, time="t", label="t"),
        "`time` must be another column than `label`. Received: 't' for both",
    ),
    "times that fall": (lambda: Windows(UNSORTED, 2, time="t"), "`time` must name a column that rises: sort the rows"),
    "times twice": (
        lambda: Windows({"t": [1, 1, 2, 3], "x": [1.0, 2.0, 3.0, 4.0]}, 2, time="t"),
        "`time` must name a column that rises: sort the rows, or, if they are several series, sort them by series "
        "first, and name its column by `label`. Received: 't', with 1 after 1, in row 1",
    ),
    "times that are texts": (
        lambda: Windows({"t": ["30/01/2024", "31/01/2024", "01/02/2024"], "x": [1.0, 2.0, 3.0]}, 2, time="t"),
        "sort the rows: dates are compared as texts, unless they are written as 2024-01-31. Received: 't', with "
        "01/02/2024 after 31/01/2024, in row 2",
    ),
    "times that fall within a label": (
        lambda: Windows({"t": [1, 2, 1, 3, 2], "k": list("aabbb"), "x": np.arange(5.0)}, 2, time="t", label="k"),
        "`time` must name a column that rises among successive rows of one label: sort the rows by 'k', then by 't'. "
        "Received: 't', with 2 after 3, in row 4",
    ),
    "series whose rows alternate": (
        lambda: Windows({"t": np.arange(40) // 2, "k": list("ab") * 20, "x": np.arange(40.0)}, 2, time="t", label="k"),
        "in each of 40 stretches: sort the rows by label, then by time, if labels alternate",
    ),
    "times of several kinds": (
        lambda: Windows({"t": [1, "a", 2], "x": [1.0, 2.0, 3.0]}, 2, time="t"),
        "`time` must name a column of times. Received: 't', '<' not supported",
    ),
    "a Series of texts": (lambda: Windows(pd.Series(["a", "b"]), 2), "`data` must have columns of numbers.*'x0'"),
    "the time of an array": (lambda: Windows(SERIES, 2, time="t"), "`time` must be None where `data` is an array"),
    "times alone": (lambda: Windows({"t": [1, 2, 3]}, 2, time="t"), "`data` must have columns of numbers.*none"),
    "an index of times that fall": (
        lambda: Windows(
            pd.Series([1.0, 2.0, 3.0], index=pd.to_datetime(["2020-01-01", "2020-01-03", "2020-01-02"])), 2
        ),
        "`time` must name a column that rises: sort the rows. Received: 'index', with 2020-01-02",
    ),
    "a number and a text as labels": (
        lambda: Windows({"x": np.arange(4.0), "k": [1, 1, "1", "1"]}, 2, label="k"),
        "`label` must name a column of different texts or numbers. Received: 'k' with 1 and '1'",
    ),
    "huge numbers": (
        lambda: Windows(np.array([1.0, 1e200, 2.0]), 2),
        "at most 1e100 in size.*1e\\+200 in 'x0', moment 1",
    ),
    "huge integers": (
        lambda: Windows({"x": 2**60 + np.arange(20)}, 2),
        r"integers of at most 2\*\*53 in size.*Received: 11529215046068\d+ in 'x'",
    ),
    "a mask": (lambda: Windows(np.ma.masked_array([1.0, 2.0], [True, False]), 2), "Received: a masked array"),
    "times that are missing": (
        lambda: Windows({"t": [1.0, np.nan, 3.0, 4.0], "x": [1.0, 2.0, 3.0, 4.0]}, 2, time="t"),
        "`time` must name a column without gaps. Received: 't', a gap in row 1",
    ),
    "two columns of dates": (
        lambda: Windows({"a": DAYS, "b": DAYS, "x": [1.0, 2.0]}, 2),
        r"`time` must name one of the columns of dates, \['a', 'b'\]",
    ),
    "a column of windows": (lambda: Windows({"moment": np.arange(20.0)}, 2), "`names` must not hold 'moment'"),
    "a gap in the label": (
        lambda: Windows({"x": np.arange(4.0), "k": ["a", None, "a", "a"]}, 2, label="k"),
        "`label` must name a column without gaps. Received: 'k', a gap in moment 1",
    ),
    "a label for each moment": (
        lambda: Windows({"x": np.arange(20.0), "k": np.arange(20)}, 2, label="k"),
        "`length` must be at most the number of moments to train in each of 20 stretches",
    ),
    "no file": (lambda: Windows("nowhere.csv", 2), "`data` must be an existing file"),
    "windows of other columns": (
        lambda: Windows(SERIES, 10).decode(np.zeros((1, 10, 3))),
        r"`windows` must have the shape \(n, length, 2\). Received: the shape \(1, 10, 3\)",
    ),
}


@pytest.mark.parametrize(("call", "message"), BAD.values(), ids=BAD.keys())
def test_what_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_the_end_of_each_stretch_is_the_test():
    series = Windows(SERIES, 5, test=0.2, stretches=4)
    assert (series.stretches, series.moments) == (4, 100)
    trained = {round(value) for value in series.decode(series.train)[..., 0].ravel()}
    tested = {round(value) for value in series.decode(series.test)[..., 0].ravel()}
    assert tested == {*range(20, 25), *range(45, 50), *range(70, 75), *range(95, 100)}
    assert trained == set(range(100)) - tested
    steps = np.diff(series.decode(series.train)[..., 0], axis=1)
    np.testing.assert_allclose(steps, 1, atol=1e-4)  # no window leaves its stretch


def test_labels_keep_windows_apart():
    who = ["b"] * 30 + ["a"] * 20 + ["b"] * 50
    series = Windows({"x": np.arange(100.0), "who": who}, 5, test=0.2, label="who")
    assert (series.class_names, series.names, len(series.labels)) == (("a", "b"), ["x"], len(series))
    for window, label in zip(series.decode(series.train)[..., 0], series.labels, strict=True):
        assert {who[round(moment)] for moment in window} == {series.class_names[label]}
    assert np.bincount(series.labels).tolist() == [12, 20 + 36]


def test_several_series_are_told_apart_by_their_labels():
    days = pd.date_range("2020-01-01", periods=60)
    one = [pd.DataFrame({"id": name, "day": days, "x": 100 * i + np.arange(60.0)}) for i, name in enumerate("abcde")]
    panel = pd.concat(one)
    series = Windows(panel, 8, label="id", columns=["x"])
    assert (series.time, series.stretches, series.class_names) == ("day", 5, tuple("abcde"))
    assert np.bincount(series.labels).tolist() == [42 - 7] * 5
    for window, label in zip(series.decode(series.train)[..., 0], series.labels, strict=True):
        np.testing.assert_allclose(np.diff(window), 1, atol=1e-3)
        assert round(window[0]) // 100 == label


def test_a_series_of_pandas_is_a_column():
    values = np.arange(30.0)
    for name, expected in ((None, "x0"), ("price", "price"), (5, "5")):
        series = Windows(pd.Series(values, name=name), 5)
        assert series.names == [expected]
        np.testing.assert_array_equal(series.train, Windows(values, 5).train)


@pytest.mark.parametrize("kind", ["days", "zoned", "months", "numbers", "spans"])
def test_windows_across_a_gap_of_time_are_counted(kind):
    moments = np.concatenate([np.arange(30), 400 + np.arange(30)])
    times = {
        "days": pd.Timestamp("2020-01-01") + pd.to_timedelta(moments, unit="D"),
        "zoned": pd.Timestamp("2020-01-01", tz="UTC") + pd.to_timedelta(moments, unit="h"),
        "months": pd.PeriodIndex.from_ordinals(moments, freq="M"),
        "numbers": 0.5 * moments,
        "spans": pd.to_timedelta(moments, unit="s"),
    }[kind]
    table = pd.DataFrame({"t": times, "x": np.arange(60.0)})
    with pytest.warns(UserWarning, match="4 of 52 windows span a gap.* in row 30: fill the gaps"):
        series = Windows(table, 5, time="t", test=0.25)
    assert len(series.train) + len(series.test) == 52
    crossing = (series.decode(series.train)[..., 0] < 29.5).any(axis=1) & (series.decode(series.train) > 29.5)[:, -1, 0]
    assert crossing.sum() == 4
    labels = pd.Series(moments >= 400).map({False: "a", True: "b"})
    with warnings.catch_warnings(action="error"):
        Windows(table.assign(k=labels), 5, time="t", label="k")
        Windows(table, 5, time="t", test=0, stretches=2)
        Windows(table[:30].drop(range(10, 15)), 4, time="t", test=0)  # a few steps are missing


def test_dates_are_times_and_integers_are_rounded():
    frame = pd.DataFrame({"day": pd.date_range("2020-01-01", periods=30), "n": range(30), "m": np.arange(30) / 4})
    series = Windows(frame, 5)
    assert (series.time, series.names, series.schema.whole.tolist()) == ("day", ["n", "m"], [True, False])
    assert Windows(frame, 5, columns=["m"]).names == ["m"]
    moved = series.train + 0.01
    assert series.frame(moved)["n"].dtype == "int64"
    np.testing.assert_array_equal(series.decode(moved)[..., 0] % 1, 0)
    columns = series.schema.decode_in_graph(moved)
    np.testing.assert_array_equal(columns["n"].numpy(), series.decode(moved)[..., 0])
    np.testing.assert_allclose(columns["m"].numpy(), series.decode(moved)[..., 1].clip(max=series.high[1]))
    nullable = frame.assign(n=frame["n"].astype("Int64").mask(frame["n"] == 7))
    with pytest.raises(ValueError, match=r"finite numbers.*nan in 'n', moment 7"):
        Windows(nullable, 5)


def test_changes_are_principal_components_of_variance_1_and_come_back():
    level = np.random.default_rng(0).normal(size=300).cumsum()
    table = {"open": level, "close": level + 0.01 * np.sin(np.arange(300)), "same": level, "n": np.arange(300) % 7}
    values, series = (Windows(table, 6, stretches=3, changes=changes) for changes in (False, True))
    assert series.train.shape == values.train.shape
    for part, other in ((series.train, values.train), (series.test, values.test)):
        np.testing.assert_allclose(series.decode(part), values.decode(other), atol=2e-4)
    columns = series.schema.decode_in_graph(series.train)
    np.testing.assert_allclose(columns["close"].numpy(), values.decode(values.train)[..., 1], atol=2e-4)
    changes = series.train[:, 1:].std(axis=(0, 1))
    assert sorted(changes.round(2)) == pytest.approx([0, 1, 1, 1], abs=0.03)  # one component never changes
    for component in range(4):
        steps = np.diff(
            (values.decode(values.train) - series.schema.changes.center) @ series.schema.changes.axes, axis=1
        )
        wide = series.schema.changes.step[component]
        np.testing.assert_allclose(series.train[:, 1:, component], steps[..., component] / wide, atol=1e-3)
    again = type(series.schema).from_config(series.schema.get_config())
    np.testing.assert_array_equal(again.decode(series.train), series.decode(series.train))


def test_what_is_made_is_within_the_bounds_of_the_data():
    schema = Windows(np.random.default_rng(0).normal(size=60).cumsum(), 6, changes=True).schema
    wild = schema.decode_in_graph(np.full((1, 6, 1), 50.0, "float32"))["x0"].numpy()
    assert schema.decode(np.full((1, 6, 1), 50.0)).max() > schema.high
    assert ((wild >= schema.low) & (wild <= schema.high)).all()


@pytest.mark.parametrize(("dtype", "changes"), [("float32", False), ("float64", False), ("float64", True)])
def test_decimals_are_kept(dtype, changes):
    prices = (np.random.default_rng(0).integers(-500, 500, 60).cumsum() / 100).astype(dtype)
    for data in (prices, {"x0": prices}):
        series = Windows(data, 6, changes=changes)
        assert series.schema.digits == [2]
        moved = series.train + np.float32(0.01)
        made = series.decode(moved)
        np.testing.assert_array_equal(made, made.round(2))
        np.testing.assert_allclose(series.decode(series.train), np.lib.stride_tricks.sliding_window_view(
            prices[:42], 6)[..., None], atol=1e-6)  # fmt: skip
        graph = series.schema.decode_in_graph(moved)["x0"].numpy()
        np.testing.assert_array_equal(graph, made[..., 0].clip(series.schema.low, series.schema.high).round(2))
        config = series.schema.get_config()
        assert type(series.schema).from_config(config) == series.schema
        older = {name: value for name, value in config.items() if name != "digits"}
        assert type(series.schema).from_config(older).digits == [None]


@pytest.mark.parametrize("kind", ["dates", "zoned", "periods"])
def test_an_index_of_dates_is_the_time(kind):
    days = pd.date_range("2020-01-01", periods=60, name="day", tz="UTC" if kind == "zoned" else None)
    index = days.to_period("D") if kind == "periods" else days
    frame = pd.DataFrame({"x": np.arange(60.0)}, index=index)
    series = Windows(frame, 5)
    assert (series.time, series.names) == ("day", ["x"])
    assert Windows(frame["x"], 5, time="day").time == "day"
    with pytest.warns(UserWarning, match="windows span a gap"):
        Windows(frame.iloc[[*range(20), *range(40, 60)]], 5)
    with pytest.raises(ValueError, match="`time` must name a column that rises"):
        Windows(frame[::-1], 5)
    other = frame.reset_index(drop=True).assign(t=index).set_index(index[::-1])  # a column goes before the index
    assert Windows(other, 5).time == "t"


def test_an_index_that_repeats_is_named_with_a_way_out():
    hours = pd.to_datetime(["2020-10-25 01:00", "2020-10-25 02:00", "2020-10-25 02:00", "2020-10-25 03:00"])
    frame = pd.DataFrame({"x": np.arange(4.0)}, index=hours)  # as clocks showed them in that night
    with pytest.raises(
        ValueError, match=r"in row 2; it is the table's index, which `reset_index\(drop=True\)` removes$"
    ):
        Windows(frame, 2)
    assert Windows(frame.reset_index(drop=True), 2, test=0).time is None
    with pytest.raises(ValueError, match=r"in row 2$"):
        Windows(frame.rename_axis("t").reset_index(), 2)


def test_labels_that_are_whole_numbers_are_sorted_as_numbers():
    labels = np.repeat([10, 2, 0, 11, 1], 20)
    for values in (labels, labels.astype(str)):
        series = Windows({"x": np.arange(100.0), "k": values}, 5, label="k", test=0)
        assert series.class_names == ("0", "1", "2", "10", "11")
        first = series.decode(series.train)[:, 0, 0].round().astype(int)
        np.testing.assert_array_equal(np.array(series.class_names)[series.labels], labels[first].astype(str))
