"""Measures windows of a series: those of a run on one, or of a file that any program made."""

import dataclasses
import pathlib
import time
from collections.abc import Callable

import numpy as np
from absl import flags

from keras_gan import presets
from keras_gan.cli import models
from keras_gan.cli.sample_windows import is_array
from keras_gan.data import Windows, frames
from keras_gan.data.series import PLACES
from keras_gan.evaluation import evaluate_series
from keras_gan.ground import files
from keras_gan.models import SeriesGAN
from keras_gan.presets.parts import PREFIXES, WINDOWS
from keras_gan.presets.windows import read_windows
from keras_gan.report.run import EVALUATION

PREFIX = PREFIXES[WINDOWS]
OF_PICTURES = ("value", "metrics", "image_size")
LEAST, MOST = 20, 20_000  # windows that are measured


def is_series(values: flags.FlagValues) -> bool:
    """Returns whether a command is about series: by its model, its data set, or the data of the run that it names.

    Raises:
        ValueError: If it is, and has flags of pictures; or if it is not, and has those of tables and series.
    """
    model, dataset = values.model or "", values.dataset or models.known(values.model).get("dataset")
    found = model.startswith(PREFIX) or (str(dataset).startswith(PREFIX) and not model.startswith("folder:"))
    for name in OF_PICTURES if found else ("columns",):
        if values[name].value is not None:
            what = "pictures" if found else "tables and series"
            raise ValueError(f"`{name}` is a flag of {what}. Received: {name}={values[name].value!r}")
    return found


def prepare(values: flags.FlagValues) -> Callable[[], None]:
    """Reads the series, and the model; what is left is to make windows, to measure, show and write."""
    is_file = (values.model or "").startswith(PREFIX)
    known = {} if is_file else models.known(values.model)
    dataset = values.dataset or known.get("dataset")
    if not str(dataset).startswith(PREFIX):
        raise ValueError(f"`dataset` must be {PREFIX}PATH of the series. Received: dataset={dataset!r}")
    if is_file:
        path = pathlib.Path(values.model.removeprefix(PREFIX))
        if values.n is not None:
            raise ValueError(f"`n` must not be given for a file of windows, all of which count. Received: n={values.n}")
        made = _read(path)
        series = _series({"dataset": dataset, "window": made.shape[1], "columns": values.columns})
        made, name, default = series.schema.encode(made), path.name, path.with_name(f"{path.stem}_evaluation.json")
    else:
        if values.columns is not None:
            raise ValueError(
                f"`columns` must not be given for a model, which knows them. Received: columns={values.columns!r}"
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

        name, default = game.name, found.run_dir / EVALUATION
    out = pathlib.Path(values.out) if values.out else default
    models.check_folder("out", out.parent)
    if out.suffix != ".json" or out.is_dir():
        raise ValueError(f"`out` must be a file that ends in .json. Received: out={str(out)!r}")
    return lambda: work(series, made, values.seed, name, out)


def work(series: Windows, made, seed: int, name: str, out: pathlib.Path) -> None:
    """Measures, prints the numbers, and writes them.

    Args:
        series: The windows of training, and those that were held out.
        made: (n, length, columns) windows that are measured, on their scale, or what makes them.
        seed: Of the measures.
        name: What is measured.
        out: The file.
    """
    began = time.monotonic()

    def tell(text):
        print(f"[{time.monotonic() - began:6.1f} s] {text}", flush=True)

    made = made() if callable(made) else made
    tell(f"{len(made):,} windows of {name}")
    found = evaluate_series(series.train, series.test, made, names=series.names, seed=seed, progress=tell)
    print(f"\n{found.table()}")
    files.write_text(out, found.to_json())
    print(f"Written: {out}")


def _series(known):
    """Returns the windows of what a run, or the flags, say."""
    names = [field.name for field in dataclasses.fields(presets.Sources)]
    series = read_windows(presets.Sources(**{name: known[name] for name in names if name in known}))
    if len(series.test) < LEAST:
        raise ValueError(
            f"`dataset` must leave at least {LEAST} windows that are held out: train with a larger --test. "
            f"Received: {len(series.test)}"
        )
    return series


def _read(path):
    """Returns windows of a file, (n, length, columns)."""
    if is_array(str(path)):
        if not path.is_file():
            raise ValueError(f"`model` must be an existing file. Received: {str(path)!r}")
        try:
            found = np.load(path, allow_pickle=False)
        except (ValueError, OSError) as error:
            raise ValueError(f"`model` must be an array that NumPy reads. Received: {str(path)!r}: {error}") from error
    else:
        frame = frames.as_frame(path)
        if not {"window", "moment"} <= set(frame.columns):
            raise ValueError(f"`model` must have the columns window and moment. Received: {list(frame.columns)}")
        length = frame["moment"].max() + 1
        whole = len(frame) % length == 0 and (frame["moment"] == np.arange(len(frame)) % length).all()
        columns = frame.drop(columns=[name for name in PLACES if name in frame.columns])
        if not whole:
            raise ValueError(f"`model` must hold windows of one length, one after another. Received: {str(path)!r}")
        found = columns.to_numpy("float64").reshape(-1, length, columns.shape[1])
    if found.ndim != 3 or found.dtype.kind not in "iuf" or len(found) < LEAST:
        raise ValueError(
            f"`model` must hold at least {LEAST} windows, (n, length, columns). Received: the shape {found.shape}"
        )
    return found
