"""Histograms of the columns of two tables."""

import numpy as np

from keras_gan.data import Schema
from keras_gan.evaluation.tables.columns import Columns

BINS, MOST_BARS, OTHERS, MISSING = 24, 12, "others", "missing"


def histograms(schema: Schema, real: Columns, synthetic: Columns) -> dict[str, dict[str, list]]:
    """Counts the values of each column.

    Args:
        schema: The schema, for the order of the columns.
        real: Real rows.
        synthetic: Other rows, read together with `real`.

    Returns:
        Name of a column -> `"values"`, texts, and `"real"` and `"synthetic"`, the share of the rows that have each. For
        numbers the values are the lower edges of 24 bins, the first and the last of which include numbers beyond; for
        categories they are the 12 most frequent ones in the real rows.
    """
    found = {}
    for name in schema.names:
        tables = (real, synthetic)
        if name in real.numbers:
            values, counts = _of_numbers(*(each.numbers[name] for each in tables))
        else:
            values, counts = _of_categories(real.categories[name], *(each.codes[name] for each in tables))
        shares = [(count / len(each)).tolist() for count, each in zip(counts, tables, strict=True)]
        found[name] = {"values": values, "real": shares[0], "synthetic": shares[1]}
    return found


def _of_numbers(*parts):
    known = [each[np.isfinite(each)] / 4 for each in parts]  # differences of the greatest numbers overflow
    first = next((each for each in known if len(each)), np.zeros(1))
    low, high = np.quantile(first, [0.005, 0.995])
    low, high = (low, high) if high > low else (first.min(), first.max())  # nearly all numbers are equal
    low, high = (low, high) if np.all(np.diff(np.linspace(low, high, BINS + 1)) > 0) else (low - 0.125, high + 0.125)
    edges = np.linspace(low, high, BINS + 1)
    counts = [np.histogram(each.clip(low, high), edges)[0] for each in known]
    values = [f"{4 * edge:.4g}" for edge in edges[:-1]]
    gone = [len(each) - len(some) for each, some in zip(parts, known, strict=True)]
    if any(gone):
        values, counts = [*values, MISSING], [np.append(*each) for each in zip(counts, gone, strict=True)]
    return values, counts


def _of_categories(labels, *parts):
    counts = [np.bincount(codes, minlength=len(labels)) for codes in parts]
    order = np.argsort(-counts[0], kind="stable")
    values = [MISSING if labels[i] is None else str(labels[i]) for i in order]
    counts = [each[order] for each in counts]
    if len(order) > MOST_BARS:
        values = [*values[:MOST_BARS], OTHERS]
        counts = [np.append(each[:MOST_BARS], each[MOST_BARS:].sum()) for each in counts]
    return values, counts
