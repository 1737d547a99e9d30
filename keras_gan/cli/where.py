"""`--where NAME=VALUE`: conditions that rows satisfy, with the types of their columns."""

import difflib
from collections.abc import Sequence

import numpy as np

from keras_gan.data import Schema, frames
from keras_gan.data.columns import Category, Number

BETWEEN = ".."
MOST = 20  # names or values that an error lists


def parse(words: Sequence[str], schema: Schema) -> dict[str, object]:
    """Parses conditions into the form that `RowMaker.sample` takes.

    A category is given by its text, which is empty for a missing value. Numbers and dates are given as bounds `A..B`,
    either of which may be left out, or as one value, which is then both bounds.

    Args:
        words: `NAME=VALUE`, each column once.
        schema: The columns.

    Raises:
        ValueError: If a word names an unknown column, or a value that the column does not have; similar ones are
            suggested.

    Example:

    >>> people = Schema.of({"age": [31, 52, 47, 20], "job": ["cook", "nurse", "cook", "cook"]})
    >>> parse(["job=cook", "age=30.."], people)
    {'job': 'cook', 'age': (30, 52)}
    """
    found = {}
    for word in words:
        name, text = _split(word, schema.names)
        if name in found:
            raise ValueError(f"`where` must name a column once. Received: where={word!r} beside another of {name!r}")
        column = schema.columns[name]
        read = _category if isinstance(column, Category) else _bounds
        found[name] = read(name, text, column, schema.forms[name])
    return found


def _split(word, names):
    """Returns the column and the value; the column's name may contain an equals sign, too."""
    known = [name for name in names if word.startswith(f"{name}=")]
    name, sign, _ = word.partition("=")
    if not sign:
        raise ValueError(f"`where` must be NAME=VALUE, such as {names[0]}=... Received: where={word!r}")
    if not known:
        raise ValueError(f"`where` must name a column{_near(name, names)}. Received: where={word!r}")
    name = max(known, key=len)
    return name, word[len(name) + 1 :]


def _near(text, known):
    """Returns the known texts for an error about an unknown one, the similar ones first."""
    texts = [each for each in known if each]
    close = difflib.get_close_matches(text, texts, 3, cutoff=0.5)
    hint = f"; did you mean {' or '.join(map(repr, close))}? All are" if close else ":"
    return f"{hint} {', '.join(texts[:MOST])}{', ...' if len(texts) > MOST else ''}"


def _category(name, text, column, form):
    del form
    texts = ["" if value is None else str(value) for value in column.values]
    if text not in texts:  # old files have spaces around their values
        texts = [each.strip() for each in texts]
    if texts.count(text) != 1:
        raise ValueError(f"`where` must be a category of {name!r}{_near(text, texts)}. Received: where='{name}={text}'")
    return column.values[texts.index(text)]


def _bounds(name, text, column, form):
    low, between, high = text.partition(BETWEEN)
    try:
        given = [_value(each, form) for each in ((low, high) if between else (text, text))]
    except (ValueError, TypeError, OverflowError):
        given = []
    if not any(end is not None for end in given):
        kind = "dates" if form.is_date else "numbers"
        raise ValueError(f"`where` must be A{BETWEEN}B for {name!r}, with {kind}. Received: where='{name}={text}'")
    known = _known(column, form)
    ends = tuple(own if end is None else end for end, own in zip(given, known, strict=True))
    if given[0] is not None and given[1] is not None and not given[0] <= given[1]:
        raise ValueError(f"`where` must have its lower bound first. Received: where='{name}={text}'")
    if not (ends[0] <= known[1] and ends[1] >= known[0]):
        raise ValueError(
            f"`where` must overlap the range of {name!r}, {known[0]} to {known[1]}. Received: where='{name}={text}'"
        )
    return ends


def _value(text, form):
    """Returns the number or date that a text gives; None for an empty text."""
    if not text.strip():
        return None
    if form.is_date:
        return frames.pandas().Series([text.strip()], dtype="object").astype(form.dtype).iloc[0]
    value = float(text)
    return int(value) if value.is_integer() else value


def _known(column, form):
    """Returns the least and the greatest value of a column, in the column's own dtype."""
    return tuple(frames.restore(np.array([column.low, column.high]), form).tolist())


def example(schema: Schema, label: str | None = None) -> str:
    """Returns a condition that some rows of the data satisfy: a column's rarest category, or a number's upper half.

    >>> example(Schema.of({"age": [31, 52, 47, 20], "job": ["cook", "nurse", "cook", "cook"]}))
    'job=nurse'
    """
    categories = schema.categories
    name = label if label in categories else next(iter(categories), None)
    if name is not None:
        column = categories[name]
        pairs = zip(column.values, column.counts, strict=True)
        _, rarest = min((count, str(value).strip()) for value, count in pairs if count and value is not None)
        return f"{name}={rarest}"
    name = next(name for name, column in schema.columns.items() if isinstance(column, Number) and column.blocks)
    column = schema.columns[name]
    middle = frames.restore(np.array([(column.low + column.high) / 2]), schema.forms[name]).tolist()[0]
    return f"{name}={f'{middle:.4g}' if isinstance(middle, float) else middle}{BETWEEN}"
