"""Series of measurements as windows, apart in time for training and testing."""

from __future__ import annotations

import pathlib
import typing
from collections.abc import Mapping

import numpy as np

from keras_gan.data import frames
from keras_gan.ground.arguments import check_count, check_number, shown

if typing.TYPE_CHECKING:
    import pandas as pd


class Windows:
    """Windows of a series, scaled to [-1, 1]: those of its beginning to train on, those of its end to test with.

    No window of the test shares a moment with one of training: windows that overlap and are dealt out by chance, as
    much published code does, let a judge know the test beforehand.

    Args:
        data: A series in the order of time: (T, columns) or (T,) numbers, a dict of columns, a pandas DataFrame, or the
            path of a CSV or Parquet file.
        length: How many moments a window has, at least 2.
        test: The share of the moments, at the end, that windows of the test are cut from, in [0, 1). Defaults to 0.3.
        stride: How many moments lie between the beginnings of windows. Defaults to 1.
        time: The name of a column of times, which is checked to rise, and left out. Defaults to None.

    Attributes:
        train: (n, length, columns) float32 in [-1, 1].
        test: (m, length, columns) float32, on the same scale, which later moments may leave.
        names: The columns' names.
        low: (columns,) float64: what -1 stands for.
        high: (columns,) float64: what 1 stands for.

    Raises:
        ValueError: If the data is no series of finite numbers, is too short, or its times do not rise.

    Example:

    >>> series = Windows(np.arange(20.0), length=4, test=0.3)
    >>> series.train.shape, series.test.shape
    ((11, 4, 1), (3, 4, 1))
    >>> series.decode(series.train)[0, :, 0].round(3).tolist()
    [0.0, 1.0, 2.0, 3.0]
    """

    def __init__(self, data, length: int, *, test: float = 0.3, stride: int = 1, time: str | None = None):
        check_count("length", length, least=2)
        check_count("stride", stride)
        check_number("test", test, 0, 1)
        self.names, values = _read(data, time)
        last = len(values) - round(len(values) * test)
        parts = values[:last], values[last:]
        for name, part, needed in (("train", parts[0], True), ("test", parts[1], test > 0)):
            if needed and len(part) < length:
                raise ValueError(
                    f"`length` must be at most the number of moments to {name}. Received: length={length}, {len(part)} "
                    f"of {len(values)} moments"
                )
        self.low, self.high = parts[0].min(axis=0), parts[0].max(axis=0)
        same = self.low == self.high
        if same.any():
            raise ValueError(
                "`data` must hold columns that change in the moments of training. "
                f"Received: {self.names[int(np.argmax(same))]!r}, which is {self.low[same][0]} throughout"
            )
        self.train, self.test = (self._cut(part, length, stride) for part in parts)

    def _cut(self, values, length, stride):
        scaled = ((values - self.low) / (self.high - self.low) * 2 - 1).astype("float32")
        if len(scaled) < length:
            return np.zeros((0, length, scaled.shape[1]), "float32")
        cut = np.lib.stride_tricks.sliding_window_view(scaled, length, axis=0)[::stride]
        return np.ascontiguousarray(cut.transpose(0, 2, 1))

    def decode(self, windows: np.ndarray) -> np.ndarray:
        """Gives windows, (n, length, columns), back in the units of the data, float64.

        Raises:
            ValueError: If they have other columns.
        """
        windows = np.asarray(windows, "float64")
        if windows.ndim != 3 or windows.shape[-1] != len(self.names):
            raise ValueError(
                f"`windows` must have the shape (n, length, {len(self.names)}). Received: the shape {windows.shape}"
            )
        return (windows + 1) / 2 * (self.high - self.low) + self.low

    def frame(self, windows: np.ndarray) -> pd.DataFrame:
        """Gives windows back as a DataFrame: the columns of the data, and `window` and `moment` before them."""
        decoded = self.decode(windows)
        n, length, _ = decoded.shape
        places = {"window": np.repeat(np.arange(n), length), "moment": np.tile(np.arange(length), n)}
        columns = dict(zip(self.names, decoded.reshape(-1, len(self.names)).T, strict=True))
        return frames.pandas().DataFrame({**places, **columns})


def _read(data, time):
    """The names of the columns, and (T, columns) float64."""
    if isinstance(data, np.ndarray):
        if time is not None:
            raise ValueError(f"`time` must be None where `data` is an array. Received: time={shown(time)}")
        if data.ndim not in (1, 2) or not data.size or data.dtype.kind not in "iufb":
            raise ValueError(
                "`data` must hold real numbers, (T, columns) or (T,). "
                f"Received: the shape {data.shape}, the dtype {data.dtype}"
            )
        values = data.reshape(len(data), -1).astype("float64")
        names = [f"x{i}" for i in range(values.shape[1])]
    elif isinstance(data, str | pathlib.Path | Mapping) or hasattr(data, "columns"):
        frame = frames.as_frame(data)
        if time is not None:
            frame = _without_time(frame, time)
        others = [name for name in frame.columns if frame[name].dtype.kind not in "iufb"]
        if others or not len(frame.columns):
            received = f"{others[0]!r} of the dtype {frame[others[0]].dtype}" if others else "none"
            raise ValueError(
                f"`data` must have columns of numbers; leave others out, or name the times by `time`. "
                f"Received: {received}"
            )
        names, values = list(frame.columns), frame.to_numpy("float64")
    else:
        raise ValueError(f"`data` must be a series of numbers, a table, or a file. Received: data={shown(data)}")
    bad = ~np.isfinite(values)
    if bad.any():
        moment, column = np.argwhere(bad)[0]
        raise ValueError(
            "`data` must hold finite numbers; fill gaps before. "
            f"Received: {values[moment, column]} in {names[column]!r}, moment {moment}"
        )
    return names, values


def _without_time(frame, time):
    if time not in frame.columns:
        raise ValueError(f"`time` must name a column, {list(frame.columns)}. Received: time={shown(time)}")
    times = frame[time]
    if times.isna().any() or not times.is_monotonic_increasing or times.duplicated().any():
        raise ValueError(f"`time` must name a column that rises: sort the rows. Received: {time!r}, which does not")
    return frame.drop(columns=time)
