"""Anomaly scores of the pictures of a run: a histogram, and the least likely ones."""

import pathlib

import numpy as np

from keras_gan import Game, data, images
from keras_gan.cli.config import TrainConfig
from keras_gan.ground import plots
from keras_gan.report.run import ANOMALIES

SCORE = "score"  # the task of models that compute how anomalous an example is
MOST, SHOWN = 2_000, 32  # pictures that are scored, and that are shown
HISTOGRAM, PICTURES = ANOMALIES


def draw(config: TrainConfig, game: Game, pictures: data.Pictures) -> list[pathlib.Path]:
    """Draws the scores of training and test pictures over each other, and the pictures with the highest ones.

    Without test pictures only the training pictures are drawn.

    Args:
        config: The configuration of the run.
        game: The game; nothing is drawn if it has no task `score`.
        pictures: The training pictures.

    Returns:
        The files that were written to the run's folder.
    """
    if SCORE not in game.tasks:
        return []
    test, run_dir = _test(config), pathlib.Path(config.run_dir)
    scored = np.asarray((pictures if test is None else test).images[:MOST])
    scores = _scores(game, scored)
    before = None if test is None else _scores(game, np.asarray(pictures.images[:MOST]))[:, None]
    names = ("training" if test is None else "test", "training")
    histogram = plots.histogram(scores[:, None], before, f"{game.tasks[SCORE]}: higher is less likely", names)
    images.save_png(run_dir / HISTOGRAM, histogram)
    highest = scored[np.argsort(-scores)[:SHOWN]]
    images.save_png(run_dir / PICTURES, images.grid(highest, columns=8, scale=max(1, -(-32 // highest.shape[1]))))
    return [run_dir / HISTOGRAM, run_dir / PICTURES]


def _scores(game, pictures):
    return game.make(SCORE, real=images.from_uint8(pictures, game.value_range), seed=0)


def _test(config):
    """Returns the test pictures; None if the data set has none, or if they are the training pictures."""
    try:
        return None if config.split == "test" else data.read(config.dataset, "test", config.image_size)
    except ValueError:
        return None
