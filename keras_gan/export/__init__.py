"""Export of a trained generator as a SavedModel for TF Serving."""

from keras_gan.export.layout import next_version
from keras_gan.export.saved_model import export, export_values
from keras_gan.export.values import ValueSignatures

__all__ = ["ValueSignatures", "export", "export_values", "next_version"]
