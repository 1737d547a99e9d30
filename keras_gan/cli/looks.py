"""The pictures and results of a run, by the kind of its data."""

import pathlib

from keras_gan import GAN, callbacks
from keras_gan.cli import anomalies, copies, exploring
from keras_gan.cli.look import Look
from keras_gan.cli.rows import OfRows
from keras_gan.cli.windows import OfWindows
from keras_gan.ground.prefixes import PICTURES, ROWS, WINDOWS

PICTURES_OF_A_RUN = 40


class OfPictures(Look):
    """Grids of pictures during training; copies, anomalies and the latent space at its end."""

    unit = "images"

    def draw(self, config, game, data, dataset, steps):
        inputs = None if isinstance(game, GAN) else dataset
        every = max(1, steps // PICTURES_OF_A_RUN)
        return callbacks.SampleGrid(pathlib.Path(config.run_dir, "samples"), every=every, inputs=inputs)

    def write_results(self, config, game, data):
        anomalies.draw(config, game, data)
        explored = exploring.draw_all(game, pathlib.Path(config.run_dir))
        copied = copies.check(config, game, data)
        return {path.stem: path for path in explored}, [] if copied is None else [copies.describe(copied)]


LOOKS = {PICTURES: OfPictures(), ROWS: OfRows(), WINDOWS: OfWindows()}
