"""The schema of a table: its columns, and the encoding of its rows for networks."""

import dataclasses
from collections.abc import Mapping

import keras
import numpy as np
import tensorflow as tf

from keras_gan.data import doubts, frames, table_files
from keras_gan.data.columns import Category, Column, Number
from keras_gan.data.frames import Form
from keras_gan.ground.arguments import check_count, check_seed, shown

KINDS = ("number", "integer", "category", "date")


@keras.saving.register_keras_serializable("keras_gan")
class Schema:
    """The columns of a table: their kinds, and how rows are encoded for networks and decoded.

    A row is encoded as blocks, column by column: a number in [-1, 1], or a choice among a few, one-hot. A column of
    numbers has both, see `Number`; a column of categories has only a choice, see `Category`.

    Args:
        columns: Name -> `Column`, in their order.
        forms: Name -> `Form`, the dtype that the column had and how it is restored.

    Attributes:
        columns: Name -> `Column`, in their order.
        names: The columns' names, in their order.
        blocks: The blocks of an encoded row: 0 for a number, k for a choice among k.
        conditions: The places in `blocks` of the choices of categories, on which a game may be conditioned.
        width: Length of an encoded row.

    Example:

    >>> schema = Schema.of({"age": [31, 52, 47], "job": ["cook", "nurse", "cook"]})
    >>> [(name, type(column).__name__) for name, column in schema.columns.items()]
    [('age', 'Number'), ('job', 'Category')]
    >>> schema.decode(*schema.encode({"age": [52], "job": ["cook"]})).to_dict("list")
    {'age': [52], 'job': ['cook']}

    Reference: [Xu et al., 2019](https://arxiv.org/abs/1907.00503), section 4.2.
    """

    def __init__(self, columns: Mapping[str, Column], forms: Mapping[str, Form]):
        if list(columns) != list(forms) or not columns:
            raise ValueError(f"`forms` must have the names of `columns`, {list(columns)}. Received: {list(forms)}")
        self.columns, self.forms = dict(columns), dict(forms)

    @classmethod
    def of(cls, data, *, kinds: Mapping[str, str] | None = None, modes: int = 10, seed: int = 0) -> "Schema":
        """Infers the columns of a table.

        Columns of numbers and dates are described by modes. Texts, truth values, categorical dtypes, and integers of at
        most 10 values, each of which occurs in at least 20 rows on average, are categories.

        Args:
            data: A pandas DataFrame, a dict of columns, or the path of a CSV or Parquet file.
            kinds: Name -> `"number"`, `"integer"`, `"category"` or `"date"`, in place of the inferred kinds.
            modes: Maximum number of modes of a column of numbers. Defaults to 10.
            seed: Seed of the search for modes.

        Raises:
            ValueError: If the data is not a table, a kind does not fit, or a column holds something else.
            ImportError: If pandas is not installed.

        Warns:
            UserWarning: If most rows have a unique category, as in a column of names, a column of integers numbers the
                rows, or texts look like numbers or dates of another notation, such as 1,5 or 31.12.2024.
        """
        kinds = dict(kinds or {})
        frame = frames.as_frame(data, kinds)
        check_count("modes", modes)
        check_seed("seed", seed)
        for name, kind in kinds.items():
            if name not in frame.columns:
                raise ValueError(f"`kinds` must name columns, {list(frame.columns)}. Received: {name!r}")
            if kind not in KINDS:
                raise ValueError(f"`kinds` must be of {', '.join(KINDS)}. Received: {name}={shown(kind)}")
        columns, forms = {}, {}
        for name in frame.columns:
            kind, values, form = frames.read(name, frame[name], kinds.get(name))
            digits = 0 if kind in ("integer", "date") else None
            if kind == "category":
                columns[name] = Category.fit(values, form.categories or ())
                if name in kinds or not doubts.warn_of_notation(name, columns[name].values):
                    doubts.warn_of_names(name, columns[name].counts)
            else:
                own = values if digits == 0 else values.astype(frames.precision(frame[name]))
                columns[name] = Number.fit(own, most=modes, digits=digits, seed=seed)
                if kind == "integer" and name not in kinds:
                    doubts.warn_of_row_numbers(name, values)
            forms[name] = form
        return cls(columns, forms)

    @property
    def names(self) -> list[str]:
        """The columns' names, in their order."""
        return list(self.columns)

    @property
    def kinds(self) -> dict[str, str]:
        """`"number"`, `"category"` or `"date"` of each column, by name."""
        dates = {name for name, form in self.forms.items() if form.is_date}
        return {
            name: "category" if isinstance(column, Category) else "date" if name in dates else "number"
            for name, column in self.columns.items()
        }

    @property
    def blocks(self) -> tuple[int, ...]:
        """The blocks of an encoded row: 0 for a number, k for a choice among k."""
        return tuple(block for column in self.columns.values() for block in column.blocks)

    @property
    def conditions(self) -> tuple[int, ...]:
        """The places in `blocks` of the choices of categories."""
        return tuple(self._places()[name] for name in self.categories)

    @property
    def categories(self) -> dict[str, Category]:
        """The columns of more than one category, by name."""
        return {name: column for name, column in self.columns.items() if isinstance(column, Category) and column.blocks}

    @property
    def width(self) -> int:
        """Length of an encoded row."""
        return sum(max(block, 1) for block in self.blocks)

    def encode(self, data, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
        """Encodes the rows of a table, as numbers (n, ...) float32 in [-1, 1] and choices (n, ...) int32.

        Args:
            data: A table with the same columns, as `of` takes it.
            seed: Seed of the draws of modes.

        Raises:
            ValueError: If a column is missing, or holds a value that the schema does not have.
        """
        values = self.read(data)
        pieces = [self._encode(name, values[name], seed + i) for i, name in enumerate(self.names)]
        numbers, choices = zip(*pieces, strict=True)
        return np.concatenate(numbers, axis=1), np.concatenate(choices, axis=1)

    def _encode(self, name, values, seed):
        try:
            return self.columns[name].encode(values, seed)
        except ValueError as error:
            raise ValueError(f"`{name}`: {error}") from error

    def read(self, data) -> dict[str, np.ndarray]:
        """Reads the columns of a table: (n,) float64, NaN where a number is missing, or (n,) objects, None for missing.

        Args:
            data: A table with the same columns, as `of` takes it. Numbers out of range and unknown categories are
                allowed.

        Raises:
            ValueError: If a column is missing, or holds something of another kind.
        """
        frame = self.as_frame(data)
        missing = [name for name in self.names if name not in frame.columns]
        if missing:
            raise ValueError(f"`data` must have the columns {self.names}. Received: none called {missing[0]!r}")
        return {name: self._read(name, frame[name]) for name in self.names}

    def as_frame(self, data):
        """Returns a table as a DataFrame; the columns of a CSV file are read by the kinds of the schema.

        Args:
            data: A table, as `of` takes it. It may have further columns.

        Raises:
            ValueError: If `data` is not a table.
        """
        kinds = {name: "text" if self._has_texts(name) else kind for name, kind in self.kinds.items()}
        kinds |= {name: "integer" for name in self.names if self._has_categories_of(int, name)}
        return frames.as_frame(data, {name: kind for name, kind in kinds.items() if kind != "category"})

    def _has_texts(self, name):
        """Returns whether a column has categories, all of which are texts or missing."""
        return self._has_categories_of(str, name)

    def _has_categories_of(self, kind, name):
        column = self.columns[name]
        return isinstance(column, Category) and {type(value) for value in column.values} - {type(None)} == {kind}

    def _text(self, name, value):
        """Returns a table's value as the schema has it: "5" for 5, and None for "NA" if that is no category."""
        known = self.columns[name].values
        word = value is not None and str(value) not in known and None in known
        return None if value is None or (word and table_files.is_missing(str(value))) else str(value)

    def _read(self, name, series):
        kind, form = self.kinds[name], self.forms[name]
        _, values, found = frames.read(name, series, kind)
        if self._has_texts(name):
            values[:] = [self._text(name, value) for value in values]
        if form.is_date and kind == "date":
            values = (values * found.step + (found.origin - form.origin)) / form.step
        return values

    def decode(self, numbers: np.ndarray, choices: np.ndarray):
        """Decodes numbers and choices to a DataFrame, with the columns' original dtypes."""
        values = {name: column.decode(*parts) for name, column, parts in self._parts(numbers, choices)}
        restored = {name: frames.restore(found, self.forms[name]) for name, found in values.items()}
        return frames.pandas().DataFrame(restored)

    def decode_in_graph(self, rows: tf.Tensor) -> dict[str, tf.Tensor]:
        """Decodes rows of blocks, (N, `width`), to columns, (N,) each: int64, float64, bool or strings.

        Each choice is decoded to the most likely one. A missing number is NaN, a missing text is empty, and a date is
        the number of steps since the first date; `columns` in the metadata of an export defines a step. Categories of
        several types, with missing values, or with integers beyond int64 are strings.
        """
        numbers, choices = self.split(rows)
        return {name: column.decode_in_graph(*parts) for name, column, parts in self._parts(numbers, choices)}

    def split(self, rows: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Splits rows of blocks, (N, `width`), into numbers and the most likely choices."""
        numbers, choices = [], []
        for block, part in zip(self.blocks, tf.split(rows, [max(b, 1) for b in self.blocks], axis=1), strict=True):
            if block:
                choices.append(tf.argmax(part, axis=1, output_type=tf.int32)[:, None])
            else:
                numbers.append(part)
        empty = rows[:, :0]
        return tf.concat([empty, *numbers], axis=1), tf.concat([tf.cast(empty, tf.int32), *choices], axis=1)

    def join(self, numbers: tf.Tensor, choices: tf.Tensor) -> tf.Tensor:
        """Joins numbers and choices to rows of blocks, (N, `width`) float32: the inverse of `split`."""
        parts, at = [], [0, 0]
        for block in self.blocks:
            i, at[bool(block)] = at[bool(block)], at[bool(block)] + 1
            parts.append(tf.one_hot(choices[:, i], block) if block else tf.cast(numbers[:, i : i + 1], tf.float32))
        return tf.concat(parts, axis=1)

    def _parts(self, numbers, choices):
        """Yields each column with its numbers and its choices."""
        i = j = 0
        for name, column in self.columns.items():
            count, chosen = column.blocks.count(0), sum(block > 0 for block in column.blocks)
            yield name, column, (numbers[:, i : i + count], choices[:, j : j + chosen])
            i, j = i + count, j + chosen

    def _places(self):
        places, at = {}, 0
        for name, column in self.columns.items():
            places[name], at = at, at + len(column.blocks)
        return places

    def get_config(self) -> dict:
        """Returns the arguments of the constructor, for JSON."""
        columns = [[name, keras.saving.serialize_keras_object(column)] for name, column in self.columns.items()]
        return {"columns": columns, "forms": [[name, dataclasses.asdict(form)] for name, form in self.forms.items()]}

    @classmethod
    def from_config(cls, config: dict) -> "Schema":
        columns = {name: keras.saving.deserialize_keras_object(column) for name, column in config["columns"]}
        forms = {name: Form(**{**form, "categories": _tuple(form["categories"])}) for name, form in config["forms"]}
        return cls(columns, forms)

    def __eq__(self, other):
        return isinstance(other, Schema) and (self.columns, self.forms) == (other.columns, other.forms)

    def __hash__(self):
        return hash(tuple(self.columns))

    def __repr__(self):
        kinds = ", ".join(f"{name}: {type(column).__name__}" for name, column in self.columns.items())
        return f"<Schema: {kinds}>"


def _tuple(value):
    return None if value is None else tuple(value)
