"""`--metrics`: the metrics that are computed while a run trains."""

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
PICTURES, TIMES = 1_000, 10  # pictures per measurement, and measurements per run


class CSVLogger(keras.callbacks.CSVLogger):
    """A CSV logger with a column for each metric, while Keras leaves out those that the first epoch does not measure.

    If a resumed run continues a file, its columns are kept.
    """

    def on_epoch_end(self, epoch, logs=None):
        """Writes the logs of an epoch as a row; before the first one, chooses the columns."""
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
    """Returns the metrics by their names; None if there are no names."""
    options = {name: {"which": name} for name in ("precision", "recall", "density", "coverage")}
    options["kid"] = {"subsets": 10}  # a tenth of what keras-gan evaluate takes
    return [KINDS[name](extractor=EXTRACTOR, **options.get(name, {})) for name in names] or None


def validation(config: TrainConfig, dataset: tf.data.Dataset) -> dict[str, Any]:
    """Returns the arguments with which `fit` measures metrics on about 1,000 training pictures, ten times in a run.

    The pictures are the same each time, also in a resumed run. Without metrics there are no arguments.
    """
    if not config.watched:
        return {}
    batches = max(1, min(PICTURES // config.batch_size, len(dataset)))
    return {"validation_data": first_epoch(dataset).take(batches), "validation_freq": max(1, config.epochs // TIMES)}
