"""Convolutional players by one step per call from Python and by several: where does the call matter?

    python -m benchmarks.calls            # writes benchmarks/calls.json: two minutes of two cores

`networks.dcgan_generator` and `dcgan_discriminator`; epochs in turn, medians of milliseconds a step by the clock.
`auto` is what `steps_per_execution="auto"` takes.
"""

import json
import os
import pathlib
import time

import keras
import numpy as np
from absl import app, flags

from benchmarks import commit
from keras_gan import GAN, networks
from keras_gan.ground import files

OUT = flags.DEFINE_string("out", str(pathlib.Path(__file__).with_suffix(".json")), "File of the record.")

GAMES = ((8, 16, 16), (8, 64, 16), (16, 32, 16), (28, 16, 16), (28, 32, 64))  # side, filters, batch
WAYS = (1, 4, 16, "auto")
TRIES = 5


def make(side: int, filters: int, steps: int | str) -> GAN:
    """Returns a DCGAN of so many steps per call."""
    keras.utils.set_random_seed(0)
    shape = (side, side, 1)
    gan = GAN(
        networks.dcgan_generator(64, shape, filters=filters), networks.dcgan_discriminator(shape, filters=filters), 64
    )
    gan.compile("non_saturating", steps_per_execution=steps)
    return gan


def measure(side: int, filters: int, batch: int) -> dict:
    """Returns a row of the record."""
    steps = 64 if batch * side**2 > 2**14 else 256
    pictures = np.random.default_rng(0).random((batch * steps, side, side, 1), "float32")
    games = {way: make(side, filters, way) for way in WAYS}
    found = {way: [] for way in WAYS}
    for _ in range(1 + TRIES):
        for way, gan in games.items():
            began = time.perf_counter()
            gan.fit(pictures, batch_size=batch, verbose=0)
            found[way].append(1000 * (time.perf_counter() - began) / steps)
    medians = {str(way): float(f"{np.median(each[1:]):.3g}") for way, each in found.items()}
    return {"side": side, "filters": filters, "batch": batch, "auto": games["auto"].execution.steps, "ms": medians}


def main(argv):
    del argv
    record = {"command": "python -m benchmarks.calls", "commit": commit(), "cores": len(os.sched_getaffinity(0))}
    record["rows"] = []
    for game in GAMES:
        record["rows"].append(measure(*game))
        print(json.dumps(record["rows"][-1]), flush=True)
    with files.atomic(OUT.value) as part:
        part.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    app.run(main)
