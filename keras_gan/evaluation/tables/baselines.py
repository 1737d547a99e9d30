"""A baseline for generated rows."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from keras_gan.data import Schema, frames
from keras_gan.data.columns import Category
from keras_gan.ground.arguments import check_count, check_seed
from keras_gan.ground.magnitudes import moments

if TYPE_CHECKING:  # an extra, imported when it is needed
    import pandas


def class_wise_gaussian(
    data, label: str, n: int | None = None, *, kinds: Mapping[str, str] | None = None, seed: int = 0
) -> "pandas.DataFrame":
    """Makes rows whose columns depend on the label, and on nothing else.

    Labels are drawn by their frequency. Given the label, each column is drawn independently from the rows with this
    label: numbers from a normal distribution of their mean and standard deviation, within the data's bounds, categories
    and missing values by their frequency. If the label is a number, all columns are independent. A model of rows is
    worth its training where it is better.

    Args:
        data: A pandas DataFrame, a dict of columns, or the path of a CSV or Parquet file.
        label: The column that others depend on.
        n: Number of rows. Defaults to that of the data.
        kinds: Kinds of columns, as for `data.Schema.of`.
        seed: Seed of the draws.

    Returns:
        A pandas DataFrame with the columns and dtypes of the data.

    Raises:
        ValueError: If the data is not a table, or has no such column.

    Example:

    >>> people = {"age": [30, 34, 61, 65] * 25, "retired": [False, False, True, True] * 25}
    >>> rows = class_wise_gaussian(people, "retired", 1000)
    >>> rows.groupby("retired")["age"].mean().round().tolist()
    [32.0, 63.0]
    """
    frame = frames.as_frame(data, kinds)
    schema = Schema.of(frame, kinds=kinds, modes=1)
    if label not in schema.names:
        raise ValueError(f"`label` must be a column, of {schema.names}. Received: label={label!r}")
    n = len(frame) if n is None else check_count("n", n)
    rng, values = np.random.default_rng(check_seed("seed", seed) % 2**32), schema.read(frame)
    classes = np.zeros(len(frame), int)
    if isinstance(schema.columns[label], Category):
        classes = np.array([schema.columns[label].place(value) for value in values[label].tolist()])
    drawn = classes[rng.integers(len(classes), size=n)]
    made = {name: np.empty(n, each.dtype) for name, each in values.items()}
    for each in np.unique(drawn):
        old, new = classes == each, drawn == each
        for name, column in schema.columns.items():
            made[name][new] = _draw(rng, column, values[name][old], int(new.sum()))
    return frames.pandas().DataFrame({name: frames.restore(each, schema.forms[name]) for name, each in made.items()})


def _draw(rng, column, values, n):
    """Draws `n` values of a column independently."""
    picked = values[rng.integers(len(values), size=n)]
    known = values if isinstance(column, Category) else values[np.isfinite(values)]
    if isinstance(column, Category) or not len(known):
        return picked
    mean, deviation = moments(known)
    with np.errstate(over="ignore"):
        found = (mean + deviation * rng.normal(size=n)).clip(column.low, column.high)
    found = found if column.digits is None else found.round(column.digits)
    return np.where(np.isfinite(picked), found, picked)
