"""Measures rows of a table: those of a run on a table, or of a file that any program made."""

import pathlib
import time
from collections.abc import Callable

from absl import flags

from keras_gan import report
from keras_gan.cli import models, sample_rows
from keras_gan.data import Schema, frames
from keras_gan.evaluation import evaluate_table
from keras_gan.ground import files, prefixes
from keras_gan.models.row_maker import RowMaker
from keras_gan.presets.parts import split_names
from keras_gan.presets.rows import check_label, split_kinds
from keras_gan.report.run import EVALUATION

NEEDED = {
    "dataset": "--dataset=table:PATH of the training rows",
    "held_out": "--held_out=PATH of real rows that were not trained on",
    "label": "--label=COLUMN, which learners predict",
}
OF_FILES, OF_MODELS = ("columns", "kinds"), ("n", "match_shares")


def prepare(values: flags.FlagValues) -> Callable[[], None]:
    """Reads the tables and the model, and returns the function that makes and measures rows."""
    prefix, path = prefixes.split(values.model or "")
    is_file, known = bool(prefix), models.known(values.model)
    settings = {name: values[name].value or known.get(name) for name in NEEDED}
    missing = [name for name, value in settings.items() if not value]
    if missing:
        needed = ", ".join(NEEDED[name] for name in missing)
        raise ValueError(
            f"`{missing[0]}` is needed to measure rows: {needed}. Received: no --{', no --'.join(missing)}"
        )
    for name in OF_MODELS if is_file else OF_FILES:
        if values[name].value:
            kind = "a file of rows, all of which are measured as they are" if is_file else "a model, which has its own"
            raise ValueError(f"`{name}` must not be given for {kind}. Received: {name}={values[name].value}")
    if not is_file and not values.model:
        raise ValueError("`model` must be a run folder, a .keras file or table:PATH. Received: no --model")
    dataset, held_out = (settings[name].removeprefix("table:") for name in ("dataset", "held_out"))
    if is_file:
        columns = None if values.columns is None else split_names(values.columns)
        kinds = split_kinds(values.kinds)
        train = frames.as_frame(dataset, kinds)
        made = pathlib.Path(path)
        name, default = made.name, made.with_name(f"{made.stem}_evaluation.json")
    else:
        found = models.find(values.model)
        game = models.load_found(found, RowMaker)
        columns, kinds = game.schema.names, game.schema.kinds
        train = game.schema.as_frame(dataset)
        make = sample_rows.matched if values.match_shares else lambda game, n, seed: game.sample(n, seed=seed)
        name, default = game.name, found.place(EVALUATION)
    train = _choose("dataset", train, columns)
    check_label(settings["label"], list(train.columns))
    schema = Schema.of(train, kinds=kinds, modes=1)  # before rows are made
    test = _choose("held_out", schema.as_frame(held_out), columns)
    check_label(settings["label"], list(test.columns))
    rows = schema.as_frame(made) if is_file else lambda: make(game, values.n or len(train), values.seed)
    out = pathlib.Path(values.out) if values.out else default
    models.check_folder("out", out.parent)
    if out.suffix != ".json" or out.is_dir():
        raise ValueError(f"`out` must be a file that ends in .json. Received: out={str(out)!r}")
    return lambda: work([train, test], rows, settings["label"], kinds, values.seed, name, out)


def _choose(flag, table, columns):
    missing = [name for name in columns or () if name not in table.columns]
    if missing:
        raise ValueError(f"`{flag}` must have the columns {columns}. Received: none called {missing[0]!r}")
    return frames.choose(table, columns)


def work(tables: list, rows, label: str, kinds: dict | None, seed: int, name: str, out: pathlib.Path) -> None:
    """Measures, prints the numbers, and writes them and their page.

    Args:
        tables: The rows of training, and the held-out rows.
        rows: The rows to measure, or a function that returns them.
        label: The column that learners predict.
        kinds: Kinds of columns, as `evaluate_table` takes them.
        seed: Seed of the measures.
        name: The page's title.
        out: The JSON file to write.
    """
    began = time.monotonic()

    def log(text):
        print(f"[{time.monotonic() - began:6.1f} s] {text}", flush=True)

    made = rows
    if callable(rows):
        made = rows()
        log(f"{len(made):,} rows")
    found = evaluate_table(*tables, made, label=label, kinds=kinds, seed=seed, progress=log)
    print(f"\n{found.table()}")
    files.write_text(out, found.to_json())
    page = report.write_table(found, out.with_suffix(".html"), name)
    print(f"Written: {out}, {page}")
