"""How many weights a network has at a width that is too large to build."""

from collections.abc import Callable
from fractions import Fraction

import keras
import numpy as np


def trained(build: Callable[[int], keras.Model], width: int, unit: int) -> int:
    """The number of weights that are trained: a polynomial of degree 2 in the width, found at three small ones.

    Args:
        build: Makes the network of a width.
        width: The width that is asked for, a multiple of `unit`.
        unit: The smallest width; the others are 2 and 3 times as large.
    """
    points = [unit, 2 * unit, 3 * unit]
    counts = [sum(int(np.prod(w.shape)) for w in build(each).trainable_weights) for each in points]
    total = Fraction(0)
    for i, (x, y) in enumerate(zip(points, counts, strict=True)):
        others = [each for j, each in enumerate(points) if j != i]
        total += y * Fraction((width - others[0]) * (width - others[1]), (x - others[0]) * (x - others[1]))
    assert total.denominator == 1
    return int(total)
