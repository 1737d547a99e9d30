"""Extractors, which turn images in [-1, 1] into features for metrics."""

import keras

from keras_gan.metrics.extractors.digits import DigitsCNN, digits_cnn
from keras_gan.metrics.extractors.extractor import Extractor
from keras_gan.metrics.extractors.inception import Inception, inception
from keras_gan.metrics.extractors.model import ModelExtractor
from keras_gan.metrics.extractors.pixels import Pixels, pixels
from keras_gan.metrics.extractors.random import RandomFeatures, random_features

__all__ = [
    "DigitsCNN",
    "Extractor",
    "Inception",
    "ModelExtractor",
    "Pixels",
    "RandomFeatures",
    "digits_cnn",
    "get_extractor",
    "inception",
    "pixels",
    "random_features",
]
KNOWN = {"inception": inception, "pixels": pixels, "random_features": random_features}


def get_extractor(extractor: Extractor | keras.Model | str | dict | None) -> Extractor:
    """Returns an extractor from an extractor, a Keras model, a name, a config, or None, which means the pixels.

    Raises:
        ValueError: If `extractor` is none of them.

    Example:

    >>> get_extractor("pixels").name
    'pixels'
    """
    if extractor is None:
        return pixels()
    if isinstance(extractor, dict):
        extractor = keras.saving.deserialize_keras_object(extractor)
    if isinstance(extractor, Extractor):
        return extractor
    if isinstance(extractor, keras.Model):
        return ModelExtractor(extractor)
    if isinstance(extractor, str) and extractor in KNOWN:
        return KNOWN[extractor]()
    raise ValueError(
        f"`extractor` must be an Extractor, a Keras model or one of {', '.join(KNOWN)}. "
        f"Received: extractor={extractor!r}"
    )
