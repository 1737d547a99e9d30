"""Columns as an exported graph returns them: their description for clients, and their conversion to a table."""

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
    """Describes each column to clients that have only the output of `Schema.decode_in_graph`: a dict by name, for JSON.

    A description has the `dtype` that the column had; for dates `origin` and `step`, where a moment is origin + step *
    number in the unit of the dtype; for a categorical dtype `categories` and whether they are `ordered`; and for
    categories their `values`, which may include None. Floats that are not finite are texts.
    """
    descriptions = {}
    for name, column in schema.columns.items():
        form = dataclasses.asdict(schema.forms[name])
        categories, values = form["categories"], column.values if isinstance(column, Category) else None
        descriptions[name] = {**form, "categories": _json(categories), "values": _json(values)}
    return descriptions


def restore(columns: Mapping[str, np.ndarray], told: Mapping[str, Mapping]) -> pd.DataFrame:
    """Makes a table of columns, with their original dtypes.

    Args:
        columns: Name -> (n,), as `Schema.decode_in_graph` gives them; texts may be `str` or bytes.
        told: The output of `describe`. A column without a description is left unchanged.

    Raises:
        ValueError: If `told` does not fit the columns.
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


def _restore(values, description):
    if values.dtype == object:
        values = np.array([value if isinstance(value, str) else value.decode() for value in values], object)
    if description is None:
        return values
    own = {field.name: description[field.name] for field in dataclasses.fields(frames.Form)}
    form = frames.Form(**{**own, "categories": None if own["categories"] is None else tuple(own["categories"])})
    if description["values"] is None:
        return frames.restore(values.astype("float64") + 0.0, form)  # -0.0 becomes 0.0, as in `Schema.decode`
    found = np.empty(len(values), object)
    by_text = {"" if value is None else str(value): value for value in reversed(description["values"])}
    found[:] = [by_text[value] for value in values] if values.dtype == object else values.tolist()
    return frames.restore(found, form)


def _json(values):
    """Returns values without the floats that JSON does not have."""
    if values is None:
        return None
    return [str(value) if isinstance(value, float) and not math.isfinite(value) else value for value in values]
