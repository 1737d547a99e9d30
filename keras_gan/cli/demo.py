"""Plays a demonstration and draws it: `keras-gan demo figure1`, the figure of the 2014 paper, as a PNG and a film."""

import pathlib
from collections.abc import Callable

from absl import flags

from keras_gan.cli import models, parsers
from keras_gan.demos import drawing, figure1


def prepare(values: flags.FlagValues) -> Callable[[], None]:
    """Checks the flags, and returns the function that plays the demonstration."""
    if values.name is None:
        raise ValueError(f"`name` must be one of {', '.join(parsers.DEMOS)}. Received: none")
    out = pathlib.Path(f"runs/{values.name}" if values.out is None else values.out)
    models.check_folder("out", out)
    return lambda: _figure1(out, values.seed, values.smoke)


def _figure1(out, seed, smoke):
    moments = []
    for moment in figure1.play(figure1.game(seed), frames=2 if smoke else None):
        if not moments or moment.stage != moments[-1].stage:
            print(figure1.TITLES[moment.stage], flush=True)
        moments.append(moment)
    print("drawing", flush=True)
    paths = drawing.save(out, moments)
    print(figure1.table(moments), *paths, sep="\n")
