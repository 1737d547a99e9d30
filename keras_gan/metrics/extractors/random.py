"""Features of an untrained network."""

import keras
import numpy as np
import tensorflow as tf

from keras_gan.ground.arguments import check_count
from keras_gan.metrics.extractors.extractor import Extractor
from keras_gan.metrics.extractors.pixels import Pixels
from keras_gan.noise import Noise


@keras.saving.register_keras_serializable("keras_gan")
class RandomFeatures(Extractor):
    """h(x) = relu(V relu(W x + b)): a network of two layers with fixed random weights, the same on every machine.

    The features need no data and no download, and favour no kind of picture; they do not measure perceived quality.

    Args:
        seed: The seed of the weights. Defaults to 0.
        dim: d, the number of features; the hidden layer has twice as many. Defaults to 256.

    Raises:
        ValueError: If `dim` is out of range.

    Example:

    >>> RandomFeatures(seed=1, dim=16)(tf.zeros((2, 8, 8, 1))).shape
    TensorShape([2, 16])

    Reference: [Naeem et al., 2020](https://arxiv.org/abs/2002.09797), section 4.2, on random embeddings.
    """

    name = "random_features"

    def __init__(self, seed: int = 0, dim: int = 256):
        self.seed, self.dim = check_count("seed", seed, least=0), check_count("dim", dim)
        self._weights = {}

    def __call__(self, images: tf.Tensor) -> tf.Tensor:
        """Maps images (N, ...) to features (N, dim) float32."""
        x = Pixels()(images)
        first, bias, second = self._weights_for(x.shape[-1])
        return tf.nn.relu(tf.nn.relu(x @ first + bias) @ second)

    def _weights_for(self, width):
        if width not in self._weights:
            noise, hidden = Noise(("random_features", self.seed, width)), 2 * self.dim
            with tf.init_scope():  # drawn once, not in each run of the graph
                self._weights[width] = (
                    noise.at("first").normal((width, hidden)).numpy() * np.sqrt(2 / width, dtype="float32"),
                    noise.at("bias").normal((hidden,)).numpy(),
                    noise.at("second").normal((hidden, self.dim)).numpy() * np.sqrt(2 / hidden, dtype="float32"),
                )
        return self._weights[width]

    def get_config(self) -> dict:
        """Returns the arguments of the constructor."""
        return {"seed": self.seed, "dim": self.dim}


def random_features(seed: int = 0, dim: int = 256) -> RandomFeatures:
    """Returns features of a network with fixed random weights: see `RandomFeatures`."""
    return RandomFeatures(seed, dim)
