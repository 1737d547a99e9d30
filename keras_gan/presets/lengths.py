"""The length of a default run: as long as it takes, or as long as a processor has time for."""

import math
from collections.abc import Mapping

MOST = 3_600  # seconds that a default run takes of one core, about
LEAST = 100  # updates
SIDE = 32  # pixels per side, of which the milliseconds of a preset are


def updates(most: int, milliseconds: float | None, size: tuple[int, ...], factor: float = 1.0) -> int:
    """Returns the default number of updates of a run without a GPU.

    That is the preset's number, or as many as fit in about an hour of one core: a step takes as long as it was measured
    to take for pictures of 32 pixels per side, in proportion to the number of pixels.

    Args:
        most: The preset's number.
        milliseconds: Of one step, as measured; None if that is not known.
        size: (height, width) of the pictures; () of what has none, whose step takes as long as it was measured to take.
        factor: How many times the work of its default settings a step is, such as 2 of a batch twice as large.

    >>> updates(9_000, 100, (32, 32)), updates(9_000, 100, (64, 64)), updates(9_000, 100, (256, 256))
    (9000, 9000, 562)
    """
    if milliseconds is None:
        return most
    step = milliseconds / 1000 * factor * (math.prod(size) / SIDE**2 if size else 1)
    return min(most, max(LEAST, round(MOST / step)))


def factor(settings: Mapping[str, float], defaults: Mapping[str, float]) -> float:
    """Estimates a step's work over that of a preset's defaults: by width, batch and moves."""
    names = ("width", "batch_size", "discriminator_steps")
    return math.prod(settings[name] / defaults[name] for name in names if settings.get(name) and defaults.get(name))
