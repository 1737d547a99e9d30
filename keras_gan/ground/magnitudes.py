"""Statistics of numbers of any magnitude, whose squares may overflow or vanish."""

import numpy as np


def exponent(x: np.ndarray) -> int:
    """Returns the least e such that all finite numbers are below 2^e in size; 0 if there are only zeros.

    Division by 2^e, as by `np.ldexp(x, -e)`, preserves all digits.

    >>> exponent(np.array([3.0, -1e300, np.inf])), exponent(np.array([np.nan]))
    (997, 0)
    """
    known = x[np.isfinite(x)]
    return int(np.frexp(np.abs(known).max())[1]) if len(known) else 0


def moments(x: np.ndarray) -> tuple[float, float]:
    """Returns the mean and the standard deviation of finite numbers, (n,), n at least 1.

    >>> moments(np.array([1e308, 1.5e308]))
    (1.25e+308, 2.5e+307)
    """
    e = exponent(x)
    scaled = np.ldexp(x, -e)
    return float(np.ldexp(scaled.mean(), e)), float(np.ldexp(scaled.std(), e))
