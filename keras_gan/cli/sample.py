"""Draws samples of a saved GAN as a PNG. No data set is needed."""

import pathlib
from collections.abc import Callable

import numpy as np
from absl import flags

from keras_gan import images
from keras_gan.callbacks.sample_grid import draw
from keras_gan.cli import models


def define_flags(values: flags.FlagValues) -> None:
    """Defines the flags of `keras-gan sample`."""
    flags.DEFINE_string("model", None, "The .keras file of a GAN, or a run folder.", flag_values=values)
    flags.DEFINE_integer("n", 64, "How many samples.", lower_bound=1, upper_bound=100_000, flag_values=values)
    flags.DEFINE_string("out", "samples.png", "The PNG to write.", flag_values=values)
    flags.DEFINE_integer("seed", 0, "The same seed draws the same samples.", lower_bound=0, flag_values=values)
    flags.DEFINE_list("labels", None, "One label, or n labels, for a conditional GAN.", flag_values=values)
    flags.DEFINE_integer("columns", None, "Samples in a row.", lower_bound=1, flag_values=values)
    flags.DEFINE_integer("scale", None, "Pixels a pixel.", lower_bound=1, flag_values=values)


def prepare(values: flags.FlagValues) -> Callable[[], None]:
    """Loads the model and draws; what is left is to write."""
    out = pathlib.Path(values.out)
    if out.is_dir():
        raise ValueError(f"`out` must be a file. Received: out={values.out!r}, a folder")
    try:
        models.check_folder("out", out.parent)
    except ValueError:
        raise ValueError(f"`out` must stand in a folder. Received: out={values.out!r}") from None
    game = models.load(values.model)
    labels = None
    if values.labels is not None:
        if not all(label.strip().isdecimal() for label in values.labels):
            raise ValueError(f"`labels` must be integers. Received: labels={','.join(values.labels)}")
        labels = np.array([int(label) for label in values.labels], "int32")
        labels = int(labels[0]) if len(labels) == 1 else labels
    picture = draw(game, values.n, values.seed, labels, values.columns, values.scale)

    def write():
        images.save_png(values.out, picture)
        print(f"{values.n} samples: {values.out}")

    return write
