"""Projection: a discriminator's logits given a class."""

import keras
import tensorflow as tf

from keras_gan.ground.arguments import check_count, check_flag
from keras_gan.layers.common import as_classes
from keras_gan.layers.spectral_normalization import SpectralNormalization
from keras_gan.play.players import ReadsClasses


@keras.saving.register_keras_serializable("keras_gan")
class Projection(ReadsClasses, keras.layers.Layer):
    """The head of a conditional discriminator: a score plus the inner product with the class's embedding.

    logit = w . h + b + <e_y, h>

    Args:
        classes: Number of classes, at least 1.
        spectral_normalization: Whether w and the matrix of embeddings e are spectrally normalised, as in the paper.
            Defaults to False.

    Input: `[features, labels]`, features h (N, d) float and labels (N,) or (N, 1) integers in [0, classes). Output:
    (N, 1).

    Example:

    >>> Projection(10)([tf.ones((2, 8)), tf.constant([0, 9])]).shape
    TensorShape([2, 1])

    Reference: [Miyato & Koyama, 2018](https://arxiv.org/abs/1802.05637), equation 3.
    """

    def __init__(self, classes: int, spectral_normalization: bool = False, **options):
        super().__init__(**{"autocast": False, **options})  # autocast would round large labels
        self.classes = check_count("classes", classes)
        check_flag("spectral_normalization", spectral_normalization)
        self.spectral_normalization = spectral_normalization
        self.score = self._wrap(keras.layers.Dense(1, dtype=self.dtype_policy, name="score"))
        self.embedding = None

    def _wrap(self, layer):
        return SpectralNormalization(layer, name=layer.name) if self.spectral_normalization else layer

    def build(self, input_shape):
        features, _ = input_shape
        width = features[-1]
        self.embedding = self._wrap(
            keras.layers.Embedding(self.classes, width, dtype=self.dtype_policy, name="embedding")
        )
        self.score.build(features)
        self.embedding.build((None,))

    def call(self, inputs):
        h, labels = inputs
        h = tf.cast(h, self.compute_dtype)
        e = self.embedding(as_classes(labels))
        return self.score(h) + tf.reduce_sum(e * h, axis=-1, keepdims=True)

    def compute_output_shape(self, input_shape):
        return (input_shape[0][0], 1)

    def get_config(self):
        config = {"classes": self.classes, "spectral_normalization": self.spectral_normalization}
        return {**super().get_config(), **config}
