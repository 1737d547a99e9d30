"""Formulas on arrays, which streaming metrics call on all features: NumPy in, float64 inside, Python numbers out.

They are computed block by block: 50,000 x 2,048 features need under 4 GB beside the features themselves.
"""

from keras_gan.metrics.functional.estimate import Estimate
from keras_gan.metrics.functional.frechet import frechet_distance, frechet_distance_of_features
from keras_gan.metrics.functional.kernel import kernel_distance, maximum_mean_discrepancy
from keras_gan.metrics.functional.manifold import (
    DensityAndCoverage,
    PrecisionAndRecall,
    density_coverage,
    precision_recall,
)
from keras_gan.metrics.functional.modes import Modes, mode_coverage
from keras_gan.metrics.functional.neighbours import (
    Memorization,
    Neighbours,
    TwoSample,
    classifier_two_sample,
    memorization,
    nearest_neighbours,
)
from keras_gan.metrics.functional.parzen import Parzen, parzen_log_likelihood
from keras_gan.metrics.functional.score import classifier_score
from keras_gan.metrics.functional.similarity import ms_ssim
from keras_gan.metrics.functional.sliced import sliced_wasserstein

__all__ = [
    "DensityAndCoverage",
    "Estimate",
    "Memorization",
    "Modes",
    "Neighbours",
    "Parzen",
    "PrecisionAndRecall",
    "TwoSample",
    "classifier_score",
    "classifier_two_sample",
    "density_coverage",
    "frechet_distance",
    "frechet_distance_of_features",
    "kernel_distance",
    "maximum_mean_discrepancy",
    "memorization",
    "mode_coverage",
    "ms_ssim",
    "nearest_neighbours",
    "parzen_log_likelihood",
    "precision_recall",
    "sliced_wasserstein",
]
