"""Selection of rows so that categories have given frequencies."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from keras_gan.data.schema import Schema
from keras_gan.ground.arguments import check_count, check_seed

if TYPE_CHECKING:  # an extra, imported when it is needed
    import pandas

ROUNDS, CLOSE = 100, 1e-3  # the maximum of rounds; the tolerance of shares
LEAST = 1e-9  # the least weight: rows of weight 0 are chosen where there are no others


def match_shares(rows, schema: Schema, n: int, *, seed: int = 0) -> "pandas.DataFrame":
    """Chooses some of the rows that a model made, so that each category is as frequent as in the data.

    A generator that is conditioned on one category of a row drifts in the others. Here each row has a weight, the
    product of one factor per category, and the factors are adjusted in turn until the weighted shares of all columns
    are those of the data: iterative proportional fitting. Rows are then drawn by weight, without replacement. The
    dependence between columns changes as little as the shares allow. Make three or four times as many rows as you
    need, or more if their shares are far from those of the data.

    Args:
        rows: Made rows: a pandas DataFrame, a dict of columns, or the path of a CSV or Parquet file.
        schema: The columns with the counts of their categories, `data.Table(...).schema`.
        n: Number of rows to choose, at most as many as there are.
        seed: Seed of the draw.

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
    """Returns the positions of rows, drawn by weight and without replacement by systematic sampling."""
    chances, certain = np.zeros(len(weights)), np.zeros(len(weights), bool)
    for _ in range(ROUNDS):
        left = weights * ~certain
        chances = np.where(certain, 1.0, left * ((n - certain.sum()) / max(left.sum(), 1e-300)))
        if (chances <= 1).all():
            break
        certain |= chances > 1
    order = np.lexsort([rng.random(len(weights)), *codes])  # neighbours are alike, so that the steps reach all kinds
    ends = np.cumsum(chances[order])
    places = np.searchsorted(ends, (np.arange(n) + rng.random()) * (ends[-1] / n), side="right")
    return np.sort(order[places.clip(0, len(order) - 1)])


def raked(codes: Sequence[np.ndarray], shares: Sequence[np.ndarray]) -> np.ndarray:
    """Returns the weight of each row, so that the weighted shares of categories are the given ones.

    Args:
        codes: For each column (n,) integers, the categories of the rows.
        shares: For each column the shares of its categories; those of categories without rows go to the others.

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
