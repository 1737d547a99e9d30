"""The Parzen number of Theis et al. (2016): real training images of MNIST as the samples, against the test images.

    python -m benchmarks.parzen            # writes benchmarks/parzen.json: some seconds

The paper gives 243 nats. As in its protocol, 10,000 of the first 50,000 training images stand for the samples, sigma is
the best of ten for the next 1,000, pixels are in [0, 1], and all 10,000 test images count.
"""

import json
import pathlib
import time

import numpy as np
from absl import app, flags

from benchmarks import commit
from keras_gan import data
from keras_gan.metrics.functional import parzen_log_likelihood

SEED = flags.DEFINE_integer("seed", 0, "The seed of the choice of training images that are used as samples.")
OUT = flags.DEFINE_string("out", str(pathlib.Path(__file__).with_suffix(".json")), "File of the record.")
PUBLISHED, WITHIN = 243.0, 5.0


def main(argv):
    del argv
    train, test = (data.read("mnist", split).images.reshape(-1, 784) / 255 for split in ("train", "test"))
    samples = train[np.random.default_rng(SEED.value).permutation(50_000)[:10_000]]
    began = time.monotonic()
    found = parzen_log_likelihood(samples, test, validation=train[50_000:51_000])
    record = {
        "command": "python -m benchmarks.parzen",
        "commit": commit(),
        "seed": SEED.value,
        "samples": len(samples),
        "test": len(test),
        "validation": 1000,
        "nats": round(found.value, 2),
        "standard_error": round(found.error, 2),
        "sigma": round(found.sigma, 4),
        "published": PUBLISHED,
        "within_5_nats": abs(found.value - PUBLISHED) < WITHIN,
        "seconds": round(time.monotonic() - began, 1),
    }
    print(json.dumps(record, indent=2))
    pathlib.Path(OUT.value).write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    app.run(main)
