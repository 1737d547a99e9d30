"""The base class of extractors, which compute the features that metrics compare."""

import abc

import numpy as np
import tensorflow as tf

from keras_gan.data.pictures import Pictures, to_unit_range
from keras_gan.data.stored import Stored
from keras_gan.ground.arguments import check_count
from keras_gan.metrics.cache import digest


class Extractor(abc.ABC):
    """Computes features of images in the range of the training data, [-1, 1].

    Only distances of the same extractor can be compared: report `name`, `resize` and `hash()` beside every number.

    Attributes:
        name: The extractor's name in tables.
        resize: The way in which images are scaled to the extractor's size, in words.
        classifies: Whether the extractor has `probabilities`.
        accuracy: The share of test pictures that a classifier of the data set gets right; None for other extractors.
    """

    name = "extractor"
    resize = "none"
    classifies = False
    accuracy: float | None = None

    @abc.abstractmethod
    def __call__(self, images: tf.Tensor) -> tf.Tensor:
        """Maps images (N, ...) in [-1, 1] to features (N, d) float32, in inference mode, in a graph or outside."""

    def probabilities(self, images: tf.Tensor) -> tf.Tensor:
        """Maps images (N, ...) in [-1, 1] to class probabilities (N, K) float32.

        Raises:
            ValueError: If the extractor is not a classifier.
        """
        raise ValueError(f"`extractor` must be a classifier. Received: extractor={self.name!r}")

    def hash(self) -> str:
        """Returns 64 hexadecimal digits that change with the extractor's class, arguments and weights."""
        return digest(type(self).__name__, sorted(self.get_config().items()), *self.get_weights())

    def get_weights(self) -> list[np.ndarray]:
        """Returns the weights that are saved with a metric: those that the config does not determine."""
        return []

    def set_weights(self, weights: list[np.ndarray]) -> None:
        """Sets weights as from `get_weights`."""
        del weights

    def get_config(self) -> dict:
        """Returns the arguments of the constructor."""
        return {}

    @classmethod
    def from_config(cls, config: dict) -> "Extractor":
        return cls(**config)

    def features(self, images, batch_size: int = 256) -> np.ndarray:
        """Returns all features of images in memory, (N, d) float32, batch after batch.

        Args:
            images: (N, ...), uint8 in 0..255 or floats in [-1, 1], or a `keras_gan.data.Pictures`.
            batch_size: The number of images at a time. Defaults to 256.

        >>> from keras_gan.metrics import pixels
        >>> pixels().features(np.full((3, 2, 2, 1), 255, "uint8")).tolist()[0]
        [1.0, 1.0, 1.0, 1.0]
        """
        return self._all(self, images, batch_size)

    def all_probabilities(self, images, batch_size: int = 256) -> np.ndarray:
        """Returns all class probabilities of images in memory, (N, K) float32: see `features`."""
        return self._all(self.probabilities, images, batch_size)

    def _all(self, function, images, batch_size):
        images = as_array(images)
        check_count("batch_size", batch_size)
        convert = to_unit_range if images.dtype == np.uint8 else lambda x: tf.cast(x, tf.float32)
        any_number = tf.TensorSpec((None, *images.shape[1:]), images.dtype)  # the last batch is traced with the others
        run = tf.function(lambda x: function(convert(x)), input_signature=[any_number])
        return np.concatenate([run(tf.constant(images[i : i + batch_size])) for i in range(0, len(images), batch_size)])


def as_array(images) -> np.ndarray | Stored:
    """Returns the images of an array or of a `Pictures`.

    Raises:
        ValueError: If there are no images.
    """
    array = images.images if isinstance(images, Pictures) else np.asarray(images)
    if array.ndim < 2 or not len(array):
        raise ValueError(f"`images` must be at least one example, (N, ...). Received: images.shape={array.shape}")
    return array
