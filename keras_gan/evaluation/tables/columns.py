"""Tables in the form that measures need: columns of numbers, and of codes that are the same in all tables."""

import dataclasses
from collections.abc import Sequence

import numpy as np

from keras_gan.data import Schema, frames
from keras_gan.data.columns import Category


@dataclasses.dataclass(frozen=True)
class Columns:
    """The columns of a table.

    Attributes:
        numbers: Name -> (n,) float64, NaN where one is missing; dates are numbers of steps.
        codes: Name -> (n,) int64, the place of each row's category in `categories`.
        categories: Name -> the categories that occur in any of the tables that were read together, None for missing.
    """

    numbers: dict[str, np.ndarray]
    codes: dict[str, np.ndarray]
    categories: dict[str, list]

    def __len__(self) -> int:
        return len(next(iter([*self.numbers.values(), *self.codes.values()])))

    @property
    def names(self) -> list[str]:
        """The columns' names, those of numbers first."""
        return [*self.numbers, *self.codes]

    def take(self, rows: np.ndarray) -> "Columns":
        """Returns the given rows."""
        return self._each(lambda values: values[rows])

    def without(self, name: str) -> "Columns":
        """Returns all columns but one."""
        numbers, codes = ({n: v for n, v in part.items() if n != name} for part in (self.numbers, self.codes))
        return Columns(numbers, codes, {n: v for n, v in self.categories.items() if n != name})

    def _each(self, function):
        numbers, codes = ({n: function(v) for n, v in part.items()} for part in (self.numbers, self.codes))
        return Columns(numbers, codes, self.categories)

    def matrix(self) -> np.ndarray:
        """Returns the columns side by side, (n, columns) float64."""
        return np.column_stack([*self.numbers.values(), *self.codes.values()]).astype("float64")


def read(schema: Schema, tables: Sequence) -> list[Columns]:
    """Reads tables that have the columns of a schema, so that equal codes are equal categories.

    Values that compare equal are one category, such as 1 and 1.0, as writing and reading a file may change one to the
    other.

    Raises:
        ValueError: If a table lacks a column, or a column holds values of another kind.
    """
    pd = frames.pandas()
    values = [schema.read(table) for table in tables]
    ends = np.cumsum([len(next(iter(each.values()))) for each in values])[:-1]
    numbers, codes, categories = ([{} for _ in tables] for _ in range(3))
    for name, column in schema.columns.items():
        if not isinstance(column, Category):
            for part, each in zip(numbers, values, strict=True):
                part[name] = each[name]
            continue
        known = np.empty(len(column.values), object)
        known[:] = column.values
        found, labels = pd.factorize(np.concatenate([known, *(each[name] for each in values)]))
        labels = [*labels.tolist(), *([None] if (found < 0).any() else [])]
        pieces = np.split(np.where(found < 0, len(labels) - 1, found).astype("int64")[len(known) :], ends)
        for i, piece in enumerate(pieces):
            codes[i][name], categories[i][name] = piece, labels
    return [Columns(*each) for each in zip(numbers, codes, categories, strict=True)]
