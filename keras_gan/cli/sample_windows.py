"""Windows of a saved model of series: `keras-gan sample --out=windows.csv`, or `.npy`."""

import dataclasses
import pathlib
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np
import tensorflow as tf
from absl import flags

from keras_gan.cli import classes
from keras_gan.cli.sample_rows import OUT, SIGNATURE, plan
from keras_gan.data import frames
from keras_gan.data.series import tabulate
from keras_gan.export import metadata
from keras_gan.export.loading import load
from keras_gan.game import Game
from keras_gan.ground import files
from keras_gan.models import SeriesGAN

if TYPE_CHECKING:
    from keras_gan.latents import Prior

ARRAY = ".npy"
OF_PICTURES = ("values", "columns", "scale", "grid", "truncation", "interpolate", "video", "mix", "end_seed")


@dataclasses.dataclass(frozen=True)
class Maker:
    """A maker of windows.

    Attributes:
        make: (n, seed, labels) -> columns by name, (n, length), in the units of the data.
        labels: The prior of the labels; None for a model without labels.
    """

    make: "Callable[[int, int, int | np.ndarray | None], dict[str, np.ndarray]]"
    labels: "Prior | None"


def is_array(path: str) -> bool:
    """Returns whether `path` names a file of an array."""
    return pathlib.PurePath(path).suffix.lower() == ARRAY


def of_game(game: Game) -> Maker | None:
    """Returns the maker of a game's windows; None if the game makes no windows."""
    if not isinstance(game, SeriesGAN):
        return None

    def make(n, seed, labels):
        return game.schema.columns(game.windows(n, labels=labels, seed=seed))

    return Maker(make, game.labels)


def is_of_windows(known: Mapping) -> bool:
    """Returns whether the metadata of an exported model says that it makes windows."""
    return SIGNATURE in known.get("signatures", {}) and "tasks" not in known


def of_version(version: pathlib.Path) -> Maker | None:
    """Returns the maker of an exported model's windows, by its signature `sample`; None if it makes no windows."""
    known = metadata.read(version)
    if not is_of_windows(known):
        return None
    most, names = known.get("max_samples", 1), list(known["signatures"][SIGNATURE]["outputs"])

    def make(n, seed, labels):
        model, pieces = load(version), []
        spec = model.signatures[SIGNATURE].structured_input_signature[1].get("labels")
        each = np.broadcast_to(-1 if labels is None else labels, n).astype("int32")
        for count, piece_seed in plan(n, most, seed):
            inputs = {"num_samples": tf.constant(count), "seed": tf.constant(piece_seed, tf.int64)}
            inputs |= {} if spec is None else {"labels": tf.constant(each[most * len(pieces) :][:count])}
            pieces.append(model.signatures[SIGNATURE](**inputs))
        return {name: np.concatenate([piece[name].numpy() for piece in pieces]) for name in names}

    return Maker(make, classes.of_metadata(known))


def prepare(maker: Maker, values: flags.FlagValues) -> Callable[[], None]:
    """Makes the windows, and returns the function that writes them."""
    out = check_out(values)
    for name in ("where", "match_shares"):
        if values[name].value:
            raise ValueError(
                f"`{name}` must not be given for a model of windows. Received: {name}={values[name].value!r}"
            )
    labels = classes.parse(values.labels, classes.names(maker.labels))
    if labels is not None and maker.labels is None:
        raise ValueError(f"`labels` must not be given for a model without classes. Received: labels={values.labels}")
    if np.ndim(labels) and len(labels) != values.n:
        raise ValueError(
            f"`labels` must be one label, or n={values.n} of them. Received: labels={','.join(values.labels)}"
        )
    made = maker.make(values.n, values.seed, labels)
    return lambda: write(made, maker.labels, labels, out)


def check_out(values: flags.FlagValues) -> str:
    """Returns the file to write windows to.

    Raises:
        ValueError: If --out is no file of windows, or a flag of pictures is given.
        ImportError: If the package that writes parquet files is not installed.
    """
    out = values.out or OUT
    if not frames.is_table(out) and not is_array(out):
        raise ValueError(
            f"`out` must end in one of {', '.join([*frames.WRITTEN, ARRAY])} for a model of windows. "
            f"Received: out={out!r}"
        )
    for name in OF_PICTURES:
        if name in values and values[name].value is not None:
            raise ValueError(
                f"`{name}` must not be given for a model of windows. Received: {name}={values[name].value!r}"
            )
    if not is_array(out):
        frames.check_writer(out)
    return out


def write(made: Mapping[str, np.ndarray], prior: "Prior | None", labels: int | np.ndarray | None, out: str) -> None:
    """Writes windows, and prints their number, their columns and the file.

    Args:
        made: Columns by name, (n, length).
        prior: The prior of the labels; None for a model without labels.
        labels: The label that was requested, or one for each window; None if none was.
        out: The file, see `check_out`.
    """
    n, length = next(iter(made.values())).shape
    known = np.array(classes.names(prior), object)
    label_names = known[np.broadcast_to(labels, n)] if labels is not None and len(known) else None
    if is_array(out):
        with files.atomic(out) as part, part.open("wb") as file:
            np.save(file, np.stack([each.astype("float64") for each in made.values()], axis=-1), allow_pickle=False)
    else:
        frames.write(tabulate(made, label_names), out)
    print(f"{n:,} windows of {length} moments of {', '.join(made)}: {out}")
