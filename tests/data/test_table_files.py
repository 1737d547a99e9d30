"""Odd files: what is read of them, and what is refused since pandas would make something up."""

import datetime
import decimal
import gzip

import numpy as np
import pandas as pd
import pytest

from keras_gan.data import Schema, Table

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
WITHOUT = "`data` must name each column in its first line"
REFUSED = {
    "semicolons": ("a.csv", ROWS.replace(",", ";").encode(), "`data` must have ',' between .*'age;job': .*sep=';'"),
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
    "a longer line": ("a.csv", (ROWS + "1,2,3\n").encode(), "that pandas reads.*saw 3"),
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
        "`day` must hold dates that exist.*2020-13-01",
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
    with pytest.warns(UserWarning, match="`name` must be left out of `columns` if it names rows.*60 of 60 rows"):
        Schema.of(names)


def test_a_column_that_numbers_rows_is_told(recwarn):
    ids = np.random.default_rng(0).permutation(60) + 10_000
    Schema.of({"id": ids}, kinds={"id": "integer"})  # it was said
    Schema.of({"id": ids * 3, "age": ids // 2, "weight": ids + 0.5})  # far apart, not all different, no integers
    Schema.of({"id": ids[:40]})  # few rows
    assert not recwarn
    with pytest.warns(UserWarning, match="`id` must be left out of `columns` if it numbers rows.* from 10000 to 10059"):
        Schema.of({"id": ids})
