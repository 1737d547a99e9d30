"""Black and white of a GAN's pictures: given, deduced, or a guess that the data confirms."""

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
BYTES = 16.0  # generated numbers above it are taken for 0..255
FOREIGN = 10.0  # data above it was not scaled to a range such as [-1, 1], unless by the pictures' mean and deviation
FROM_UINT8 = "map images with `keras_gan.images.from_uint8`"
ARGUMENT = "pass `value_range=(low, high)` to the GAN"


@dataclasses.dataclass(frozen=True)
class ValueRange:
    """Black and white of pictures.

    Attributes:
        low: The number that becomes 0 in 8 bits.
        high: The number that becomes 255.
        guessed: Whether the range is a guess, which the data of the first `fit` confirms or changes.
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
    """Returns the given range, or the one that the generator's layers determine; None if they do not.

    `inputs` are the intervals of the arguments of a generator that is one layer.

    Raises:
        ValueError: If `given` is not two finite numbers, the lower one first.
    """
    if given is not None:
        return ValueRange(*check_range("value_range", given))
    bound = deduce(generator, inputs)
    return ValueRange(*_usual(bound.ends)) if bound.decides else None


def guess(generator: keras.Model, made: np.ndarray) -> ValueRange:
    """Guesses the range of a generator whose layers do not determine it, by the examples that it has made.

    The guess is [-1, 1] if a number is below 0, otherwise [0, 1], or [0, 255] if a number is far above 1. A range that
    the generator cannot reach is not guessed.
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
    """Returns whether a guess is uncertain: it is not if the guess is [0, 1] and the output varies within it."""
    return guessed.ends != (0.0, 1.0) or not 0 <= made.min() < made.max() <= 1


def warn_of_guess(guessed: ValueRange, generator: keras.Model) -> None:
    """Warns that the range of pictures is only a guess."""
    warnings.warn(
        f"The `value_range` of the GAN, black and white of its pictures, is guessed as {guessed}: the layers of the "
        f"generator {generator.name!r} do not determine it. To be sure, {ARGUMENT}. The first `fit` compares it with "
        "the data",
        stacklevel=4,
    )


def settle(guessed: ValueRange, generator: keras.Model, data: np.ndarray) -> ValueRange:
    """Returns the guessed range, confirmed or changed by the data, with a warning if it changes.

    Raises:
        ValueError: If the data is far outside of the guessed range.
    """
    bound, low, high = deduce(generator), float(data.min()), float(data.max())
    if low == high and is_inside(low, high, guessed.ends):  # pictures of one colour decide nothing
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
    beyond = "; make sure that the generator can make numbers below 0, as none was" if low < guessed.low else ""
    so = "pictures are cut off at its ends" if found is None else f"it is now {shown(now)}"
    warnings.warn(
        f"The `value_range` of the GAN was guessed as {guessed}, and the data lies in {shown((low, high))}: {so}. "
        f"If that is wrong, {ARGUMENT}{beyond}",
        stacklevel=3,
    )
    return ValueRange(*now, guessed=found is None)


def is_inside(low: float, high: float, ends: tuple[float, float]) -> bool:
    """Returns whether [low, high] lies in a range, with a small tolerance."""
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
    """Returns the advice for mapping 8-bit pictures to a range."""
    if ends == (-1.0, 1.0) or not all(map(math.isfinite, ends)):
        return FROM_UINT8
    return f"map images with `keras_gan.images.from_uint8(images, ({ends[0]:g}, {ends[1]:g}))`"


def _options(bound: Interval) -> list[tuple[float, float]]:
    """Lists the ranges that a generator within a bound can have: usual ranges of pictures, then the bound itself."""
    usual = [ends for ends in STANDARD if is_inside(*ends, bound.ends)]
    return [*usual, bound.ends] if bound.finite else usual


def _usual(ends):
    """Returns a range, or the usual range that is almost equal to it."""
    return next((each for each in STANDARD if is_inside(*each, ends) and is_inside(*ends, each)), ends)
