"""A number and its error."""

from typing import NamedTuple


class Estimate(NamedTuple):
    """A value and its error, which the function that returns it defines."""

    value: float
    error: float
