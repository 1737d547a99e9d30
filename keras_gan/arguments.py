"""Checks of single arguments that many rooms share."""

from collections.abc import Sequence

import numpy as np


def check_count(name: str, value: int, most: int | None = None) -> int:
    """`value`, if it is an integer from 1 to `most`.

    Raises:
        ValueError: If it is not; the error shows the argument's `name`.

    >>> check_count("batch_size", 32)
    32
    """
    whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if not whole or value < 1 or (most is not None and value > most):
        required = "of at least 1" if most is None else f"from 1 to {most}"
        raise ValueError(f"`{name}` must be an integer {required}. Received: {name}={value!r}")
    return value


def check_shape(name: str, value: Sequence[int]) -> tuple[int, ...]:
    """`value` as a tuple, if it is a shape of integers of at least 1."""
    sizes = value if isinstance(value, Sequence) else (None,)
    if not all(isinstance(size, int) and not isinstance(size, bool) and size >= 1 for size in sizes):
        raise ValueError(f"`{name}` must be a tuple of integers of at least 1. Received: {name}={value!r}")
    return tuple(value)


def check_dropout(value: float) -> float:
    """`value`, if it is in [0, 1)."""
    if not 0 <= value < 1:
        raise ValueError(f"`dropout` must be in [0, 1). Received: dropout={value!r}")
    return value
