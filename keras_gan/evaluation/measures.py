"""The metrics of an evaluation: their names, their better direction, and their computation from features."""

import dataclasses
import math
from collections.abc import Callable, Sequence

import numpy as np

from keras_gan.metrics import functional
from keras_gan.metrics.functional import Estimate


@dataclasses.dataclass(frozen=True)
class Seen:
    """The output of an extractor for a set of pictures: `features` (N, d), and `probabilities` (N, K) or None."""

    features: np.ndarray
    probabilities: np.ndarray | None = None


@dataclasses.dataclass(frozen=True)
class Measure:
    """A metric of samples.

    Attributes:
        better: `"lower"` or `"higher"`.
        words: Description of the metric.
        of: Function (real, fake) -> values by name, or values with their errors, including this metric: metrics that
            share work are computed together.
        settings: Settings on which the metric depends.
        reads_classes: Whether the metric needs an extractor that classifies.
    """

    better: str
    words: str
    of: Callable[[Seen, Seen], dict[str, float | Estimate]]
    settings: dict = dataclasses.field(default_factory=dict)
    reads_classes: bool = False

    @property
    def least(self) -> int:
        """Minimum number of samples, and of real pictures."""
        return max(2, self.settings.get("splits", 0), self.settings.get("k", 0) + 1)


SUBSETS, SPLITS, PRECISION_K, DENSITY_K = (
    {"subsets": 100, "subset_size": 1000},
    {"splits": 10, "seed": 0},
    {"k": 3},
    {"k": 5},
)


def _frechet(real, fake):
    return {"frechet": functional.frechet_distance_of_features(real.features, fake.features)}


def _kid(real, fake):
    return {"kid": functional.kernel_distance(real.features, fake.features, **SUBSETS)}


def _score(real, fake):
    return {"score": functional.classifier_score(fake.probabilities, **SPLITS)}


def _precision_recall(real, fake):
    return functional.precision_recall(real.features, fake.features, **PRECISION_K)._asdict()


def _density_coverage(real, fake):
    return functional.density_coverage(real.features, fake.features, **DENSITY_K)._asdict()


MEASURES = {
    "frechet": Measure("lower", "distance of two Gaussians fitted to the features (FID)", _frechet),
    "kid": Measure("lower", "kernel distance of the features, unbiased (KID)", _kid, SUBSETS),
    "score": Measure("higher", "classes that are clear and evenly frequent (IS)", _score, SPLITS, reads_classes=True),
    "precision": Measure("higher", "share of samples among the real ones", _precision_recall, PRECISION_K),
    "recall": Measure("higher", "share of real ones among the samples", _precision_recall, PRECISION_K),
    "density": Measure("higher", "how many real neighbourhoods a sample is in", _density_coverage, DENSITY_K),
    "coverage": Measure("higher", "share of real neighbourhoods with a sample", _density_coverage, DENSITY_K),
}


def check_metrics(metrics: Sequence[str] | None, classifies: bool) -> tuple[str, ...]:
    """Returns the names of `metrics`, or all that an extractor allows.

    Raises:
        ValueError: If a metric is unknown, or needs classes and the extractor has none.
    """
    if metrics is None:
        return tuple(name for name, measure in MEASURES.items() if classifies or not measure.reads_classes)
    for name in metrics:
        if name not in MEASURES:
            raise ValueError(f"`metrics` must be among {', '.join(MEASURES)}. Received: {name!r}")
        if MEASURES[name].reads_classes and not classifies:
            raise ValueError(f"`metrics` may hold {name!r} only with an extractor that classifies. Received: {name!r}")
    if not metrics:
        raise ValueError(f"`metrics` must name at least one of {', '.join(MEASURES)}. Received: none")
    return tuple(dict.fromkeys(metrics))


def check_enough(metrics: Sequence[str], count: int, requirement: str) -> None:
    """Checks that there are enough pictures for the metrics.

    Args:
        metrics: The names of the metrics.
        count: Number of pictures.
        requirement: Beginning of the error, with `{}` for the least number: "`n` must be at least {}".

    Raises:
        ValueError: If there are too few pictures.
    """
    needy = [name for name in metrics if MEASURES[name].least > count]
    if needy:
        least = max(MEASURES[name].least for name in needy)
        others = [name for name, each in MEASURES.items() if each.least <= count]
        hint = f"; that is enough for {', '.join(others)} of `metrics`" if others else ""
        raise ValueError(f"{requirement.format(least)}, for {', '.join(needy)}. Received: {count}{hint}")


def measure(metrics: Sequence[str], real: Seen, fake: Seen) -> dict[str, Estimate]:
    """Computes each of `metrics`, with shared work done once; errors are NaN for metrics without them."""
    values = {}
    for name in metrics:
        if name not in values:
            values |= MEASURES[name].of(real, fake)
    found = {name: values[name] for name in metrics}
    return {n: v if isinstance(v, Estimate) else Estimate(float(v), math.nan) for n, v in found.items()}
