"""Today's networks: images per second, memory and time to the first step of each preset at several sizes.

    python -m benchmarks.networks                   # writes benchmarks/networks.json
    python -m benchmarks.networks --device=gpu      # adds the part of the GPU: XLA on and off, float32, bfloat16
    python -m benchmarks.networks --minutes=1.5     # rows that would take longer are named, with what they would take
    python -m benchmarks.networks --smoke           # one preset of 32 pixels, nothing written

A row is a process of its own: its memory and its first step, with what is made before it, are those of the preset
alone. Each is written at once: the same command goes on with the others, if it was stopped. Images are those of the
data that the discriminator is shown, as in "kimg". Pictures are noise.

Then each network of 32 pixels is played in turn with the same one written by hand in the style of the Keras guides
(plain.py, plain_normalized.py, plain_games.py), an epoch each: what counts is the ratio of times, pair by pair.
"""

import json
import os
import pathlib
import sys
import time

from absl import app, flags

from benchmarks import commit
from benchmarks.networks import paper
from benchmarks.steps.child import Child
from keras_gan import presets

PRESETS = ("dcgan", "r3gan", "stylegan2", "fastgan", "biggan")
BATCHES = {32: 16, 64: 16, 128: 8, 256: 4}  # of a CPU; a GPU plays those of the presets
PAIRS = {  # network -> batch, steps of an epoch, steps of an epoch in plain Keras, pairs
    "r3gan": (4, 4, 2, 3),
    "stylegan2": (16, 16, 16, 4),  # a penalty in one of 16
    "fastgan": (8, 8, 8, 9),
    "biggan": (16, 3, 3, 5),
}
TIMED = {"dcgan": 6, "r3gan": 6, "stylegan2": 16, "fastgan": 6, "biggan": 6}  # 16: a penalty in one of 16
ALL = tuple(map(str, BATCHES))
DEVICE = flags.DEFINE_enum("device", "cpu", ["cpu", "gpu"], "What plays.")
CHOSEN = flags.DEFINE_list("presets", list(PRESETS), "Which presets.")
SIDES = flags.DEFINE_list("sides", list(ALL), "Which sizes.")
STEPS = flags.DEFINE_integer("steps", None, f"Steps that are timed in a row. Default: {TIMED}.", lower_bound=1)
MINUTES = flags.DEFINE_float(
    "minutes", None, "No row is run that would take longer, by that of the next smaller size.", lower_bound=0
)
PARTS = flags.DEFINE_list("parts", ["pairs", "rows", "paper"], "What is done; the record keeps the other parts.")
SMOKE = flags.DEFINE_boolean("smoke", False, "One preset, a step, nothing written.")
OUT = flags.DEFINE_string("out", str(pathlib.Path(__file__).parent.with_suffix(".json")), "The record.")


def main(argv):
    del argv
    if DEVICE.value == "cpu":
        os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
    if SMOKE.value:
        smoke()
        return
    facts = ask("facts")
    if DEVICE.value == "gpu" and not facts["gpus"]:
        write(read() | {"gpu": "not run: TensorFlow sees no GPU here"})
        return
    command = " ".join(["python -m benchmarks.networks", *given()])
    told = {"command": command, "commit": commit(), "cores": len(os.sched_getaffinity(0)), **facts}
    began = time.perf_counter()
    for name, part in (("pairs", pairs), ("rows", rows)):
        if name in PARTS.value:
            keep(name, told, part())
    if "paper" in PARTS.value and DEVICE.value == "cpu":
        known = read().get("cpu", {}).get("rows", {}).get("rows", [])
        gflop = {side: ask("published", side) for side in paper.PUBLISHED}
        write(read() | {"paper": paper.estimate(gflop, known)})
    print(f"{time.perf_counter() - began:.0f} s")


def keep(name, told, found):
    """Writes the record anew with each row: a run that is stopped leaves what it has measured, and says what not."""
    record, whole = read(), []
    for left, row in found:
        whole += [] if row is None else [row]
        print(json.dumps(row or left), flush=True)
        part = record[DEVICE.value] if isinstance(record.get(DEVICE.value), dict) else {}
        write(record | {DEVICE.value: part | {name: {**told, name: whole, "not_run": left}}})


def smoke():
    """Makes a row of the record, and the estimate of it."""
    row = {"preset": "dcgan", "side": 32, **ask("play", "dcgan", 32, 4, "float32", "auto", 1)}
    print(json.dumps({"row": row, "paper": paper.estimate({128: 1.0}, [row])}, indent=2))


def rows():
    """Yields a row for each preset, size and way of playing, and what is not run, with the reason."""
    ways = [("float32", "auto")]
    if DEVICE.value == "gpu":
        ways = [(policy, jit) for policy in ("float32", "mixed_bfloat16") for jit in (False, True)]
    plan = [(side, preset, *way) for side in map(int, SIDES.value) for preset in CHOSEN.value for way in ways]
    left = ["XLA and bfloat16 on the CPU"] if DEVICE.value == "cpu" else []
    cost = {}  # preset and way -> seconds of a step for a pixel, and of all that is not steps
    for i, (side, preset, policy, jit) in enumerate(plan, start=1):
        steps = STEPS.value or TIMED[preset]
        batch = BATCHES[side] if DEVICE.value == "cpu" else presets.get(preset).batch_size
        row = {"preset": preset, "side": side, "batch": batch, "policy": policy, "xla": jit is True, "steps": steps}
        found, pixels, way = measured(row), batch * side**2, (preset, policy, jit)
        each, rest = cost.get(way, (0.0, 0.0))
        expected = (rest + (steps + 1) * each * pixels) / 60
        if found is None and MINUTES.value is not None and expected > MINUTES.value:
            left.append(
                f"{preset} {side} {policy}: about {expected:.1f} minutes, more than --minutes={MINUTES.value:g}"
            )
            continue
        if found is None:
            began = time.perf_counter()
            found = row | ask("play", preset, side, batch, policy, jit, steps)
            found["row_seconds"] = round(time.perf_counter() - began, 1)
        seconds = found["step_ms"] / 1000
        cost[way] = seconds / pixels, max(0.0, found["row_seconds"] - (steps + 1) * seconds)
        yield [*left, *(f"{each[1]} {each[0]} {each[2]}: stopped before" for each in plan[i:])], found
    yield left, None


def measured(row):
    """Returns the same row of the same commit in the record, where there is one."""
    part = read().get(DEVICE.value)
    known = part.get("rows", {}) if isinstance(part, dict) else {}
    same = known.get("rows", []) if known.get("commit") == commit() else []
    return next((each for each in same if row.items() <= each.items()), None)


def pairs():
    """Yields a row for each network beside plain Keras, and what is left to be run."""
    plan = [each for each in CHOSEN.value if each in PAIRS]
    for i, preset in enumerate(plan, start=1):
        row = {"network": preset, "side": 32, "batch": PAIRS[preset][0], **ask("compare", preset, *PAIRS[preset])}
        yield plan[i:], row


def ask(*command):
    """Returns the answer of a process of its own."""
    child = Child(sys.executable, "benchmarks.networks.side")
    try:
        return child.ask(*command)
    finally:
        child.end()


def given():
    """Returns the flags that were given."""
    return [
        flag.serialize()
        for flag in map(flags.FLAGS.__getitem__, ("device", "presets", "sides", "steps", "minutes", "parts"))
        if flag.present
    ]


def read():
    path = pathlib.Path(OUT.value)
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {"gpu": "not run: no GPU was at hand"}


def write(record):
    pathlib.Path(OUT.value).write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    app.run(main)
