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
LEFT, SEED = 100, 0  # windows that a run leaves, and the seed of what it shows
PICTURES = 20  # of a run, about: to draw one takes a third of a second


class OfWindows(Look):
    """Lines over time; then a file of windows."""

    unit = "windows"

    def draw(self, config, game, data, dataset, steps):
        folder = pathlib.Path(config.run_dir, "samples")
        return callbacks.Drawing(folder, Lines(data), every=max(1, steps // PICTURES))

    def leave(self, config, game, data):
        path = pathlib.Path(config.run_dir, ROWS)
        frames.write(game.sample(LEFT, seed=SEED), path)
        return {"windows": path}, []


class Lines:
    """Draws windows over time: real ones in grey, made ones in colour, a panel a column.

    Below each panel is another one of the same windows less their first moment, where what changes is seen.

    Args:
        series: The real windows, of which twelve are taken, of all times.
    """

    def __init__(self, series: data.Windows):
        places = np.linspace(0, len(series) - 1, LINES).round().astype(int)
        self.schema, self.real = series.schema, series.decode(series.train[places])

    def __call__(self, game: SeriesGAN) -> np.ndarray:
        """Returns the picture of what a game makes, (height, width, 3) uint8."""
        kinds = self.real, game.windows(LINES, seed=SEED)
        names = self.schema.names[:SHOWN]
        values = {name: tuple(kind[..., i] for kind in kinds) for i, name in enumerate(names)}
        changes = {f"{name}, less its first": tuple(x - x[:, :1] for x in pair) for name, pair in values.items()}
        return plots.lines(values | changes, columns=len(names))
