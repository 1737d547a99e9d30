"""Histograms of the rows that a model makes, each column beside the real one, and a file of rows."""

import pathlib

import numpy as np

from keras_gan import callbacks, data
from keras_gan.cli.look import Look
from keras_gan.data import frames
from keras_gan.evaluation.tables import columns
from keras_gan.evaluation.tables.histograms import histograms
from keras_gan.ground import plots
from keras_gan.models.row_maker import RowMaker
from keras_gan.report.run import ROWS

REAL, MADE, SHOWN = 10_000, 2_000, 20  # rows that are compared, and columns that are drawn
WRITTEN, SEED = 1_000, 0  # rows that a run writes, and the seed of all rows it makes
PICTURES = 10  # pictures per run, about: drawing the histograms of all columns takes a second


class OfRows(Look):
    """Histograms of the columns during training; a file of rows at its end."""

    unit = "rows"

    def draw(self, config, game, data, dataset, steps):
        shown = Histograms(data, first=config.label)
        return callbacks.Drawing(pathlib.Path(config.run_dir, "samples"), shown, every=max(1, steps // PICTURES))

    def write_results(self, config, game, data):
        path = pathlib.Path(config.run_dir, ROWS)
        frames.write(game.sample(WRITTEN, seed=SEED), path)
        return {"rows": path}, []


class Histograms:
    """A picture of the values of columns: real rows in grey, made ones as a line.

    Args:
        table: The real rows, of which at most 10,000 are drawn.
        first: The column to draw first, as only 20 columns are drawn; None for no such column.
    """

    def __init__(self, table: data.Table, first: str | None = None):
        places = np.unique(np.linspace(0, len(table) - 1, min(len(table), REAL)).round().astype(int))
        self.schema = table.schema
        self.real = self.schema.decode(table.numbers[places], table.choices[places])
        changing = [name for name, column in self.schema.columns.items() if column.blocks]
        self.names = sorted(changing, key=lambda name: name != first)[:SHOWN]

    def __call__(self, game: RowMaker) -> np.ndarray:
        """Returns the picture of rows that a game makes, (height, width, 3) uint8."""
        tables = columns.read(self.schema, [self.real, game.sample(MADE, seed=SEED)])
        found = histograms(self.schema, *tables)
        return plots.bars({name: tuple(found[name].values()) for name in self.names})
