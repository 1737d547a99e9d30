"""Tables: every dtype comes back, conditions are met and drawn as often as the paper says."""

import json
import pathlib

import keras
import numpy as np
import pandas as pd
import pytest
import scipy.stats
import tensorflow as tf

from keras_gan.data import RowDecoding, Schema, Table, modes, served
from keras_gan.data.addresses import Addresses
from keras_gan.data.columns import Category, Number

RNG = np.random.default_rng(0)
N = 60
ADULT = pathlib.Path(__file__).parents[2].parent / "shared/data/tables/adult.csv"


def some(values, share=0.2):
    """Values of which some are missing."""
    return [None if gone else value for value, gone in zip(values, RNG.random(len(values)) < share, strict=True)]


def everything():
    """A column of each dtype that a table may hold."""
    days = pd.date_range("2020-01-01", periods=N, freq="D")
    columns = {name: RNG.normal(size=N).astype(name) for name in ("float16", "float32", "float64")}
    columns |= {name: RNG.integers(0, 100, N).astype(name) for name in ("int8", "int16", "int32", "int64")}
    columns |= {name: RNG.integers(0, 100, N).astype(name) for name in ("uint8", "uint16", "uint32", "uint64")}
    frame = pd.DataFrame(columns)
    for name in ("Int64", "UInt8", "Float64", "Float32"):
        frame[name] = pd.array(some(RNG.integers(0, 100, N)), dtype=name)
    frame["bool"] = RNG.random(N) < 0.3
    frame["boolean"] = pd.array(some(RNG.random(N) < 0.3), dtype="boolean")
    frame["string"] = pd.array(some(RNG.choice(["u", "v"], N).tolist()), dtype="string")
    frame["text"] = RNG.choice(["a", "b,c", "ü"], N).tolist()
    frame["object"] = pd.Series([1, "a", 2.5, None, True, 1.0] * (N // 6), dtype=object)
    frame["ordered"] = pd.Categorical(
        RNG.choice(["lo", "hi"], N).tolist(), categories=["lo", "mid", "hi"], ordered=True
    )
    frame["unordered"] = pd.Categorical(some(RNG.choice([3, 1], N)), categories=[3, 1, 2])
    for unit in ("s", "ms", "us", "ns"):
        frame[f"date_{unit}"] = pd.Series(days).astype(f"datetime64[{unit}]")
    frame["zoned"] = pd.date_range("2020-03-28", periods=N, freq="37min", tz="Europe/Berlin")
    frame["gone"] = pd.Series(days + pd.Timedelta("7min")).mask(RNG.random(N) < 0.2)
    frame["span"] = pd.to_timedelta(RNG.integers(0, 10_000, N), unit="s")
    frame["month"] = pd.period_range("2000-01", periods=N, freq="M")
    frame["sparse"] = pd.arrays.SparseArray(np.where(RNG.random(N) < 0.7, 0.0, RNG.normal(size=N)))
    frame["one"], frame["one_text"], frame["none"] = 7.25, "x", np.nan
    frame["infinite"] = np.where(RNG.random(N) < 0.3, np.inf, RNG.normal(size=N))
    frame["cents"] = np.round(RNG.normal(size=N) * 50, 2)
    frame["heavy"] = RNG.standard_cauchy(N)
    frame["mostly_zero"] = np.where(RNG.random(N) < 0.8, 0.0, RNG.gamma(2, 1000, N))
    frame["many"] = [f"id {i}" for i in range(N)]
    return frame


@pytest.fixture(scope="module")
def known():
    frame = everything()
    schema = Schema.of(frame, modes=3)
    return frame, schema, schema.encode(frame)


@pytest.mark.learns
def test_every_dtype_comes_back(known):
    frame, schema, encoded = known
    back = schema.decode(*encoded)
    assert back.dtypes.equals(frame.dtypes)
    for name in frame:
        column, here, there = schema.columns[name], frame[name], back[name]
        assert (here.isna() == there.isna()).all(), name
        if isinstance(column, Number) and column.digits is None and len(column.means):
            close = np.abs(here - there)[np.isfinite(here.astype("float64"))] / column.reaches.max()
            assert close.max() <= (1e-3 if here.dtype == "float16" else 1e-6), name
        else:
            same = [a == b and type(a) is type(b) for a, b in zip(here.dropna(), there.dropna(), strict=True)]
            assert all(same), name


@pytest.mark.learns
def test_the_graph_decodes_the_same(known):
    _, schema, encoded = known
    rows = schema.join(*encoded)
    assert rows.shape == (N, schema.width)
    assert all((a == b).all() for a, b in zip(map(np.asarray, schema.split(rows)), encoded, strict=True))
    found = RowDecoding(schema)(rows)
    assert list(found) == schema.names
    for name, column, parts in schema._parts(*encoded):
        plain, made = column.decode(*parts), found[name].numpy()
        if made.dtype == object:
            made, plain = [each.decode() for each in made], ["" if each is None else str(each) for each in plain]
            assert made == plain, name
        else:
            np.testing.assert_array_equal(made, plain.astype(made.dtype), err_msg=name)


@pytest.mark.learns
def test_a_schema_is_json(known):
    _, schema, _ = known
    config = keras.saving.serialize_keras_object(schema)
    assert keras.saving.deserialize_keras_object(json.loads(json.dumps(config, allow_nan=False))) == schema


def test_decimals_are_counted_as_far_as_floats_show_them():
    cents = np.random.default_rng(0).integers(0, 10**6, 200)
    for largest, digits in ((10**12, 2), (9 * 10**15, 2), (10**17, None)):
        values = np.append(cents, largest) / 100
        values[:10] += digits is None  # the largest, 10**15, is a whole number
        column = Number.fit(values, most=1)
        assert column.digits == digits
        found = column.decode(*column.encode(values))
        assert (np.abs(found * 100 - np.round(found * 100)) < 1e-3).all() == (digits == 2)
    assert Number.fit(np.append(cents, 10**15) / 1.0, most=1).digits == 0
    assert Number.fit(np.array([1e300, 0.5, 0.25]), most=1).digits is None


@pytest.mark.parametrize("dtype", ["float16", "float32", "Float32", "float[pyarrow]"])
def test_decimals_are_counted_in_the_precision_of_the_column(dtype):
    halves = dtype == "float16"
    cents = np.random.default_rng(0).integers(0, 1_000 if halves else 100_000, 200) / 100
    column = pd.Series(cents.astype("float16" if halves else "float32")).astype(dtype)
    schema = Schema.of({"x": column}, modes=1)
    assert schema.columns["x"].digits == 2
    numbers, choices = schema.encode({"x": column})
    made = schema.decode((numbers + 0.001).clip(-1, 1), choices)["x"]
    assert made.dtype == column.dtype
    exact = np.asarray(made, "float64")
    assert np.isin(exact, (np.arange(100_001) / 100).astype("float16" if halves else "float32")).all()
    assert (
        Schema.of({"x": pd.Series(np.random.default_rng(0).normal(size=99), dtype="float32")}).columns["x"].digits
        is None
    )


def test_floats_beyond_int64_stay_floats_in_a_graph():
    schema = Schema.of({"a": np.random.default_rng(0).uniform(1e20, 9e20, 99), "b": np.full(99, 1e30)}, modes=1)
    rows = tf.zeros((2, schema.width))
    found, expected = schema.decode_in_graph(rows), schema.decode(*map(np.asarray, schema.split(rows)))
    for name in ("a", "b"):
        np.testing.assert_allclose(found[name].numpy(), expected[name], rtol=1e-12)
    older = Number([1.0], [5e20], [4e20], (), 1e20, 9e20, digits=0)  # as files of older versions have it
    assert older.decode_in_graph(np.zeros((1, 1)), np.zeros((1, 0), "int32")).numpy().tolist() == [5e20]


@pytest.mark.parametrize("dtype", ["Int64", "UInt8", "int64[pyarrow]"])
def test_a_column_of_integers_may_be_all_missing(dtype):
    frame = pd.DataFrame({"x": pd.Series([None] * 3, dtype=dtype), "y": [1.0, 2.0, 3.0]})
    schema = Schema.of(frame, modes=1)
    pd.testing.assert_frame_equal(schema.decode(*schema.encode(frame)), frame)


@pytest.mark.parametrize("values", [np.array([2**64 - 1, 5] * 9, "uint64"), np.array([10**30, 5] * 9, object)])
def test_categories_beyond_int64_are_texts_in_a_graph(values):
    frame = pd.DataFrame({"x": values})
    schema = Schema.of(frame, kinds={"x": "category"})
    encoded = schema.encode(frame)
    columns = schema.decode_in_graph(schema.join(*encoded))
    assert columns["x"].numpy().tolist() == [str(value).encode() for value in values.tolist()]
    pd.testing.assert_frame_equal(schema.decode(*encoded), frame)
    pd.testing.assert_frame_equal(served.restore({"x": columns["x"].numpy()}, served.describe(schema)), frame)


def test_kinds_are_found_and_told():
    frame = pd.DataFrame({"grade": [1, 2, 3] * 30, "age": range(90), "id": [str(i) for i in range(90)]})
    found = {name: type(column).__name__ for name, column in Schema.of(frame).columns.items()}
    assert found == {"grade": "Category", "age": "Number", "id": "Category"}
    told = Schema.of(frame, kinds={"grade": "integer", "age": "category", "id": "number"})
    assert [type(column).__name__ for column in told.columns.values()] == ["Number", "Category", "Number"]
    day = Schema.of({"day": ["2020-01-01", None, "2020-02-01"]}, kinds={"day": "date"})
    assert day.decode(*day.encode({"day": ["2020-02-01", None]}))["day"].tolist()[0] == pd.Timestamp("2020-02-01")


def test_columns_are_taken_in_the_order_in_which_they_are_named():
    frame = pd.DataFrame({"age": [30, 40], "email": ["a@x", "b@x"], "job": ["cook", "nurse"]})
    table = Table(frame, columns=["job", "age"], kinds={"age": "category"})
    assert table.schema.kinds == {"job": "category", "age": "category"}
    pd.testing.assert_frame_equal(table.frame, frame[["job", "age"]])
    days = {"day": pd.to_datetime(["2020-01-01", "2020-01-02"]), "x": [1, 2]}
    assert Table(days, columns="day").schema.kinds == {"day": "date"}
    assert Table(days).schema.kinds == {"day": "date", "x": "number"}


def test_other_rows_of_the_same_table():
    schema = Schema.of({"x": [1.0, 2.25, 4.0], "when": pd.to_datetime(["2020-01-01", "2020-01-05", "2020-01-09"])})
    other = {"x": [9.0, 1.5], "when": pd.to_datetime(["2020-01-05", "2021-01-01"])}
    back = schema.decode(*schema.encode(other))
    assert back["x"].tolist() == [4.0, 1.5]  # within the bounds that are known
    assert back["when"].tolist() == [pd.Timestamp("2020-01-05"), pd.Timestamp("2020-01-09")]


def test_ten_thousand_categories():
    names = [f"city {i}" for i in range(10_000)]
    table = Table({"city": names, "x": np.arange(10_000.0)}, modes=1)
    assert table.schema.blocks[0] == 10_000
    assert table.frame["city"].tolist() == names


def test_modes_are_those_of_the_mixture():
    values = np.concatenate([RNG.normal(-5, 0.5, 700), RNG.normal(3, 1.0, 300)])
    weights, means, reaches = modes.fit(values, 10, 0)
    chosen = modes.choose(values, weights, means, reaches, 0)
    assert (np.abs(values - means[chosen]) <= reaches[chosen] * (1 + 1e-12)).all()
    shares = np.bincount(chosen, minlength=len(means)) / len(values)
    assert shares[means < -2].sum() == pytest.approx(0.7, abs=0.01)
    main = np.argmax(shares)
    assert means[main] == pytest.approx(-5, abs=0.3)
    assert (np.diff(means) > 0).all()


def test_a_mode_is_drawn_as_likely_as_it_is():
    weights, means, reaches = np.array([0.3, 0.7]), np.array([0.0, 2.0]), np.array([4.0, 8.0])  # deviations of 1 and 2
    chosen = modes.choose(np.full(20_000, 1.0), weights, means, reaches, 0)
    densities = weights * scipy.stats.norm.pdf([1.0, 1.0], means, reaches / 4)
    assert chosen.mean() == pytest.approx(densities[1] / densities.sum(), abs=0.01)


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(1)
    jobs = rng.choice(["cook", "nurse", "pilot"], 1000, p=[0.9, 0.09, 0.01])
    return Table({"age": rng.normal(40, 9, 1000), "job": jobs, "smokes": rng.random(1000) < 0.2}, modes=2)


def test_rows_meet_their_conditions_and_fakes_get_the_same_ones(table):
    for batch in table.conditioned(100, seed=3):
        real, met, asked = (batch[name].numpy() for name in ("real", "real_condition", "condition"))
        places = np.cumsum([0, *(max(block, 1) for block in table.schema.blocks)])
        held = np.concatenate([real[:, places[i] : places[i + 1]] for i in table.schema.conditions], axis=1)
        np.testing.assert_array_equal(met.sum(axis=1), 1)
        np.testing.assert_array_equal((held * met).sum(axis=1), 1)
        np.testing.assert_array_equal(asked.sum(axis=0), met.sum(axis=0))
        assert (asked != met).any()


@pytest.mark.parametrize("logarithmic", [True, False])
def test_categories_are_drawn_as_the_paper_says(table, logarithmic):
    counts = [column.counts for column in table.schema.categories.values()]
    expected = [np.log1p(count) if logarithmic else np.array(count) for count in counts]
    expected = np.concatenate([each / each.sum() / len(expected) for each in expected])
    found = sum(
        batch["real_condition"].numpy().sum(axis=0)
        for seed in range(5)
        for batch in table.conditioned(100, logarithmic=logarithmic, seed=seed)
    )
    assert scipy.stats.chisquare(found, expected * found.sum()).pvalue > 0.01


def test_batches_are_found_by_their_number(table):
    data = table.conditioned(100, seed=3)
    assert isinstance(data.addresses, Addresses)
    assert len(data) == data.addresses.steps == 10
    whole = list(data.addresses.read(lambda: 0, 20))
    later = list(data.addresses.read(lambda: 13, 2))
    for a, b in zip(whole[13:15], later, strict=True):
        assert all((a[name].numpy() == b[name].numpy()).all() for name in a)
    assert (whole[0]["real"].numpy() != whole[10]["real"].numpy()).any()


def test_batches_have_each_row_once(table):
    rows = tf.concat([batch["real"] for batch in table.batches(100)], axis=0).numpy()
    expected = table.schema.join(table.numbers, table.choices).numpy()
    np.testing.assert_array_equal(rows[np.lexsort(rows.T)], expected[np.lexsort(expected.T)])


@pytest.mark.skipif(not ADULT.is_file(), reason="needs adult.csv in ../shared/data/tables")
@pytest.mark.learns
def test_adult_comes_back():
    frame = pd.read_csv(ADULT, nrows=3000)
    pd.testing.assert_frame_equal(Table(frame, modes=5).frame, frame)


def test_files_are_read(tmp_path):
    frame = pd.DataFrame({"x": [1.5, 2.5, None], "day": pd.to_datetime(["2020-01-01", "2020-01-02", "2020-01-03"])})
    frame.to_csv(tmp_path / "a.csv", index=False)
    frame.to_csv(tmp_path / "a.tsv.gz", index=False, sep="\t")
    for name in ("a.csv", "a.tsv.gz"):
        back = Table(tmp_path / name).frame
        assert back["x"].tolist()[:2] == [1.5, 2.5]
        assert back["day"].dtype.kind == "M"


FRAME = pd.DataFrame({"x": [1.0, 2.0], "y": ["a", "b"]})
BAD = {
    "no table": (lambda: Table(3), "`data` must be a DataFrame, a dict of columns, or the path.*Received: data=3"),
    "no file": (lambda: Table("nowhere.csv"), "`data` must be an existing file. Received: 'nowhere.csv'"),
    "another file": (lambda: Table("a.xlsx"), "ends in .csv, .tsv, .parquet. Received: 'a.xlsx'"),
    "no rows": (lambda: Table(FRAME[:0]), "at least one row and one column. Received: the shape \\(0, 2\\)"),
    "no columns": (lambda: Table(FRAME[[]]), "at least one row and one column. Received: the shape \\(2, 0\\)"),
    "a name twice": (
        lambda: Table(pd.DataFrame([[1, 2]], columns=["x", "x"])),
        "`data` must name each column once. Received: 'x' more than once",
    ),
    "numbers as names": (lambda: Table(pd.DataFrame([[1, 2]])), "`data` must have texts as names of columns"),
    "an empty name": (lambda: Table({"": [1, 2]}), "`data` must have texts as names of columns"),
    "lengths that differ": (lambda: Table({"x": [1], "y": [1, 2]}), "columns of one length.*'y': \\(2,\\)"),
    "a matrix as a column": (lambda: Table({"x": np.ones((2, 2))}), "columns of one length.*\\(2, 2\\)"),
    "a scalar as a column": (lambda: Table({"x": 1}), "columns of one length"),
    "huge integers": (lambda: Table({"x": [2**60, 1]}), "`x` must hold integers of at most 2\\*\\*53"),
    "the least integer": (lambda: Table({"x": [-(2**63), 1]}), "`x` must hold integers.*Received: 9223372036854775808"),
    "complex numbers": (lambda: Table({"x": [1j, 2.0]}), "`x` must hold real numbers. Received: the dtype complex128"),
    "lists": (lambda: Table({"x": pd.Series([[1], [2]])}), "`x` must hold texts, numbers.*Received: list"),
    "bytes": (lambda: Table({"x": pd.Series([b"a", b"b"])}), "`x` must hold texts, numbers.*Received: bytes"),
    "intervals": (lambda: Table({"x": pd.interval_range(0, 2)}), "`x` must hold texts, numbers.*Interval"),
    "a kind of no column": (lambda: Table(FRAME, kinds={"z": "number"}), "`kinds` must name columns.*Received: 'z'"),
    "no kind": (lambda: Table(FRAME, kinds={"x": "float"}), "`kinds` must be of number.*Received: x='float'"),
    "texts as numbers": (
        lambda: Table(FRAME, kinds={"y": "number"}),
        "`kinds` must fit the data. Received: y='number'",
    ),
    "texts as dates": (lambda: Table(FRAME, kinds={"y": "date"}), "`kinds` must fit the data. Received: y='date'"),
    "halves as integers": (
        lambda: Table({"x": [1.5, 2.0]}, kinds={"x": "integer"}),
        "`kinds` must fit the data. Received: x='integer'",
    ),
    "dates as categories": (
        lambda: Table({"x": pd.to_datetime(["2020-01-01"])}, kinds={"x": "category"}),
        "`kinds` must not make a category of dates.*Received: x=.category., of the dtype datetime64",
    ),
    "no modes": (lambda: Table(FRAME, modes=0), "`modes` must be .*Received: modes=0"),
    "a seed that is none": (lambda: Table(FRAME, seed=1.5), "`seed` must be .*Received: seed=1.5"),
    "no schema": (lambda: Table(FRAME, schema=3), "`schema` must be a Schema or None. Received: schema=3"),
    "kinds beside a schema": (
        lambda: Table(FRAME, schema=Schema.of(FRAME), kinds={}),
        "`kinds` must be None where `schema` is given",
    ),
    "columns beside a schema": (
        lambda: Table(FRAME, schema=Schema.of(FRAME), columns=["x"]),
        "`columns` must be None where `schema` is given",
    ),
    "no such column": (
        lambda: Table(FRAME, columns=["x", "z"]),
        "`columns` must name columns of \\['x', 'y'\\]. Received: columns=\\['x', 'z'\\]",
    ),
    "no columns named": (lambda: Table(FRAME, columns=[]), "`columns` must name columns of .*Received: columns=\\[\\]"),
    "a kind of a column that is left out": (
        lambda: Table(FRAME, columns=["x"], kinds={"y": "category"}),
        "`kinds` must name columns, \\['x'\\]. Received: 'y'",
    ),
    "a column that is gone": (lambda: Schema.of(FRAME).encode(FRAME[["x"]]), "Received: none called 'y'"),
    "a category that is new": (
        lambda: Schema.of(FRAME).encode(pd.DataFrame({"x": [1.0], "y": ["c"]})),
        "`y`: A category must be one of 'a', 'b'. Received: 'c'",
    ),
    "missing where nothing was": (
        lambda: Schema.of(FRAME).encode(pd.DataFrame({"x": [None], "y": ["a"]}).astype({"x": float})),
        "`x`: A column must hold only kinds of numbers that it was fitted to. Received: nan",
    ),
    "a batch that is too large": (lambda: Table(FRAME).conditioned(3), "`batch_size` must be .*Received: batch_size=3"),
    "an empty batch": (lambda: Table(FRAME).batches(0), "`batch_size` must be .*Received: batch_size=0"),
    "no categories": (lambda: Table({"x": [1.0, 2.0]}).conditioned(1), "a column of categories.*use `batches`"),
    "a flag that is none": (lambda: Table(FRAME).conditioned(1, logarithmic=1), "`logarithmic` must be"),
    "no counts": (lambda: Category(["a"], []), "`counts` must hold one for each of `values`. Received: 0"),
    "no values": (lambda: Category([], []), "`values` must hold each value once, and at least one"),
    "a value twice": (lambda: Category(["a", "a"], [1, 1]), "`values` must hold each value once"),
    "no means": (lambda: Number([], [], []), "`means` and `points` must not both be empty"),
    "a reach of 0": (lambda: Number([1.0], [1.0], [0.0]), "`reaches` must be above 0.*Received: reaches=\\[0.0\\]"),
    "other forms": (lambda: Schema(Schema.of(FRAME).columns, {}), "`forms` must have the names of `columns`"),
}


@pytest.mark.parametrize(("call", "message"), BAD.values(), ids=BAD.keys())
def test_what_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_a_damaged_file_is_told(tmp_path):
    (tmp_path / "a.csv").write_bytes(b"x,y\n1,2\n3\n4,5,6,7\n")
    with pytest.raises(
        ValueError, match=r"`data` must have a value for each of its 2 columns.* Received: .*a.csv', 1 in line 3"
    ):
        Table(tmp_path / "a.csv")


def test_one_row():
    table = Table({"x": [1.5], "y": ["a"]})
    assert table.schema.blocks == ()
    assert table.frame.to_dict("list") == {"x": [1.5], "y": ["a"]}


@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_great_numbers_come_back_without_a_warning():
    x = np.where(np.arange(100) % 20 == 0, 1e300, np.random.default_rng(0).normal(size=100))
    found = Table({"x": x}).frame["x"]
    np.testing.assert_allclose(found[x == 1e300], 1e300, rtol=1e-6)
