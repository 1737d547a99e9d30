"""The other side of `benchmarks.tables`: the `ctgan` package, in an environment of its own, which needs no keras_gan.

    PYTHON -m benchmarks.tables_ctgan TRAIN.csv LABELS EPOCHS MORE [OUT.csv]

Trains for some epochs, then anew for more, and prints the seconds of an epoch as JSON: the difference of both times
over that of the epochs, as only whole trainings can be asked for. The rows of the longer training go to OUT.csv.
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
    """A trained model, and the seconds of the clock and of the processor."""
    model = CTGAN(epochs=epochs, enable_gpu=False)
    clock, processor = time.perf_counter(), time.process_time()
    model.fit(frame, discrete)
    return model, time.perf_counter() - clock, time.process_time() - processor


def main(path, discrete, epochs, more, out=None):
    torch.set_num_threads(1)
    random.seed(0)
    np.random.seed(0)
    torch.manual_seed(0)
    frame, discrete = pd.read_csv(path, skipinitialspace=True), discrete.split(",")
    train(frame.head(1000), discrete, 1)  # what is imported or made at first use
    _, *short = train(frame, discrete, int(epochs))
    model, *long = train(frame, discrete, int(more))
    clock, processor = ((b - a) / (int(more) - int(epochs)) for a, b in zip(short, long, strict=True))
    if out is not None:
        model.sample(len(frame)).to_csv(out, index=False)
    print(json.dumps({"clock": clock, "processor": processor, "torch": torch.__version__}))


if __name__ == "__main__":
    main(*sys.argv[1:])
