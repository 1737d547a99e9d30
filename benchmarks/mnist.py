"""Is a faster way to train as good? The default MNIST run of the command line by flags and seed, and its evaluation.

    TFDS_DATA_DIR=... python -m benchmarks.mnist        # until benchmarks/mnist.json holds all

Each is `keras-gan train --dataset=mnist` with some flags, then `keras-gan evaluate`: 10,000 samples against the test
pictures, by a digit classifier that is trained once. Runs that the record holds already are not repeated.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import numpy as np
from absl import app, flags

from benchmarks import commit

SEEDS = flags.DEFINE_integer("seeds", 2, "How many seeds, from 0 on.", lower_bound=1)
OUT = flags.DEFINE_string("out", str(pathlib.Path(__file__).with_suffix(".json")), "The record.")

WAYS = {
    "default": [],
    "reuse_fakes": ["--reuse_fakes"],
    "mixed_bfloat16, reuse_fakes": ["--precision=mixed_bfloat16", "--reuse_fakes"],
}


def command(*words: str, cwd: str) -> None:
    """Runs `keras-gan` in a folder; what it says is seen only if it fails."""
    where = {**os.environ, "PYTHONPATH": os.getcwd()}
    done = subprocess.run(
        [sys.executable, "-m", "keras_gan.cli", *words], cwd=cwd, env=where, capture_output=True, text=True
    )
    if done.returncode:
        raise RuntimeError(f"keras-gan {' '.join(words)} ended with {done.returncode}:\n{done.stderr[-3000:]}")


def play(way: str, seed: int) -> dict:
    """One run and its numbers."""
    with tempfile.TemporaryDirectory() as folder:
        began = time.monotonic()
        command("train", "--dataset=mnist", f"--seed={seed}", *WAYS[way], cwd=folder)
        seconds = round(time.monotonic() - began)
        command("evaluate", "--model=runs/mnist", cwd=folder)
        lines = (pathlib.Path(folder) / "runs/mnist/metrics.jsonl").read_text(encoding="utf-8").splitlines()
    records = [json.loads(line) for line in lines]
    values = {each["protocol"]: float(f"{each['value']:.4g}") for each in records}
    real = {each["protocol"]: float(f"{each['real']:.4g}") for each in records}
    extractor = {"extractor_hash": records[0]["extractor_hash"], "real": real}
    return {"way": way, "seed": seed, "seconds": seconds, "values": values, "commit": commit(), **extractor}


def table(runs: list[dict]) -> list[dict]:
    """Means over the seeds, a row a way."""
    rows = []
    for way in dict.fromkeys(run["way"] for run in runs):
        mine = [run for run in runs if run["way"] == way]
        means = {name: float(f"{np.mean([run['values'][name] for run in mine]):.4g}") for name in mine[0]["values"]}
        rows.append(
            {"way": way, "seeds": len(mine), "seconds": round(np.mean([run["seconds"] for run in mine]))} | means
        )
    return rows


def main(argv):
    del argv
    out = pathlib.Path(OUT.value)
    runs = json.loads(out.read_text(encoding="utf-8"))["runs"] if out.exists() else []
    done = {(run["way"], run["seed"]) for run in runs}
    for way, seed in [(way, seed) for seed in range(SEEDS.value) for way in WAYS]:
        if (way, seed) not in done:
            print(f"{way}, seed {seed}: some minutes", flush=True)
            runs.append(play(way, seed))
            print(json.dumps(runs[-1]), flush=True)
            record = {"command": "python -m benchmarks.mnist", "table": table(runs), "runs": runs}
            out.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    for row in table(runs):
        print(json.dumps(row))
    print("Written:", out)


if __name__ == "__main__":
    app.run(main)
