"""Synthetic windows of a time series: training, samples in the units of the data, a picture and an evaluation.

python examples/series.py --series=stock.csv    # minutes on 2 cores
python examples/series.py                       # a walk that is drawn
python examples/series.py --smoke
"""

import pathlib

import numpy as np
from absl import app, flags

from keras_gan import callbacks, data, evaluation, presets
from keras_gan.cli.windows import Lines

SMOKE = flags.DEFINE_boolean("smoke", False, "A few steps only, and nothing is measured.")
SERIES = flags.DEFINE_string("series", None, "A CSV or Parquet file, in the order of time. Default: a walk.")
WINDOW = flags.DEFINE_integer("window", 24, "How many moments a window has.", lower_bound=2)
STEPS = flags.DEFINE_integer("steps", 5000, "Of training.", lower_bound=1)
OUT = flags.DEFINE_string("out", "runs/series", "Where the windows, the pictures and the model go.")


def walk(count=2000, seed=0):
    """Returns two columns: a level that wanders, calm and wild in turn, and how much happened."""
    rng = np.random.default_rng(seed)
    wild = 1 + np.sin(np.arange(count) / 80)
    steps = rng.normal(size=count) * wild
    level = 100 + 0.3 * steps.cumsum()
    return {"level": level, "happened": np.round(100 * np.abs(steps) + rng.exponential(50, count)).astype(int)}


def main(argv):
    del argv
    series = data.Windows(SERIES.value or walk(), WINDOW.value, stretches=5, changes=True)
    print(f"{len(series.train):,} windows to train on and {len(series.test):,} held out, of {series.schema}")
    preset, out = presets.get("series"), pathlib.Path(OUT.value)
    steps = 2 if SMOKE.value else STEPS.value
    gan = preset.build(series.schema, steps=steps, seed=0)
    batches = preset.parts.batches({"real": series}, 128, seed=0, labels=False)
    drawing = callbacks.Drawing(out / "samples", Lines(series), every=max(1, steps // 10))
    if SMOKE.value:
        gan.fit(batches, steps_per_epoch=2, verbose=0)
    else:
        gan.fit(batches, epochs=max(1, steps // len(batches)), verbose=0, callbacks=[drawing])

    made = gan.sample(1000, seed=1)
    out.mkdir(parents=True, exist_ok=True)
    made.to_csv(out / "windows.csv", index=False)
    print(made.head())
    if not SMOKE.value:
        real, held_out = map(series.decode, (series.train, series.test))  # in the units of the data
        print(evaluation.evaluate_series(real, held_out, gan.windows(len(series), seed=1), names=series.names))
    gan.save(out / "gan.keras")
    print(f"Written: {out}")


if __name__ == "__main__":
    app.run(main)
