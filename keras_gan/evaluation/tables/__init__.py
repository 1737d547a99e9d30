"""Evaluations of tables: the usefulness of generated rows, their similarity to real ones, and their privacy."""

from keras_gan.evaluation.tables.baselines import class_wise_gaussian
from keras_gan.evaluation.tables.evaluate import evaluate_table
from keras_gan.evaluation.tables.report import TableReport

__all__ = ["TableReport", "class_wise_gaussian", "evaluate_table"]
