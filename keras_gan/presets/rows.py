"""What games of tables are trained on: rows."""

import dataclasses
import difflib
from collections.abc import Mapping

import keras_gan
from keras_gan.presets import few
from keras_gan.presets.parts import PREFIXES, ROWS, SchemaParts


@dataclasses.dataclass(frozen=True)
class Rows(SchemaParts):
    """The rows of a table, the part `real`.

    Attributes:
        conditioned: Whether rows come with the categories that the game is told, where the table has categories.
        packing: How many rows are judged together, which a batch must be a multiple of.
    """

    kind = ROWS
    conditioned: bool = False
    packing: int = 1

    def read(self, sources):
        path = sources.dataset.removeprefix(PREFIXES[ROWS])
        table = keras_gan.data.Table(path, seed=sources.seed)
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


def check_label(label: str, names: list[str]) -> None:
    """Raises a ValueError if no column is called so; the text offers names that are near."""
    if label not in names:
        close = difflib.get_close_matches(label, names, 3, cutoff=0.5)
        hint = f"; did you mean {' or '.join(map(repr, close))}" if close else ""
        shown = ", ".join(names[:20]) + (", ..." if len(names) > 20 else "")
        raise ValueError(f"`label` must name a column: {shown}{hint}. Received: label={label!r}")
