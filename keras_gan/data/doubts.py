"""Warnings of columns that a schema can encode, but whose encoding is hardly what the user wants."""

import re
import warnings
from collections.abc import Sequence

import numpy as np

from keras_gan.data import table_files

MANY = 50  # rows from which on unique values are warned of
LOOKS = {  # what all texts of a column look like, which one of them must have -> a name, and how it is converted
    r"[+-]?\d{1,3}(,\d{3})*": (",", "numbers with commas", "`pandas.read_csv(path, thousands=',')`, or `decimal=','`"),
    r"[+-]?(\d+|\d{1,3}(\.\d{3})+)(,\d+)?": (
        ",",
        "numbers with a decimal comma",
        "`pandas.read_csv(path, decimal=',')`, with `thousands='.'` if they have points too",
    ),
    r"[+-]?\d+([.,]\d+)? ?%": ("%", "numbers with a percent sign", "`frame[name].str.rstrip('%').astype(float)`"),
    r"\d{1,2}\.\d{1,2}\.(\d{4}|\d{2})": (
        ".",
        "dates of day, month and year",
        "`pandas.to_datetime(frame[name], dayfirst=True)`",
    ),
    r"\d{1,2}/\d{1,2}/(\d{4}|\d{2})": ("/", "dates with slashes", "`pandas.to_datetime(frame[name], format=...)`"),
}


def warn_of_names(name: str, counts: Sequence[int]) -> None:
    """Warns of categories that identify rows, as generated rows repeat them."""
    once, rows = counts.count(1), sum(counts)
    if rows >= MANY and once > rows / 2:
        warnings.warn(
            f"`{name}` must be left out of `columns` if it identifies rows, as people's names do: generated rows "
            f"repeat its values. Received: {once:,} of {rows:,} rows with a unique value",
            stacklevel=4,
        )


def warn_of_notation(name: str, values: Sequence) -> bool:
    """Warns of texts that look like numbers or dates of another notation, and returns whether they do."""
    texts = [value.strip() for value in values if isinstance(value, str) and not table_files.is_missing(value)]
    for pattern, (mark, called, conversion) in LOOKS.items():
        if all(re.fullmatch(pattern, text) for text in texts) and any(mark in text for text in texts):
            warnings.warn(
                f"`{name}` has texts that look like {called}, and is read as a category: convert it, as by "
                f"{conversion}, or say `kinds={{{name!r}: 'category'}}`. "
                f"Received: {next(text for text in texts if mark in text)!r}",
                stacklevel=4,
            )
            return True
    return False


def warn_of_row_numbers(name: str, values: np.ndarray) -> None:
    """Warns of integers that number the rows: a network learns only their range, and generated rows repeat some."""
    if len(values) < MANY or np.isnan(values).any() or len(np.unique(values)) < len(values):
        return
    if values.max() - values.min() < 2 * len(values):
        warnings.warn(
            f"`{name}` must be left out of `columns` if it numbers rows: generated rows have any numbers of its range. "
            f"Received: {len(values):,} rows with unique numbers, from {values.min():.0f} to {values.max():.0f}",
            stacklevel=4,
        )
