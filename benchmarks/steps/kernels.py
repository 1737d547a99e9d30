"""The time of a step, kernel by kernel: a trace of some steps, one operation at a time.

    python -m benchmarks.steps.kernels                  # writes benchmarks/kernels.json
    python -m benchmarks.steps.kernels --games=ring     # the record keeps the other games

Each side is a process of its own with one thread, so that the times of kernels add up to the traced step's, and the
peak is that of one thread in the same minutes. `ms` is a step's without the trace. A kernel's operations are those that
it makes, zeros included; a side's are what it needs. What XLA compiles is traced by XLA's own names: `fusions` are all
its loops over single numbers, `MatMul` its matrix products.
"""

import collections
import json
import os
import pathlib
import re
import sys
import tempfile

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "1")

import tensorflow as tf
from absl import app, flags
from tensorflow.tsl.profiler.protobuf import xplane_pb2

from benchmarks import commit
from benchmarks.steps import peak
from benchmarks.steps.child import Child, serve
from benchmarks.steps.count import operations_by_kind
from benchmarks.steps.games import GAMES, Side
from benchmarks.steps.side import Player, needed_operations, traced
from keras_gan.ground import files

CHOSEN = flags.DEFINE_list("games", ["dcgan", "ring", "wgan_gp", "r1_r2"], "Which games.")
STEPS = flags.DEFINE_integer("steps", None, "How many steps are traced. Default: 10, ring and MLP 256.", lower_bound=1)
OUT = flags.DEFINE_string("out", str(pathlib.Path(__file__).parents[1] / "kernels.json"), "The record.")

SIDES = (Side("guide"), Side("keras_gan"))
MORE_SIDES = {
    "dcgan": (
        Side("keras_gan", reuse_fakes=True),
        Side("keras_gan", reuse_fakes=True, policy="mixed_bfloat16"),
    )
}
# "layer/gradient_tape/Conv2DBackpropFilter:_MklNativeConv2DBackpropFilterWithBias", and not "Iterator::Root"
EVENT = re.compile(r"^(?!.*::)[^: ]+:(?:_MklNative|_Mkl|_)?(?:PadWith)?(?:Fused)?(\w+?)(?:WithBias)?$")
CONTAINERS = ("while", "call", "conditional")  # of XLA
COMPILED = re.compile(r"^([A-Za-z_]+?)(?:_?\d*)(?:\.\d+)?$")  # "MatMul_1.30", "multiply_add_fusion.19"


def trace(name: str, side: str, steps: int | None) -> dict:
    """Returns milliseconds per step, and of each kind of kernel its calls, milliseconds and GFLOP per step."""
    game, side = GAMES[name], Side(**json.loads(side))
    steps = steps or (256 if game.dense else 10)
    player = Player(game, side, steps)
    player.start()
    milliseconds = player.epoch()
    with tempfile.TemporaryDirectory() as folder:
        with tf.profiler.experimental.Profile(folder, tf.profiler.experimental.ProfilerOptions(host_tracer_level=3)):
            player.model.fit(**player.data, verbose=0)
        calls, seconds = read(next(pathlib.Path(folder).glob("**/*.xplane.pb")))
    work = operations_by_kind(traced(game, side, player.model))
    kernels = {
        kind: {"calls": calls[kind] / steps, "ms": 1e3 * seconds[kind] / steps, "gflop": work[kind] / 1e9}
        for kind in sorted(seconds, key=seconds.get, reverse=True)
    }
    needed = needed_operations(game, side, player.model) / 1e9
    return {"steps": steps, "ms": milliseconds, "needed_gflop": needed, "kernels": kernels}


def read(path: pathlib.Path) -> tuple[collections.Counter, collections.Counter]:
    """Calls and seconds of each kind of kernel in a trace."""
    space = xplane_pb2.XSpace.FromString(path.read_bytes())
    calls, seconds = collections.Counter(), collections.Counter()
    for plane in space.planes:
        for line in plane.lines:
            compiled_until = 0  # the end of what XLA compiled, in picoseconds of the line
            for event in sorted(line.events, key=lambda each: (each.offset_ps, -each.duration_ps)):
                name = plane.event_metadata[event.metadata_id].name
                if name == "CpuExecutable::ExecuteAsyncOnStream":
                    compiled_until = event.offset_ps + event.duration_ps
                kind = kind_of(name, compiled=event.offset_ps < compiled_until)
                if kind and "tf_data" not in line.name:
                    calls[kind] += 1
                    seconds[kind] += event.duration_ps / 1e12
    return calls, seconds


def kind_of(event: str, compiled: bool) -> str | None:
    """Returns the kind of kernel that an event of a trace is, if it is one that holds no others."""
    if not compiled:
        found = EVENT.match(event)
        return found and found[1]
    found = COMPILED.match(event)
    if not found or found[1] in CONTAINERS:
        return None
    if "dot" in found[1]:
        return "MatMul"
    return "fusions" if "fusion" in found[1] else found[1]


def rows(told: dict, top: float) -> list[dict]:
    """Returns the kernels that take 1 % of the step or more, and the rest; `lost_ms` is the time beyond the peak's."""
    named = {kind: each for kind, each in told["kernels"].items() if each["ms"] >= 0.01 * told["ms"]}
    others = [each for kind, each in told["kernels"].items() if kind not in named]
    named["others"] = {key: sum(each[key] for each in others) for key in ("calls", "ms", "gflop")}
    return [
        {"kernel": kind, "calls": round(each["calls"]), "ms": round(each["ms"], 2), "gflop": round(each["gflop"], 3)}
        | {"share_of_peak": round(1e3 * each["gflop"] / each["ms"] / top, 3) if each["gflop"] else None}
        | {"lost_ms": round(each["ms"] - 1e3 * each["gflop"] / top, 2)}
        for kind, each in named.items()
    ]


def of_side(name: str, side: Side, peaks: dict) -> dict:
    """Returns the part of the record that is of one side."""
    told = ask("trace", name, json.dumps(vars(side)), STEPS.value)
    top = max(peaks["float32" if side.policy == "float32" else "bfloat16"].values())
    return {
        "steps": told["steps"],
        "ms": round(told["ms"], 3),
        "of_kernels_ms": round(sum(each["ms"] for each in told["kernels"].values()), 3),
        "needed_gflop": round(told["needed_gflop"], 3),
        "share_of_peak": round(1e3 * told["needed_gflop"] / told["ms"] / top, 3),
        "kernels": rows(told, top),
    }


def ask(*command):
    """Returns the answer of a process of its own."""
    child = Child(sys.executable, "benchmarks.steps.kernels", "child")
    try:
        return child.ask(*command)
    finally:
        child.end()


def main(argv):
    if argv[1:] == ["child"]:
        tf.config.threading.set_inter_op_parallelism_threads(1)
        tf.config.threading.set_intra_op_parallelism_threads(1)
        serve({"trace": trace, "peak": peak.measure})
        return
    out = pathlib.Path(OUT.value)
    record = json.loads(out.read_text(encoding="utf-8")) if out.exists() else {}
    command = " ".join(["python -m benchmarks.steps.kernels", *sys.argv[1:]])
    for name in CHOSEN.value:
        peaks = ask("peak")
        told = {"title": GAMES[name].title, "command": command, "commit": commit(), "peak_gflops": peaks, "sides": {}}
        for side in (*SIDES, *MORE_SIDES.get(name, ())):
            told["sides"][side.name] = of_side(name, side, peaks)
            short = {key: value for key, value in told["sides"][side.name].items() if key != "kernels"}
            print(name, side.name, json.dumps(short), flush=True)
        record[name] = told
        with files.atomic(out) as part:
            part.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    print("Written:", out)


if __name__ == "__main__":
    app.run(main)
