"""A table of a million rows: the time and the memory that reading, training and sampling take.

    python -m benchmarks.table_scale      # writes benchmarks/table_scale.json

For each number of rows a Parquet file of made people is written, which another process reads, encodes and trains
CTGAN on for some steps. That of the last one then makes a million rows: as they come, of one rare category, and within
a range of a number. Seconds are those of the clock and of the processor; memory is the greatest resident set so far, in
MB, that of Python with TensorFlow included.
"""

import json
import os
import pathlib
import resource
import subprocess
import sys
import tempfile
import time

import numpy as np
import pandas as pd
from absl import app, flags

from benchmarks import commit

ROWS = flags.DEFINE_list("rows", ["100000", "1000000"], "Numbers of rows, each measured in its own process.")
MADE = flags.DEFINE_integer("made", 1_000_000, "Rows generated per measurement.", lower_bound=0)
STEPS = flags.DEFINE_integer("steps", 300, "Training steps.", lower_bound=2)
OUT = flags.DEFINE_string("out", str(pathlib.Path(__file__).with_suffix(".json")), "File of the record.")
TABLE = flags.DEFINE_string("table", None, "Table to measure in this process; set by the benchmark.")


def people(rows: int) -> pd.DataFrame:
    """Makes numbers, integers, categories, truth values and dates, some missing; one of 200 is a pilot."""
    rng = np.random.default_rng(0)
    jobs = np.array(["cook", "nurse", "teacher", "clerk", "driver", "smith", "judge", "pilot"], object)
    shares = np.array([0.3, 0.2, 0.15, 0.15, 0.1, 0.065, 0.03, 0.005])
    job = rng.choice(len(jobs), rows, p=shares)
    income = rng.lognormal(10 + 0.1 * job, 0.4)
    income[rng.random(rows) < 0.05] = np.nan
    day = np.datetime64("1990-01-01") + rng.integers(0, 12_000, rows).astype("timedelta64[D]")
    return pd.DataFrame(
        {
            "age": rng.integers(18, 90, rows),
            "job": jobs[job],
            "city": np.char.add("city ", rng.zipf(1.5, rows).clip(max=200).astype(str)).astype(object),
            "income": income.round(2),
            "hours": rng.normal(38 - job, 5, rows).round(1),
            "smokes": rng.random(rows) < 0.2,
            "since": day.astype("datetime64[ns]"),
        }
    )


def measure(path: str, made: int) -> dict:
    """Measures what one table takes, and to make some rows, in this process."""
    from keras_gan import data, presets

    found = {"clock": {}, "processor": {}, "greatest_mb": {"imported": _greatest()}, "made": {}}

    def timed(name, work):
        clock, processor = time.perf_counter(), time.process_time()
        made = work()
        found["clock"][name] = round(time.perf_counter() - clock, 2)
        found["processor"][name] = round(time.process_time() - processor, 2)
        found["greatest_mb"][name] = _greatest()
        return made

    table = timed("read and encode", lambda: data.Table(path, seed=0))
    game = presets.build("ctgan", table.schema, seed=0)
    batches = table.conditioned(500, seed=0)
    timed("first step", lambda: game.fit(batches, epochs=1, steps_per_epoch=1, verbose=0))
    timed(f"{STEPS.value} steps", lambda: game.fit(batches, epochs=1, steps_per_epoch=STEPS.value, verbose=0))
    wanted = {"rows": None, "rows of pilots": {"job": "pilot"}, "rows of 30 to 60 years": {"age": (30, 60)}}
    for name, conditions in wanted.items() if made else ():
        found["made"][name] = timed(name, lambda: len(game.sample(made, conditions=conditions, seed=0)))  # noqa: B023
    return {"rows": len(table), "width": table.schema.width, **found}


def _greatest():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def main(argv):
    del argv
    if TABLE.value:
        print(json.dumps(measure(TABLE.value, MADE.value)))
        return
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for i, rows in enumerate(map(int, ROWS.value), start=1):
            path = pathlib.Path(folder) / f"{rows}.parquet"
            people(rows).to_parquet(path)
            command = [sys.executable, "-m", "benchmarks.table_scale", f"--table={path}"]
            command += [f"--made={MADE.value if i == len(ROWS.value) else 0}", f"--steps={STEPS.value}"]
            printed = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
            found.append(json.loads(printed.splitlines()[-1]) | {"file_mb": round(path.stat().st_size / 2**20, 1)})
            print(json.dumps(found[-1]), flush=True)
    record = {
        "command": f"python -m benchmarks.table_scale --rows={','.join(ROWS.value)}",
        "commit": commit(),
        "cores": len(os.sched_getaffinity(0)),
        "load": round(os.getloadavg()[0], 1),
        "tables": found,
    }
    temporary = pathlib.Path(f"{OUT.value}.part")
    temporary.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    temporary.replace(OUT.value)


if __name__ == "__main__":
    app.run(main)
