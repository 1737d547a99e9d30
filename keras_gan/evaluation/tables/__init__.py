"""Evaluations of tables: what made rows are good for, how near they are to real ones, and what they give away."""

from keras_gan.evaluation.tables.baselines import class_wise_gaussian
from keras_gan.evaluation.tables.evaluate import evaluate_table
from keras_gan.evaluation.tables.report import TableReport

__all__ = ["TableReport", "class_wise_gaussian", "evaluate_table"]
