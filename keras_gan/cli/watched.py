"""`--metrics`: what is measured while a run trains."""

import csv
from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from keras_gan import metrics
from keras_gan.cli.config import TrainConfig
from keras_gan.data.pipeline import first_epoch

KINDS = {
    "frechet": metrics.FrechetDistance,
    "kid": metrics.KernelDistance,
    "sliced_wasserstein": metrics.SlicedWasserstein,
    **dict.fromkeys(("precision", "recall"), metrics.PrecisionRecall),
    **dict.fromkeys(("density", "coverage"), metrics.DensityCoverage),
}
EXTRACTOR = "random_features"  # needs no download and little time
PICTURES, TIMES = 1_000, 10  # measured at a time, and how often in a run


class CSVLogger(keras.callbacks.CSVLogger):
    """Writes the logs of epochs, with a column for each metric: Keras leaves out what the first epoch does not measure.

    A file that a resumed run continues keeps its columns.
    """

    def on_epoch_end(self, epoch, logs=None):
        """Chooses the columns before the first row."""
        if self.keys is None and self.model.evaluation_metrics:
            self.keys = self._known() or sorted({*logs, *self._measured(logs)})
        super().on_epoch_end(epoch, logs)

    def _measured(self, logs):
        metrics = (metric.name for metric in self.model.evaluation_metrics)
        return [f"val_{name}" for name in (*logs, *metrics) if not name.startswith("val_")]

    def _known(self):
        with open(self.filename, encoding="utf-8", newline="") as file:
            return next(csv.reader(file), [])[1:]


def make(names: Sequence[str]) -> list[keras.metrics.Metric] | None:
    """Returns the metrics of some names; None of none."""
    options = {name: {"which": name} for name in ("precision", "recall", "density", "coverage")}
    options["kid"] = {"subsets": 10}  # a tenth of what keras-gan evaluate takes
    return [KINDS[name](extractor=EXTRACTOR, **options.get(name, {})) for name in names] or None


def validation(config: TrainConfig, dataset: tf.data.Dataset) -> dict[str, Any]:
    """Returns the arguments of `fit` by which a run with metrics measures about 1,000 training pictures, ten times.

    They are the same ones each time, also in a resumed run.
    """
    if not config.watched:
        return {}
    batches = max(1, min(PICTURES // config.batch_size, len(dataset)))
    return {"validation_data": first_epoch(dataset).take(batches), "validation_freq": max(1, config.epochs // TIMES)}
