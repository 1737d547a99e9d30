"""Odd files: what is read of them, and what is refused since pandas would make something up."""

import datetime
import decimal
import gzip
import re
import warnings

import numpy as np
import pandas as pd
import pytest

from keras_gan.data import Schema, Table, Windows, frames

ROWS = "age,job\n31,cook\n52,nurse\n47,cook\n"
READ = {
    "a mark of the order of bytes": ("a.csv", ("\ufeff" + ROWS).encode()),
    "gzip": ("a.csv.gz", gzip.compress(ROWS.encode())),
    "lines of Windows": ("a.csv", ROWS.replace("\n", "\r\n").encode()),
    "no end of the last line": ("a.csv", ROWS.strip().encode()),
    "empty lines": ("a.csv", ROWS.replace("\n", "\n\n").encode()),
    "quotes": ("a.csv", ROWS.replace("cook", '"cook"').encode()),
    "tabs": ("a.tsv", ROWS.replace(",", "\t").encode()),
}
LENGTHS = "`data` must have a value for each of its 2 columns in each line"
WITHOUT = "`data` must name each column in its first line"
REFUSED = {
    "semicolons": (
        "a.csv",
        ROWS.replace(",", ";").encode(),
        "`data` must have ',' between .*'age;job': .*sep=';', decimal=','",
    ),
    "tabs": ("a.csv", ROWS.replace(",", "\t").encode(), r"`data` must have ',' between .*sep='\\t'"),
    "bars": ("a.csv", ROWS.replace(",", "|").encode(), "`data` must have ',' between its columns"),
    "commas": ("a.tsv", ROWS.encode(), r"`data` must have '\\t' between .*sep=','"),
    "decimal commas": ("a.csv", b"age;pay\n31;1,5\n52;2,5\n", "`data` must have ',' between its columns"),
    "a name twice": ("a.csv", ROWS.replace("job", "age").encode(), "name each column once. Received: 'age' more than"),
    "no first name": (
        "a.csv",
        ROWS.replace("age", "").encode(),
        f"{WITHOUT}.* column 1 has no name: name it, or leave",
    ),
    "commas at the ends": ("a.csv", ROWS.replace("\n", ",\n").encode(), f"{WITHOUT}.* column 3 has no name"),
    "a name of spaces": ("a.csv", ROWS.replace("age", " ").encode(), f"{WITHOUT}.* column 1 has no name"),
    "more columns than names": ("a.csv", ROWS.replace("age,", "").encode(), f"{WITHOUT}.*with more columns"),
    "commas at the ends of rows": (
        "a.csv",
        b"id,age,job\n0,31,cook,\n1,52,nurse,\n2,47,cook,\n",
        f"{WITHOUT}.*with more columns: Expected 3 fields in line 2, saw 4; name them, or remove surplus",
    ),
    "a comma at the end of the first row": ("a.csv", b"id,age\n0,31,\n1,52\n", f"{WITHOUT}.*with more columns"),
    "two tabs at the ends of rows": ("a.tsv", b"id\tage\n0\t31\t\t\n1\t52\t\t\n", f"{WITHOUT}.*with more columns"),
    "a longer line": ("a.csv", (ROWS + "1,2,3\n").encode(), f"{LENGTHS}.*, 3 in line 5"),
    "a shorter line": ("a.csv", (ROWS + "\n1\n2,cook\n").encode(), f"{LENGTHS}.*, 1 in line 6"),
    "a shorter line of gzip": ("a.csv.gz", gzip.compress((ROWS + "1\n").encode()), f"{LENGTHS}.*, 1 in line 5"),
    "a shorter line below quotes": ("a.tsv", b'a\tb\n"1\n2"\t"3\t4"\n5\n', f"{LENGTHS}.*, 1 in line 4"),
    "nothing": ("a.csv", b"", "that pandas reads.*No columns"),
    "names alone": ("a.csv", b"age,job\n", "at least one row and one column"),
    "Latin letters": ("a.csv", ROWS.replace("cook", "k\xf6chin").encode("latin-1"), "that pandas reads.*utf-8"),
    "UTF-16": ("a.csv", ROWS.encode("utf-16"), "that pandas reads.*utf-8"),
    "gzip by another name": ("a.csv", gzip.compress(ROWS.encode()), "that pandas reads"),
    "no gzip": ("a.csv.gz", ROWS.encode(), "that pandas reads.*gzip"),
    "no Parquet": ("a.parquet", ROWS.encode(), "that pandas reads"),
    "days that are none": (
        "a.csv",
        b"day,x\n2020-13-01,1\n2020-02-30,2\n",
        "`day` must hold dates that exist.*--kinds=day=category` keeps texts.* Received: '2020-13-01' in row 0",
    ),
    "time zones": (
        "a.csv",
        b"day,x\n2020-01-01T00:00:00+01:00,1\n2020-07-01T00:00:00+02:00,2\n",
        "`day` must hold dates that exist, of one time zone",
    ),
}


@pytest.mark.parametrize(("name", "content"), READ.values(), ids=READ)
def test_what_is_read(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    found = Table(tmp_path / name).frame
    assert found.to_dict("list") == {"age": [31, 52, 47], "job": ["cook", "nurse", "cook"]}


def test_lines_within_quotes_and_other_letters(tmp_path):
    (tmp_path / "a.csv").write_text('größe,性別\n1.5,"a\nb, c"\n2.5,男\n', encoding="utf-8")
    assert Table(tmp_path / "a.csv").frame.to_dict("list") == {"größe": [1.5, 2.5], "性別": ["a\nb, c", "男"]}


@pytest.mark.parametrize(("name", "content", "message"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused(tmp_path, name, content, message):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ValueError, match=message):
        Table(tmp_path / name)


BIG, GONE = 10**18 + 1, None
TYPED = {  # the texts of a column, what is told of it -> its dtype and its values
    "integers": (["1", "-2"], None, "int64", [1, -2]),
    "integers with gaps": (["1", "", "1965813590"], None, "Int64", [1, GONE, 1965813590]),
    "integers with words for gaps": (["NA", " 7", "NULL", " "], None, "Int64", [GONE, 7, GONE, GONE]),
    "great integers with gaps": ([str(BIG), "", str(BIG + 1)], None, "Int64", [BIG, GONE, BIG + 1]),
    "the greatest integers with gaps": ([str(2**64 - 1), "nan"], None, "UInt64", [2**64 - 1, GONE]),
    "great integers of categories": ([str(BIG), ""], "category", "Int64", [BIG, GONE]),
    "numbers with gaps": (["1.5", "", "NaN", "n/a", "2"], None, "float64", [1.5, GONE, GONE, GONE, 2.0]),
    "nothing": (["", ""], None, "float64", [GONE, GONE]),
    "infinite numbers": (["inf", "-inf", "None"], None, "float64", [float("inf"), -float("inf"), GONE]),
    "zip codes": (["00255", "10001", ""], None, "text", ["00255", "10001", GONE]),
    "zip codes of categories": (["00255", "10001"], "category", "text", ["00255", "10001"]),
    "zip codes of integers": (["00255", "10001", "NA"], "integer", "Int64", [255, 10001, GONE]),
    "telephones": (["+4917012345", "+43664123", ""], None, "text", ["+4917012345", "+43664123", GONE]),
    "telephones of integers": (["+4917012345", "1"], "integer", "int64", [4917012345, 1]),
    "signed integers": (["+5", "-5", "0"], None, "int64", [5, -5, 0]),
    "signed numbers": (["+5.5", "+5"], None, "float64", [5.5, 5.0]),
    "a zero": (["0", "-0", "10"], None, "int64", [0, 0, 10]),
    "digits beyond integers": (["9" * 25, "1"], None, "text", ["9" * 25, "1"]),
    "versions": (["1.10", "1.1"], None, "float64", [1.1, 1.1]),
    "versions of categories": (["1.10", "1.1", "NA"], "category", "text", ["1.10", "1.1", "NA"]),
    "countries": (["NA", "DE", ""], None, "text", ["NA", "DE", GONE]),
    "words": (["None", "nan", "null", " "], None, "text", ["None", "nan", "null", " "]),
    "truth values": (["True", "False"], None, "bool", [True, False]),
    "truth values with gaps": (["True", ""], None, "object", [True, GONE]),
    "truth values of others": (["true", "TRUE"], None, "text", ["true", "TRUE"]),
    "dates": (["2020-01-31", "NA", ""], None, "datetime64", [pd.Timestamp("2020-01-31"), GONE, GONE]),
    "dates of categories": (["2020-01-31", "NA"], "category", "text", ["2020-01-31", "NA"]),
    "days without dashes": (["20200131", "NA"], "date", "text", ["20200131", GONE]),
    "texts": (["1", "True", "2020-01-31"], "text", "text", ["1", "True", "2020-01-31"]),
}


@pytest.mark.parametrize(("texts", "kind", "dtype", "values"), TYPED.values(), ids=TYPED)
def test_a_column_is_what_its_texts_are(tmp_path, texts, kind, dtype, values):
    (tmp_path / "a.csv").write_text("x,y\n" + "".join(f"{text},1\n" for text in texts), encoding="utf-8")
    found = frames.as_frame(tmp_path / "a.csv", {"x": kind})["x"]
    assert str(found.dtype) in ("object", "str") if dtype == "text" else str(found.dtype).startswith(dtype)
    assert [None if pd.isna(value) else value for value in found] == values


def test_categories_of_a_file_come_back_as_they_were_written(tmp_path):
    zips = [f"{10007 * i % 100_000:05d}" for i in range(40)]
    ids = [str(BIG + i) if i % 7 else "" for i in range(40)]
    size = ["1.10", "1.1"] * 20
    written = pd.DataFrame({"zip": zips, "id": ids, "size": size, "country": ["NA", "None", "DE", ""] * 10})
    written.to_csv(tmp_path / "a.csv", index=False)
    for columns in (["zip", "country"], list(written)):
        told = dict.fromkeys(columns, "category") if "id" in columns else None
        Table(tmp_path / "a.csv", columns=columns, kinds=told).frame.to_csv(tmp_path / "b.csv", index=False)
        found = pd.read_csv(tmp_path / "b.csv", dtype=str, keep_default_na=False)
        assert found.to_dict("list") == written[columns].to_dict("list")


def test_integers_with_gaps_come_back_as_integers(tmp_path):
    few = [str(i % 5) if i % 3 else "" for i in range(200)]
    many = [str(1_000_000 + 37 * i) if i % 3 else "" for i in range(200)]
    pd.DataFrame({"few": few, "many": many}).to_csv(tmp_path / "a.csv", index=False)
    table = Table(tmp_path / "a.csv")
    assert table.schema.kinds == {"few": "category", "many": "number"}
    assert table.schema.columns["few"].values == [0, 1, 2, 3, 4, None]
    assert table.frame.dtypes.astype(str).tolist() == ["Int64", "Int64"]
    assert table.frame.astype("string").fillna("").to_dict("list")["few"] == few
    assert (table.frame["many"].isna() == [not text for text in many]).all()


def test_great_integers_with_gaps_are_refused(tmp_path):
    for name, write in (("a.csv", pd.DataFrame.to_csv), ("a.parquet", pd.DataFrame.to_parquet)):
        write(pd.DataFrame({"id": pd.array([BIG, None], "Int64")}), tmp_path / name, index=False)
        with pytest.raises(ValueError, match=rf"`id` must hold integers of at most 2\*\*53.*Received: {BIG}"):
            Table(tmp_path / name)


def test_integers_with_gaps_of_parquet_files_of_other_programs(tmp_path):
    pyarrow = pytest.importorskip("pyarrow")
    columns = {"id": pyarrow.array([BIG, None, BIG + 1]), "x": pyarrow.array([0.5, None, 1.0]), "n": [1, 2, 3]}
    pyarrow.parquet.write_table(pyarrow.table(columns), tmp_path / "a.parquet")
    found = frames.as_frame(tmp_path / "a.parquet")
    assert found.dtypes.astype(str).to_dict() == {"id": "Int64", "x": "float64", "n": "int64"}
    assert found["id"].dropna().tolist() == [BIG, BIG + 1]


def test_a_schema_reads_other_files_as_its_own(tmp_path):
    first = {
        "zip": ["00255", "10001"],
        "size": ["1.5", "x"],
        "n": ["007", "1"],
        "few": ["+1", "-2"],
        "day": ["2020-01-30", "2020-01-31"],
    }
    other = {
        "zip": ["10001", ""],
        "size": ["1.5", "1.5"],
        "n": ["07", "NA"],
        "few": ["+1", "+1"],
        "day": ["2020-02-01"] * 2,
    }
    for name, columns in (("a.csv", first), ("b.csv", other)):
        pd.DataFrame(columns).to_csv(tmp_path / name, index=False)
    schema = Schema.of(frames.as_frame(tmp_path / "a.csv", {"n": "number"}), kinds={"few": "category"})
    found = {name: values.tolist() for name, values in schema.read(tmp_path / "b.csv").items()}
    assert found["zip"] == ["10001", None]
    assert found["size"] == ["1.5", "1.5"]
    assert found["n"] == [7.0, pytest.approx(float("nan"), nan_ok=True)]
    assert found["few"] == [1, 1]
    assert found["day"] == [2.0, 2.0]
    of_pandas = schema.as_frame(tmp_path / "b.csv").assign(zip=[10001, 255])
    assert schema.read(of_pandas)["zip"].tolist() == ["10001", "255"]


def test_dates_and_decimal_numbers_of_python_are_those_of_pandas(tmp_path):
    days = [datetime.date(2020, 1, 1), None, datetime.date(2020, 1, 3)]
    prices = [decimal.Decimal("1.25"), decimal.Decimal("3.50"), None]
    frame = pd.DataFrame({"day": np.array(days, object), "price": np.array(prices, object)})
    frame.to_parquet(tmp_path / "a.parquet")  # as dates and decimals of Parquet
    for source in (frame, tmp_path / "a.parquet"):
        found = Table(source).frame
        assert found["day"].dt.date.tolist()[::2] == days[::2]
        assert found["day"].isna().tolist() == [False, True, False]
        np.testing.assert_allclose(found["price"], [1.25, 3.5, np.nan], rtol=1e-6)


@pytest.mark.parametrize("kind", ["zoned", "days", "spans", "prices", "names", "categories", "category days"])
def test_dates_and_decimal_numbers_of_arrow_are_those_of_pandas(kind):
    """And so are those of categorical dtypes."""
    arrow = pytest.importorskip("pyarrow")
    days = [datetime.date(2020, 1, 1), None, datetime.date(2020, 1, 3)] * 10
    zoned = pd.Series(pd.to_datetime(days)).dt.tz_localize("UTC")
    names = ["a", None, "b"] * 10
    spans = zoned - zoned[0]
    prices = [decimal.Decimal("1.25"), None, decimal.Decimal("3.50")] * 10

    def as_arrow(values, dtype):
        return pd.Series(pd.array(list(values), dtype=pd.ArrowDtype(dtype)))

    series, expected = {
        "zoned": (zoned.astype("timestamp[us, tz=UTC][pyarrow]"), zoned),
        "days": (as_arrow(days, arrow.date32()), pd.Series(pd.to_datetime(days))),
        "spans": (spans.astype("duration[us][pyarrow]"), spans),
        "prices": (as_arrow(prices, arrow.decimal128(5, 2)), pd.Series([1.25, np.nan, 3.5] * 10)),
        "names": (
            as_arrow(names, arrow.dictionary(arrow.int32(), arrow.string())),
            pd.Series(names).astype("category"),
        ),
        "categories": (zoned.astype("category"), zoned),
        "category days": (pd.Series(days, dtype="category"), pd.Series(pd.to_datetime(days))),
    }[kind]
    found = Table(pd.DataFrame({"x": series})).frame["x"]
    assert found.dtype.kind == expected.dtype.kind
    assert found.isna().tolist() == [False, True, False] * 10
    assert found.dropna().tolist() == expected.dropna().tolist()


def test_times_of_arrow_are_times_of_a_series():
    pytest.importorskip("pyarrow")
    day = pd.Series(pd.date_range("2020-01-01", periods=30)).astype("timestamp[ns][pyarrow]")
    assert Windows(pd.DataFrame({"day": day, "x": np.arange(30.0)}), 5).time == "day"


def test_texts_that_no_file_can_hold_are_refused_by_their_column():
    texts = ["a", "b\udcff"]
    for data in ({"x": texts}, pd.DataFrame({"x": pd.Series(texts, dtype=object)})):
        with pytest.raises(ValueError, match=r"`x` must hold texts that UTF-8 can encode.*Received: 'b\\udcff'"):
            Table(data)
    with pytest.raises(ValueError, match=r"Received: 'y\\udcff'"):
        Table({"y\udcff": [1, 2]})


def test_dates_of_several_zones_are_refused():
    zones = [datetime.timezone(datetime.timedelta(hours=i)) for i in (1, 2)]
    when = pd.Series([datetime.datetime(2020, 1, 1, tzinfo=zone) for zone in zones], dtype=object)
    with pytest.raises(ValueError, match="`when` must hold dates that exist, of one time zone"):
        Table({"when": when})


def test_missing_values_of_integers_that_are_categories():
    frame = pd.DataFrame({"x": pd.array([1, None] * 20, dtype="Int64")})
    pd.testing.assert_frame_equal(Table(frame).frame, frame)


def test_a_column_of_names_is_told():
    names = {"name": [f"person {i}" for i in range(60)], "job": ["cook", "nurse"] * 30}
    with pytest.warns(UserWarning, match="`name` must be left out of `columns` if it identifies rows.*60 of 60 rows"):
        Schema.of(names)


NOTATIONS = {  # texts -> what is said of them
    "decimal commas": (["1,5", "2", "-3,25"], "numbers with a decimal comma, .*decimal=','.*Received: '-3,25'"),
    "decimal commas and points": (["1.234,5", "2,5"], "numbers with a decimal comma, .*Received: '1.234,5'"),
    "thousands": (["1,234", "12", "1,234,567"], "numbers with commas, .*thousands=','.`, or `decimal=','`"),
    "percent": (["1.5%", "20 %", "NA"], r"numbers with a percent sign, .*rstrip\('%'\)"),
    "German dates": (["31.12.2024", "1.1.2024"], "dates of day, month and year, .*dayfirst=True"),
    "dates with slashes": (["12/31/2024", "1/1/2024"], "dates with slashes, "),
    "versions": (["1.2.3", "1.2"], None),
    "zip codes": (["00255", "01001"], None),
    "some of it": (["1,5", "a,b"], None),
}


@pytest.mark.parametrize(("texts", "said"), NOTATIONS.values(), ids=NOTATIONS)
def test_numbers_and_dates_of_another_notation_are_told(texts, said):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert Schema.of({"x": texts}).kinds == {"x": "category"}
        Schema.of({"x": texts}, kinds={"x": "category"})
        Schema.of({"x": texts * 20})
    found = [str(each.message) for each in caught]
    assert len(found) == 2 * bool(said)
    assert all(re.search(f"`x` has texts that look like {said}", each) for each in found)


def test_a_date_that_is_none_is_said_in_one_line():
    with pytest.raises(ValueError, match=r"^`kinds` must fit the data. Received: d='date'.*'soon' in row 1$"):
        Schema.of({"d": ["2020-01-01", "soon"]}, kinds={"d": "date"})


def test_a_column_that_numbers_rows_is_told(recwarn):
    ids = np.random.default_rng(0).permutation(60) + 10_000
    Schema.of({"id": ids}, kinds={"id": "integer"})  # it was said
    Schema.of({"id": ids * 3, "age": ids // 2, "weight": ids + 0.5})  # far apart, not all different, no integers
    Schema.of({"id": ids[:40]})  # few rows
    assert not recwarn
    with pytest.warns(UserWarning, match="`id` must be left out of `columns` if it numbers rows.* from 10000 to 10059"):
        Schema.of({"id": ids})


def test_dates_that_are_told_to_be_categories_are_refused():
    for days in (pd.to_datetime(["2020-01-01"]), pd.to_timedelta(["1D"]), pd.period_range("2020", periods=1, freq="Y")):
        with pytest.raises(
            ValueError, match=r"`kinds` must not make a category of dates.*day='category', of the dtype"
        ):
            Schema.of({"day": days}, kinds={"day": "category"})


def test_truth_values_have_the_spellings_of_pandas_and_categories_are_kept_as_written(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text("a,b,c,d\nTrue,true,TRUE,true\nFalse,false,FALSE,FALSE\n")
    assert [str(each) for each in frames.as_frame(path).dtypes[:3]] == ["bool"] * 3
    assert frames.as_frame(path)["d"].tolist() == ["true", "FALSE"]
    assert frames.as_frame(path, {"b": "category"})["b"].tolist() == ["true", "false"]


def test_a_schema_in_which_words_are_missing_reads_them_as_missing(tmp_path):
    """As those of tables are that pandas has read."""
    path = tmp_path / "rows.csv"
    path.write_text("a,x\n" + "NA,1\nyes,2\nno,3\n" * 3)
    schema = Schema.of(pd.read_csv(path), modes=1)
    assert Table(path, schema=schema).choices.shape == (9, 2)
    assert schema.read(path)["a"].tolist() == [None, "yes", "no"] * 3
