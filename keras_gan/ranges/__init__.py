"""The range of a generator's examples, and the numbers that are black and white in pictures."""

from keras_gan.ranges.deduce import deduce
from keras_gan.ranges.interval import EVERYTHING, Interval
from keras_gan.ranges.value_range import (
    ValueRange,
    find,
    guess,
    how_to_map,
    is_doubtful,
    is_inside,
    settle,
    shown,
    warn_of_guess,
)

__all__ = [
    "EVERYTHING",
    "Interval",
    "ValueRange",
    "deduce",
    "find",
    "guess",
    "how_to_map",
    "is_doubtful",
    "is_inside",
    "settle",
    "shown",
    "warn_of_guess",
]
