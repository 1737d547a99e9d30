"""GaussianNoise: additive noise that is the same with and without XLA."""

import keras
import tensorflow as tf

from keras_gan import noise
from keras_gan.ground.arguments import check_number
from keras_gan.ground.shapes import sizes
from keras_gan.layers.common import next_seed


@keras.saving.register_keras_serializable("keras_gan")
class GaussianNoise(keras.layers.Layer):
    """Adds noise while training.

    y = x + stddev e, e ~ N(0, 1)

    Keras's layer of this name draws other numbers under XLA; this one draws the same. A `GAN` sets the layer's
    seed before each move, so runs resume exactly; outside a GAN each training call draws new numbers.

    Args:
        stddev: The standard deviation, at least 0.
        seed: The seed of the draws, an integer; None, the default, for a random one.

    Input: any shape, float. Output: the same shape.

    Example:

    >>> layer = GaussianNoise(0.5, seed=0)
    >>> bool(tf.reduce_all(layer(tf.zeros((2, 3))) == 0)), bool(tf.reduce_any(layer(tf.zeros(3), training=True) != 0))
    (True, True)

    Reference: instance noise, [Arjovsky & Bottou, 2017](https://arxiv.org/abs/1701.04862).
    """

    def __init__(self, stddev: float, seed: int | None = None, **options):
        super().__init__(**options)
        self.stddev, self.seed = check_number("stddev", stddev, 0), seed
        self.seed_generator = keras.random.SeedGenerator(seed)
        self.supports_masking = True

    def call(self, inputs, training=False):
        if not training or self.stddev == 0:
            return inputs
        e = noise.normal(next_seed(self.seed_generator), sizes(inputs))
        return inputs + tf.cast(self.stddev * e, inputs.dtype)

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return {**super().get_config(), "stddev": self.stddev, "seed": self.seed}
