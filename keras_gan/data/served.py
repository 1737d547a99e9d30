"""Columns as an exported graph gives them: what clients must know of them, and how they become a table again."""

from __future__ import annotations

import dataclasses
import math
import typing
from collections.abc import Mapping

import numpy as np

from keras_gan.data import frames
from keras_gan.data.columns import Category
from keras_gan.data.schema import Schema

if typing.TYPE_CHECKING:
    import pandas as pd


def describe(schema: Schema) -> dict[str, dict]:
    """Describes each column for who has only what `Schema.decode_in_graph` gives: a dict by name, for JSON.

    It holds the `dtype` that the column had; of dates `origin` and `step`, where a moment is origin + step * number in
    the unit of the dtype; of a categorical dtype `categories` and whether they are `ordered`; and of categories their
    `values`, None among them. Floats that are not finite are texts.
    """
    told = {}
    for name, column in schema.columns.items():
        form = dataclasses.asdict(schema.forms[name])
        categories, values = form["categories"], column.values if isinstance(column, Category) else None
        told[name] = {**form, "categories": _json(categories), "values": _json(values)}
    return told


def restore(columns: Mapping[str, np.ndarray], told: Mapping[str, Mapping]) -> pd.DataFrame:
    """Makes a table of columns, with the dtypes that they had.

    Args:
        columns: Name -> (n,), as `Schema.decode_in_graph` gives them; texts may be `str` or bytes.
        told: What `describe` gave. A column that it does not know stays as it is.

    Raises:
        ValueError: If it does not fit the columns.
    """
    restored = {}
    for name, values in columns.items():
        try:
            restored[name] = _restore(values, told.get(name))
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
            raise ValueError(
                f"`told` must describe the columns. Received: {name}={told[name]!r:.200}, with the error: {error!r}"
            ) from error
    return frames.pandas().DataFrame(restored)


def _restore(values, told):
    if values.dtype == object:
        values = np.array([value if isinstance(value, str) else value.decode() for value in values], object)
    if told is None:
        return values
    own = {field.name: told[field.name] for field in dataclasses.fields(frames.Form)}
    form = frames.Form(**{**own, "categories": None if own["categories"] is None else tuple(own["categories"])})
    if told["values"] is None:
        return frames.restore(values.astype("float64") + 0.0, form)  # -0.0 is 0.0, as of `Schema.decode`
    found = np.empty(len(values), object)
    by_text = {"" if value is None else str(value): value for value in reversed(told["values"])}
    found[:] = [by_text[value] for value in values] if values.dtype == object else values.tolist()
    return frames.restore(found, form)


def _json(values):
    """Returns values without the floats that JSON does not have."""
    if values is None:
        return None
    return [str(value) if isinstance(value, float) and not math.isfinite(value) else value for value in values]
