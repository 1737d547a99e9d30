"""The numbers of an evaluation of windows of a series, as `Comparison` shows them."""

import dataclasses
from typing import ClassVar

from keras_gan.evaluation.comparison import Comparison

MEASURES = {
    "discriminative": ("0", "|accuracy - 1/2| of a GRU that tells them from real ones, tested on moments new to it"),
    "predictive": ("as real", "error of a GRU that learns the next moment from them, on moments that were held out"),
    "discriminative_timegan": ("0", "the same by TimeGAN's protocol, whose test windows overlap those of training"),
    "predictive_timegan": ("as real", "the same by TimeGAN's protocol: the last column of the windows of training"),
    "column_distance": ("lower", "of the columns' values, a mean: Kolmogorov-Smirnov"),
    "column_distance_greatest": ("lower", "that of the worst column"),
    "change_distance": ("lower", "of the changes from moment to moment, a mean: Kolmogorov-Smirnov"),
    "change_distance_greatest": ("lower", "that of the worst column"),
    "autocorrelation_difference": ("lower", "of how changes go together with later ones, a mean"),
    "distance_ratio": ("1", "distance to the nearest window of training, over that of real ones held out"),
}


@dataclasses.dataclass(frozen=True)
class SeriesReport(Comparison):
    """The result of an evaluation of windows.

    Attributes:
        rows: `"synthetic"`, `"real"` and `"Gaussian"` -> name of a measure -> number; `MEASURES` says what each is.
        worst: Name of a measure -> in which column the synthetic windows' greatest difference is.
        settings: What the numbers depend on: seed, numbers of windows, their shape, versions.
    """

    measures: ClassVar = MEASURES
    rows: dict[str, dict[str, float]]
    worst: dict[str, str]
    settings: dict
