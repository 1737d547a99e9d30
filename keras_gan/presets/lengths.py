"""The length of a default run: the preset's number of updates, limited by processor time."""

import math
from collections.abc import Mapping

MOST = 3_600  # approximate seconds of one core that a default run takes at most
LEAST = 100  # updates
SIDE = 32  # pixels per side, for which the milliseconds of a preset were measured


def updates(most: int, milliseconds: float | None, size: tuple[int, ...], factor: float = 1.0) -> int:
    """Returns the default number of updates of a run without a GPU.

    It is the preset's number, or as many as fit in about an hour of one core: the time of a step is the one measured
    for pictures of 32 pixels per side, in proportion to the number of pixels.

    Args:
        most: The preset's number.
        milliseconds: The measured time of one step; None if it is not known.
        size: (height, width) of the pictures; () for other data, for which the measured time is taken as it is.
        factor: The work of a step relative to the default settings, such as 2 for a batch twice as large. Defaults to
            1.

    >>> updates(9_000, 100, (32, 32)), updates(9_000, 100, (64, 64)), updates(9_000, 100, (256, 256))
    (9000, 9000, 562)
    """
    if milliseconds is None:
        return most
    step = milliseconds / 1000 * factor * (math.prod(size) / SIDE**2 if size else 1)
    return min(most, max(LEAST, round(MOST / step)))


def factor(settings: Mapping[str, float], defaults: Mapping[str, float]) -> float:
    """Estimates a step's work relative to a preset's defaults, by width, batch size and moves."""
    names = ("width", "batch_size", "discriminator_steps")
    return math.prod(settings[name] / defaults[name] for name in names if settings.get(name) and defaults.get(name))
