"""The schema of a series: its columns, and how its windows are scaled for networks and back."""

from __future__ import annotations

import typing
from collections.abc import Mapping, Sequence

import keras
import numpy as np
import tensorflow as tf

from keras_gan.data import frames
from keras_gan.data.changes import Changes
from keras_gan.data.columns import round_in_graph
from keras_gan.ground.arguments import check_count, shown

if typing.TYPE_CHECKING:
    import pandas as pd

PLACES = ("window", "moment", "label")  # columns of a table of windows in addition to those of the data


@keras.saving.register_keras_serializable("keras_gan")
class SeriesSchema:
    """The columns of a series, their scale, and the length of its windows.

    Args:
        names: The columns' names.
        length: Moments per window, at least 2.
        low: Value of each column that is scaled to -1.
        high: Value of each column that is scaled to 1, above `low`.
        whole: Whether each column holds integers, to which decoded values are rounded. Defaults to False for all.
        changes: `Changes` that encode windows as their first moment and changes; None for values in [-1, 1].
        digits: Number of decimal places to which decoded values of each column are rounded, or None. Defaults to None
            for all; integers have 0.

    Attributes:
        names: The columns' names, a list.
        length: Moments per window.
        low: (columns,) float64.
        high: (columns,) float64.
        whole: (columns,) bool.
        digits: Decimal places of each column or None, a list.
        shape: (length, columns) of a window.

    Raises:
        ValueError: If a name is not a text or occurs twice, or the scale does not fit the columns.

    Example:

    >>> schema = SeriesSchema(["price"], 2, low=[0], high=[10])
    >>> schema.decode(np.array([[[-1.0], [0.5]]])).tolist()
    [[[0.0], [7.5]]]
    """

    def __init__(
        self,
        names: Sequence[str],
        length: int,
        low: Sequence[float],
        high: Sequence[float],
        whole: Sequence[bool] | None = None,
        changes: Changes | Mapping | None = None,
        digits: Sequence[int | None] | None = None,
    ):
        self.names, self.length = list(names), int(check_count("length", length, least=2))
        self.low, self.high = (np.asarray(each, "float64") for each in (low, high))
        self.whole = np.zeros(len(self.names), bool) if whole is None else np.asarray(whole, bool)
        self.changes = Changes.from_config(changes) if isinstance(changes, Mapping) else changes
        twice = len(set(self.names)) < len(self.names)
        if not self.names or twice or not all(isinstance(name, str) and name for name in self.names):
            raise ValueError(f"`names` must be different texts, at least one. Received: names={shown(names)}")
        taken = [name for name in self.names if name in PLACES]
        if taken:
            raise ValueError(
                f"`names` must not hold {taken[0]!r}, which tables of windows have: rename it. Received: {self.names}"
            )
        if digits is not None and len(digits) != len(self.names):
            raise ValueError(f"`digits` must hold one for each of {self.names}. Received: digits={shown(digits)}")
        known = [None] * len(self.names) if digits is None else digits
        self.digits = [None if each is None else int(check_count("digits", each, least=0)) for each in known]
        sizes = {(len(self.names),)}
        if {self.low.shape, self.high.shape, self.whole.shape} != sizes or not (self.low < self.high).all():
            raise ValueError(
                "`low` must be below `high`, a number of each for each column. "
                f"Received: low={shown(low)}, high={shown(high)}, names={self.names}"
            )

    @property
    def shape(self) -> tuple[int, int]:
        """(length, columns) of a window."""
        return self.length, len(self.names)

    def encode(self, windows: np.ndarray) -> np.ndarray:
        """Encodes windows, (n, length, columns) in the units of the data, for games: float32.

        Raises:
            ValueError: If the windows have another number of columns.
        """
        windows = self._checked(windows)
        if self.changes is not None:
            return self.changes.encode(windows).astype("float32")
        return ((windows - self.low) / (self.high - self.low) * 2 - 1).astype("float32")

    def decode(self, windows: np.ndarray) -> np.ndarray:
        """Decodes windows, (n, length, columns), to the units of the data, float64.

        Raises:
            ValueError: If the windows have another number of columns.
        """
        values = self._values(self._checked(windows))
        columns = [self._rounded(values[..., i], i, np.round) for i in range(len(self.names))]
        return np.stack(columns, axis=-1)

    def _checked(self, windows):
        windows = np.asarray(windows, "float64")
        if windows.ndim != 3 or windows.shape[-1] != len(self.names):
            raise ValueError(
                f"`windows` must have the shape (n, length, {len(self.names)}). Received: the shape {windows.shape}"
            )
        return windows

    def _values(self, windows):
        if self.changes is not None:
            return self.changes.decode(windows)
        return (windows + 1) / 2 * (self.high - self.low) + self.low

    def decode_in_graph(self, windows: tf.Tensor) -> dict[str, tf.Tensor]:
        """Decodes generated windows, (n, length, columns), to columns by name, (n, length): int64 or float64.

        The values are clipped to the bounds of the data, `low` and `high`.
        """
        values = tf.clip_by_value(self._values(tf.cast(windows, tf.float64)), self.low, self.high)
        columns = {name: self._rounded(values[..., i], i, round_in_graph) for i, name in enumerate(self.names)}
        return {
            name: tf.cast(x, tf.int64) if w else x for (name, x), w in zip(columns.items(), self.whole, strict=True)
        }

    def _rounded(self, values, i, function):
        digits = 0 if self.whole[i] else self.digits[i]
        return values if digits is None else function(values, digits)

    def columns(self, values: np.ndarray) -> dict[str, np.ndarray]:
        """Splits windows in the units of the data into columns by name, (n, length): int64 or float64."""
        columns = {name: values[..., i] for i, name in enumerate(self.names)}
        return {name: x.astype("int64") if w else x for (name, x), w in zip(columns.items(), self.whole, strict=True)}

    def frame(self, windows: np.ndarray, labels: Sequence[str] | None = None) -> pd.DataFrame:
        """Decodes windows to a DataFrame, in the units of the data: see `tabulate`."""
        return tabulate(self.columns(self.decode(windows)), labels)

    def __repr__(self):
        some = ", ".join(self.names[:6]) + (", ..." if len(self.names) > 6 else "")
        return f"<SeriesSchema: {self.length} moments of {some}>"

    def __eq__(self, other):
        return isinstance(other, SeriesSchema) and self.get_config() == other.get_config()

    __hash__ = None

    def get_config(self) -> dict:
        """Returns the arguments of the constructor, for JSON."""
        arrays = {name: getattr(self, name).tolist() for name in ("low", "high", "whole")}
        changes = None if self.changes is None else self.changes.get_config()
        return {"names": self.names, "length": self.length, **arrays, "changes": changes, "digits": self.digits}

    @classmethod
    def from_config(cls, config: dict) -> SeriesSchema:
        """Returns the schema that `get_config` describes."""
        return cls(**config)


def tabulate(columns: Mapping[str, np.ndarray], labels: Sequence[str] | None = None) -> pd.DataFrame:
    """Returns windows as a DataFrame with a row per moment: `window`, `moment`, and then the given columns.

    Args:
        columns: Name -> (n, length).
        labels: n texts, the labels of the windows, which become the column `label`; or None.
    """
    n, length = next(iter(columns.values())).shape
    places = {"window": np.repeat(np.arange(n), length), "moment": np.tile(np.arange(length), n)}
    labelled = {} if labels is None else {"label": np.repeat(np.asarray(labels, object), length)}
    return frames.pandas().DataFrame({**places, **labelled, **{name: x.ravel() for name, x in columns.items()}})
