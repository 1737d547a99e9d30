"""Detection of copies: samples that are training pictures, by pixels and by features."""

from collections.abc import Sequence

import numpy as np
from PIL import Image

from keras_gan import metrics as metrics_
from keras_gan.metrics.functional import Memorization, memorization

SIDE = 32  # pixels, to which larger pictures are scaled: copies remain visible, and training pictures fit in memory
EXTRACTORS = ("pixels", "random_features")


def find_copies(
    samples: np.ndarray, training: np.ndarray, extractors: Sequence = EXTRACTORS
) -> dict[str, Memorization]:
    """Compares samples with the pictures that a generator was trained on.

    Pictures of more than 32 pixels per side are scaled down to that.

    Args:
        samples: (N, height, width, channels) uint8.
        training: (K, height, width, channels) uint8, K of at least 3.
        extractors: Extractors as for `keras_gan.metrics.get_extractor`. Defaults to pixels and random features.

    Returns:
        The result of `keras_gan.metrics.functional.memorization`, by the extractor's name.

    Raises:
        ValueError: If the pictures do not fit the extractors, or are too few.

    Example:

    >>> pictures = np.random.default_rng(0).integers(0, 256, (50, 8, 8, 1), "uint8")
    >>> {name: found.copied for name, found in find_copies(pictures[:9], pictures).items()}
    {'pixels': 1.0, 'random_features': 1.0}
    """
    samples, training = shrink(samples), shrink(training)
    found = {}
    for extractor in map(metrics_.get_extractor, extractors):
        found[extractor.name] = memorization(extractor.features(samples), extractor.features(training))
    return found


def shrink(pictures: np.ndarray) -> np.ndarray:
    """Scales pictures (N, height, width, channels) uint8 down to at most 32 pixels per side, by the mean over areas."""
    height, width = pictures.shape[1:3]
    if max(height, width) <= SIDE:
        return np.asarray(pictures)
    size = (max(1, SIDE * width // max(height, width)), max(1, SIDE * height // max(height, width)))
    squeeze = pictures.shape[-1] == 1
    scaled = [
        np.asarray(Image.fromarray(each[..., 0] if squeeze else each).resize(size, Image.Resampling.BOX))
        for each in pictures
    ]
    return np.stack(scaled).reshape(len(scaled), size[1], size[0], -1)
