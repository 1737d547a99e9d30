"""A number and how far it is to be trusted."""

from typing import NamedTuple


class Estimate(NamedTuple):
    """A value and its error; the function that gives it says which error."""

    value: float
    error: float
