"""Windows of series of measurements, separated in time for training and testing."""

from __future__ import annotations

import pathlib
import typing
import warnings
from collections.abc import Mapping, Sequence

import numpy as np

from keras_gan.data import frames
from keras_gan.data.changes import Changes
from keras_gan.data.columns import count_decimals
from keras_gan.data.labels import as_numbers
from keras_gan.data.series import SeriesSchema
from keras_gan.ground.arguments import check_count, check_number, shown

if typing.TYPE_CHECKING:
    import pandas as pd

HUGE, SMALLER = 1e100, "numbers of at most 1e100 in size, whose squares there are"
GAP = 10  # a step of time that is more than so many times the median step is a gap
ALTERNATE = "sort the rows by label, then by time, if labels alternate"


class Windows:
    """Windows of a series, scaled to [-1, 1]: its beginning for training, its end for testing.

    No test window shares a moment with a training window: a random split of overlapping windows, as in much published
    code, leaks the test data. Where a series drifts, as prices do, its end differs from its beginning, whatever the
    model is. With several `stretches` the end of each stretch is kept for the test, so that both parts cover all times.

    Args:
        data: A series in the order of time: (T, columns) or (T,) numbers, a dict of columns, a pandas DataFrame or
            Series, or the path of a CSV or Parquet file. Several series, told apart by `label`, are one below the
            other.
        length: Moments per window, at least 2.
        test: Share of the moments, at the end of each stretch, from which the test windows are cut, in [0, 1).
            Defaults to 0.3.
        stride: Moments from the beginning of one window to that of the next. Defaults to 1.
        time: Name of a column of times, which must rise, among successive moments of one label if there is a `label`,
            and is left out. Defaults to the column of dates, if there is one, otherwise to pandas' index of dates.
        columns: Names of the columns to take. Defaults to all but those of times and labels.
        label: Name of a column that labels each moment, such as by activity or machine, for conditional games, or that
            tells several series apart. No window spans two labels, and successive moments of one label form a stretch.
        stretches: Number of equal parts that the series is cut into, at least 1; no window spans two. Defaults to 1.
        changes: Whether windows are encoded as their first moment and the later changes of the principal components of
            the columns, all of variance 1, instead of values in [-1, 1]. Use it where successive moments, or columns,
            are nearly equal, as prices are: otherwise networks learn little but the level. Defaults to False.

    Attributes:
        train: (n, length, columns) float32 in [-1, 1], or of variance 1.
        test: (m, length, columns) float32, on the same scale, whose range the test may exceed.
        labels: (n,) int32, the classes of the windows in `train`; None without a label.
        class_names: The label of each class as a text, or (): whole numbers sorted as numbers, others as texts.
        schema: The columns with their scale, a `SeriesSchema`.
        names: The columns' names.
        time: Name of the column of times, or None.
        moments: Number of moments of the series.
        stretches: Number of stretches from which windows were cut.

    Raises:
        ValueError: If the data is not a series of finite numbers, is too short, or its times do not rise.

    Warns:
        UserWarning: If windows span a gap: a step of time of more than 10 times the median step.

    Example:

    >>> series = Windows(np.arange(20.0), length=4, test=0.3)
    >>> series.train.shape, series.test.shape
    ((11, 4, 1), (3, 4, 1))
    >>> series.decode(series.train)[0, :, 0].round(3).tolist()
    [0.0, 1.0, 2.0, 3.0]
    """

    def __init__(
        self,
        data,
        length: int,
        *,
        test: float = 0.3,
        stride: int = 1,
        time: str | None = None,
        columns: Sequence[str] | None = None,
        label: str | None = None,
        stretches: int = 1,
        changes: bool = False,
    ):
        check_count("length", length, least=2)
        check_count("stride", stride)
        check_count("stretches", stretches)
        check_number("test", test, 0, 1)
        read = _of_array if isinstance(data, np.ndarray) else _of_table
        names, values, dtypes, classes, self.class_names, times = read(data, time, columns, label)
        self.time = None if times is None else times.name
        whole = [dtype.kind in "iub" for dtype in dtypes]
        _check_finite(names, values, whole)
        parts = _cut(len(values), classes, stretches, test)
        self.moments, self.stretches = len(values), len(parts)
        _check_length(length, parts, test, self.moments, classes is not None)
        if times is not None:
            _warn_of_gaps(times, classes, parts, length, stride)
        known = np.concatenate([values[first:middle] for first, middle, _ in parts])
        low, high = known.min(axis=0), known.max(axis=0)
        same = low == high
        if same.any():
            raise ValueError(
                "`data` must hold columns that change in the moments of training. "
                f"Received: {names[int(np.argmax(same))]!r}, which is {low[same][0]} throughout"
            )
        trained = [_windows(values[first:middle], length, stride) for first, middle, _ in parts]
        train = np.concatenate(trained)
        test = np.concatenate([_windows(values[middle:last], length, stride) for _, middle, last in parts])
        digits = [None if w else count_decimals(x.astype(d)) for w, x, d in zip(whole, values.T, dtypes, strict=True)]
        self.schema = SeriesSchema(names, length, low, high, whole, Changes.of(train) if changes else None, digits)
        self.train, self.test = self.schema.encode(train), self.schema.encode(test)
        self.labels = None
        if classes is not None:
            each = [classes[first] for first, _, _ in parts]
            self.labels = np.repeat(each, [len(part) for part in trained]).astype("int32")
            _check_classes(self.labels, self.class_names, length)

    def __len__(self) -> int:
        """Returns the number of windows for training."""
        return len(self.train)

    @property
    def names(self) -> list[str]:
        """The columns' names."""
        return self.schema.names

    @property
    def low(self) -> np.ndarray:
        """(columns,) float64: the values that are scaled to -1."""
        return self.schema.low

    @property
    def high(self) -> np.ndarray:
        """(columns,) float64: the values that are scaled to 1."""
        return self.schema.high

    def decode(self, windows: np.ndarray) -> np.ndarray:
        """Decodes windows, (n, length, columns), to the units of the data: see `SeriesSchema.decode`."""
        return self.schema.decode(windows)

    def frame(self, windows: np.ndarray) -> pd.DataFrame:
        """Decodes windows to a DataFrame: the columns `window` and `moment`, then those of the data."""
        return self.schema.frame(windows)


def _of_array(data, time, columns, label):
    """Reads an array as `_of_table` reads a table; its columns are called x0, x1, ..."""
    for name, value in (("time", time), ("columns", columns), ("label", label)):
        if value is not None:
            raise ValueError(f"`{name}` must be None where `data` is an array. Received: {name}={shown(value)}")
    if np.ma.isMaskedArray(data):
        raise ValueError("`data` must hold finite numbers; fill gaps before. Received: a masked array")
    if data.ndim not in (1, 2) or not data.size or data.dtype.kind not in "iufb":
        raise ValueError(
            "`data` must hold real numbers, (T, columns) or (T,). "
            f"Received: the shape {data.shape}, the dtype {data.dtype}"
        )
    values = data.reshape(len(data), -1).astype("float64")
    names = [f"x{i}" for i in range(values.shape[1])]
    return names, values, [data.dtype] * len(names), None, (), None


def _of_table(data, time, columns, label):
    """Reads a table: the columns' names, their values, (T, columns) float64, and NumPy's dtypes of the columns;
    the class of each moment, None without a label, and the classes' names; the column of times, or None.
    """
    if hasattr(data, "to_frame"):  # a Series of pandas
        data = data.to_frame("x0" if data.name is None else str(data.name))
    if not isinstance(data, str | pathlib.Path | Mapping) and not hasattr(data, "columns"):
        raise ValueError(f"`data` must be a series of numbers, a table, or a file. Received: data={shown(data)}")
    table = frames.as_frame(data)
    classes, class_names, frame = _take_labels(_with_index(table, time), label)
    dates = _dates(frame)
    if time is None and len(dates) > 1:
        raise ValueError(f"`time` must name one of the columns of dates, {dates}. Received: time=None")
    time = dates[0] if time is None and dates else time
    hint = "" if time in table.columns else "; it is the table's index, which `reset_index(drop=True)` removes"
    times, frame = (None, frame) if time is None else _take_times(frame, time, classes, label, hint)
    frame = frames.choose(frame, columns)
    return list(frame.columns), *_numbers(frame), classes, class_names, times


def _with_index(frame, time):
    """Returns a table whose index of dates is a column, if `time` names it or there is no other column of dates."""
    name = frame.index.name if isinstance(frame.index.name, str) and frame.index.name else "index"
    wanted = time == name if time is not None else not _dates(frame)
    if not wanted or name in frame.columns or not _is_date(frame.index):
        return frame
    return frame.rename_axis(index=name).reset_index()


def _dates(frame):
    return [name for name in frame.columns if _is_date(frame[name])]


def _is_date(column):
    return str(column.dtype).startswith(("datetime64", "period"))


def _take_times(frame, time, classes, label, hint):
    """Returns the column of times, which rise among successive moments of one class, and the table without it."""
    if time == label:
        raise ValueError(f"`time` must be another column than `label`. Received: {time!r} for both")
    if time not in frame.columns:
        raise ValueError(f"`time` must name a column, {list(frame.columns)}. Received: time={shown(time)}")
    times = frame[time]
    if times.isna().any():
        raise ValueError(
            f"`time` must name a column without gaps. Received: {time!r}, a gap in row {int(times.isna().argmax())}"
        )
    falls = np.flatnonzero(_continues(classes, len(times))[1:] & ~_rises(times))
    if len(falls):
        row = int(falls[0]) + 1
        are_texts = all(isinstance(each, str) for each in times)
        dates = ": dates are compared as texts, unless they are written as 2024-01-31" if are_texts else ""
        raise ValueError(
            f"`time` must name a column that rises{_advice(times, time, label)}{dates}. Received: {time!r}, with "
            f"{times.iloc[row]} after {times.iloc[row - 1]}, in row {row}{hint}"
        )
    return times, frame.drop(columns=time)


def _advice(times, time, label):
    if label is not None:
        return f" among successive rows of one label: sort the rows by {label!r}, then by {time!r}"
    several = ", or, if they are several series, sort them by series first, and name its column by `label`"
    return f": sort the rows{several if times.duplicated().any() else ''}"


def _rises(times):
    """Returns whether each time is later than the one before, (T - 1,)."""
    try:
        return np.asarray(times.array[:-1] < times.array[1:], bool)
    except TypeError as error:
        raise ValueError(f"`time` must name a column of times. Received: {times.name!r}, {error}") from error


def _continues(classes, count):
    """Returns whether each moment belongs to the series of the one before, (T,); the first one does not."""
    same = np.ones(count - 1, bool) if classes is None else classes[1:] == classes[:-1]
    return np.concatenate([[False], same])


def _warn_of_gaps(times, classes, parts, length, stride):
    pd = frames.pandas()
    times = times.dt.to_timestamp() if isinstance(times.dtype, pd.PeriodDtype) else times
    if not pd.api.types.is_numeric_dtype(times) and times.dtype.kind not in "mM":
        return
    steps = times.diff().where(_continues(classes, len(times)))
    gaps = (steps > GAP * steps.median()).to_numpy(bool, na_value=False)
    ranges = [pair for first, middle, last in parts for pair in ((first, middle), (middle, last))]
    spans = np.concatenate([_windows(gaps[first:last, None], length, stride)[:, 1:] for first, last in ranges])
    if spans.any():
        row = int(steps.where(gaps).argmax())
        warnings.warn(
            f"{int(spans.any(axis=(1, 2)).sum()):,} of {len(spans):,} windows span a gap, a step of time of more than "
            f"{GAP} times the median step, {steps.median()}. The largest step is {steps.iloc[row]}, to "
            f"{times.iloc[row]} in row {row}: fill the gaps, or number the parts between them in a column, and name it "
            "by `label`",
            stacklevel=3,
        )


def _take_labels(frame, label):
    """Returns the class of each moment, None without a label; the classes' names; and the table without the label."""
    if label is None:
        return None, (), frame
    if label not in frame.columns:
        raise ValueError(f"`label` must name a column, {list(frame.columns)}. Received: label={shown(label)}")
    if frame[label].isna().any():
        moment = int(np.argmax(frame[label].isna()))
        raise ValueError(f"`label` must name a column without gaps. Received: {label!r}, a gap in moment {moment}")
    values = frame[label].tolist()
    texts = {}
    for value in values:
        if texts.setdefault(str(value), value) != value:
            raise ValueError(
                "`label` must name a column of different texts or numbers. "
                f"Received: {label!r} with {shown(texts[str(value)])} and {shown(value)}; convert one to the other"
            )
    classes, names = as_numbers(values)
    return classes, names, frame.drop(columns=label)


def _numbers(frame):
    """Returns (T, columns) float64, and a dtype of NumPy for each column: of integers, or its precision."""
    others = [name for name in frame.columns if frame[name].dtype.kind not in "iufb"]
    if others or not len(frame.columns):
        received = f"{others[0]!r} of the dtype {frame[others[0]].dtype}" if others else "none"
        raise ValueError(
            "`data` must have columns of numbers; select them by `columns`, and name columns of times and labels by "
            f"`time` and `label`. Received: {received}"
        )
    values = np.column_stack([frame[name].to_numpy("float64", na_value=np.nan) for name in frame.columns])
    integers = {name: np.dtype("int64") for name in frame.columns if frame[name].dtype.kind in "iub"}
    return values, [integers.get(name) or frames.precision(frame[name]) for name in frame.columns]


def _check_finite(names, values, whole):
    for bad, kind in ((~np.isfinite(values), "finite numbers; fill gaps before"), (abs(values) > HUGE, SMALLER)):
        if bad.any():
            moment, column = np.argwhere(bad)[0]
            raise ValueError(
                f"`data` must hold {kind}. Received: {values[moment, column]} in {names[column]!r}, moment {moment}"
            )
    large = np.array(whole) & (abs(values) > frames.EXACT).any(axis=0)
    if large.any():
        raise ValueError(
            "`data` must hold integers of at most 2**53 in size: subtract a constant from them. "
            f"Received: {abs(values[:, large]).max():.0f} in {names[int(np.argmax(large))]!r}"
        )


def _cut(count, classes, stretches, test):
    """Returns (first, first of the test, end) of each stretch."""
    ends = {round(count * i / stretches) for i in range(1, stretches + 1)}
    if classes is not None:
        ends |= set((np.flatnonzero(np.diff(classes)) + 1).tolist())
    first, parts = 0, []
    for last in sorted(ends):
        if last > first:
            parts.append((first, last - round((last - first) * test), last))
        first = last
    return parts


def _check_length(length, parts, test, count, labelled):
    longest = {"train": max(middle - first for first, middle, _ in parts)}
    longest |= {"test": max(last - middle for _, middle, last in parts)} if test > 0 else {}
    for name, most in longest.items():
        if most < length:
            where = f" in each of {len(parts)} stretches" if len(parts) > 1 else ""
            where += f": {ALTERNATE}" if labelled else ""
            raise ValueError(
                f"`length` must be at most the number of moments to {name}{where}. "
                f"Received: length={length}, {most} of {count} moments"
            )


def _check_classes(labels, names, length):
    missing = np.flatnonzero(np.bincount(labels, minlength=len(names)) == 0)
    if len(missing):
        raise ValueError(
            f"`label` must keep each of its values for at least {length} successive moments of training: {ALTERNATE}. "
            f"Received: {names[missing[0]]!r}, which fills no window"
        )


def _windows(values, length, stride):
    if len(values) < length:
        return np.zeros((0, length, values.shape[1]))
    return np.lib.stride_tricks.sliding_window_view(values, length, axis=0)[::stride].transpose(0, 2, 1)
