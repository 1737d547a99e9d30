"""Pictures of the windows that a model makes: lines over time beside the real ones, and a file of windows."""

import pathlib

import numpy as np

from keras_gan import callbacks, data
from keras_gan.cli.look import Look
from keras_gan.data import frames
from keras_gan.ground import plots
from keras_gan.models import SeriesGAN
from keras_gan.report.run import ROWS

LINES, SHOWN = 12, 6  # windows of each kind, and columns that are drawn
WRITTEN, SEED = 100, 0  # windows that a run writes, and the seed of all windows it makes
PICTURES = 20  # pictures per run, about: drawing one takes a third of a second


class OfWindows(Look):
    """Lines over time during training; a file of windows at its end."""

    unit = "windows"

    def draw(self, config, game, data, dataset, steps):
        folder = pathlib.Path(config.run_dir, "samples")
        return callbacks.Drawing(folder, Lines(data), every=max(1, steps // PICTURES))

    def write_results(self, config, game, data):
        path = pathlib.Path(config.run_dir, ROWS)
        frames.write(game.sample(WRITTEN, seed=SEED), path)
        return {"windows": path}, []


class Lines:
    """A picture of windows over time: real ones in grey, made ones in colour, a panel per column.

    Below, the same panels show the windows minus their first moment, which makes changes visible.

    Args:
        series: The real windows, of which twelve, evenly spread over time, are drawn.
    """

    def __init__(self, series: data.Windows):
        places = np.linspace(0, len(series) - 1, LINES).round().astype(int)
        self.schema, self.real = series.schema, series.decode(series.train[places])

    def __call__(self, game: SeriesGAN) -> np.ndarray:
        """Returns the picture of windows that a game makes, (height, width, 3) uint8."""
        kinds = self.real, game.windows(LINES, seed=SEED)
        names = self.schema.names[:SHOWN]
        values = {name: tuple(kind[..., i] for kind in kinds) for i, name in enumerate(names)}
        changes = {f"{name}, less its first": tuple(x - x[:, :1] for x in pair) for name, pair in values.items()}
        return plots.lines(values | changes, columns=len(names))
