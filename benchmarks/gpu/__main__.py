"""Measures a GPU in under ten minutes: five games with XLA on and off, in float32, TF32 and bfloat16.

    python -m benchmarks.gpu                           # writes benchmarks/gpu.json
    python -m benchmarks.gpu --torch=/other/bin/python # with PyTorch beside it, in the Python that has it
    python -m benchmarks.gpu --smoke                   # one short row on any machine, nothing written

Ring, the Keras guide's DCGAN, SNGAN, and R3GAN and StyleGAN2 of 64x64 pixels play on noise, in arrays in memory. A game
is a process of its own, and each way of playing it a row: milliseconds per step, seconds to the first step, memory,
TFLOP per second. Each row is written at once. The minutes are shared out between the games; a row for which none are
left is named. PyTorch is taken from this Python if it has it, and plays ring and DCGAN.
"""

import importlib.util
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

from absl import app, flags

from benchmarks import commit
from benchmarks.gpu.ways import GAMES, TORCH_GAMES, TORCH_WAYS, WAYS
from benchmarks.steps import sides
from benchmarks.steps.child import Child

CHOSEN = flags.DEFINE_list("games", list(GAMES), "Which games.")
MINUTES = flags.DEFINE_float("minutes", 9.0, "How long it may take, about.", lower_bound=0.1)
SECONDS = flags.DEFINE_float("seconds", 2.0, "How long a row is timed, at least three epochs.", lower_bound=0)
DEVICE = flags.DEFINE_enum("device", "gpu", ["cpu", "gpu"], "What plays; the CPU tries the program.")
TORCH = flags.DEFINE_string("torch", None, "A Python that has PyTorch; this one, if it has it, by default.")
SMOKE = flags.DEFINE_boolean("smoke", False, "One short row on any machine, nothing written.")
OUT = flags.DEFINE_string("out", str(pathlib.Path(__file__).parent.with_suffix(".json")), "The record.")


def main(argv):
    del argv
    if DEVICE.value == "cpu":
        os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
    if SMOKE.value:
        print(json.dumps(list(rows("ring", WAYS[:1], 0.0, None)), indent=2))
        return
    began, facts = time.monotonic(), start().ask("facts")
    if DEVICE.value == "gpu" and not facts["gpus"]:
        write({"gpu": "not run: TensorFlow sees no GPU here", "versions": facts["versions"]})
        return
    end = began + 60 * MINUTES.value
    record = {"command": " ".join(["python -m benchmarks.gpu", *given()]), "commit": commit(), **facts}
    record |= {"driver": driver(), "rows": [], "not_run": []}
    torch = TORCH.value or (sys.executable if importlib.util.find_spec("torch") else None)
    plan = [(name, None) for name in CHOSEN.value] + [(name, torch) for name in TORCH_GAMES if name in CHOSEN.value]
    for i, (name, python) in enumerate(plan):
        now = time.monotonic()
        share = now + (end - now) / (len(plan) - i)
        played = rows(name, WAYS, SECONDS.value, share) if i < len(CHOSEN.value) else torch_rows(name, python, share)
        for row in played:
            print(json.dumps(row), flush=True)
            record["not_run" if "reason" in row else "rows"].append(row)
            write(record | {"minutes": round((time.monotonic() - began) / 60, 1)})


def start():
    """Returns a process that plays TensorFlow's rows."""
    return Child(sys.executable, "benchmarks.gpu.row")


def rows(name, ways, seconds, end):
    """Yields the rows of a game; in place of one that fails, or has no time left, what it is and the reason."""
    player = start()
    for way in ways:
        row = {"game": name, "side": "keras_gan", **way}
        if end is not None and time.monotonic() > end:
            yield row | {"reason": f"no time left of --minutes={MINUTES.value:g}"}
            continue
        try:
            yield row | player.ask("play", name, way["policy"], way["xla"], seconds)
        except RuntimeError as error:  # such as a GPU with too little memory: the process has ended
            yield row | {"reason": str(error).strip().rpartition("\n")[2]}
            player = start()
    player.end()


def torch_rows(name, python, end):
    """Yields the same of PyTorch."""
    if python is None:
        yield {"game": name, "side": "torch", "reason": "no Python with PyTorch"}
        return
    with tempfile.TemporaryDirectory() as folder:
        judge, path = sides.get_judge(), f"{folder}/game.npz"
        judge.ask("check", name, path)
        game = judge.ask("game", name, "gpu")
        judge.end()
        for way in TORCH_WAYS:
            row = {"game": name, "side": "torch", "batch": game["batch"], **way}
            if time.monotonic() > end:
                yield row | {"reason": f"no time left of --minutes={MINUTES.value:g}"}
                continue
            try:
                yield row | _torch(game, way, path, python)
            except RuntimeError as error:
                yield row | {"reason": str(error).strip().rpartition("\n")[2]}


def _torch(game, way, path, python):
    told = json.dumps(
        {"reuse_fakes": False, "jit": way["compile"], "policy": way["policy"], "tf32": way["policy"] == "tf32"}
    )
    known = json.dumps({key: game[key] for key in sides.TOLD_TO_TORCH})
    player = Child(python, "benchmarks.steps.pytorch", path, known, told, str(game["steps"]))
    first = player.ask("start")
    times = sorted(player.ask("epoch") for _ in range(4))
    player.end()
    step = times[1]  # of the first, which warms up, and three
    return {"step_ms": float(f"{step:.4g}"), "first_step_seconds": round(first, 2)}


def driver():
    """Returns what `nvidia-smi` says of the first GPU; None where there is none."""
    if shutil.which("nvidia-smi") is None:
        return None
    query = ["nvidia-smi", "--query-gpu=name,driver_version,memory.total,power.limit", "--format=csv,noheader"]
    return subprocess.run(query, capture_output=True, text=True, check=False).stdout.partition("\n")[0]


def given():
    """Yields the flags that were given, without the paths of one machine."""
    for flag in (CHOSEN, MINUTES, SECONDS, DEVICE):
        if flags.FLAGS[flag.name].present:
            yield flags.FLAGS[flag.name].serialize()
    if TORCH.value:
        yield "--torch=PYTHON"


def write(record):
    pathlib.Path(OUT.value).write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    app.run(main)
