"""The elements of data sets: named parts in a tensor, a tuple or a dict."""

import keyword
from collections.abc import Callable, Sequence
from typing import TypeAlias

import keras
import tensorflow as tf

Element: TypeAlias = tf.Tensor | tuple | dict  # of tensors
NAMES = ("real", "labels")
RESERVED = (  # arguments of the functions that take parts by name
    "batch_size",
    "drop_remainder",
    "flip",
    "image_size",
    "joined",
    "names",
    "seed",
    "shuffle",
    "transform",
    "value_range",
)


def parts(element: Element, names: Sequence[str] | None = None) -> dict:
    """Returns the parts of an element by name.

    Args:
        element: A dict of parts, a tensor (the first of `names`), or a tuple of at most as many tensors as there are
            names. Parts that are None are left out, and so is the tuple that Keras puts around a dict.
        names: Names of the parts of a tuple. Defaults to ("real", "labels").

    Raises:
        ValueError: If a tuple has more parts than there are names, or none.

    Example:

    >>> parts((1, 2)), parts(3), parts({"a": 1, "b": 2})
    ({'real': 1, 'labels': 2}, {'real': 3}, {'a': 1, 'b': 2})
    """
    names = NAMES if names is None else names  # autograph loses defaults that are not literals
    element = without_nones(element)
    if isinstance(element, dict):
        return dict(element)
    given = element if isinstance(element, tuple | list) else (element,)
    if not 1 <= len(given) <= len(names):
        raise _unknown(element)
    return dict(zip(names, given, strict=False))


def unpack(element: Element) -> tuple:
    """Returns (examples, labels or None) of a data set's element: a tensor, (examples,), (examples, labels), or a dict.

    Raises:
        ValueError: If the element is something else.
    """
    found = parts(element)
    if "real" not in found or not set(found) <= set(NAMES):
        raise _unknown(element)
    return found["real"], found.get("labels")


def _unknown(element):
    kind = f"a {type(element).__name__} of {len(element)}"
    named = f", named {', '.join(map(repr, element))}" if isinstance(element, dict) else ""
    return ValueError(
        "The data must be batches of examples or pairs (examples, labels), or dicts of 'real' and 'labels'. "
        f"Received: {kind}{named}"
    )


def check_names(names: Sequence[str]) -> None:
    """Checks that the names of parts are public Python identifiers that are not reserved.

    Raises:
        ValueError: If a name is invalid or reserved.
    """
    for name in names:
        written = isinstance(name, str) and name.isidentifier() and not keyword.iskeyword(name)
        if not written or name.startswith("_") or name in RESERVED:
            raise ValueError(
                "The parts must have names such as 'a' or 'source': of letters, digits and _, and none of "
                f"{', '.join(RESERVED)}. Received: {name!r}"
            )


def without_nones(element: Element) -> Element:
    """Returns an element without the parts that are None: the trailing ones of a tuple, any of a dict."""
    if isinstance(element, tuple):
        while len(element) > 1 and element[-1] is None:
            element = element[:-1]
        if len(element) == 1 and isinstance(element[0], dict):
            element = element[0]
    if isinstance(element, dict):
        return {name: part for name, part in element.items() if part is not None}
    return element


def map_parts(function: Callable, element: Element) -> Element:
    """Returns an element of the same form whose parts are `function(name, part)`; a tuple's parts have `NAMES`."""
    if isinstance(element, dict):
        return {name: function(name, part) for name, part in element.items()}
    if isinstance(element, tuple | list):
        known = [*NAMES, *[None] * len(element)]
        return tuple(function(name, part) for name, part in zip(known, element, strict=False))
    return function(NAMES[0], element)


def ensure_shapes(element: Element, shapes: dict[str, tuple | None] | None) -> Element:
    """Adds missing static shapes to an element of batches.

    Args:
        element: A tensor, a tuple or a dict.
        shapes: Shape of an example of each part, by name; None where it is unknown. Labels are scalars, (), unless
            another shape is given. None leaves the element unchanged.
    """
    return (
        element if shapes is None else map_parts(lambda name, x: _ensure_shape(x, _missing(name, x, shapes)), element)
    )


def lacks_shapes(spec, shapes: dict[str, tuple | None]) -> bool:
    """Returns whether `ensure_shapes` changes elements that are specified by `spec`."""
    missing = map_parts(lambda name, x: isinstance(x, tf.TensorSpec) and _missing(name, x, shapes) is not None, spec)
    return any(keras.tree.flatten(missing))


def _missing(name, x, shapes):
    """Returns the known shape of an example if the tensor or specification `x` lacks it, otherwise None."""
    if x is None or x.shape[1:].is_fully_defined():
        return None
    if name == "labels" and shapes.get(name) is None:
        return () if x.shape.rank is None else None
    return shapes.get(name)


def _ensure_shape(x, shape):
    return x if shape is None else tf.ensure_shape(x, (None, *shape))


def stack(elements: list) -> Element:
    """Stacks several batches on axis 1 to one element; a single batch is returned unchanged."""
    return elements[0] if len(elements) == 1 else keras.tree.map_structure(lambda *xs: tf.stack(xs, axis=1), *elements)


def ungroup(element: Element, count: int) -> list:
    """Returns the `count` batches of an element that were stacked on axis 1, in their order."""
    if count == 1:
        return [element]
    return [keras.tree.map_structure(lambda x, i=i: x[:, i], element) for i in range(count)]
