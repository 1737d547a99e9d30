"""Dropout whose masks are the same with and without XLA."""

import keras
import tensorflow as tf

from keras_gan import noise
from keras_gan.ground.arguments import check_number
from keras_gan.ground.shapes import sizes
from keras_gan.layers.common import next_seed


@keras.saving.register_keras_serializable("keras_gan")
class Dropout(keras.layers.Layer):
    """Drops units while training, and scales the others so that the mean stays.

    y = x m / (1 - rate), m ~ Bernoulli(1 - rate), one draw per unit

    Keras's layer of this name draws other masks under XLA; this one draws the same. A `GAN` sets the layer's
    seed before each move, so runs resume exactly; outside a GAN each training call draws new numbers.

    Args:
        rate: The share of units that is dropped, in [0, 1).
        seed: The seed of the draws, an integer; None, the default, for a random one.

    Input: any shape, float. Output: the same shape.

    Example:

    >>> y = Dropout(0.5, seed=0)(tf.ones((1, 100)), training=True)
    >>> sorted(set(y.numpy().ravel().tolist()))
    [0.0, 2.0]

    Reference: [Srivastava et al., 2014](https://jmlr.org/papers/v15/srivastava14a.html).
    """

    def __init__(self, rate: float, seed: int | None = None, **options):
        super().__init__(**options)
        self.rate, self.seed = check_number("rate", rate, 0, 1), seed
        self.seed_generator = keras.random.SeedGenerator(seed)
        self.supports_masking = True

    def call(self, inputs, training=False):
        if not training or self.rate == 0:
            return inputs
        kept = noise.uniform(next_seed(self.seed_generator), sizes(inputs)) >= self.rate
        return tf.where(kept, inputs / (1 - self.rate), tf.zeros_like(inputs))

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return {**super().get_config(), "rate": self.rate, "seed": self.seed}
