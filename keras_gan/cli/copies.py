"""A check for copies of training pictures: samples beside their nearest training pictures, and a number."""

import json
import pathlib

import numpy as np

from keras_gan import Game, data, evaluation, images
from keras_gan.cli.config import TrainConfig
from keras_gan.evaluation import sources
from keras_gan.evaluation.copies import shrink
from keras_gan.game import GAN
from keras_gan.ground import files
from keras_gan.presets import few
from keras_gan.report.run import COPIES, NEAREST

SAMPLES, SHOWN, SEED = 256, 24, 2  # samples that are made, samples that are shown, and the seed
LEAST, PIECE = 3, 500  # training pictures that are needed, and that are read at a time


def check(config: TrainConfig, game: Game, pictures: data.Pictures) -> dict | None:
    """Compares samples with training pictures, and writes the result into the run folder.

    At most 10,000 training pictures, evenly chosen, are compared. The picture shows the samples that are most like
    copies, each before its nearest training picture.

    Returns:
        The result that was written; None for fewer than 3 training pictures, or a game that does not make pictures of
        noise.
    """
    if config.preset.parts.names != ("real",) or len(pictures.images) < LEAST:
        return None
    if not isinstance(game, GAN) and len(sources.drawn_values(game)) != 1:
        return None
    run_dir, count = pathlib.Path(config.run_dir), len(pictures.images)
    places = np.unique(np.linspace(0, count - 1, min(count, few.FEW)).round().astype(int))
    pieces = (places[start : start + PIECE] for start in range(0, len(places), PIECE))
    training = np.concatenate([shrink(images.on_white(pictures.images[piece])) for piece in pieces])
    source = sources.of_game(game, game.name, {})
    samples = np.concatenate([piece.images for piece in source.pieces(SAMPLES, SEED, source.shape)])
    found = evaluation.find_copies(samples, training)
    order = np.argsort(found["pixels"].ratios, kind="stable")[:SHOWN]
    nearest = images.on_white(pictures.images[places[found["pixels"].indices[order]]])
    _draw(run_dir / NEAREST, samples[order], nearest)
    numbers = ("copied", "copied_of_real", "closer")
    result = {
        "samples": len(samples),
        "training": len(training),
        "by": {name: {key: getattr(each, key) for key in numbers} for name, each in found.items()},
    }
    files.write_text(run_dir / COPIES, json.dumps(result, indent=1) + "\n")
    return result


def describe(result: dict) -> str:
    """Describes the result of `check` in one line."""
    by = result["by"]
    shares = ", ".join(f"{each['copied']:.1%} by {name.replace('_', ' ')}" for name, each in by.items())
    return f"Copies of training pictures among {result['samples']} samples: {shares}."


def _draw(path, samples, nearest):
    pairs = np.stack([samples, nearest], axis=1).reshape(-1, *samples.shape[1:])
    images.save_png(path, images.grid(pairs, columns=8, scale=max(1, -(-32 // samples.shape[1]))))
