"""Finds given pictures in the latent space of a saved model, and draws them beside the pictures it makes there."""

import pathlib
from collections.abc import Callable

import numpy as np
from absl import flags

from keras_gan import images
from keras_gan.cli import classes, models
from keras_gan.cli.sample import check_out
from keras_gan.cli.translate import Reader
from keras_gan.exploration import Space, project
from keras_gan.game import Game
from keras_gan.ground import files


def prepare(values: flags.FlagValues) -> Callable[[], None]:
    """Loads the model and the pictures, and returns the function that searches and writes."""
    check_out(values.out)
    images.check_suffix(values.out, "out")
    codes = pathlib.Path(values.codes or pathlib.Path(values.out).with_suffix(".npy"))
    check_out(str(codes), "codes")
    if codes.suffix.lower() != ".npy":
        raise ValueError(f"`codes` must end in .npy. Received: codes={str(codes)!r}")
    given = {pathlib.Path(path).resolve() for path in values.image}
    if pathlib.Path(values.out).resolve() in given:
        raise ValueError(f"`out` must not replace a picture that is given. Received: out={values.out!r}")
    game = models.load(values.model, Game)
    labels = classes.parse(values.labels, classes.names(classes.prior_of(game)))
    Space(game, labels)
    pictures = _read(values.image, game.example_shape)

    def work():
        features = None if values.extractor == "none" else values.extractor
        options = {"labels": labels, "steps": values.steps, "seed": values.seed, "features": features}
        found = project(game, pictures, **options)
        made = images.to_uint8(found.pictures, game.value_range)
        sheet = images.grid(images.beside([pictures, made]), 2, scale=values.scale or max(1, -(-32 // made.shape[1])))
        images.save(values.out, images.caption(sheet, ("given", "found")))
        with files.atomic(codes) as part, open(part, "wb") as file:
            np.save(file, found.codes, allow_pickle=False)
        drawn = found.labels if labels is None and np.ndim(found.labels) == 1 else [None] * len(pictures)
        for path, label, before, after in zip(values.image, drawn, found.began, found.distances, strict=True):
            under = "" if label is None else f" with label {label}"
            print(f"{path}: distance {after:.4g}{under}, from {before:.4g} at the start")
        print(f"Pictures beside their projections: {values.out}\nVectors {found.codes.shape}: {codes}")

    return work


def _read(paths, shape):
    """Returns the pictures with the size and the channels of the model."""
    if not all(paths or [""]):
        raise ValueError(f"`image` must name a picture. Received: {'an empty name' if paths else 'no --image'}")
    reader = Reader(shape, [pathlib.Path(path) for path in paths], resize=True)
    pictures = [picture for _, picture in reader.pictures()]
    if reader.skipped:
        raise ValueError(f"`image` must name pictures. Received: {reader.skipped[0]}")
    return np.stack(pictures)
