"""The other side of `benchmarks.tables`: the `ctgan` package, in an environment of its own, which needs no keras_gan.

    PYTHON -m benchmarks.tables_ctgan TRAIN.csv COLUMNS EPOCHS SEED OUT.csv

Trains with the package's defaults for one epoch, then anew for all, and prints the seconds of an epoch as JSON: the
difference of both times over that of the epochs, as only whole trainings can be asked for. COLUMNS are those of
categories. OUT.csv gets as many rows as there are in TRAIN.csv.
"""

import json
import random
import sys
import time

import numpy as np
import pandas as pd
import torch
from ctgan import CTGAN


def train(frame: pd.DataFrame, discrete: list[str], epochs: int) -> tuple[CTGAN, float, float]:
    """Returns a trained model, and the seconds of the clock and of the processor."""
    model = CTGAN(epochs=epochs, enable_gpu=False)
    clock, processor = time.perf_counter(), time.process_time()
    model.fit(frame, discrete)
    return model, time.perf_counter() - clock, time.process_time() - processor


def main(path, discrete, epochs, seed, out):
    torch.set_num_threads(1)
    random.seed(int(seed))
    np.random.seed(int(seed))
    torch.manual_seed(int(seed))
    frame, discrete = pd.read_csv(path), discrete.split(",")
    train(frame.head(1000), discrete, 1)  # what is imported or made at first use
    _, *short = train(frame, discrete, 1)
    model, *long = train(frame, discrete, int(epochs))
    clock, processor = ((b - a) / (int(epochs) - 1) for a, b in zip(short, long, strict=True))
    model.sample(len(frame)).to_csv(out, index=False)
    print(json.dumps({"clock": clock, "processor": processor, "torch": torch.__version__}))


if __name__ == "__main__":
    main(*sys.argv[1:])
