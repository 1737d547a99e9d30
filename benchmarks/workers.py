"""What does it cost to play as two workers? One process on one core, and two on loopback with a core each.

    python -m benchmarks.workers            # writes benchmarks/workers.json

A worker plays the same number of examples as the process that is alone, so that a step of both would take the same
time if talking were free.
"""

import json
import os
import pathlib
import socket
import subprocess
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
import tensorflow as tf
from absl import app, flags

from benchmarks import commit
from benchmarks.steps.games import GAMES, Side
from benchmarks.steps.side import Stopwatch, make_data, make_model

PLAY = flags.DEFINE_string("play", None, "A game, and how many workers play it: what the children are told.")
INDEX = flags.DEFINE_integer("index", 0, "Which of the workers a child is.")
OUT = flags.DEFINE_string("out", str(pathlib.Path(__file__).with_suffix(".json")), "The record.")

NAMES, EPOCHS = ("ring", "mlp", "dcgan"), 5


def play(name: str, workers: int, index: int) -> None:
    """A child: prints milliseconds a step, the median of some epochs, and how many weights each player has."""
    os.sched_setaffinity(0, {index})
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


def measure(name: str, workers: int) -> dict:
    """What the children say."""
    ports = [_free_port() for _ in range(workers)]
    cluster = {"worker": [f"localhost:{port}" for port in ports]}
    children = []
    for index in range(workers):
        task = {"TF_CONFIG": json.dumps({"cluster": cluster, "task": {"type": "worker", "index": index}})}
        command = [sys.executable, "-m", "benchmarks.workers", f"--play={name},{workers}", f"--index={index}"]
        children.append(
            subprocess.Popen(
                command, env={**os.environ, **(task if workers > 1 else {})}, stdout=subprocess.PIPE, text=True
            )
        )
    told = [json.loads(child.communicate()[0].splitlines()[-1]) for child in children]
    return {"ms": max(each["ms"] for each in told), "weights": told[0]["weights"]}


def _free_port():
    with socket.socket() as free:
        free.bind(("localhost", 0))
        return free.getsockname()[1]


def main(argv):
    del argv
    if PLAY.value:
        name, workers = PLAY.value.split(",")
        play(name, int(workers), INDEX.value)
        return
    rows = []
    for name in NAMES:
        alone, together = measure(name, 1), measure(name, 2)
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
