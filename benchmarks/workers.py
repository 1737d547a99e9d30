"""Measures the cost of two workers: two processes with a core each, as one game over loopback and as two games.

    python -m benchmarks.workers            # writes benchmarks/workers.json

A process plays as many examples per step in both cases, so that both would take the same time if talking were free.
"""

import json
import os
import pathlib
import socket
import subprocess
import sys
import tempfile

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
import tensorflow as tf
from absl import app, flags

from benchmarks import commit
from benchmarks.steps.games import GAMES, Side
from benchmarks.steps.side import Stopwatch, make_data, make_model

PLAY = flags.DEFINE_string("play", None, "Game of a child process; set by the benchmark.")
CORE = flags.DEFINE_integer("core", 0, "Core of a child process; set by the benchmark.")
OUT = flags.DEFINE_string("out", str(pathlib.Path(__file__).with_suffix(".json")), "File of the record.")

NAMES, EPOCHS, WORKERS = ("ring", "mlp", "dcgan"), 5, 2


def play(name: str, core: int, workers: int) -> None:
    """Plays as a child: prints the median milliseconds per step over epochs, and the number of weights per player."""
    os.sched_setaffinity(0, {core})
    tf.config.threading.set_intra_op_parallelism_threads(1)
    game, side = GAMES[name], Side("keras_gan", one_at_a_time=True)
    strategy = tf.distribute.MultiWorkerMirroredStrategy() if workers > 1 else tf.distribute.get_strategy()
    with strategy.scope():
        model = make_model(game, side)
    data = make_data(game, side, workers * game.steps)
    data["batch_size"] *= workers
    times = []
    for _ in range(1 + EPOCHS):
        stopwatch = Stopwatch()
        model.fit(**data, verbose=0, callbacks=[stopwatch])
        times.append(stopwatch.milliseconds)
    weights = [
        sum(v.shape.num_elements() for v in p.trainable_variables) for p in (model.discriminator, model.generator)
    ]
    print(json.dumps({"ms": float(np.median(times[1:])), "weights": weights}), flush=True)


def measure(name: str, together: bool) -> dict:
    """Collects what the children say of one game of all, or of a game each."""
    cluster = {"worker": [f"localhost:{_free_port()}" for _ in range(WORKERS)]}
    with tempfile.TemporaryFile("w+") as log:
        children = []
        for index in range(WORKERS):
            task = {"TF_CONFIG": json.dumps({"cluster": cluster, "task": {"type": "worker", "index": index}})}
            command = [sys.executable, "-m", "benchmarks.workers", f"--play={name}", f"--core={index}"]
            where = {**os.environ, **(task if together else {})}
            children.append(subprocess.Popen(command, env=where, stdout=subprocess.PIPE, stderr=log, text=True))
        told = [child.communicate()[0].splitlines() for child in children]
        if any(child.returncode for child in children):
            log.seek(0)
            raise RuntimeError(f"A worker of {name} failed:\n{log.read()[-3000:]}")
    each = [json.loads(lines[-1]) for lines in told]
    return {"ms": max(one["ms"] for one in each), "weights": each[0]["weights"]}


def _free_port():
    with socket.socket() as free:
        free.bind(("localhost", 0))
        return free.getsockname()[1]


def main(argv):
    del argv
    if PLAY.value:
        play(PLAY.value, CORE.value, WORKERS if "TF_CONFIG" in os.environ else 1)
        return
    rows = []
    for name in NAMES:
        alone, together = measure(name, together=False), measure(name, together=True)
        talk = together["ms"] - alone["ms"]
        sent = 4 * sum(alone["weights"])  # float32 gradients: of two, each sends half and then the sum of its half
        rows.append(
            {"game": GAMES[name].title, "examples_a_worker": GAMES[name].batch, "weights": alone["weights"]}
            | {"ms_alone": round(alone["ms"], 2), "ms_of_two": round(together["ms"], 2), "ms_of_talk": round(talk, 2)}
            | {"megabytes_sent_by_each": round(sent / 1e6, 3)}
        )
        print(json.dumps(rows[-1]), flush=True)
    versions = {"tensorflow": tf.__version__, "keras": keras.__version__}
    record = {"command": "python -m benchmarks.workers", "commit": commit(), "versions": versions, "games": rows}
    pathlib.Path(OUT.value).write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    print("Written:", OUT.value)


if __name__ == "__main__":
    app.run(main)
