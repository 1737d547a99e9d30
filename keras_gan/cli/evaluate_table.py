"""Measures the rows of a table that any program made: `keras-gan evaluate --model=table:rows.csv`."""

import pathlib
import time
from collections.abc import Callable

from absl import flags

from keras_gan import report
from keras_gan.cli import models
from keras_gan.data import frames
from keras_gan.evaluation import evaluate_table
from keras_gan.ground import files

PREFIX = "table:"
OF_TABLES, OF_PICTURES = ("held_out", "label"), ("value", "metrics", "n", "image_size")


def is_table(values: flags.FlagValues) -> bool:
    """Whether a command is about tables.

    Raises:
        ValueError: If it is not, and has flags for them.
    """
    found = bool(values.model) and values.model.startswith(PREFIX)
    for name in OF_PICTURES if found else OF_TABLES:
        if values[name].value is not None:
            what = "pictures" if found else f"tables, --model={PREFIX}PATH"
            raise ValueError(f"`{name}` is a flag of {what}. Received: {name}={values[name].value!r}")
    return found


def prepare(values: flags.FlagValues) -> Callable[[], None]:
    """Reads the tables; what is left is to measure, show and write."""
    for name in ("dataset", *OF_TABLES):
        if not values[name].value:
            raise ValueError(
                f"`{name}` is needed to measure a table: --dataset={PREFIX}PATH of the rows that the model was trained "
                "on, --held_out=PATH of real rows that it has not seen, and --label=COLUMN. Received: none"
            )
    paths = [values[name].value.removeprefix(PREFIX) for name in ("dataset", "held_out", "model")]
    tables = [frames.as_frame(path) for path in paths]
    made = pathlib.Path(paths[-1])
    out = pathlib.Path(values.out) if values.out else made.with_name(f"{made.stem}_evaluation.json")
    models.check_folder("out", out.parent)
    if out.suffix != ".json" or out.is_dir():
        raise ValueError(f"`out` must be a file that ends in .json. Received: out={str(out)!r}")
    return lambda: work(tables, values.label, values.seed, made.name, out)


def work(tables: list, label: str, seed: int, name: str, out: pathlib.Path) -> None:
    """Measures, prints the numbers, and writes them and their page."""
    began = time.monotonic()

    def tell(text):
        print(f"[{time.monotonic() - began:6.1f} s] {text}", flush=True)

    found = evaluate_table(*tables, label=label, seed=seed, tell=tell)
    print(f"\n{found.table()}")
    files.write_text(out, found.to_json())
    page = report.write_table(found, out.with_suffix(".html"), name)
    print(f"Written: {out}, {page}")
