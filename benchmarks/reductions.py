"""Measures the time of two workers on loopback to sum their gradients, as they do it and in other ways.

    python -m benchmarks.reductions            # writes benchmarks/reductions.json: a minute of two cores
    python -m benchmarks.reductions --rounds=2 --out=FILE

Two processes with a core each sum gradients of the shapes of both players, of which there is nothing else to compute:
first those of the discriminator, then those of the generator, as a step does; in 16 bits, cast before and back after;
and all of both at once, which a step cannot do: it is the most that the first one could save by hiding behind other
work. All ways in turn, again and again: medians of milliseconds of the clock and of the processor of one worker.
"""

import json
import os
import pathlib
import socket
import subprocess
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy as np
import tensorflow as tf
from absl import app, flags

from benchmarks import commit
from benchmarks.steps.games import GAMES

WORKER = flags.DEFINE_integer(
    "worker", None, "Index of this worker; set by the benchmark.", lower_bound=0, upper_bound=1
)
ROUNDS = flags.DEFINE_integer("rounds", 60, "Timings per variant.", lower_bound=1)
OUT = flags.DEFINE_string("out", str(pathlib.Path(__file__).with_suffix(".json")), "File of the record.")

NAMES, WARM = ("ring", "mlp", "dcgan"), 3


def summed(gradients: list[tf.Tensor], dtype: str = "float32") -> list[tf.Tensor]:
    """Returns the sums of all workers, as Keras's optimizers ask for them: TensorFlow sends them as one tensor."""
    cast = [tf.cast(tf.identity(each), dtype) for each in gradients]
    sums = tf.distribute.get_replica_context().all_reduce(tf.distribute.ReduceOp.SUM, cast)
    return [tf.cast(each, "float32") for each in sums]


def in_turn(dtype: str):
    """Sums one player's gradients, then the other's."""

    def reduce(first, second):
        found = summed(first, dtype)
        with tf.control_dependencies(found):
            return found + summed(second, dtype)

    return reduce


WAYS = {
    "float32": in_turn("float32"),
    "bfloat16": in_turn("bfloat16"),
    "float16": in_turn("float16"),
    "all at once": lambda first, second: summed(first + second),
}


def work(worker: int) -> dict:
    """Returns the rows that this worker measures."""
    os.sched_setaffinity(0, {worker})
    tf.config.threading.set_intra_op_parallelism_threads(1)
    strategy, rng, rows = tf.distribute.MultiWorkerMirroredStrategy(), np.random.default_rng(worker), []
    for name in NAMES:
        shapes = [[v.shape for v in player.trainable_variables] for player in GAMES[name].players()[::-1]]
        gradients = [[tf.constant(rng.normal(size=shape), "float32") for shape in player] for player in shapes]
        functions = {
            way: tf.function(lambda *given, reduce=reduce: strategy.run(reduce, args=given), autograph=False)
            for way, reduce in WAYS.items()
        }
        times = {way: [] for way in WAYS}
        for _ in range(WARM + ROUNDS.value):
            for way, function in functions.items():
                clock, processor = time.perf_counter(), time.process_time()
                function(*gradients)[-1].numpy()
                times[way].append(1000 * np.array([time.perf_counter() - clock, time.process_time() - processor]))
        for way, found in times.items():
            clock, processor = np.median(found[WARM:], axis=0)
            rows.append({"game": name, "way": way, "clock_ms": round(clock, 1), "processor_ms": round(processor, 1)})
    return rows


def main(argv):
    del argv
    if WORKER.value is not None:
        print(json.dumps(work(WORKER.value)), flush=True)
        return
    sockets = [socket.socket() for _ in range(2)]
    for each in sockets:
        each.bind(("localhost", 0))
    cluster = {"worker": [f"localhost:{each.getsockname()[1]}" for each in sockets]}
    for each in sockets:
        each.close()
    workers, load = [], round(os.getloadavg()[0], 1)
    for index in range(2):
        told = json.dumps({"cluster": cluster, "task": {"type": "worker", "index": index}})
        command = [sys.executable, "-m", "benchmarks.reductions", f"--worker={index}", f"--rounds={ROUNDS.value}"]
        environment = os.environ | {"TF_CONFIG": told}
        workers.append(subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True))
    rows, _ = (json.loads(each.communicate()[0].splitlines()[-1]) for each in workers)
    command = f"python -m benchmarks.reductions --rounds={ROUNDS.value}"
    record = {"command": command, "commit": commit(), "load_before": load, "tensorflow": tf.__version__, "rows": rows}
    temporary = pathlib.Path(f"{OUT.value}.part")
    temporary.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    temporary.replace(OUT.value)


if __name__ == "__main__":
    app.run(main)
