"""Rows chosen so that categories are as frequent as they are to be."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from keras_gan.data.schema import Schema
from keras_gan.ground.arguments import check_count, check_seed

if TYPE_CHECKING:  # an extra, imported when it is needed
    import pandas

ROUNDS, CLOSE = 100, 1e-3  # the most rounds; shares are near enough
LEAST = 1e-9  # a weight: a row of which there is to be none is chosen where there are no others


def match_shares(rows, schema: Schema, n: int, *, seed: int = 0) -> "pandas.DataFrame":
    """Chooses some of the rows that a model made, so that each category is as frequent as in the data.

    A generator that is given one category of a row drifts in the others. Here each row has a weight, a product of a
    factor for each of its categories, and the factors are raised and lowered in turn until the weighted shares of all
    columns are those of the data: iterative proportional fitting. Then rows are drawn by weight, none of them twice.
    What goes together in the rows stays as near to what it was as the shares allow. Make three or four times as many
    rows as you need: the farther the shares are, the more.

    Args:
        rows: Made rows: a pandas DataFrame, a dict of columns, or the path of a CSV or Parquet file.
        schema: The columns and how often their categories occur, `data.Table(...).schema`.
        n: How many rows are chosen, at most as many as there are.
        seed: Of the draw.

    Returns:
        A pandas DataFrame of `n` of the rows. Categories that no row has stay missing.

    Raises:
        ValueError: If the rows do not fit the schema, or are fewer than `n`.

    Example:

    >>> schema = Schema.of({"job": ["cook", "nurse"] * 50})
    >>> made = {"job": ["cook"] * 300 + ["nurse"] * 100}
    >>> sorted(match_shares(made, schema, 100)["job"].value_counts().items())
    [('cook', 50), ('nurse', 50)]

    Reference: [Deming and Stephan, 1940](https://doi.org/10.1214/aoms/1177731829).
    """
    frame = schema.as_frame(rows)
    check_count("n", n, most=len(frame))
    values = schema.read(frame)
    codes, shares = [], []
    for name, column in schema.categories.items():
        codes.append(np.array([column.place(value) for value in values[name].tolist()]))
        shares.append(np.array(column.counts) / sum(column.counts))
    weights = raked(codes, shares) if codes else np.ones(len(frame))
    chosen = _drawn(np.maximum(weights, LEAST), codes, n, np.random.default_rng(check_seed("seed", seed) % 2**32))
    return frame.iloc[chosen].reset_index(drop=True)


def _drawn(weights, codes, n, rng):
    """Returns which rows are drawn: each as probable as its weight says, but never twice, in systematic steps."""
    chances, certain = np.zeros(len(weights)), np.zeros(len(weights), bool)
    for _ in range(ROUNDS):
        left = weights * ~certain
        chances = np.where(certain, 1.0, left * ((n - certain.sum()) / max(left.sum(), 1e-300)))
        if (chances <= 1).all():
            break
        certain |= chances > 1
    order = np.lexsort([rng.random(len(weights)), *codes])  # neighbours are alike, so that steps meet all kinds
    ends = np.cumsum(chances[order])
    places = np.searchsorted(ends, (np.arange(n) + rng.random()) * (ends[-1] / n), side="right")
    return np.sort(order[places.clip(0, len(order) - 1)])


def raked(codes: Sequence[np.ndarray], shares: Sequence[np.ndarray]) -> np.ndarray:
    """Returns the weight of each row, so that the weighted share of each category is the one that is asked for.

    Args:
        codes: For each column (n,) integers, the categories of the rows.
        shares: For each column what its categories are to have; of those that no row has the others get their part.

    Returns:
        (n,) float64, of mean 1.
    """
    weights = np.ones(len(codes[0]))
    for _ in range(ROUNDS):
        farthest = 0.0
        for column, wanted in zip(codes, shares, strict=True):
            found = np.bincount(column, weights, minlength=len(wanted)) / weights.sum()
            there = np.where(found > 0, wanted, 0)
            there = there / there.sum() if there.sum() > 0 else found
            farthest = max(farthest, float(np.abs(found - there).max()))
            weights = weights * np.divide(there, found, out=np.zeros(len(found)), where=found > 0)[column]
        if farthest < CLOSE:
            break
    return weights / weights.mean()
