"""Does every objective play with every penalty, augmentation and precision, plain and under XLA? Two steps of each.

    python -m benchmarks.combinations                           # until benchmarks/combinations.json holds all
    python -m benchmarks.combinations --minutes=30              # or for half an hour; all of them take some CPU hours

Levels, players and what is checked of a game are those of the pairwise test: `tests/conformance/combinations.py`. A
combination that `compile` declines with a ValueError is refused. It failed if there was any other error, a number that
is not finite, a weight that stands still, or logs that are not the documented ones. The order is shuffled, so that a
part of all is a sample of them. Processes have one thread each.
"""

import concurrent.futures
import gc
import json
import multiprocessing
import os
import pathlib
import platform
import random
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# Compiling costs more than playing.
os.environ.setdefault("XLA_FLAGS", "--xla_backend_optimization_level=0 --xla_cpu_use_fusion_emitters=false")

import keras
import tensorflow as tf
from absl import app, flags

from benchmarks import commit
from tests.conformance.combinations import Combination, agree, combinations, play

PROCESSES = flags.DEFINE_integer("processes", os.cpu_count(), "Games trained in parallel.", lower_bound=1)
MINUTES = flags.DEFINE_float("minutes", None, "Minutes after which no further game is started. Default: no limit.")
OUT = flags.DEFINE_string("out", str(pathlib.Path(__file__).with_suffix(".json")), "File of the record.")
GAMES_A_POOL = 200  # then fresh processes: what XLA has compiled is never given back


def prepare() -> None:
    """Makes a process one of one thread."""
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    tf.get_logger().setLevel("ERROR")


def judge(combination: Combination) -> dict:
    """Plays a combination: "played", "refused" or "failed", and why."""
    keras.backend.clear_session()
    gc.freeze()  # what earlier games left is not looked through again: an eighth of the time
    try:
        game = agree(combination)
    except ValueError as error:
        return {"became": "refused", "why": str(error), **combination._asdict()}
    except Exception as error:
        return {"became": "failed", "why": f"compile: {type(error).__name__}: {error}", **combination._asdict()}
    try:
        wrong = play(game, combination)
    except Exception as error:
        wrong = [f"fit: {type(error).__name__}: {error}"]
    return {"became": "failed" if wrong else "played", "why": "; ".join(wrong), **combination._asdict()}


def read(everything: list[Combination]) -> dict:
    """Returns the record so far; an empty one if there is none, or it is of other levels."""
    columns = dict(zip(Combination._fields, zip(*everything, strict=True), strict=True))
    levels = {name: list(dict.fromkeys(column)) for name, column in columns.items()}
    out = pathlib.Path(OUT.value)
    if out.exists():
        record = json.loads(out.read_text(encoding="utf-8"))
        if record["levels"] == levels:
            return record
    record = {"command": "python -m benchmarks.combinations", "levels": levels, "combinations": len(everything)}
    record |= {"tried": 0, "played": 0, "refused": 0, "failed": 0, "minutes": 0.0, "commits": [], "not_played": []}
    return record | {"which": "0"}  # a hexadecimal number: bit i is 1 if the i-th combination was tried


def add(record: dict, i: int, result: dict) -> None:
    """Adds what became of the i-th combination."""
    record["tried"] += 1
    record[result["became"]] += 1
    record["which"] = f"{int(record['which'], 16) | 1 << i:x}"
    if result["became"] != "played":
        record["not_played"].append(result)
        print(json.dumps(result), flush=True)


def main(argv):
    del argv
    everything, began = combinations(), time.monotonic()
    record = read(everything)
    before, tried = record["minutes"], int(record["which"], 16)
    left = [i for i in range(len(everything)) if not tried >> i & 1]
    random.Random(0).shuffle(left)
    record["commits"] = sorted({*record["commits"], commit()})
    record["machine"] = f"{platform.machine()}, {PROCESSES.value} processes of one thread"
    record["versions"] = {"tensorflow": tf.__version__, "keras": keras.__version__}
    context = multiprocessing.get_context("spawn")
    options = {"mp_context": context, "initializer": prepare}
    for start in range(0, len(left), GAMES_A_POOL):
        if MINUTES.value and (time.monotonic() - began) / 60 > MINUTES.value:
            break
        some = left[start : start + GAMES_A_POOL]
        with concurrent.futures.ProcessPoolExecutor(PROCESSES.value, **options) as pool:
            for i, result in zip(some, pool.map(judge, [everything[i] for i in some]), strict=True):
                add(record, i, result)
        record["minutes"] = round(before + (time.monotonic() - began) / 60, 1)
        pathlib.Path(OUT.value).write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
        print(f"{record['tried']:,} of {len(everything):,} in {record['minutes']} minutes", flush=True)
    print(json.dumps({name: record[name] for name in ("combinations", "tried", "played", "refused", "failed")}))
    print("Written:", OUT.value)


if __name__ == "__main__":
    app.run(main)
