"""The numbers of examples as features."""

import keras
import tensorflow as tf

from keras_gan.metrics.extractors.extractor import Extractor


@keras.saving.register_keras_serializable("keras_gan")
class Pixels(Extractor):
    """The examples themselves, flattened: for points, and for measures that papers compute on pixels.

    Example:

    >>> Pixels()(tf.zeros((2, 8, 8, 1))).shape
    TensorShape([2, 64])
    """

    name = "pixels"

    def __call__(self, images: tf.Tensor) -> tf.Tensor:
        """Maps images (N, ...) to features (N, d) float32."""
        return tf.reshape(tf.cast(images, tf.float32), (-1, int(tf.TensorShape(images.shape[1:]).num_elements())))


def pixels() -> Pixels:
    """Returns the examples themselves as features: see `Pixels`."""
    return Pixels()
