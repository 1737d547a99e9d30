"""RandomQuadrant: a quarter of a map."""

import keras
import tensorflow as tf

from keras_gan import noise
from keras_gan.ground.shapes import sizes
from keras_gan.layers.common import next_seed


@keras.saving.register_keras_serializable("keras_gan")
class RandomQuadrant(keras.layers.Layer):
    """Crops a quarter of each map: a random one while training, otherwise the upper left one.

    A `GAN` sets the layer's seed before each move, so runs resume exactly; outside a GAN each training call draws new
    numbers.

    Args:
        seed: The seed of the draws, an integer; None, the default, for a random one.

    Input: (N, H, W, C), float, H and W even and known. Output: `(part, quadrant)`, (N, H/2, W/2, C), and (N,) int32:
    0 and 1 are above, 0 and 2 on the left.

    Example:

    >>> part, quadrant = RandomQuadrant(seed=0)(tf.ones((2, 4, 6, 3)))
    >>> part.shape, quadrant.numpy().tolist()
    (TensorShape([2, 2, 3, 3]), [0, 0])

    Reference: [Liu et al., 2021](https://arxiv.org/abs/2101.04775), section 3.3.
    """

    def __init__(self, seed: int | None = None, **options):
        super().__init__(**options)
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)

    def build(self, input_shape):
        if len(input_shape) != 4 or any(side is None or side % 2 for side in input_shape[1:3]):
            raise ValueError(
                f"The input must be maps (N, H, W, C) of even sides. Received: input_shape={tuple(input_shape)}"
            )

    def call(self, inputs, training=False):
        count = sizes(inputs)[0]
        if not training:
            return quarter(inputs, tf.zeros((count,), tf.int32)), tf.zeros((count,), tf.int32)
        quadrant = tf.cast(4 * noise.uniform(next_seed(self.seed_generator), (count,)), tf.int32)
        return quarter(inputs, quadrant), quadrant

    def compute_output_shape(self, input_shape):
        count, height, width, channels = input_shape
        return (count, height // 2, width // 2, channels), (count,)

    def compute_output_spec(self, inputs, training=False):
        part, quadrant = self.compute_output_shape(inputs.shape)
        return keras.KerasTensor(part, self.compute_dtype), keras.KerasTensor(quadrant, "int32")

    def get_config(self):
        return {**super().get_config(), "seed": self.seed}


def quarter(x: tf.Tensor, quadrant: tf.Tensor) -> tf.Tensor:
    """Returns the given quadrant of each map: (N, H, W, C) and (N,) integers -> (N, H/2, W/2, C)."""
    count, height, width, channels = sizes(x)
    halves = tf.reshape(x, (count, 2, height // 2, 2, width // 2, channels))
    rows, columns = (tf.one_hot(each, 2, dtype=x.dtype) for each in (quadrant // 2, quadrant % 2))
    return tf.einsum("nahbwc,na,nb->nhwc", halves, rows, columns)
