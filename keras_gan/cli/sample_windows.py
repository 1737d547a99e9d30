"""Windows of a saved model of series: `keras-gan sample --out=windows.csv`, or `.npy`."""

import dataclasses
import pathlib
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np
import tensorflow as tf
from absl import flags

from keras_gan.cli import classes
from keras_gan.cli.sample_rows import OUT, SIGNATURE
from keras_gan.data import frames
from keras_gan.data.series import tabulate
from keras_gan.export import metadata
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
        labels: How labels are drawn; None of a model that is given none.
    """

    make: "Callable[[int, int, int | np.ndarray | None], dict[str, np.ndarray]]"
    labels: "Prior | None"


def is_array(path: str) -> bool:
    """Returns whether a file of this name holds an array."""
    return pathlib.PurePath(path).suffix.lower() == ARRAY


def of_game(game: Game) -> Maker | None:
    """Returns the maker of the windows of a game; None of a game that makes something else."""
    if not isinstance(game, SeriesGAN):
        return None

    def make(n, seed, labels):
        return game.schema.columns(game.windows(n, labels=labels, seed=seed))

    return Maker(make, game.labels)


def is_of_windows(known: Mapping) -> bool:
    """Returns whether what is known of an exported model says that it makes windows."""
    return SIGNATURE in known.get("signatures", {}) and "tasks" not in known


def of_version(version: pathlib.Path) -> Maker | None:
    """Returns the maker of the windows of an exported model, by its signature `sample`; None of another model."""
    known = metadata.read(version)
    if not is_of_windows(known):
        return None
    most, names = known.get("max_samples", 1), list(known["signatures"][SIGNATURE]["outputs"])

    def make(n, seed, labels):
        model, pieces = tf.saved_model.load(str(version)), []
        spec = model.signatures[SIGNATURE].structured_input_signature[1].get("labels")
        each = np.broadcast_to(-1 if labels is None else labels, n).astype("int32")
        for i, first in enumerate(range(0, n, most)):
            count = min(most, n - first)
            asked = {"num_samples": tf.constant(count), "seed": tf.constant(seed + i, tf.int64)}
            asked |= {} if spec is None else {"labels": tf.constant(each[first : first + count])}
            pieces.append(model.signatures[SIGNATURE](**asked))
        return {name: np.concatenate([piece[name].numpy() for piece in pieces]) for name in names}

    return Maker(make, classes.of_metadata(known))


def prepare(maker: Maker, values: flags.FlagValues) -> Callable[[], None]:
    """Makes the windows; what is left is to write."""
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
    """Returns the file of windows.

    Raises:
        ValueError: If it is none, or another flag is one of pictures.
        ImportError: If a parquet file cannot be written.
    """
    out = values.out or OUT
    if not frames.is_table(out) and not is_array(out):
        raise ValueError(
            f"`out` must be a file that ends in {', '.join([*frames.WRITTEN, ARRAY])}, of a model of windows. "
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
    """Writes windows, and says so.

    Args:
        made: Columns by name, (n, length).
        prior: How labels are drawn; None of a model that is given none.
        labels: The label that was asked for, or one for each window; None if none.
        out: The file, see `check_out`.
    """
    n, length = next(iter(made.values())).shape
    known = np.array(classes.names(prior), object)
    told = known[np.broadcast_to(labels, n)] if labels is not None and len(known) else None
    if is_array(out):
        with files.atomic(out) as part, part.open("wb") as file:
            np.save(file, np.stack([each.astype("float64") for each in made.values()], axis=-1), allow_pickle=False)
    else:
        frames.write(tabulate(made, told), out)
    print(f"{n:,} windows of {length} moments of {', '.join(made)}: {out}")
