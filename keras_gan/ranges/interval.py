"""Intervals that hold all values of a tensor, and their arithmetic."""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import tensorflow as tf

STANDARD = ((0.0, 1.0), (-1.0, 1.0), (0.0, 255.0))  # the ranges that pictures usually have
FAR = np.concatenate([np.linspace(0, 12, 4801), np.logspace(1.1, 15, 200)]).astype("float32")
FARTHER = np.logspace(15.1, 30, 30).astype("float32")
TOO_LARGE = 1e9  # a value that a bounded function never reaches


class Interval(NamedTuple):
    """An interval [low, high] that holds all values.

    Attributes:
        low: The lower end, which may be -inf.
        high: The upper end, which may be inf.
        tight: Whether the values are known to use the whole interval. It is False after clipping, which is often only
            a safeguard, and after a sum of two tensors, which may depend on each other.
        origin: The name of the activation or operation that the interval comes from.
    """

    low: float = -math.inf
    high: float = math.inf
    tight: bool = True
    origin: str = "linear"

    @property
    def ends(self) -> tuple[float, float]:
        """(low, high)."""
        return self.low, self.high

    @property
    def finite(self) -> bool:
        """Whether both ends are finite and differ."""
        return math.isfinite(self.low) and math.isfinite(self.high) and self.low < self.high

    @property
    def decides(self) -> bool:
        """Whether it determines black and white: the values use all of it, or it is usual for pictures."""
        return self.finite and (self.tight or self.ends in STANDARD or -1 <= self.low <= self.high <= 1)

    @property
    def constant(self) -> bool:
        """Whether the interval is a single number."""
        return self.low == self.high


EVERYTHING = Interval()


def of_constant(value) -> Interval | None:
    """Returns the interval of a number or an array; None if `value` holds no real numbers."""
    try:
        array = np.asarray(value, "float64")
    except (TypeError, ValueError):
        return None
    if not array.size or np.isnan(array).any():
        return None
    return Interval(float(array.min()), float(array.max()), origin="constant")


def hull(*intervals: Interval, origin: str | None = None) -> Interval:
    """Returns the smallest interval that contains all of `intervals`."""
    widest = max(intervals, key=lambda each: each.high - each.low)
    low, high = min(each.low for each in intervals), max(each.high for each in intervals)
    return Interval(low, high, all(each.tight for each in intervals), origin or widest.origin)


def add(a: Interval, b: Interval, origin: str) -> Interval:
    """Computes a + b."""
    return _made(a, b, a.low + b.low, a.high + b.high, origin, tight=a.constant or b.constant)


def subtract(a: Interval, b: Interval, origin: str) -> Interval:
    """Computes a - b."""
    return _made(a, b, a.low - b.high, a.high - b.low, origin, tight=a.constant or b.constant)


def multiply(a: Interval, b: Interval, origin: str) -> Interval:
    """Computes a b."""
    corners = [0.0 if 0 in (x, y) else x * y for x in a.ends for y in b.ends]
    return _made(a, b, min(corners), max(corners), origin, tight=a.constant or b.constant)


def divide(a: Interval, b: Interval, origin: str) -> Interval:
    """Computes a / b; the result is unbounded if b may be 0."""
    if b.low <= 0 <= b.high:
        return EVERYTHING
    return multiply(a, b._replace(low=1 / b.high, high=1 / b.low), origin)


def maximum(a: Interval, b: Interval, origin: str) -> Interval:
    """Computes max(a, b)."""
    return Interval(max(a.low, b.low), max(a.high, b.high), False, origin)


def minimum(a: Interval, b: Interval, origin: str) -> Interval:
    """Computes min(a, b)."""
    return Interval(min(a.low, b.low), min(a.high, b.high), False, origin)


def _made(a, b, low, high, origin, tight):
    return Interval(_clean(low), _clean(high), tight and a.tight and b.tight, origin)


def _clean(value):
    """Rounds to six digits, so that rounding in float32 does not make 1.0000001 of 1."""
    return float(f"{value:.6g}") + 0.0  # and no -0


def image_of(function: Callable, interval: Interval, origin: str, tight: bool = True) -> Interval:
    """Returns the image of an interval under an elementwise function, found by evaluating the function.

    It is evaluated on thousands of numbers that fill the interval, up to 1e30. A side on which the values still grow
    there, or are huge, is infinite.
    """
    points = _points(interval)
    try:
        values = np.asarray(function(tf.constant(points)), "float64")
    except Exception:  # whatever a user's function may raise
        return EVERYTHING
    if values.shape != points.shape or not np.isfinite(values[np.abs(points) <= 1]).all():
        return EVERYTHING
    near = values[np.abs(points) <= FAR[-1]]
    low, high = (_end(find(near), find(values[~np.isnan(values)])) for find in (np.min, np.max))
    return Interval(low, high, tight and interval.tight, origin)


def _points(interval):
    ends = [value for value in interval.ends if math.isfinite(value)]
    points = np.concatenate([-FARTHER, -FAR, FAR, FARTHER, *([np.linspace(*ends, 2001)] if len(ends) == 2 else [])])
    inside = points[(points >= interval.low) & (points <= interval.high)]
    return np.unique(np.concatenate([inside, ends])).astype("float32")


def _end(near, all_over):
    if abs(all_over) > TOO_LARGE or abs(all_over - near) > 1e-3 * (1 + abs(near)):
        return math.copysign(math.inf, all_over)
    return _clean(all_over)
