"""PhaseShuffle: random shifts of series."""

import keras
import tensorflow as tf

from keras_gan import noise
from keras_gan.ground.arguments import check_count
from keras_gan.ground.shapes import sizes
from keras_gan.layers.common import next_seed


@keras.saving.register_keras_serializable("keras_gan")
class PhaseShuffle(keras.layers.Layer):
    """Shifts each series by up to `shift` moments while training, and fills the gap by reflection.

    A discriminator then cannot learn the phase of the artifacts of transposed convolutions. Each example has its own
    shift, as in the paper; the authors' code has one shift per batch. A `GAN` sets the layer's seed before each move,
    so runs resume exactly; outside a GAN each training call draws new numbers.

    Args:
        shift: The greatest shift in either direction, at least 0. Defaults to 2.
        seed: The seed of the draws, an integer; None, the default, for a random one.

    Input: (N, length, channels), float, the length known and above `shift`. Output: the same shape.

    Example:

    >>> x = tf.reshape(tf.range(5.0), (1, 5, 1))
    >>> PhaseShuffle(2, seed=0)(x)[0, :, 0].numpy().tolist()
    [0.0, 1.0, 2.0, 3.0, 4.0]

    Reference: [Donahue et al., 2019](https://arxiv.org/abs/1802.04208), section 3.3.
    """

    def __init__(self, shift: int = 2, seed: int | None = None, **options):
        super().__init__(**options)
        self.shift, self.seed = int(check_count("shift", shift, least=0)), seed
        self.seed_generator = keras.random.SeedGenerator(seed)

    def build(self, input_shape):
        if len(input_shape) != 3 or input_shape[1] is None or input_shape[1] <= self.shift:
            raise ValueError(
                f"The input must be series (N, length, channels) longer than shift={self.shift}. "
                f"Received: input_shape={tuple(input_shape)}"
            )

    def call(self, inputs, training=False):
        if not training or self.shift == 0:
            return inputs
        count, length, _ = sizes(inputs)
        drawn = noise.uniform(next_seed(self.seed_generator), (count,)) * (2 * self.shift + 1)
        places = tf.range(length)[None] + tf.cast(drawn, tf.int32)[:, None] - self.shift
        places = tf.abs(places)
        places = (length - 1) - tf.abs((length - 1) - places)
        return tf.gather(inputs, places, axis=1, batch_dims=1)

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return {**super().get_config(), "shift": self.shift, "seed": self.seed}
