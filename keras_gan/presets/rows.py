"""Data of games of tables: rows."""

import dataclasses
import difflib
from collections.abc import Mapping

import keras_gan
from keras_gan.ground import prefixes
from keras_gan.ground.prefixes import ROWS
from keras_gan.presets import few
from keras_gan.presets.parts import SchemaParts, split_names


@dataclasses.dataclass(frozen=True)
class Rows(SchemaParts):
    """The rows of a table, the part `real`.

    Attributes:
        conditioned: Whether batches include conditions, the categories for the game, if the table has categories.
        packing: Number of rows that are judged together, of which a batch must be a multiple. Defaults to 1.
    """

    kind = ROWS
    conditioned: bool = False
    packing: int = 1

    def read(self, sources):
        path = prefixes.split(sources.dataset)[1]
        columns = None if sources.columns is None else split_names(sources.columns)
        table = keras_gan.data.Table(path, columns=columns, kinds=split_kinds(sources.kinds), seed=sources.seed)
        if not table.schema.width:
            raise ValueError(
                f"`dataset` must have a column that is not one value throughout. Received: dataset={sources.dataset!r}"
            )
        if sources.label is not None:
            check_label(sources.label, table.schema.names)
        return {"real": table}

    def batch_size(self, default, counts, moves=1):
        return max(few.batch_size(default, counts, moves, together=self.packing), self.packing)

    def batches(self, parts, batch_size, seed, labels, flip=False):
        table = parts["real"]
        if len(table) < self.packing:
            raise ValueError(
                f"`dataset` must have at least {self.packing} rows, the number that are judged together: add rows, or "
                f"take --model=tvae, which has no discriminator. Received: {len(table)}"
            )
        if batch_size % self.packing:
            raise ValueError(
                f"`batch_size` must be a multiple of {self.packing}, the number of rows that are judged together. "
                f"Received: batch_size={batch_size}"
            )
        if self.conditioned and table.schema.categories:
            return table.conditioned(batch_size, seed=seed)
        return table.batches(batch_size, seed=seed)

    def check_shapes(self, shape, model):
        schema = shape.get("real") if isinstance(shape, Mapping) else shape
        if not isinstance(schema, keras_gan.data.Schema) or not schema.width:
            raise ValueError(
                f"`shape` must be the schema of a table, `data.Table(...).schema`, for {model}, with a column that is "
                f"not one value throughout. Received: shape={keras_gan.ground.arguments.shown(shape)}"
            )
        return {"real": schema}


def split_kinds(text: str | None) -> dict[str, str] | None:
    """Parses kinds of columns, `NAME=KIND` by commas.

    Raises:
        ValueError: If a name has no kind.

    Example:

    >>> split_kinds("zip=category, born=date")
    {'zip': 'category', 'born': 'date'}
    """
    if text is None:
        return None
    pairs = [pair.rpartition("=") for pair in split_names(text)]
    if not pairs or not all(name for name, _, _ in pairs):
        raise ValueError(f"`kinds` must be NAME=KIND by commas, such as zip=category. Received: kinds={text!r}")
    return {name: kind for name, _, kind in pairs}


def check_label(label: str, names: list[str]) -> None:
    """Raises a ValueError if there is no such column; the text suggests similar names."""
    if label not in names:
        close = difflib.get_close_matches(label, names, 3, cutoff=0.5)
        hint = f"; did you mean {' or '.join(map(repr, close))}" if close else ""
        shown = ", ".join(names[:20]) + (", ..." if len(names) > 20 else "")
        raise ValueError(f"`label` must name a column: {shown}{hint}. Received: label={label!r}")
