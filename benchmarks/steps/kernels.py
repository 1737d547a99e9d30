"""What a step's time is spent on, kernel by kernel: a trace of some steps, one operation at a time.

    python -m benchmarks.steps.kernels                  # the guide's DCGAN; writes benchmarks/kernels.json

Each side is a process of its own, with one thread between operations and all cores within one, so that the times of
kernels add up to the traced step's; `ms` is a step's without the trace. A kernel's operations are those that it makes,
zeros included; a side's are what it needs.
"""

import collections
import json
import os
import pathlib
import re
import sys
import tempfile

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "1")

import keras
import tensorflow as tf
from absl import app, flags
from tensorflow.tsl.profiler.protobuf import xplane_pb2

from benchmarks import commit
from benchmarks.steps import peak
from benchmarks.steps.child import Child, serve
from benchmarks.steps.count import operations_by_kind
from benchmarks.steps.games import GAMES, Side
from benchmarks.steps.side import Stopwatch, make_data, make_model, needed_operations, traced

GAME = flags.DEFINE_string("game", "dcgan", "Which game.")
STEPS = flags.DEFINE_integer("steps", 10, "How many steps are traced.", lower_bound=1)
OUT = flags.DEFINE_string("out", str(pathlib.Path(__file__).parents[1] / "kernels.json"), "The record.")

SIDES = (
    Side("guide"),
    Side("keras_gan"),
    Side("keras_gan", reuse_fakes=True),
    Side("keras_gan", reuse_fakes=True, policy="mixed_bfloat16"),
)
FIRST = 5  # steps that are over before the trace begins
# "layer/gradient_tape/Conv2DBackpropFilter:_MklNativeConv2DBackpropFilterWithBias", and not "Iterator::Root"
EVENT = re.compile(r"^(?!.*::)[^: ]+:(?:_MklNative|_Mkl|_)?(?:PadWith)?(?:Fused)?(\w+?)(?:WithBias)?$")


class Trace(keras.callbacks.Callback):
    """Traces some steps of one `fit`, with every operation."""

    def __init__(self, folder: str, steps: int):
        super().__init__()
        self.folder, self.steps = folder, steps

    def on_train_batch_begin(self, batch, logs=None):
        if batch == FIRST:
            options = tf.profiler.experimental.ProfilerOptions(host_tracer_level=3)
            tf.profiler.experimental.start(self.folder, options)

    def on_train_batch_end(self, batch, logs=None):
        if batch == FIRST + self.steps - 1:
            tf.profiler.experimental.stop()


def trace(game: str, side: str, steps: int) -> dict:
    """Milliseconds a step, and of each kind of kernel its calls, milliseconds and GFLOP a step."""
    game, side = GAMES[game], Side(**json.loads(side))
    model, data, stopwatch = make_model(game, side), make_data(game, side, FIRST + steps), Stopwatch()
    model.fit(**data, verbose=0)
    model.fit(**data, verbose=0, callbacks=[stopwatch])
    with tempfile.TemporaryDirectory() as folder:
        model.fit(**data, verbose=0, callbacks=[Trace(folder, steps)])
        calls, seconds = read(next(pathlib.Path(folder).glob("**/*.xplane.pb")))
    work = operations_by_kind(traced(game, side, model))
    kernels = {
        kind: {"calls": calls[kind] / steps, "ms": 1e3 * seconds[kind] / steps, "gflop": work[kind] / 1e9}
        for kind in sorted(seconds, key=seconds.get, reverse=True)
    }
    needed = needed_operations(game, side, model) / 1e9
    return {"ms": stopwatch.milliseconds, "needed_gflop": needed, "kernels": kernels}


def read(path: pathlib.Path) -> tuple[collections.Counter, collections.Counter]:
    """Calls and seconds of each kind of kernel in a trace."""
    space = xplane_pb2.XSpace.FromString(path.read_bytes())
    calls, seconds = collections.Counter(), collections.Counter()
    for plane in space.planes:
        for line in plane.lines:
            for event in line.events:
                found = EVENT.match(plane.event_metadata[event.metadata_id].name)
                if found and "tf_data" not in line.name:
                    calls[found[1]] += 1
                    seconds[found[1]] += event.duration_ps / 1e12
    return calls, seconds


def rows(told: dict, top: float) -> list[dict]:
    """The kernels that take 1 % of the step or more, and the rest; `lost_ms` is time beyond that of the peak."""
    named = {kind: each for kind, each in told["kernels"].items() if each["ms"] >= 0.01 * told["ms"]}
    others = [each for kind, each in told["kernels"].items() if kind not in named]
    named["others"] = {key: sum(each[key] for each in others) for key in ("calls", "ms", "gflop")}
    return [
        {"kernel": kind, "calls": round(each["calls"]), "ms": round(each["ms"], 2), "gflop": round(each["gflop"], 3)}
        | {"share_of_peak": round(1e3 * each["gflop"] / each["ms"] / top, 3) if each["gflop"] else None}
        | {"lost_ms": round(each["ms"] - 1e3 * each["gflop"] / top, 2)}
        for kind, each in named.items()
    ]


def main(argv):
    if argv[1:] == ["child"]:
        tf.config.threading.set_inter_op_parallelism_threads(1)
        serve({"trace": trace})
        return
    peaks = peak.measure()
    record = {"command": "python -m benchmarks.steps.kernels", "commit": commit(), "game": GAMES[GAME.value].title}
    record |= {"peak_gflops": peaks, "sides": {}}
    for side in SIDES:
        child = Child(sys.executable, "benchmarks.steps.kernels", "child")
        told = child.ask("trace", GAME.value, json.dumps(vars(side)), STEPS.value)
        child.end()
        top = max(peaks["float32" if side.policy == "float32" else "bfloat16"].values())
        of_side = {
            "ms": round(told["ms"], 2),
            "of_kernels_ms": round(sum(k["ms"] for k in told["kernels"].values()), 2),
            "needed_gflop": round(told["needed_gflop"], 3),
            "share_of_peak": round(1e3 * told["needed_gflop"] / told["ms"] / top, 3),
        }
        record["sides"][side.name] = {**of_side, "kernels": rows(told, top)}
        print(side.name, json.dumps(of_side, indent=1), flush=True)
    pathlib.Path(OUT.value).write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    print("Written:", OUT.value)


if __name__ == "__main__":
    app.run(main)
