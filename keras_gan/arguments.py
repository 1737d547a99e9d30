"""Checks of single arguments that many rooms share."""

import math
import numbers
from collections.abc import Sequence

import numpy as np


def check_count(name: str, value: int, most: int | None = None, least: int = 1) -> int:
    """`value`, if it is an integer from `least` to `most`.

    Raises:
        ValueError: If it is not; the error shows the argument's `name`.

    >>> check_count("batch_size", 32)
    32
    """
    whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if not whole or value < least or (most is not None and value > most):
        required = f"of at least {least}" if most is None else f"from {least} to {most}"
        raise ValueError(f"`{name}` must be an integer {required}. Received: {name}={value!r}")
    return value


def check_number(name: str, value: float, low: float = -math.inf, high: float = math.inf, ends: str = "[)") -> float:
    """`value` as a float, if it is a finite number between `low` and `high`; `ends` says which of them it may be.

    Raises:
        ValueError: If it is not; the error shows the argument's `name`.

    >>> check_number("momentum", 0.9, 0, 1)
    0.9
    """
    if isinstance(value, numbers.Real) and not isinstance(value, bool) and math.isfinite(value):
        above = low < value or (ends[0] == "[" and value == low)
        if above and (value < high or (ends[1] == "]" and value == high)):
            return float(value)
    required = f"in {ends[0]}{low:g}, {high:g}{ends[1]}"
    if high == math.inf:
        bound = f" {'of at least' if ends[0] == '[' else 'above'} {low:g}"
        required = f"a finite number{'' if low == -math.inf else bound}"
    raise ValueError(f"`{name}` must be {required}. Received: {name}={value!r}")


def check_shape(name: str, value: Sequence[int]) -> tuple[int, ...]:
    """`value` as a tuple, if it is a shape of integers of at least 1."""
    sizes = value if isinstance(value, Sequence) else (None,)
    if not all(isinstance(size, int) and not isinstance(size, bool) and size >= 1 for size in sizes):
        raise ValueError(f"`{name}` must be a tuple of integers of at least 1. Received: {name}={value!r}")
    return tuple(value)
