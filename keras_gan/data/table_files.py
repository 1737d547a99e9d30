"""Files of tables, CSV or Parquet, as pandas DataFrames: what pandas would make up of a damaged one is refused."""

from __future__ import annotations

import datetime
import decimal
import pathlib
import re
import types
import typing

if typing.TYPE_CHECKING:
    import pandas as pd

DAY = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}.*)?$")
SEPARATORS = {".csv": ",", ".tsv": "\t"}
SUFFIXES = (*SEPARATORS, ".parquet")
OTHERS = ";\t|,"


def read(pandas: types.ModuleType, path: pathlib.Path) -> pd.DataFrame:
    """Returns the table of a file, of which texts that are dates of ISO 8601 have become dates.

    Args:
        pandas: The package.
        path: A file that ends in .csv, .tsv or .parquet, or one of the first two and .gz.

    Raises:
        ValueError: If it is no such file, cannot be read, or has a first line that does not name each column once.
    """
    suffix = pathlib.PurePath(path.name.lower().removesuffix(".gz")).suffix
    if suffix not in SUFFIXES:
        raise ValueError(f"`data` must be a file that ends in {', '.join(SUFFIXES)}. Received: {str(path)!r}")
    if not path.is_file():
        raise ValueError(f"`data` must be an existing file. Received: {str(path)!r}")
    try:
        if suffix == ".parquet":
            return pandas.read_parquet(path)
        names = pandas.read_csv(path, sep=SEPARATORS[suffix], header=None, nrows=1, dtype=str, keep_default_na=False)
        found = pandas.read_csv(path, sep=SEPARATORS[suffix])
    except (ValueError, UnicodeDecodeError, OSError) as error:  # also pandas' errors of parsing
        raise ValueError(f"`data` must be a table that pandas reads. Received: {str(path)!r}: {error}") from error
    _check_names(path, names.iloc[0].tolist(), SEPARATORS[suffix])
    if not isinstance(found.index, pandas.RangeIndex):
        raise ValueError(f"`data` must name each column in its first line. Received: {str(path)!r}, with more columns")
    texts = [name for name in found.columns if found[name].dtype.kind == "O" or str(found[name].dtype) == "str"]
    return found.assign(**{name: as_dates(pandas, found[name]) for name in texts if _are_days(found[name])})


def _check_names(path, names, separator):
    other = next((each for each in OTHERS if each != separator and len(names) == 1 and each in names[0]), None)
    if other is not None:
        raise ValueError(
            f"`data` must have {separator!r} between its columns, as its suffix says. Received: {str(path)!r}, whose "
            f"first line is {names[0]!r}: `pandas.read_csv(path, sep={other!r})` reads it"
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


def _are_days(series):
    known = series.dropna()
    return len(known) > 0 and all(isinstance(value, str) and DAY.match(value) for value in known)


def as_dates(pandas: types.ModuleType, series: pd.Series) -> pd.Series:
    """Returns a column of dates, of texts or of Python's own.

    Raises:
        ValueError: If one does not exist, or they are of several time zones.
    """
    try:
        return pandas.to_datetime(series, format="ISO8601")
    except (ValueError, TypeError, OverflowError) as error:
        why = str(error).splitlines()[0]
        raise ValueError(
            f"`{series.name}` must hold dates that exist, of one time zone, such as UTC, or be texts of another form. "
            f"Received: {why}"
        ) from error


def of_python(pandas: types.ModuleType, frame: pd.DataFrame) -> pd.DataFrame:
    """Converts columns of Python's dates and decimal numbers, as Parquet files have them, to those of pandas.

    Raises:
        ValueError: If dates are of several time zones.
    """
    changed = {}
    for name in frame.columns:
        if frame[name].dtype != object:
            continue
        known = frame[name].dropna()
        kind = type(known.iloc[0]) if len(known) else type(None)
        if issubclass(kind, datetime.date | decimal.Decimal) and all(isinstance(value, kind) for value in known):
            dates = issubclass(kind, datetime.date)
            changed[name] = as_dates(pandas, frame[name]) if dates else frame[name].astype("float64")
    return frame.assign(**changed) if changed else frame
