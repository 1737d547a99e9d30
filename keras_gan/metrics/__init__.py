"""Metrics of samples: formulas on arrays, streaming Keras metrics on top of them, and extractors of features."""

from keras_gan.metrics import functional
from keras_gan.metrics.cache import cache_folder
from keras_gan.metrics.classifier_score import ClassifierScore
from keras_gan.metrics.density_coverage import DensityCoverage
from keras_gan.metrics.extractors import (
    Extractor,
    ModelExtractor,
    digits_cnn,
    get_extractor,
    inception,
    pixels,
    random_features,
)
from keras_gan.metrics.frechet_distance import FrechetDistance
from keras_gan.metrics.kernel_distance import KernelDistance
from keras_gan.metrics.mode_coverage import ModeCoverage
from keras_gan.metrics.precision_recall import PrecisionRecall
from keras_gan.metrics.reference import Reference
from keras_gan.metrics.sliced_wasserstein import SlicedWasserstein

__all__ = [
    "ClassifierScore",
    "DensityCoverage",
    "Extractor",
    "FrechetDistance",
    "KernelDistance",
    "ModeCoverage",
    "ModelExtractor",
    "PrecisionRecall",
    "Reference",
    "SlicedWasserstein",
    "cache_folder",
    "digits_cnn",
    "functional",
    "get_extractor",
    "inception",
    "pixels",
    "random_features",
]
