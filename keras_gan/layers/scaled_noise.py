"""ScaledNoise: noise of a learned strength, one number per place."""

import keras
import tensorflow as tf

from keras_gan import noise
from keras_gan.ground.shapes import sizes
from keras_gan.layers.common import next_seed


@keras.saving.register_keras_serializable("keras_gan")
class ScaledNoise(keras.layers.Layer):
    """Adds noise to a generator's map, the same number to all channels of a place.

    y = x + strength n, n ~ N(0, 1) for each place; the strength is learned, from 0

    While training each call draws n; a `GAN` sets the layer's seed before each move, so runs resume exactly. Otherwise
    n is one map, drawn when the layer is built and saved with it, so that the output depends on the latents alone.

    Args:
        seed: The seed of the draws, an integer; None, the default, for a random one.

    Input: (N, H, W, C), float, H and W known. Output: the same shape.

    Example:

    >>> layer = ScaledNoise(seed=0)
    >>> bool(tf.reduce_all(layer(tf.ones((2, 4, 4, 3)), training=True) == 1)), tuple(layer.strength.shape)
    (True, ())

    Reference: [Karras et al., 2020](https://arxiv.org/abs/1912.04958), figure 2.
    """

    def __init__(self, seed: int | None = None, **options):
        super().__init__(**options)
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)

    def build(self, input_shape):
        if len(input_shape) != 4 or None in tuple(input_shape)[1:3]:
            raise ValueError(
                f"The input must be maps (N, H, W, C) of a known size. Received: input_shape={tuple(input_shape)}"
            )
        self.strength = self.add_weight(name="strength", shape=(), initializer="zeros")
        normal = keras.initializers.RandomNormal(stddev=1.0, seed=self.seed)
        self.constant = self.add_weight(
            name="constant", shape=(*input_shape[1:3], 1), initializer=normal, trainable=False
        )

    def call(self, inputs, training=False):
        made = self.constant
        if training:
            made = noise.normal(next_seed(self.seed_generator), (*sizes(inputs)[:3], 1))
        return inputs + tf.cast(self.strength, inputs.dtype) * tf.cast(made, inputs.dtype)

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return {**super().get_config(), "seed": self.seed}
