"""CTGAN beside that of the `ctgan` package: the time of an epoch, and what the rows of both are worth.

    python3.11 -m venv other && other/bin/pip install ctgan     # with PyTorch
    python -m benchmarks.tables --python=other/bin/python --table=adult.csv     # writes benchmarks/tables.json

Both with their own defaults, here those of the preset `ctgan`, on the same 70 % of the adult census in batches of 500,
for as many epochs and with one thread each: for each seed first one, then the other. Of an epoch the record has the
seconds of the clock and of the processor, a mean without what comes before the first one, such as the search for modes.
Each then makes as many rows as it was trained on, and `evaluation.evaluate_table` judges both: learners trained on
them, tested on the rows that were held out. The package's default of 300 epochs would take hours of a shared machine:
the 50 of the record say what is learned soon, not where both end.
"""

import json
import os
import pathlib
import subprocess
import tempfile
import time

import keras
import numpy as np
import pandas as pd
import tensorflow as tf
from absl import app, flags

from benchmarks import commit
from keras_gan import data, presets
from keras_gan.evaluation import evaluate_table
from recipes import ctgan_adult

PYTHON = flags.DEFINE_string(
    "python", None, "Python interpreter in whose environment `ctgan` is installed.", required=True
)
SEEDS = flags.DEFINE_list(
    "seeds", ["0", "1"], "Seeds of the split and of training; both libraries are trained once with each."
)
OUT = flags.DEFINE_string("out", str(pathlib.Path(__file__).with_suffix(".json")), "File of the record.")
LABEL, BATCH = "income", 500


def here(train, seed: int, epochs: int) -> tuple[pd.DataFrame, dict[str, float]]:
    """Makes rows by this library, and counts the seconds of an epoch: the first one, which traces, is left out."""
    keras.utils.set_random_seed(seed)
    table = data.Table(train, seed=seed)
    game = presets.build("ctgan", table.schema, seed=seed)
    batches = table.conditioned(BATCH, seed=seed)
    game.fit(batches, epochs=1, verbose=0)
    clock, processor = time.perf_counter(), time.process_time()
    game.fit(batches, epochs=epochs, initial_epoch=1, verbose=0)
    seconds = {"clock": time.perf_counter() - clock, "processor": time.process_time() - processor}
    return game.sample(len(train), seed=seed), {name: value / (epochs - 1) for name, value in seconds.items()}


def there(train, seed: int, epochs: int, discrete: list[str], folder: pathlib.Path) -> tuple[pd.DataFrame, dict]:
    """Returns rows made by the `ctgan` package in a process of its own, and the seconds of an epoch."""
    paths = folder / "train.csv", folder / "made.csv"
    train.to_csv(paths[0], index=False)
    words = [paths[0], ",".join(discrete), epochs, seed, paths[1]]
    command = [PYTHON.value, "-m", "benchmarks.tables_ctgan", *map(str, words)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONWARNINGS": "ignore"}
    environment["PYTHONPATH"] = str(pathlib.Path(__file__).parents[1])
    found = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return pd.read_csv(paths[1]), json.loads(found.stdout.splitlines()[-1])


def compare(frame, seed: int, epochs: int) -> dict:
    """Returns both with one seed."""
    train, test = ctgan_adult.split(frame, seed)
    discrete = list(data.Schema.of(train, modes=1).categories)
    found = {"seed": seed, "rows": len(train), "held_out": len(test)}
    with tempfile.TemporaryDirectory() as folder:
        made = {"here": here(train, seed, epochs)}
        made["ctgan"] = there(train, seed, epochs, discrete, pathlib.Path(folder))
    for name, (rows, seconds) in made.items():
        report = evaluate_table(train, test, rows, label=LABEL, seed=seed)
        numbers = {key: float(f"{value:.4g}") for key, value in report.rows["synthetic"].items()}
        found[name] = {"seconds_of_an_epoch": seconds, **numbers, "worst": report.worst}
        found["f1_of_real"] = round(report.rows["real"]["f1"], 4)
        print(name, found[name], flush=True)
    of = [found[name]["seconds_of_an_epoch"]["processor"] for name in ("here", "ctgan")]
    return found | {"time_over_that_of_ctgan": round(of[0] / of[1], 4)}


def main(argv):
    del argv
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    epochs = ctgan_adult.EPOCHS.value
    frame = pd.read_csv(ctgan_adult.TABLE.value, skipinitialspace=True)
    seeds = [compare(frame, int(seed), epochs) for seed in SEEDS.value]
    means = {
        name: {key: round(float(np.mean([each[name][key] for each in seeds])), 4) for key in ("f1", "accuracy")}
        for name in ("here", "ctgan")
    }
    record = {
        "command": f"python -m benchmarks.tables --epochs={epochs} --seeds={','.join(SEEDS.value)}",
        "commit": commit(),
        "threads": 1,
        "epochs": epochs,
        "batch": BATCH,
        "means": means,
        "seeds": seeds,
    }
    temporary = pathlib.Path(f"{OUT.value}.part")
    temporary.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    temporary.replace(OUT.value)
    print(json.dumps(record["means"]))


if __name__ == "__main__":
    app.run(main)
