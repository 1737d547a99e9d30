"""Conversion of DataFrames, files and dicts to columns of known kinds, and back."""

from __future__ import annotations

import dataclasses
import importlib.util
import pathlib
import re
import types
import typing
from collections.abc import Mapping, Sequence

import numpy as np

from keras_gan.data import table_files
from keras_gan.ground import files
from keras_gan.ground.arguments import shown

if typing.TYPE_CHECKING:
    import pandas as pd

EXACT = 2**53  # up to here float64 represents all integers
FEW = 10  # an integer column with at most as many values is one of categories, if they occur often enough


@dataclasses.dataclass(frozen=True)
class Form:
    """The original form of a column's values, to which they are restored.

    Attributes:
        dtype: Name of NumPy's or pandas' dtype.
        categories: The categories of a categorical dtype, in their order; None for others.
        ordered: Whether the categories are ordered.
        origin: For dates, the integer that is subtracted from theirs.
        step: For dates, the integer by which the differences are divided.
    """

    dtype: str
    categories: tuple | None = None
    ordered: bool = False
    origin: int = 0
    step: int = 1

    @property
    def is_date(self) -> bool:
        """Whether the column holds moments, spans of time or periods."""
        return self.dtype.startswith(("datetime64", "timedelta64", "period"))


def pandas() -> types.ModuleType:
    """Returns the package pandas, which reads and writes tables.

    Raises:
        ImportError: If pandas is not installed.
    """
    try:
        import pandas
    except ImportError as error:
        raise ImportError("Tables need pandas: pip install 'keras_gan[tables]'") from error
    return pandas


def as_frame(data, kinds: Mapping[str, str] | None = None) -> pd.DataFrame:
    """Returns a DataFrame of a DataFrame, a dict of columns, or the path of a CSV or Parquet file.

    Python's and Arrow's dates and decimal numbers, and categoricals of dates, become those of pandas.

    Args:
        data: The table.
        kinds: Kinds of columns of a CSV file, by name, as for `table_files.read`. None infers them.

    Raises:
        ValueError: If `data` is something else, has no rows or no columns, or names a column twice.
    """
    pd = pandas()
    if isinstance(data, str | pathlib.Path):
        data = table_files.read(pd, pathlib.Path(data).expanduser(), dict(kinds or {}))
    elif isinstance(data, Mapping):
        lengths = {name: np.shape(column) for name, column in data.items()}
        if any(len(shape) != 1 for shape in lengths.values()) or len(set(lengths.values())) > 1:
            raise ValueError(f"`data` must hold columns of one length, (n,). Received: the shapes {lengths}")
        data = _of_columns(pd, data)
    elif not isinstance(data, pd.DataFrame):
        raise ValueError(
            "`data` must be a DataFrame, a dict of columns, or the path of a CSV or Parquet file. "
            f"Received: data={shown(data)}"
        )
    names = list(data.columns)
    if not len(data) or not names:
        raise ValueError(f"`data` must have at least one row and one column. Received: the shape {data.shape}")
    if any(not isinstance(name, str) or not name for name in names):
        raise ValueError(f"`data` must have texts as names of columns. Received: {shown(names)}; rename them")
    for name in names:
        _check_text(name, name)
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"`data` must name each column once. Received: {twice[0]!r} more than once")
    return table_files.of_python(pd, data)


def _of_columns(pd, columns):
    try:
        return pd.DataFrame(dict(columns))
    except UnicodeEncodeError:  # which does not name the column
        for name, column in columns.items():
            for text in filter(lambda value: isinstance(value, str), (name, *column)):
                _check_text(name, text)
        raise


def _check_text(name, text):
    """Checks that a text has no lone surrogate, as bytes that are not UTF-8 become in names of files."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ValueError(
            f"`{shown(name)[1:-1]}` must hold texts that UTF-8 can encode, without lone surrogates. "
            f"Received: {shown(text)}"
        ) from error


def choose(frame: pd.DataFrame, columns: Sequence[str] | None) -> pd.DataFrame:
    """Returns the named columns of a table, in the order of the names; all for None.

    Raises:
        ValueError: If a column does not exist, or none is named.
    """
    if columns is None:
        return frame
    named = [columns] if isinstance(columns, str) else list(columns)
    if not named or not set(named) <= set(frame.columns):
        raise ValueError(f"`columns` must name columns of {list(frame.columns)}. Received: columns={shown(columns)}")
    return frame[list(dict.fromkeys(named))]


WRITTEN = {".csv": ",", ".tsv": "\t", ".parquet": None}  # suffixes of files -> what separates two columns
PARQUET = ("pyarrow", "fastparquet")  # packages of which pandas needs one


def is_table(path: str | pathlib.Path) -> bool:
    """Returns whether `write` supports files of this name."""
    return pathlib.PurePath(path).suffix.lower() in WRITTEN


def check_writer(path: str | pathlib.Path) -> None:
    """Raises an ImportError if nothing is installed that writes such a file."""
    if pathlib.PurePath(path).suffix.lower() == ".parquet" and not any(map(importlib.util.find_spec, PARQUET)):
        raise ImportError(f"Parquet files need {' or '.join(PARQUET)}: pip install pyarrow. Received: {str(path)!r}")


def write(frame: pd.DataFrame, path: str | pathlib.Path) -> None:
    """Writes a table as a CSV or Parquet file, by its suffix. The file is never left incomplete.

    Raises:
        ValueError: If the suffix is another one.
        ImportError: If nothing is installed that writes such a file.
    """
    check_writer(path)
    if not is_table(path):
        raise ValueError(f"`path` must be a file that ends in {', '.join(WRITTEN)}. Received: {str(path)!r}")
    with files.atomic(path) as part:
        separator = WRITTEN[part.suffix.lower()]
        if separator is None:
            frame.to_parquet(part, index=False)
        else:
            frame.to_csv(part, index=False, sep=separator)


def read(name: str, series: pd.Series, kind: str | None = None) -> tuple[str, np.ndarray, Form]:
    """Returns the kind of a column, its values for the classes of `columns`, and their original form.

    Args:
        name: Name of the column, for errors.
        series: Values of the column, a pandas Series.
        kind: `"number"`, `"integer"`, `"category"` or `"date"`; None infers it.

    Returns:
        `"number"`, `"integer"`, `"category"` or `"date"`; (n,) float64, NaN where a value is missing, or objects of
        categories, None where one is missing; and the form.

    Raises:
        ValueError: If the values are of no kind that can be read, or do not fit `kind`.
    """
    pd = pandas()
    if kind == "date" and not str(series.dtype).startswith(("datetime64", "timedelta64", "period")):
        series = _convert(name, kind, lambda: table_files.as_dates(pd, series))
    form, missing = Form(str(series.dtype)), series.isna().to_numpy()
    if isinstance(series.dtype, pd.CategoricalDtype):
        form = Form("category", tuple(_plain(name, series.cat.categories)), bool(series.cat.ordered))
        return "category", _objects(name, series, missing), form
    if isinstance(series.dtype, pd.SparseDtype):
        series = series.sparse.to_dense()
    if form.is_date and kind != "category":
        return "date", *_dates(pd, series, missing)
    if kind in ("number", "integer"):
        return kind, *_numbers(name, series, missing, kind, form)
    if form.is_date:
        raise ValueError(
            f"`kinds` must not make a category of dates, spans of time or periods. Received: {name}='category', of the "
            f"dtype {form.dtype}: leave it out of `kinds`, or convert the column to texts by `.astype(str)`"
        )
    if kind == "category" or not pd.api.types.is_numeric_dtype(series) or pd.api.types.is_bool_dtype(series):
        return "category", _objects(name, series, missing), form
    values, form = _numbers(name, series, missing, "number", form)
    whole = pd.api.types.is_integer_dtype(series)
    distinct = len(np.unique(values[~missing][: 100 * FEW]))
    if whole and distinct <= FEW:
        distinct = len(np.unique(values[~missing]))
        if distinct <= FEW and len(values) >= 20 * distinct:
            return "category", _objects(name, series, missing), form
    return ("integer" if whole else "number"), values, form


def precision(series: pd.Series) -> np.dtype:
    """Returns the dtype in which a column's numbers are exact: float16, float32, or float64 for all others."""
    dtype = getattr(series.dtype, "subtype", series.dtype)  # of a sparse column
    dtype = getattr(dtype, "numpy_dtype", dtype)  # of pandas' and Arrow's nullable columns
    return np.dtype(dtype if dtype in ("float16", "float32") else "float64")


def restore(values: np.ndarray, form: Form) -> pd.Series:
    """Restores values to the column's original form, as a pandas Series."""
    pd = pandas()
    if form.dtype == "category":
        return pd.Series(pd.Categorical(values, categories=list(form.categories), ordered=form.ordered))
    if form.is_date and values.dtype.kind == "f":
        gone = np.isnan(values)
        numbers = np.where(gone, 0, values).round().astype("int64") * form.step + form.origin
        return _as_dates(pd, numbers, gone, form.dtype)
    if values.dtype.kind == "f":
        gone = np.isnan(values)
        if gone.any() and np.dtype("float64") != form.dtype:
            values = pd.array(np.where(gone, 0, values), dtype="Float64")
            values[gone] = pd.NA
    series = pd.Series(values, dtype=object if values.dtype.kind == "O" else None)
    if form.dtype.startswith(("int", "uint", "Int", "UInt")) and values.dtype.kind != "O":
        series = series.round()
    return series.astype(form.dtype)


def joined(frames: list[pd.DataFrame]) -> pd.DataFrame:
    """Concatenates DataFrames, with rows numbered from 0."""
    return pandas().concat(frames, ignore_index=True)


def _convert(name, kind, function):
    try:
        return function()
    except (ValueError, TypeError, OverflowError) as error:
        raise ValueError(f"`kinds` must fit the data. Received: {name}={kind!r}, with the error: {error}") from error


def _numbers(name, series, missing, kind, form):
    pd = pandas()
    if not pd.api.types.is_numeric_dtype(series):
        series = _convert(name, kind, lambda: pd.to_numeric(series))
    if not pd.api.types.is_numeric_dtype(series) or series.dtype.kind == "c":
        raise ValueError(f"`{name}` must hold real numbers. Received: the dtype {form.dtype}")
    known = series[~missing]
    largest = max(-int(known.min()), int(known.max())) if series.dtype.kind in "iu" and len(known) else 0
    if largest > EXACT:
        raise ValueError(
            f"`{name}` must hold integers of at most 2**53 in size: make it a category by `kinds`, or leave it out of "
            f"`columns`. Received: {largest} in size"
        )
    values = series.to_numpy("float64", na_value=np.nan)
    if kind == "integer" and not (np.round(values[~missing]) == values[~missing]).all():
        raise ValueError(f"`kinds` must fit the data. Received: {name}='integer', but it holds other numbers")
    return values, form


def _dates(pd, series, missing):
    dtype = str(series.dtype)
    known = series[~missing]
    if dtype.startswith("period"):
        numbers = known.array.asi8
    else:
        numbers = known.dt.tz_convert("UTC").dt.tz_localize(None) if getattr(known.dt, "tz", None) else known
        numbers = numbers.to_numpy().astype("int64")
    origin = int(numbers.min()) if len(numbers) else 0
    step = int(np.gcd.reduce(numbers - origin)) if len(numbers) else 1
    values = np.full(len(series), np.nan)
    values[~missing] = (numbers - origin) // (step or 1)
    return values, Form(dtype, origin=origin, step=step or 1)


def _as_dates(pd, numbers, gone, dtype):
    if dtype.startswith("period"):
        series = pd.Series(pd.PeriodIndex.from_ordinals(numbers, freq=dtype[len("period[") : -1]))
    else:
        unit = re.search(r"\[(\w+)", dtype).group(1)
        kind = "timedelta64" if dtype.startswith("timedelta64") else "datetime64"
        series = pd.Series(numbers.astype(f"{kind}[{unit}]"))
        zone = re.search(r", (.+)\]", dtype)
        if zone:
            series = series.dt.tz_localize("UTC").dt.tz_convert(zone.group(1))
    return series.mask(gone)


def _objects(name, series, missing):
    values = np.empty(len(series), object)
    values[:] = _plain(name, series, missing)
    return values


def _plain(name, values, missing=None):
    """Returns the values as Python's own: texts, integers, floats, truth values, and None."""
    found = []
    for i, value in enumerate(values):
        if missing is not None and missing[i]:
            found.append(None)
            continue
        value = value.item() if isinstance(value, np.generic) else value
        if not isinstance(value, str | bool | int | float):
            raise ValueError(
                f"`{name}` must hold texts, numbers, truth values or dates. Received: {type(value).__name__} "
                f"{shown(value)}"
            )
        if isinstance(value, str):
            _check_text(name, value)
        found.append(value)
    return found
