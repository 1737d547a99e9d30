"""The numbers of an evaluation of rows, as `Comparison` shows them."""

import dataclasses
from typing import ClassVar

from keras_gan.evaluation.comparison import Comparison

MEASURES = {
    "f1": ("higher", "of learners trained on the rows, tested on real ones: F1 of the rarer class, or of all"),
    "accuracy": ("higher", "of the same learners"),
    "r2": ("higher", "of learners trained on the rows, tested on real ones: the variance that they explain"),
    "column_distance": ("lower", "of the columns' values, a mean: Kolmogorov-Smirnov or total variation"),
    "column_distance_greatest": ("lower", "that of the worst column"),
    "share_difference": ("lower", "of a category's share, in points of a hundred: the greatest"),
    "association_difference": ("lower", "of correlations and associations of two columns, a mean"),
    "association_difference_greatest": ("lower", "that of the worst two columns"),
    "discriminability": ("0.5", "area under the ROC of trees that tell the rows from real ones"),
    "copied": ("as real", "share of the rows that are rows of the training"),
    "nearer_to_training": ("0.5", "share of the rows that are nearer to training rows than to unseen ones"),
    "distance_ratio": ("1", "distance to the nearest training row, over that of unseen real rows"),
    "membership_advantage": ("as real", "of who guesses by the nearest row whether a row was trained on"),
}


@dataclasses.dataclass(frozen=True)
class TableReport(Comparison):
    """The result of an evaluation of a table.

    Attributes:
        rows: `"synthetic"`, `"real"` and `"class-wise Gaussian"` -> name of a measure -> number; `MEASURES` says what
            each is. Learners have theirs by name, too, such as `f1_tree`.
        columns: Name of a column -> the same three -> the distance of its values from those of the real training rows.
        histograms: Name of a column -> `"values"`, and the share of each in `"real"` and in `"synthetic"` rows.
        worst: Name of a measure -> of which columns and which category the synthetic rows' greatest difference is.
        settings: What the numbers depend on: label, protocol, seed, numbers of rows, versions.
    """

    measures: ClassVar = MEASURES
    rows: dict[str, dict[str, float]]
    columns: dict[str, dict[str, float]]
    histograms: dict[str, dict[str, list]]
    worst: dict[str, str]
    settings: dict
