"""Evaluations of windows of series: how distinguishable from real ones, and how useful for learning they are."""

from keras_gan.evaluation.series.baselines import gaussian_windows
from keras_gan.evaluation.series.evaluate import evaluate_series
from keras_gan.evaluation.series.learners import discriminative_score, predictive_score
from keras_gan.evaluation.series.report import SeriesReport

__all__ = ["SeriesReport", "discriminative_score", "evaluate_series", "gaussian_windows", "predictive_score"]
