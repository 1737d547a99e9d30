"""Rows of a saved model of tables: `keras-gan sample --out=rows.csv`."""

import dataclasses
import pathlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import tensorflow as tf
from absl import flags

from keras_gan.cli import where
from keras_gan.data import frames, match_shares, served
from keras_gan.export import metadata
from keras_gan.export.loading import load
from keras_gan.game import Game
from keras_gan.models.row_maker import RowMaker

if TYPE_CHECKING:
    import pandas as pd

OUT, SIGNATURE = "samples.csv", "sample"
POOL = 4  # how many times as many rows are made as are chosen by shares
OF_PICTURES = ("labels", "values", "columns", "scale", "grid", "truncation", "interpolate", "video", "mix", "end_seed")


@dataclasses.dataclass(frozen=True)
class Maker:
    """A maker of rows.

    Attributes:
        make: (n, seed, conditions) -> a DataFrame of `n` rows.
        parse: The words of `--where` -> conditions.
        matched: (n, seed) -> a DataFrame of `n` rows with the shares of the data; None if these are not known.
    """

    make: "Callable[[int, int, Mapping], pd.DataFrame]"
    parse: Callable[[Sequence[str]], Mapping]
    matched: "Callable[[int, int], pd.DataFrame] | None" = None


def of_game(game: Game) -> Maker | None:
    """Returns the maker of a game's rows; None if the game makes no rows."""
    if not isinstance(game, RowMaker):
        return None
    return Maker(
        lambda n, seed, conditions: game.sample(n, seed=seed, conditions=conditions),
        lambda words: where.parse(words, game.schema),
        lambda n, seed: matched(game, n, seed),
    )


def matched(game: RowMaker, n: int, seed: int) -> "pd.DataFrame":
    """Returns `n` rows of a game, chosen among four times as many by the data's shares of categories."""
    return match_shares(game.sample(POOL * n, seed=seed), game.schema, n, seed=seed)


def is_of_rows(known: Mapping) -> bool:
    """Returns whether the metadata of an exported model says that it makes rows."""
    return SIGNATURE in known.get("tasks", {}) and SIGNATURE in known.get("signatures", {})


def of_version(version: pathlib.Path) -> Maker | None:
    """Returns the maker of an exported model's rows, by its signature `sample`; None if the model makes no rows."""
    known = metadata.read(version)
    if not is_of_rows(known):
        return None
    most, names = known.get("max_samples", 1), list(known["signatures"][SIGNATURE]["outputs"])

    def make(n, seed, conditions):
        del conditions
        model, pieces = load(version), []
        for count, piece_seed in plan(n, most, seed):
            inputs = {"num_samples": tf.constant(count), "seed": tf.constant(piece_seed, tf.int64)}
            pieces.append(model.signatures[SIGNATURE](**inputs))
        columns = {name: np.concatenate([made[name].numpy() for made in pieces]) for name in names}
        return served.restore(columns, known.get("columns", {}))

    def parse(words):
        if words:
            raise ValueError(
                "`where` must not be given for a SavedModel, which takes no conditions: name the run, or its .keras "
                f"file. Received: where={words[0]!r}"
            )
        return {}

    return Maker(make, parse)


def plan(n: int, most: int, seed: int) -> Iterator[tuple[int, int]]:
    """Yields the count and the seed of each request for `n` examples of a SavedModel, which makes `most` at a time.

    The first request has the seed itself, the others seeds that no other seed shares, so that no rows are repeated.
    """
    for i, first in enumerate(range(0, n, most)):
        words = np.random.SeedSequence([seed, i]).generate_state(1, "uint64")
        yield min(most, n - first), int(words[0] >> 1) if i else seed


def prepare(maker: Maker, values: flags.FlagValues) -> Callable[[], None]:
    """Makes the rows, and returns the function that writes them."""
    out = check_out(values)
    conditions = maker.parse(values.where)
    if values.match_shares and (maker.matched is None or conditions):
        received = f"where={values.where[0]!r}" if conditions else f"model={values.model!r}"
        raise ValueError(
            "`match_shares` must only be given for a run or a .keras file, which hold the shares of the data, and "
            f"without --where. Received: {received}"
        )
    rows = (
        maker.matched(values.n, values.seed) if values.match_shares else maker.make(values.n, values.seed, conditions)
    )

    note = ", with the shares of the data" if values.match_shares else ""
    note = f", all with {', '.join(values.where)}" if values.where else note
    return lambda: write(rows, out, note)


def check_out(values: flags.FlagValues) -> str:
    """Returns the file to write rows to.

    Raises:
        ValueError: If --out is no file of rows, or a flag of pictures is given.
        ImportError: If the package that writes parquet files is not installed.
    """
    out = values.out or OUT
    if not frames.is_table(out):
        raise ValueError(
            f"`out` must end in one of {', '.join(frames.WRITTEN)} for a model of rows. Received: out={out!r}"
        )
    for name in OF_PICTURES:
        if name in values and values[name].value is not None:
            raise ValueError(f"`{name}` must not be given for a model of rows. Received: {name}={values[name].value!r}")
    frames.check_writer(out)
    return out


def write(rows: "pd.DataFrame", out: str, note: str = "") -> None:
    """Writes rows, and prints their number, a `note` on them and the file."""
    frames.write(rows, out)
    print(f"{len(rows):,} rows{note}: {out}")
