"""A trained generator as a SavedModel that TF Serving serves as it stands."""

from keras_gan.export.layout import next_version
from keras_gan.export.saved_model import export

__all__ = ["export", "next_version"]
