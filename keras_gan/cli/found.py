"""Descriptions of the user's data, which a run prints when it begins."""

from collections.abc import Mapping

import numpy as np

from keras_gan import data
from keras_gan.data.columns import Category

MOST = 20  # columns that are listed


def describe(parts: Mapping[str, data.Pictures | data.Table | data.Windows | str]) -> list[str]:
    """Describes folders of pictures, tables and series: how much they hold, of which kinds, and how it is used.

    Args:
        parts: The data of a run, by the names of its parts.
    """
    lines = []
    for name, part in parts.items():
        if type(part) in DESCRIBED and (words := DESCRIBED[type(part)](part)):
            first, *rest = words
            lines += [f"{'Found' if name == 'real' else name}: {first}", *(f"  {line}" for line in rest)]
    return lines


def _of_pictures(pictures):
    return [] if pictures.survey is None else pictures.survey.describe(_counts(pictures))


def describe_columns(schema: data.Schema) -> list[str]:
    """Describes the kinds of a table's columns, a line per kind, with the number of categories."""
    kinds = {}
    for name, column in schema.columns.items():
        text = f"{name} ({len(column.values)})" if isinstance(column, Category) else name
        kind = "categories" if isinstance(column, Category) else "dates" if schema.forms[name].is_date else "numbers"
        kinds.setdefault(kind if column.blocks else "constant", []).append(text if column.blocks else name)
    return [f"{kind}: {_listed(names)}" for kind, names in kinds.items()]


def _listed(names):
    return ", ".join(names[:MOST]) + (", ..." if len(names) > MOST else "")


def _of_table(table):
    columns, shares = table.schema.columns, table.frame.isna().mean()
    missing = [f"{name} {share:.1%}" for name, share in shares.items() if share and columns[name].blocks]
    return [
        f"{len(table):,} rows of {len(columns)} columns",
        *describe_columns(table.schema),
        *([f"missing values: {_listed(missing)}"] if missing else []),
    ]


def _of_windows(series):
    length = series.schema.length
    held_out = f", and {len(series.test):,} held out" if len(series.test) else ""
    where = f", at the end of each of {series.stretches} stretches" if len(series.test) and series.stretches > 1 else ""
    counts = np.bincount(series.labels if series.labels is not None else [])
    shares = [f"{name} {count:,}" for name, count in zip(series.class_names, counts, strict=False)]
    return [
        f"a series of {series.moments:,} moments",
        f"columns: {_listed(series.names)}",
        *([f"times: {series.time}, in rising order; not trained on"] if series.time else []),
        f"windows of {length} moments: {len(series):,} to train on{held_out}{where}",
        *([f"labels: {_listed(shares)}"] if shares else []),
    ]


DESCRIBED = {data.Pictures: _of_pictures, data.Table: _of_table, data.Windows: _of_windows}


def _counts(pictures):
    """Returns {class name: number of pictures}; None without labels."""
    if pictures.labels is None:
        return None
    counts = np.bincount(pictures.labels, minlength=len(pictures.class_names)).tolist()
    return dict(zip(pictures.class_names, counts, strict=True))
