"""The features of a fixed set of real images, computed once."""

import os
import warnings

import numpy as np

from keras_gan.ground import files
from keras_gan.metrics.cache import cache_folder, digest, kept_if_possible
from keras_gan.metrics.extractors import Extractor
from keras_gan.metrics.extractors.extractor import as_array


class Reference:
    """The features of real images, cached in a folder under a hash of the images and of the extractor.

    Args:
        extractor: The `Extractor` of the features.
        images: (N, ...) uint8 or floats in [-1, 1], or a `keras_gan.data.Pictures`.
        cache: The cache folder. Defaults to the environment variable `KERAS_GAN_CACHE`, then `~/.cache/keras_gan`.

    Attributes:
        digest: The hash, 64 hexadecimal digits.
        features: (N, d) float32.

    Raises:
        ValueError: If there are no images.

    Example:

    >>> import tempfile
    >>> from keras_gan.metrics import pixels
    >>> Reference(pixels(), np.zeros((3, 2, 2, 1)), cache=tempfile.mkdtemp()).features.shape
    (3, 4)
    """

    def __init__(self, extractor: Extractor, images, *, cache: str | os.PathLike | None = None):
        images = as_array(images)
        self.digest = digest(extractor.hash(), images)
        path = _path(self.digest, cache)
        self.features = None
        with kept_if_possible(path):
            self.features = _kept(path)
        if self.features is None or len(self.features) != len(images):
            self.features = extractor.features(images)
            with kept_if_possible(path), files.atomic(path) as part:
                np.save(part, self.features, allow_pickle=False)

    @property
    def count(self) -> int:
        """N, the number of images."""
        return len(self.features)

    @classmethod
    def load(cls, digest: str, *, cache: str | os.PathLike | None = None) -> "Reference":
        """Returns the reference that is cached under a digest.

        Raises:
            ValueError: If the cache folder has no such reference.
        """
        path = _path(digest, cache)
        features = _kept(path)
        if features is None:
            raise ValueError(
                "`real` must be given again: the features that this metric was saved with are not in the cache folder "
                f"{path.parent}. Received: real={digest!r}"
            )
        found = cls.__new__(cls)
        found.digest, found.features = digest, features
        return found


def _kept(path):
    """Returns the features in a file; None if there is no file, or, with a warning, if it is damaged."""
    try:
        with files.open_regular(path) as file:
            features = np.lib.format.read_array(file, allow_pickle=False)
    except FileNotFoundError:
        return None
    except OSError:
        raise
    except Exception as error:  # a damaged file may fail anywhere in NumPy
        features, why = None, str(error) or type(error).__name__
    if isinstance(features, np.ndarray) and features.ndim == 2 and np.issubdtype(features.dtype, np.floating):
        return features
    why = why if features is None else f"it holds {features.dtype} of shape {features.shape}"
    warnings.warn(f"The file {path} is damaged, and is not used: {why}", stacklevel=3)
    return None


def _path(digest, cache):
    return cache_folder(cache) / f"features-{digest[:32]}.npy"
