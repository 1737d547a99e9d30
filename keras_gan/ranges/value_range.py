"""Black and white of a GAN's pictures: given, deduced, or a guess that the data settles."""

import dataclasses
import math
import warnings
from collections.abc import Sequence

import keras
import numpy as np

from keras_gan.ground.arguments import check_range
from keras_gan.ranges.deduce import deduce
from keras_gan.ranges.interval import EVERYTHING, STANDARD, Interval

SLACK = 0.05  # how far data may lie outside of a range whose width is 2
BYTES = 16.0  # generated numbers above it are meant as 0..255
FOREIGN = 10.0  # data above it was not scaled to a range such as [-1, 1], but for the pictures' mean and deviation
FROM_UINT8 = "map images with `keras_gan.images.from_uint8`"
ARGUMENT = "pass `value_range=(low, high)` to the GAN"


@dataclasses.dataclass(frozen=True)
class ValueRange:
    """Black and white of pictures.

    Attributes:
        low: Becomes 0 in 8 bits.
        high: Becomes 255.
        guessed: Whether it is a guess, which the data of the first `fit` settles.
    """

    low: float
    high: float
    guessed: bool = False

    @property
    def ends(self) -> tuple[float, float]:
        """(low, high)."""
        return self.low, self.high

    def __str__(self):
        return shown(self.ends)


def find(
    generator: keras.layers.Layer,
    given: tuple[float, float] | None = None,
    inputs: Sequence[Interval] = (EVERYTHING,),
) -> ValueRange | None:
    """Returns the range that is given, or the one that the generator's layers decide; None where they do not.

    `inputs` are the intervals of what a generator that is one layer is called on.

    Raises:
        ValueError: If `given` is not two finite numbers, the lower one first.
    """
    if given is not None:
        return ValueRange(*check_range("value_range", given))
    bound = deduce(generator, inputs)
    return ValueRange(*_usual(bound.ends)) if bound.decides else None


def guess(generator: keras.Model, made: np.ndarray) -> ValueRange:
    """Returns a guess by what a generator whose layers do not say makes.

    [0, 1] if nothing is below 0, or [0, 255] if it is far above 1 as well; else [-1, 1]. A range that the generator
    cannot reach is not taken.
    """
    bound = deduce(generator)
    low, high = (float(made.min()), float(made.max())) if np.isfinite(made).all() else (-1.0, 1.0)
    positive = (0.0, 255.0) if high > BYTES else (0.0, 1.0)
    wanted = (-1.0, 1.0) if low < 0 or (low == high and bound.low < 0) else positive
    options = _options(bound)
    if wanted not in options and options:
        wanted = bound.ends if bound.finite else options[0]
    return ValueRange(*wanted, guessed=True)


def is_doubtful(guessed: ValueRange, made: np.ndarray) -> bool:
    """Checks whether a generator's output leaves a guess open: not if it fills a part of [0, 1] and no more."""
    return guessed.ends != (0.0, 1.0) or not 0 <= made.min() < made.max() <= 1


def warn_of_guess(guessed: ValueRange, generator: keras.Model) -> None:
    """Warns that the range of pictures is only a guess."""
    warnings.warn(
        f"The `value_range` of the GAN, what is black and white in its pictures, is guessed as {guessed}: the layers "
        f"of the generator {generator.name!r} do not say it. To be sure, {ARGUMENT}. The first `fit` compares it with "
        "the data",
        stacklevel=4,
    )


def settle(guessed: ValueRange, generator: keras.Model, data: np.ndarray) -> ValueRange:
    """Returns the range that a guess becomes with the data, with a warning where that changes it.

    Raises:
        ValueError: If the data is far outside of it.
    """
    bound, low, high = deduce(generator), float(data.min()), float(data.max())
    if low == high and is_inside(low, high, guessed.ends):  # pictures of one colour say nothing
        return guessed
    fitting = [(a, b) for a, b in _options(bound) if a - SLACK <= low and high <= b + SLACK]
    found = fitting[0] if fitting else None
    foreign = found is None and max(abs(low), abs(high)) > FOREIGN
    if foreign or (found != guessed.ends and found == (0.0, 255.0)):
        raise ValueError(
            f"The data must lie in the `value_range` of the GAN, which is guessed as {guessed}. "
            f"Received: data in {shown((low, high))}; {FROM_UINT8}, or {ARGUMENT} if the generator is to make this"
        )
    if found == guessed.ends:
        return dataclasses.replace(guessed, guessed=False)
    now = guessed.ends if found is None else found
    beyond = "; see that the generator can make numbers below 0, which it has not made yet" if low < guessed.low else ""
    so = "pictures are cut off at its ends" if found is None else f"it is now {shown(now)}"
    warnings.warn(
        f"The `value_range` of the GAN was guessed as {guessed}, and the data lies in {shown((low, high))}: {so}. "
        f"If that is wrong, {ARGUMENT}{beyond}",
        stacklevel=3,
    )
    return ValueRange(*now, guessed=found is None)


def is_inside(low: float, high: float, ends: tuple[float, float]) -> bool:
    """Returns whether [low, high] lies in a range, but for a little."""
    width = ends[1] - ends[0]
    slack = SLACK * (max(1.0, width / 2) if math.isfinite(width) else 1.0)
    return ends[0] - slack <= low and high <= ends[1] + slack


def shown(ends: tuple[float, float]) -> str:
    """Returns a range as text.

    >>> shown((-1.0, 1.0))
    '[-1, 1]'
    """
    return f"[{ends[0]:g}, {ends[1]:g}]"


def how_to_map(ends: tuple[float, float]) -> str:
    """Returns how pictures of 8 bits are brought to a range, in words."""
    if ends == (-1.0, 1.0) or not all(map(math.isfinite, ends)):
        return FROM_UINT8
    return f"map images with `keras_gan.images.from_uint8(images, ({ends[0]:g}, {ends[1]:g}))`"


def _options(bound: Interval) -> list[tuple[float, float]]:
    """Lists the ranges that a generator within a bound can have: usual ones of pictures, then the whole bound."""
    usual = [ends for ends in STANDARD if is_inside(*ends, bound.ends)]
    return [*usual, bound.ends] if bound.finite else usual


def _usual(ends):
    """Returns a range, or the usual one that it almost is."""
    return next((each for each in STANDARD if is_inside(*each, ends) and is_inside(*ends, each)), ends)
