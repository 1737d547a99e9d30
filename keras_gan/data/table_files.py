"""CSV and Parquet files as pandas DataFrames, without the guesses of pandas about their values."""

from __future__ import annotations

import csv
import datetime
import decimal
import gzip
import importlib.util
import pathlib
import re
import types
import typing
from collections.abc import Mapping

import numpy as np

from keras_gan.ground.arguments import shown

if typing.TYPE_CHECKING:
    import pandas as pd

DAY = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}.*)?$")
WHOLE, PADDED = re.compile(r"[+-]?\d+"), re.compile(r"[+-]?0\d+")
LONGER = re.compile(r"Expected \d+ fields in line 2, saw \d+")  # as pandas words it
WORDS = {"na", "n/a", "<na>", "#na", "#n/a", "#n/a n/a", "nan", "-nan", "1.#ind", "-1.#ind", "1.#qnan", "-1.#qnan"}
WORDS |= {"null", "none", "nat", ""}  # for missing numbers or dates
TRUTHS = tuple({true: True, false: False} for true, false in (("True", "False"), ("true", "false"), ("TRUE", "FALSE")))
DATES = ("date", "datetime", "datetime64", "timedelta", "timedelta64", "period")  # as pandas calls them
LONGEST = max(map(len, WORDS))
SEPARATORS = {".csv": ",", ".tsv": "\t"}
SUFFIXES = (*SEPARATORS, ".parquet")
OTHERS = ";\t|,"


def read(pandas: types.ModuleType, path: pathlib.Path, kinds: Mapping[str, str]) -> pd.DataFrame:
    """Reads the table in a file.

    A column of a CSV file has the dtype that all of its values allow: integers, numbers, ISO 8601 dates, truth values
    in one of the spellings True, true and TRUE, otherwise texts. Integers stay integers where some are missing. Digits
    that integers would not preserve are texts: those with leading zeros, such as zip codes, those with a leading plus,
    such as phone numbers, unless others have a minus, and those of more than 64 bits. An empty value is missing; a word
    such as `NA` is missing only among numbers and dates.

    Args:
        pandas: The package.
        path: A file that ends in .csv, .tsv or .parquet, or one of the first two and .gz.
        kinds: Name -> kind of a column of a CSV file: `"number"` and `"integer"` read digits as numbers even with
            leading zeros; `"category"` reads integers and truth values and keeps all others, such as 1.10, as texts;
            `"date"` reads only dates; `"text"` keeps all as texts. The kinds of other columns are inferred.

    Raises:
        ValueError: If `path` is no such file, cannot be read, its first line does not name each column once, or another
            line has more or fewer values.
    """
    suffix = pathlib.PurePath(path.name.lower().removesuffix(".gz")).suffix
    if suffix not in SUFFIXES:
        raise ValueError(f"`data` must be a file that ends in {', '.join(SUFFIXES)}. Received: {str(path)!r}")
    if not path.is_file():
        raise ValueError(f"`data` must be an existing file. Received: {str(path)!r}")
    if suffix == ".parquet":
        found = _read(pandas.read_parquet, path)
        return found.assign(**_integers(pandas, path, found))
    # The first line is read as a row: pandas takes columns without names for an index, and shifts the others.
    options = {"sep": SEPARATORS[suffix], "header": None, "dtype": str, "keep_default_na": False}
    names = _read(pandas.read_csv, path, nrows=1, **options).iloc[0].tolist()
    _check_names(path, names, SEPARATORS[suffix])
    rows = _read(pandas.read_csv, path, **options).iloc[1:].reset_index(drop=True).set_axis(names, axis=1)
    if len(names) > 1 and (rows[names[-1]] == "").any():  # pandas fills up short rows so
        _check_lengths(path, SEPARATORS[suffix])
    return pandas.DataFrame({name: _typed(pandas, rows[name], kinds.get(name)) for name in names})


def _read(function, path, **options):
    try:
        return function(path, **options)
    except (ValueError, UnicodeDecodeError, OSError) as error:  # also pandas' errors of parsing
        longer = LONGER.search(str(error))
        if longer:
            raise ValueError(
                f"`data` must name each column in its first line. Received: {str(path)!r}, with more columns: "
                f"{longer.group()}; name them, or remove surplus separators, such as at the ends of lines"
            ) from error
        if "sep" in options and "Expected" in str(error):
            _check_lengths(path, options["sep"])
        why = " ".join(str(error).split())
        raise ValueError(f"`data` must be a table that pandas reads. Received: {str(path)!r}: {why}") from error


def _check_lengths(path, separator):
    """Checks that all lines of a CSV file have as many values as the first one; empty lines are skipped."""
    opened = gzip.open if path.name.lower().endswith(".gz") else open
    with opened(path, "rt", encoding="utf-8-sig", newline="") as file:
        reader, columns = csv.reader(file, delimiter=separator), None
        try:
            for row in reader:
                columns = columns or len(row)
                if len(row) != columns and (len(row) > 1 or "".join(row).strip()):
                    raise ValueError(
                        f"`data` must have a value for each of its {columns} columns in each line; a missing one is "
                        f"empty. Received: {str(path)!r}, {len(row)} in line {reader.line_num}"
                    )
        except csv.Error:  # a value longer than that module takes: pandas has read it
            return


def _integers(pandas, path, frame):
    """Returns the integer columns of a Parquet file that pandas read as floats because some values are missing."""
    names = [name for name in frame.columns if frame[name].dtype == "float64" and frame[name].isna().any()]
    if not names or importlib.util.find_spec("pyarrow") is None:  # the other reader leaves integers as they are
        return {}
    found = _read(pandas.read_parquet, path, columns=names, dtype_backend="numpy_nullable")
    return {name: found[name] for name in names if pandas.api.types.is_integer_dtype(found[name])}


def is_missing(text: str) -> bool:
    """Returns whether a text, such as NA, marks a missing number or date."""
    return len(text) <= 2 * LONGEST and text.strip().lower() in WORDS


def _typed(pandas, texts, kind):
    """Converts a column of texts to the dtype that all of them allow."""
    distinct = set(texts.unique().tolist()) - {""}
    words = {text for text in distinct if is_missing(text)}
    known = distinct - words
    gone = texts.isin(words | {""})
    if known and kind in (None, "date") and all(map(DAY.match, known)):
        return as_dates(pandas, texts.mask(gone))
    whole = all(WHOLE.fullmatch(text.strip()) for text in known)
    exact = not (whole and (any(PADDED.fullmatch(text.strip()) for text in known) or _have_a_plus(known)))
    numeric = kind in ("number", "integer")
    if (numeric or (exact and (kind is None or (kind == "category" and whole)))) and (known or not words):
        found = _numbers(pandas, texts.to_numpy(object), gone.to_numpy())
        if found is not None:
            return found
    for truths in TRUTHS[:1] if kind == "category" else TRUTHS:  # a category is kept as it is written
        if distinct and distinct <= set(truths) and kind != "text":
            return texts.map(truths)
    return texts.mask(gone if numeric or kind == "date" else texts == "")


def _have_a_plus(texts):
    """Returns whether texts have a plus that is no sign of numbers, as none has a minus: that of phone numbers."""
    signs = {text.strip()[:1] for text in texts}
    return "+" in signs and "-" not in signs


def _numbers(pandas, texts, gone):
    """Returns a column of numbers; None if a text is not a number or would lose digits."""
    try:
        known = pandas.to_numeric(texts[~gone])
    except ValueError:
        return None
    if known.dtype.kind not in "iuf" and len(known):
        return None
    whole = len(known) and known.dtype.kind in "iu"
    values = np.full(len(texts), 0 if whole else np.nan, known.dtype if whole else "float64")
    values[~gone] = known
    return pandas.Series(pandas.arrays.IntegerArray(values, gone) if whole and gone.any() else values)


def _check_names(path, names, separator):
    other = next((each for each in OTHERS if each != separator and len(names) == 1 and each in names[0]), None)
    if other is not None:
        comma = ", decimal=','" if other == ";" else ""  # where a comma is a decimal point, semicolons separate values
        raise ValueError(
            f"`data` must have {separator!r} between its columns, as its suffix says. Received: {str(path)!r}, whose "
            f"first line is {names[0]!r}: `pandas.read_csv(path, sep={other!r}{comma})` reads it"
        )
    if not all(name.strip() for name in names):
        empty = next(i for i, name in enumerate(names, start=1) if not name.strip())
        raise ValueError(
            f"`data` must name each column in its first line. Received: {str(path)!r}, whose column {empty} has no "
            "name: name it, or leave it out (`to_csv(index=False)`)"
        )
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"`data` must name each column once. Received: {twice[0]!r} more than once in {str(path)!r}")


def as_dates(pandas: types.ModuleType, series: pd.Series) -> pd.Series:
    """Converts a column of texts or of Python's dates to dates of pandas.

    Raises:
        ValueError: If a date does not exist, or the dates are of several time zones.
    """
    try:
        return pandas.to_datetime(series, format="ISO8601")
    except (ValueError, TypeError, OverflowError) as error:
        raise ValueError(
            f"`{series.name}` must hold dates that exist, of one time zone, such as UTC, or texts that are not dates: "
            f"`kinds` of a table, {{{series.name!r}: 'category'}}, or `--kinds={series.name}=category` keeps texts as "
            f"they are. Received: {_first_bad_date(pandas, series) or str(error).splitlines()[0]}"
        ) from error


def _first_bad_date(pandas, series):
    """Describes the first value that is not a date; "" if all are, such as dates of several time zones."""
    try:
        bad = pandas.to_datetime(series, format="ISO8601", errors="coerce").isna() & series.notna()
    except (ValueError, TypeError, OverflowError):
        return ""
    row = int(bad.argmax())
    return f"{shown(series.iloc[row])} in row {row}" if bad.any() else ""


def of_python(pandas: types.ModuleType, frame: pd.DataFrame) -> pd.DataFrame:
    """Converts columns of dates and decimal numbers that are Python's, as Parquet files have them, or Arrow's, and
    categoricals of dates, to dates and numbers of pandas.

    Raises:
        ValueError: If dates are of several time zones.
    """
    changed = {}
    for name in frame.columns:
        found = frame[name]
        series = _of_arrow(pandas, found)
        known = series.dropna() if series.dtype == object else []
        kind = type(known.iloc[0]) if len(known) else type(None)
        if issubclass(kind, datetime.date | decimal.Decimal) and all(isinstance(value, kind) for value in known):
            series = as_dates(pandas, series) if issubclass(kind, datetime.date) else series.astype("float64")
        if series is not found:
            changed[name] = series
    return frame.assign(**changed) if changed else frame


def _of_arrow(pandas, series):
    """Converts categoricals of dates to dates, and Arrow's values but numbers, texts and truth values to others."""
    if isinstance(series.dtype, pandas.CategoricalDtype):
        categories = series.dtype.categories
        if pandas.api.types.infer_dtype(categories) in DATES:
            series = series.astype(categories.dtype)
    if isinstance(series.dtype, pandas.ArrowDtype) and series.dtype.kind in "mMO":
        series = series.array.__arrow_array__().to_pandas().set_axis(series.index)
    return series
