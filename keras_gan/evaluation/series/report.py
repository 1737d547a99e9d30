"""The report of an evaluation of windows of a series."""

import dataclasses
from typing import ClassVar

from keras_gan.evaluation.comparison import Comparison

MEASURES = {
    "discriminative": ("0", "|accuracy - 1/2| of a GRU on windows and real ones of unseen moments"),
    "predictive": ("as real", "error on unseen moments of a GRU that is trained on the windows to predict the next"),
    "discriminative_timegan": ("0", "the same by TimeGAN's protocol, whose test windows overlap training windows"),
    "predictive_timegan": ("as real", "the same by TimeGAN's protocol: for the last column of the training windows"),
    "column_distance": ("lower", "Kolmogorov-Smirnov distance of the columns' values, the mean"),
    "column_distance_greatest": ("lower", "that of the worst column"),
    "change_distance": ("lower", "Kolmogorov-Smirnov distance of changes from moment to moment, the mean"),
    "change_distance_greatest": ("lower", "that of the worst column"),
    "autocorrelation_difference": ("lower", "difference of the changes' autocorrelations, the mean"),
    "distance_ratio": ("1", "distance to the nearest training window, over that of unseen real ones"),
}


@dataclasses.dataclass(frozen=True)
class SeriesReport(Comparison):
    """The result of an evaluation of windows.

    Attributes:
        rows: `"synthetic"`, `"real"` and `"Gaussian"` -> name of a measure -> number; `MEASURES` describes each.
        worst: Name of a measure -> the column with the synthetic windows' greatest difference.
        settings: Settings on which the numbers depend: seed, numbers of windows, their shape, versions.
    """

    measures: ClassVar = MEASURES
    rows: dict[str, dict[str, float]]
    worst: dict[str, str]
    settings: dict
