"""Reproducible, comparable evaluations: each number with its protocol, and the same number for real data."""

from keras_gan.evaluation.copies import find_copies
from keras_gan.evaluation.evaluate import evaluate
from keras_gan.evaluation.measures import MEASURES
from keras_gan.evaluation.record import Record, append, check_comparable, read
from keras_gan.evaluation.reference_data import ReferenceData, read_reference_data
from keras_gan.evaluation.series import (
    SeriesReport,
    discriminative_score,
    evaluate_series,
    gaussian_windows,
    predictive_score,
)
from keras_gan.evaluation.tables import TableReport, class_wise_gaussian, evaluate_table

__all__ = [
    "MEASURES",
    "Record",
    "ReferenceData",
    "SeriesReport",
    "TableReport",
    "append",
    "check_comparable",
    "class_wise_gaussian",
    "discriminative_score",
    "evaluate",
    "evaluate_series",
    "evaluate_table",
    "find_copies",
    "gaussian_windows",
    "predictive_score",
    "read",
    "read_reference_data",
]
