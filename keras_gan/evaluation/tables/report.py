"""The report of an evaluation of rows."""

import dataclasses
from typing import ClassVar

from keras_gan.evaluation.comparison import Comparison

MEASURES = {
    "f1": ("higher", "F1 of learners trained on the rows, tested on real ones: of the rarer class, or of all"),
    "accuracy": ("higher", "accuracy of the same learners"),
    "r2": ("higher", "R^2 of learners trained on the rows, tested on real ones"),
    "column_distance": ("lower", "Kolmogorov-Smirnov or total variation distance of the columns' values, the mean"),
    "column_distance_greatest": ("lower", "that of the worst column"),
    "share_difference": ("lower", "greatest difference of a category's share, in percentage points"),
    "association_difference": ("lower", "difference of correlations and associations of two columns, the mean"),
    "association_difference_greatest": ("lower", "that of the worst two columns"),
    "discriminability": ("0.5", "area under the ROC of trees that classify the rows against real ones"),
    "copied": ("as real", "share of the rows that are training rows"),
    "nearer_to_training": ("0.5", "share of the rows that are nearer to training rows than to unseen ones"),
    "distance_ratio": ("1", "distance to the nearest training row, over that of unseen real rows"),
    "membership_advantage": ("as real", "advantage over guessing whether a row was trained on, by the nearest row"),
}


@dataclasses.dataclass(frozen=True)
class TableReport(Comparison):
    """The result of an evaluation of a table.

    Attributes:
        rows: `"synthetic"`, `"real"` and `"class-wise Gaussian"` -> name of a measure -> number; `MEASURES` describes
            each. The scores of single learners are included by name, such as `f1_tree`.
        columns: Name of a column -> the same three -> the distance of its values from those of the real training rows.
        histograms: Name of a column -> `"values"`, and the share of each in `"real"` and in `"synthetic"` rows.
        worst: Name of a measure -> the columns or the category with the synthetic rows' greatest difference.
        settings: Settings on which the numbers depend: label, protocol, seed, numbers of rows, versions.
    """

    measures: ClassVar = MEASURES
    rows: dict[str, dict[str, float]]
    columns: dict[str, dict[str, float]]
    histograms: dict[str, dict[str, list]]
    worst: dict[str, str]
    settings: dict
