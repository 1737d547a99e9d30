"""An epoch of CTGAN beside one of the `ctgan` package, and what learners make of the rows of both.

    python3.11 -m venv other && other/bin/pip install ctgan     # with PyTorch
    python -m benchmarks.tables --python=other/bin/python --table=adult.csv     # writes benchmarks/tables.json

Both train on the same 70 % of the adult census in batches of 500, with the paper's networks and one thread each, in
turn; an epoch of each round is the mean of some, without what comes before them. Then each trains once for all epochs,
and F1 is that of `evaluation`: learners trained on as many made rows as were trained on, tested on those held out.
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
from keras_gan import data
from keras_gan.evaluation.tables import columns, distances, learners
from recipes import ctgan_adult

PYTHON = flags.DEFINE_string("python", None, "The interpreter that has `ctgan`.", required=True)
ROUNDS = flags.DEFINE_integer("rounds", 3, "Times that both are timed, in turn.", lower_bound=1)
TIMED = flags.DEFINE_integer("timed", 4, "Epochs of a round.", lower_bound=1)
OUT = flags.DEFINE_string("out", str(pathlib.Path(__file__).with_suffix(".json")), "The record.")
LABEL = "income"


class Here:
    """This library's side."""

    def __init__(self, train, seed: int):
        self.table, self.count, self.seed = data.Table(train, seed=seed), len(train), seed

    def train(self, epochs: int):
        """A trained game, and the seconds of an epoch: the first one, which traces and compiles, is not timed."""
        keras.utils.set_random_seed(self.seed)
        game = ctgan_adult.build(self.table, self.seed)
        game.compile()
        batches = self.table.conditioned(500, seed=self.seed)
        game.fit(batches, epochs=1, verbose=0)
        clock, processor = time.perf_counter(), time.process_time()
        game.fit(batches, epochs=epochs, initial_epoch=1, verbose=0)
        seconds = {"clock": time.perf_counter() - clock, "processor": time.process_time() - processor}
        return game, {name: value / (epochs - 1) for name, value in seconds.items()}


class There:
    """The other side, a process each time."""

    def __init__(self, train, folder: pathlib.Path, discrete: list[str]):
        self.path, self.discrete = folder / "train.csv", ",".join(discrete)
        train.to_csv(self.path, index=False)

    def train(self, epochs: int, out: pathlib.Path | None = None) -> dict:
        """The seconds of an epoch; the rows go to `out`."""
        words = [self.path, self.discrete, 1, epochs, *([out] if out else [])]
        command = [PYTHON.value, "-m", "benchmarks.tables_ctgan", *map(str, words)]
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONWARNINGS": "ignore"}
        environment["PYTHONPATH"] = str(pathlib.Path(__file__).parents[1])
        found = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
        return json.loads(found.stdout.splitlines()[-1])


def quality(schema, train, test, tables: dict) -> dict[str, dict[str, float]]:
    """F1, accuracy and the greatest difference of shares of each table, of the real training rows among them."""
    real, held_out, *made = columns.read(schema, [train, test, *tables.values()])
    task, found = learners.Task.of(LABEL, real), {}
    for name, each in {"real": real, **dict(zip(tables, made, strict=True))}.items():
        scores = learners.efficacy(task, each, held_out)
        share, category = distances.greatest_share_difference(real, each)
        found[name] = {**{key: round(value, 4) for key, value in scores.items()}, "share_difference": round(share, 2)}
        print(name, found[name], category, flush=True)
    return found


def main(argv):
    del argv
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    seed, epochs = ctgan_adult.SEED.value, ctgan_adult.EPOCHS.value
    frame = pd.read_csv(ctgan_adult.TABLE.value, skipinitialspace=True)
    train, test = ctgan_adult.split(frame, seed)
    schema = data.Schema.of(train, modes=1)
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        here, there = Here(train, seed), There(train, folder, list(schema.categories))
        rounds = []
        for _ in range(ROUNDS.value):
            rounds.append({"here": here.train(1 + TIMED.value)[1], "ctgan": there.train(1 + TIMED.value)})
            print(rounds[-1], flush=True)
        game, seconds = here.train(epochs)
        whole = {"here": seconds, "ctgan": there.train(epochs, folder / "made.csv")}
        print(whole, flush=True)
        tables = {"here": game.sample(len(train), seed=seed), "ctgan": pd.read_csv(folder / "made.csv")}
    found = quality(schema, train, test, tables)
    ratios = sorted(each["here"]["processor"] / each["ctgan"]["processor"] for each in [*rounds, whole])
    record = {
        "command": f"python -m benchmarks.tables --epochs={epochs} --rounds={ROUNDS.value} --timed={TIMED.value}",
        "commit": commit(),
        "threads": 1,
        "rows": len(train),
        "epochs": epochs,
        "seconds_of_an_epoch": {"rounds": rounds, "of_all_epochs": whole},
        "time_over_that_of_ctgan": {"median": float(np.median(ratios)), "least": ratios[0], "greatest": ratios[-1]},
        "quality": found,
    }
    pathlib.Path(OUT.value).write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(record, indent=1))


if __name__ == "__main__":
    app.run(main)
