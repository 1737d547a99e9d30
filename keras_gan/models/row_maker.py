"""The base class of models of tables: rows that meet conditions."""

from __future__ import annotations

import math
import random
import typing
from collections.abc import Mapping

import numpy as np
import tensorflow as tf

from keras_gan.data import Schema
from keras_gan.data.columns import Category
from keras_gan.data.frames import joined, pandas, restore
from keras_gan.data.named import derive_seed
from keras_gan.game import Game
from keras_gan.ground.arguments import check_count, check_seed, shown

if typing.TYPE_CHECKING:
    import pandas as pd

TRIES = 100  # the most rows that are made for one that meets the conditions


def check_schema(schema: Schema) -> None:
    """Checks that `schema` is a `data.Schema`.

    Raises:
        ValueError: If it is not.
    """
    if not isinstance(schema, Schema):
        raise ValueError(f"`schema` must be that of a `data.Table`. Received: schema={shown(schema)}")


class RowMaker(Game):
    """Base class of models that generate rows of a table.

    Subclasses have the values `encoded`, rows of blocks, and `rows`, their columns by name; and optionally the draw
    `asked`, the condition that rows are made for.

    Attributes:
        schema: The table's columns.
    """

    schema: Schema

    @property
    def tasks(self) -> dict[str, str]:
        """The task `sample`, which gives rows of a table."""
        return {"sample": "rows"}

    def sample(
        self, n: int, *, conditions: Mapping | None = None, seed: int | None = None, batch_size: int = 10_000
    ) -> pd.DataFrame:
        """Generates rows of the table, as a DataFrame with the columns and dtypes of the data.

        Args:
            n: Number of rows, at least 0.
            conditions: Column -> the category of every row, None for a missing one, or (low, high) for a column of
                numbers or dates, where one may be None: no bound. Dates may be texts such as "2020-02"; those without
                a time zone are in the column's. A conditional model gets the rarest of these categories; rows that do
                not meet all conditions are replaced.
            seed: The same seed gives the same rows. Random if None.
            batch_size: Number of rows that are made at a time. Defaults to 10,000.

        Returns:
            A pandas DataFrame of exactly `n` rows.

        Raises:
            ValueError: If a condition names no column or no category, or is outside of the data's range, or too few of
                100 * max(n, 1000) rows meet the conditions.
        """
        check_count("n", n, least=0)
        check_count("batch_size", batch_size)
        seed = random.randrange(2**31) if seed is None else check_seed("seed", seed)
        given = {name: self._condition(name, value) for name, value in (conditions or {}).items()}
        wanted = {name: self._test(name, value) for name, value in given.items()}
        asked = self._rarest(given)
        frames, found, made = [], 0, 0
        while not frames or found < n:
            share = found / made if made else 1.0
            count = min(batch_size, math.ceil(max(n - found, 1) / share)) if share else batch_size
            frame = self._rows(count, asked, derive_seed(seed, str(made)) if made else seed)
            met = np.logical_and.reduce([np.ones(count, bool), *(test(frame[name]) for name, test in wanted.items())])
            frames.append(frame[met][: n - found])
            found, made = found + len(frames[-1]), made + count
            if found < n and made >= TRIES * max(n, 1000):
                raise ValueError(
                    f"`conditions` must be met by generated rows. Received: {dict(conditions)}, met by {found} of "
                    f"{made} rows; train longer, or give fewer conditions"
                )
        return frames[0].iloc[:0] if not n else joined(frames)

    def _rows(self, count, asked, seed):
        given = {} if asked is None else {"asked": np.repeat(asked[None], count, axis=0)}
        encoded = self.make("encoded", **given, n=None if given else count, seed=seed, batch_size=count)
        return self.schema.decode(*(part.numpy() for part in self.schema.split(tf.constant(encoded))))

    def _rarest(self, conditions):
        """Returns the rarest category in `conditions`, one-hot; None if there is none, or no player takes any."""
        if "asked" not in self.draws:
            return None
        categories, best, start = self.schema.categories, None, 0
        for name, column in categories.items():
            if name in conditions:
                place = column.place(conditions[name])
                share = column.counts[place] / max(sum(column.counts), 1)
                best = min(best or (share, start + place), (share, start + place))
            start += len(column.values)
        return None if best is None else np.eye(start, dtype="float32")[best[1]]

    def _condition(self, name, value):
        """Returns a condition in the column's own values: a category, or (low, high), None for an open end."""
        column = self.schema.columns.get(name)
        if column is None:
            raise ValueError(f"`conditions` must name columns: {self.schema.names}. Received: {name!r}")
        read = _category if isinstance(column, Category) else _range
        return read(name, value, column, self.schema.forms[name])

    def _test(self, name, value):
        """Returns a function that finds which values of a column meet a condition of `_condition`."""
        if isinstance(self.schema.columns[name], Category):
            return lambda values: values.isna() if value is None else (values == value).fillna(False)
        low, high = value
        return lambda values: (
            values.notna()
            & (True if low is None else (values >= low).fillna(False))
            & (True if high is None else (values <= high).fillna(False))
        )


def _category(name, value, column, form):
    del form
    value = value.item() if isinstance(value, np.generic) else value
    value = None if np.ndim(value) == 0 and pandas().isna(value) else value
    try:
        column.place(value)
    except ValueError as error:
        numbers = all(
            isinstance(each, int) and not isinstance(each, bool) for each in column.values if each is not None
        )
        hint = ""
        if numbers and isinstance(value, tuple | list):
            hint = f"; its kind is category: `kinds={{{name!r}: 'integer'}}` of the table makes it one of numbers"
        raise ValueError(f"`conditions`: {name!r}: {error}{hint}") from error
    return value


def _range(name, value, column, form):
    kind = "dates" if form.is_date else "numbers"
    if not isinstance(value, tuple | list) or len(value) != 2 or (value[0] is None and value[1] is None):
        raise ValueError(
            "`conditions` must be (low, high) of a column of numbers or dates, of which one may be None. "
            f"Received: {name}={shown(value)}"
        )
    try:
        low, high = (None if end is None else _end(end, form) for end in value)
    except (ValueError, TypeError, OverflowError) as error:
        raise ValueError(
            f"`conditions` must be (low, high), two {kind}, for {name!r} of the dtype {form.dtype}. "
            f"Received: {name}={shown(value)}, with the error: {error}"
        ) from error
    if low is not None and high is not None and not low <= high:
        raise ValueError(f"`conditions` must have the lower bound first. Received: {name}={shown(value)}")
    ends = [*([column.low, column.high] if len(column.means) else []), *column.points[~np.isnan(column.points)]]
    if not ends:
        raise ValueError(f"`conditions` must not bound {name!r}, which has no {kind}. Received: {name}={shown(value)}")
    least, most = restore(np.array([min(ends), max(ends)]), form).tolist()
    if not ((low is None or low <= most) and (high is None or high >= least)):
        raise ValueError(
            f"`conditions` must overlap the range of {name!r}, {least} to {most}. Received: {name}={shown(value)}"
        )
    return low, high


def _end(end, form):
    """Returns a bound as a number, or as a date of the column's dtype, without a time zone in the column's."""
    if form.is_date:
        if isinstance(end, int | float):
            raise TypeError("a number is not a date")
        found = pandas().Series([end], dtype="object").astype(form.dtype).iloc[0]
        if pandas().isna(found):
            raise ValueError("a bound is missing")
        return found
    if isinstance(end, str) or np.isnan(float(end)):
        raise ValueError(f"{shown(end)} is not a number")
    return end
