"""Measures windows of a series: those of a run on a series, or of a file that any program made."""

import dataclasses
import pathlib
import time
import typing
from collections.abc import Callable

import numpy as np
from absl import flags

from keras_gan import presets
from keras_gan.cli import models
from keras_gan.cli.sample_windows import is_array
from keras_gan.data import Windows, frames
from keras_gan.data.series import PLACES
from keras_gan.evaluation import evaluate_series
from keras_gan.ground import files, prefixes
from keras_gan.models import SeriesGAN
from keras_gan.presets.windows import read_windows
from keras_gan.report.run import EVALUATION

if typing.TYPE_CHECKING:
    import pandas as pd

LEAST, MOST = 20, 20_000  # windows that are measured
REQUIRED = f"`model` must hold at least {LEAST} windows"


def prepare(values: flags.FlagValues) -> Callable[[], None]:
    """Reads the series and the model, and returns the function that makes and measures windows."""
    prefix, path = prefixes.split(values.model or "")
    is_file = bool(prefix)
    known = {} if is_file else models.known(values.model)
    dataset = values.dataset or known.get("dataset")
    if prefixes.kind_of(str(dataset)) != prefixes.WINDOWS:
        raise ValueError(f"`dataset` must be series:PATH of the series. Received: dataset={dataset!r}")
    if is_file:
        made_file = pathlib.Path(path)
        if values.n is not None:
            raise ValueError(
                f"`n` must not be given for a file of windows, all of which are measured. Received: n={values.n}"
            )
        file = _read(made_file)
        series = _series({"dataset": dataset, "window": file.length, "columns": values.columns})
        made = series.schema.encode(file.choose(series.names))
        name, default = made_file.name, made_file.with_name(f"{made_file.stem}_{EVALUATION}")
    else:
        if values.columns is not None:
            raise ValueError(
                "`columns` must not be given for a model, whose own columns are measured. "
                f"Received: columns={values.columns!r}"
            )
        found = models.find(values.model)
        game = models.load_found(found, SeriesGAN)
        series = _series(known | {"dataset": dataset, "window": game.schema.length})
        if series.names != game.schema.names:
            raise ValueError(
                f"`dataset` must have the columns of the model, {game.schema.names}. Received: {series.names}"
            )
        count = values.n or min(len(series), MOST)
        if count < LEAST:
            raise ValueError(f"`n` must be at least {LEAST}. Received: n={count}")

        def made():
            return series.schema.encode(game.windows(count, seed=values.seed))

        name, default = game.name, found.place(EVALUATION)
    out = pathlib.Path(values.out) if values.out else default
    models.check_folder("out", out.parent)
    if out.suffix != ".json" or out.is_dir():
        raise ValueError(f"`out` must be a file that ends in .json. Received: out={str(out)!r}")
    return lambda: work(series, made, values.seed, name, out)


def work(series: Windows, made, seed: int, name: str, out: pathlib.Path) -> None:
    """Measures, prints the numbers, and writes them.

    Args:
        series: The windows of training, and the held-out ones.
        made: Windows to measure, (n, length, columns), on the scale of `series`; or a function that returns them.
        seed: Seed of the measures.
        name: Name of the windows, for the first line.
        out: The JSON file to write.
    """
    began = time.monotonic()

    def log(text):
        print(f"[{time.monotonic() - began:6.1f} s] {text}", flush=True)

    made = made() if callable(made) else made
    log(f"{len(made):,} windows of {name}")
    found = evaluate_series(series.train, series.test, made, names=series.names, seed=seed, progress=log)
    print(f"\n{found.table()}")
    files.write_text(out, found.to_json())
    print(f"Written: {out}")


def _series(known):
    """Returns the windows of the series that settings name, of a run or of flags."""
    names = [field.name for field in dataclasses.fields(presets.Sources)]
    series = read_windows(presets.Sources(**{name: known[name] for name in names if name in known}))
    if len(series.test) < LEAST:
        raise ValueError(
            f"`dataset` must leave at least {LEAST} held-out windows: train with a larger --test. "
            f"Received: {len(series.test)}"
        )
    return series


@dataclasses.dataclass(frozen=True)
class _File:
    """Windows of a file: a table with n * length rows, or an array (n, length, columns) without names."""

    content: "pd.DataFrame | np.ndarray"
    length: int

    def choose(self, names):
        """Returns the windows of the columns `names`, (n, length, columns); an array must have just these."""
        if isinstance(self.content, np.ndarray):
            if self.content.shape[-1] != len(names):
                raise ValueError(
                    f"`model` must hold the columns of `dataset`, {names}, in this order. Received: an array of "
                    f"{self.content.shape[-1]} columns"
                )
            return self.content
        missing = [name for name in names if name not in self.content.columns]
        if missing:
            raise ValueError(
                f"`model` must hold the columns of `dataset`, {names}, or those of --columns. Received: none called "
                f"{missing[0]!r}"
            )
        chosen = frames.choose(self.content, names)
        others = [name for name in names if chosen[name].dtype.kind not in "iufb"]
        if others:
            raise ValueError(
                f"`model` must hold numbers. Received: {others[0]!r} of the dtype {chosen[others[0]].dtype}"
            )
        return chosen.to_numpy("float64", na_value=np.nan).reshape(-1, self.length, len(names))


def _read(path):
    """Returns the windows of a file."""
    if is_array(str(path)):
        if not path.is_file():
            raise ValueError(f"`model` must be an existing file. Received: {str(path)!r}")
        try:
            found = np.load(path, allow_pickle=False)
        except (ValueError, OSError) as error:
            raise ValueError(f"`model` must be an array that NumPy reads. Received: {str(path)!r}: {error}") from error
        if found.ndim != 3 or found.dtype.kind not in "iuf" or len(found) < LEAST:
            raise ValueError(f"{REQUIRED}, (n, length, columns). Received: the shape {found.shape}")
        return _File(found, found.shape[1])
    frame = frames.as_frame(path)
    if not {"window", "moment"} <= set(frame.columns):
        raise ValueError(f"`model` must have the columns window and moment. Received: {list(frame.columns)}")
    moments = frame["moment"].to_numpy()
    length = int(moments.max()) + 1 if len(moments) and moments.dtype.kind in "iu" else 1
    if len(frame) % length or (moments != np.arange(len(frame)) % length).any():
        raise ValueError(f"`model` must hold windows of one length, one after another. Received: {str(path)!r}")
    if len(frame) // length < LEAST:
        raise ValueError(f"{REQUIRED}. Received: {len(frame) // length}")
    return _File(frame.drop(columns=[name for name in PLACES if name in frame.columns]), length)
