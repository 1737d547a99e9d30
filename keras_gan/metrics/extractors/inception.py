"""Keras's InceptionV3, whose numbers differ from those of the graph that the papers used."""

import keras
import tensorflow as tf

from keras_gan.metrics.extractors.extractor import Extractor
from keras_gan.metrics.extractors.model import ModelExtractor


@keras.saving.register_keras_serializable("keras_gan")
class Inception(Extractor):
    """Keras's InceptionV3 with its ImageNet weights: 2,048 pooled features, 1,000 class probabilities.

    **Not the 2015 TensorFlow graph** of published Inception scores and Frechet distances: its weights,
    classes and scaling differ. Compare its numbers with each other only. Images are scaled to 299 x 299, grey images
    repeated to three channels, and stay in [-1, 1], the range that the weights were trained on.

    The weights are not saved with a metric, as Keras can always load them.

    Reference: [Szegedy et al., 2016](https://arxiv.org/abs/1512.00567).
    """

    name = "keras_inception_v3"
    resize = "to 299x299, linear with antialiasing"
    classifies = True

    def __init__(self):
        self._extractor = None

    @property
    def extractor(self) -> ModelExtractor:
        """The model, which is loaded on first use.

        Raises:
            ValueError: If the weights can neither be found nor downloaded.
        """
        if self._extractor is None:
            with tf.init_scope():
                self._extractor = ModelExtractor(_load(), self.name, features="avg_pool", classifies=True)
        return self._extractor

    def __call__(self, images: tf.Tensor) -> tf.Tensor:
        """Maps images (N, H, W, 1 or 3) in [-1, 1] to features (N, 2048) float32."""
        return self.extractor(images)

    def probabilities(self, images: tf.Tensor) -> tf.Tensor:
        """Maps images (N, H, W, 1 or 3) in [-1, 1] to class probabilities (N, 1000) float32."""
        return self.extractor.probabilities(images)

    def hash(self) -> str:
        """Returns 64 hexadecimal digits of the layers, the weights and the way images are scaled."""
        return self.extractor.hash()


def inception() -> Inception:
    """Returns Keras's InceptionV3, which is **not** the 2015 TensorFlow graph of the papers: see `Inception`.

    Raises:
        ValueError: If the weights are not on this machine and cannot be downloaded.
    """
    extractor = Inception()
    extractor.extractor  # noqa: B018 - the error comes now, not after an epoch
    return extractor


def _load():
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy("float32")  # whatever precision the game is played in
    try:
        return keras.applications.InceptionV3(weights="imagenet")
    except Exception as error:  # Keras raises a bare Exception where the download fails
        raise ValueError(
            "The ImageNet weights of Keras's InceptionV3 are not in Keras's cache and cannot be downloaded. "
            "Put inception_v3_weights_tf_dim_ordering_tf_kernels.h5 into ~/.keras/models, or use an extractor that "
            "was trained on such pictures: `digits_cnn`, which learns from a data set's labels, or a .keras file of "
            "your own model. `random_features` and `pixels` are not trained: they do not tell blurred from real. "
            f"Received: {error}"
        ) from error
    finally:
        keras.config.set_dtype_policy(policy)
