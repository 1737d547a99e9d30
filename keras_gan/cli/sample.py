"""Draws samples of a saved GAN as a PNG. No data set is needed."""

import pathlib
from collections.abc import Callable

import numpy as np
from absl import flags

from keras_gan import images
from keras_gan.callbacks.sample_grid import draw
from keras_gan.cli import models


def prepare(values: flags.FlagValues) -> Callable[[], None]:
    """Loads the model and draws; what is left is to write."""
    check_out(values.out)
    game = models.load(values.model)
    labels = to_labels(values.labels)
    picture = draw(game, values.n, values.seed, labels, values.columns, values.scale)

    def write():
        images.save_png(values.out, picture)
        print(f"{values.n} samples: {values.out}")

    return write


def check_out(out: str) -> None:
    """Raises a ValueError if a picture cannot stand at `out`."""
    if pathlib.Path(out).is_dir():
        raise ValueError(f"`out` must be a file. Received: out={out!r}, a folder")
    try:
        models.check_folder("out", pathlib.Path(out).parent)
    except ValueError:
        raise ValueError(f"`out` must stand in a folder. Received: out={out!r}") from None


def to_labels(words: list[str] | None) -> int | np.ndarray | None:
    """The labels of a flag: one for all, an array of several, or None."""
    if words is None:
        return None
    if not all(word.strip().isdecimal() for word in words):
        raise ValueError(f"`labels` must be integers. Received: labels={','.join(words)}")
    labels = np.array([int(word) for word in words], "int32")
    return int(labels[0]) if len(labels) == 1 else labels
