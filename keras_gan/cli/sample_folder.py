"""Single pictures of a saved model: `keras-gan sample --n=50000 --out=pictures`, a PNG each."""

import concurrent.futures
import pathlib
import time
from collections.abc import Callable, Sequence

import numpy as np
from absl import flags

from keras_gan import images
from keras_gan.cli import classes, models
from keras_gan.cli.counting import Counting
from keras_gan.evaluation import sources
from keras_gan.exploration import Space
from keras_gan.export import metadata
from keras_gan.export.loading import load
from keras_gan.game import Game
from keras_gan.ground.arguments import counted

WRITERS = 16  # files that are written at a time, each of which waits for the disk
OF_A_SHEET = ("columns", "scale", "grid", "interpolate", "video", "mix")


def is_folder(out: str | None) -> bool:
    """Returns whether `--out` names a folder, which has no suffix.

    >>> is_folder("made/cats"), is_folder("made/"), is_folder("cats.png"), is_folder(None)
    (True, True, False, False)
    """
    return out is not None and not pathlib.PurePath(out).suffix


def check_out(out: str) -> None:
    """Raises a ValueError if `out` is no folder that can be written, or is not empty."""
    folder = pathlib.Path(out)
    models.check_folder("out", folder)
    first = min(folder.iterdir(), default=None) if folder.is_dir() else None
    if first is not None:
        raise ValueError(f"`out` must be a file, or a new or empty folder. Received: out={out!r}, with {first.name}")


def prepare(found: models.Found, game: Game | None, values: flags.FlagValues, truncations) -> Callable[[], None]:
    """Checks the flags, and returns the function that makes the pictures and writes them.

    Args:
        found: The model.
        game: Its game; None for a SavedModel, which takes no truncation.
        values: The flags.
        truncations: The numbers of --truncation, of which there may be one.
    """
    for name in OF_A_SHEET:
        if values[name].value is not None:
            raise ValueError(
                f"`{name}` must not be given for single pictures: `out` names a folder, as it has no suffix. "
                f"Received: {name}={values[name].value!r}, out={values.out!r}"
            )
    if len(truncations) > 1:
        raise ValueError(f"`truncation` must be one number for single pictures. Received: {len(truncations)} numbers")
    if len(values["values"].value or ()) > 1:
        raise ValueError(
            f"`values` must be one value for single pictures. Received: {','.join(values['values'].value)}"
        )
    call, most, labels = _call(found, game, values, truncations)
    if np.ndim(labels) and len(labels) != values.n:
        raise ValueError(f"`labels` must be one label, or {values.n} labels. Received: {len(labels)} labels")
    if labels is not None:
        for label in np.unique(labels):
            call(1, values.seed, int(label))  # before the first picture is written
    pieces = sources.plan(values.n, values.seed, most)
    return lambda: write(call, values, pieces, labels)


def _call(found, game, values, truncations):
    """Returns the function (count, seed, labels) -> pictures, its largest count if it has one, and the labels."""
    (value,) = values["values"].value or (None,)
    if truncations:
        return _truncated(game or models.load_found(found, Game), values, truncations[0]), None, None
    if game is None:
        known, model = metadata.read(found.version), load(found.version)
        labels = None
        if values.labels is not None:
            labels = classes.of_saved_model(model, known, found.path, values.labels)
        shape, call = sources.drawn(model, known, found.path, value)
        return _checked(shape, call, found), known.get("max_samples"), labels
    labels = classes.parse(values.labels, classes.names(classes.prior_of(game)))
    return _checked(*sources.drawn_by(game, found.path, value), found), None, labels


def _checked(shape, call, found):
    if not images.is_picture(shape):
        raise ValueError(f"`model` must make pictures. Received: model={found.path!r}, of examples {tuple(shape)}")
    return call


def _truncated(game, values, truncation):
    """Returns the function of pictures under a truncation, all of the one label of --labels, if that is given."""
    if values["values"].value is not None:
        raise ValueError(f"`values` must not be given with --truncation. Received: {values['values'].value[0]}")
    space = Space(game, classes.parse(values.labels, classes.names(classes.prior_of(game))))

    def call(count, seed, labels=None):
        del labels  # which the space has
        return images.to_uint8(space.pictures(space.draw(count, seed, truncation), seed), game.value_range)

    return call


def write(
    call: Callable, values: flags.FlagValues, pieces: Sequence[tuple[int, int]], labels: int | np.ndarray | None
) -> None:
    """Makes the pictures piece by piece, writes each as a PNG, and prints where they are.

    Args:
        call: (count, seed, labels) -> pictures (count, height, width, channels) uint8.
        values: The flags.
        pieces: The count and the seed of each call.
        labels: One label for all pictures, or one for each; None for those that the model draws.
    """
    folder, done, progress, began = pathlib.Path(values.out), 0, Counting(values.n), time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(WRITERS) as pool:
        for count, seed in pieces:
            made = call(count, seed, labels[done : done + count] if np.ndim(labels) else labels)
            paths = [folder / f"{done + i:06d}.png" for i in range(count)]
            list(pool.map(images.save_png, paths, made))  # raises the first error
            done += count
            progress.show(done)
    first, last = "000000.png", f"{done - 1:06d}.png"
    print(f"{counted(done, 'picture')}, {first} to {last}, in {time.monotonic() - began:.1f} s: {values.out}")
