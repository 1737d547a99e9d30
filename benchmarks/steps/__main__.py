"""The time of one training step, side by side and in turn: this library, the Keras guides' way, PyTorch.

    python -m benchmarks.steps                                   # writes benchmarks/steps.json
    python -m benchmarks.steps --torch=/other/venv/bin/python    # with PyTorch, in the Python that has it
    python -m benchmarks.steps --device=gpu                      # adds the part of the GPU
    python -m benchmarks.steps --before=/another/checkout        # with an earlier version of this library as a side

A side is a process of its own. In a pair every side plays one epoch, one after the other, and in the next pair in the
other order; what counts is the ratio of times to the guide's, pair by pair, as the machine's speed drifts. Compilation
and one epoch are over before the first pair. Before that, the first step of each game is played from the same weights,
latents and batch: the losses must be equal.

The guide reads its own pipeline (`from_tensor_slices(...).shuffle(1024).batch(...)`), this library an array in memory;
"guide our data" tells how much of the difference that is. Pictures are noise: what they show costs no time.
"""

import json
import os
import pathlib
import tempfile

import numpy as np
from absl import app, flags

from benchmarks import commit
from benchmarks.steps import sides

GAMES = flags.DEFINE_list("games", None, "Which games, such as ring,dcgan; all of them if None.")
SIDES = flags.DEFINE_list("sides", None, "Which sides beside the guide, such as keras_gan; all of them if None.")
PAIRS = flags.DEFINE_integer("pairs", 15, "How many pairs of epochs are timed.", lower_bound=1)
STEPS = flags.DEFINE_integer("steps", None, "Steps per epoch; some seconds of each game if None.", lower_bound=2)
DEVICE = flags.DEFINE_enum("device", "cpu", ["cpu", "gpu"], "What plays.")
TORCH = flags.DEFINE_string("torch", None, "A Python that has PyTorch; without one, PyTorch is left out.")
BEFORE = flags.DEFINE_string("before", None, "A checkout of an earlier version, which plays as the side 'before'.")
OUT = flags.DEFINE_string("out", str(pathlib.Path(__file__).parent.with_suffix(".json")), "The record.")

TOLERANCE = 1e-4


def main(argv):
    del argv
    if DEVICE.value == "cpu":
        os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
    judge = sides.get_judge()
    facts = judge.ask("facts")
    if DEVICE.value == "gpu" and not facts["gpus"]:
        write("gpu", "not run: TensorFlow sees no GPU here")
        return
    part = {
        "command": " ".join(["python -m benchmarks.steps", *given()]),
        "commit": commit(),
        "machine": {"cpu": cpu(), "cores": os.cpu_count(), "gpus": facts["gpus"]},
        "versions": facts["versions"],
        "peak_gflops": {},
        "games": {},
    }
    for name in GAMES.value or facts["games"]:
        peak = part["peak_gflops"] = higher(part["peak_gflops"], judge.ask("peak"))
        print("The machine's peak so far, GFLOP per second:", json.dumps(peak))
        with tempfile.TemporaryDirectory() as folder:
            part["games"][name] = play(judge, name, peak, f"{folder}/game.npz", part["versions"])
        write(DEVICE.value, part)
    judge.end()


def play(judge, name, peak, path, versions):
    """Returns one game: its check, its pairs, its rows."""
    losses = judge.ask("check", name, path)
    check(name, losses)
    game = judge.ask("game", name, DEVICE.value)
    steps = STEPS.value or game["steps"]
    print(f"\n{game['title']}: {steps} steps per epoch, {PAIRS.value} pairs", flush=True)
    chosen = [side for side in game["sides"] if not SIDES.value or side["name"] in ("guide", *SIDES.value)]
    if BEFORE.value:
        ours = next(side for side in game["sides"] if side["name"] == "keras_gan")
        chosen.append({**ours, "name": "before", "folder": str(pathlib.Path(BEFORE.value).resolve())})
    started = sides.start(game, chosen, steps, path, TORCH.value)
    players = started.players
    for side, player in players.items():
        if side.startswith("torch"):
            losses[side] = player.ask("check")
            versions |= player.ask("versions")
    check(name, losses)
    for player in players.values():
        player.ask("epoch")
    times = {side: [] for side in players}
    for pair in range(PAIRS.value):
        for side in sorted(players, reverse=bool(pair % 2)):
            times[side].append(players[side].ask("epoch"))
    facts = {side: player.ask("facts") for side, player in players.items()}
    for player in players.values():
        player.end()
    rows = []
    for side in chosen:
        if side["name"] in players:
            rows.append(row(side, times, started.seconds, facts, peak))
            print(json.dumps(rows[-1]), flush=True)
    for sentence in started.left_out:
        print(sentence)
    told = {"title": game["title"], "steps": steps, "first_losses": losses}
    return {**told, "rows": rows, "left_out": started.left_out}


def higher(peak, measured):
    """Returns the best peak so far: a machine that others use too shows less than it has."""
    if not peak:
        return measured
    return {
        dtype: {kind: max(value, peak[dtype][kind]) for kind, value in each.items()} for dtype, each in measured.items()
    }


def check(name, losses):
    """Raises if the first step of a side differs from this library's."""
    for side, values in losses.items():
        for loss, value in values.items():
            ours = losses["keras_gan"][loss]
            if not abs(value - ours) <= TOLERANCE * max(1, abs(ours)):
                raise RuntimeError(f"{name}: the first {loss} is {ours} here and {value} of {side}: not the same work")


def row(side, times, first_seconds, facts, peak):
    """Returns the record of one side of a game. Times are medians, ratios over the guide's of the pair."""
    name = side["name"]
    milliseconds = float(np.median(times[name]))
    ratios = np.array(times[name]) / np.array(times["guide"])
    known = dict(facts[name])
    if "operations" not in known:  # PyTorch does what its twin does
        known["operations"] = facts["keras_gan reuse_fakes" if side["reuse_fakes"] else "guide"]["operations"]
    work = known.pop("operations")
    if name == "keras_gan" and "before" in times:
        to_before, kinds = np.array(times[name]) / np.array(times["before"]), (np.median, np.min, np.max)
        known |= {f"to_before_{kind.__name__}": round(float(kind(to_before)), 3) for kind in kinds}
    top = max(peak["float32" if side["policy"] == "float32" else "bfloat16"].values())
    return {
        "side": name,
        "steps_per_second": float(f"{1000 / milliseconds:.4g}"),
        "ms": float(f"{milliseconds:.4g}"),
        "ratio_median": round(float(np.median(ratios)), 3),
        "ratio_min": round(float(ratios.min()), 3),
        "ratio_max": round(float(ratios.max()), 3),
        "gflop_per_step": float(f"{work / 1e9:.4g}"),
        "share_of_peak": round(work / 1e6 / milliseconds / top, 4),
        "first_step_seconds": round(first_seconds[name], 2),
        **known,
    }


def given():
    """Yields the flags that were given, without the paths of one machine."""
    for flag in (GAMES, SIDES, PAIRS, STEPS, DEVICE):
        if flags.FLAGS[flag.name].present:
            yield flags.FLAGS[flag.name].serialize()
    if TORCH.value:
        yield "--torch=PYTHON"
    if BEFORE.value:
        yield "--before=CHECKOUT"


def cpu():
    path = pathlib.Path("/proc/cpuinfo")
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "unknown")


def write(device, part):
    """Puts one device's part into the record; the other one stays."""
    path = pathlib.Path(OUT.value)
    record = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {"cpu": "not run", "gpu": "not run"}
    path.write_text(json.dumps(record | {device: part}, indent=2) + "\n", encoding="utf-8")
    print("Written:", path.name)


if __name__ == "__main__":
    app.run(main)
