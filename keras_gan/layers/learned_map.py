"""LearnedMap: a map that is learned, the same for all examples."""

from collections.abc import Sequence

import keras
import tensorflow as tf

from keras_gan.ground.arguments import check_shape
from keras_gan.ground.shapes import sizes


@keras.saving.register_keras_serializable("keras_gan")
class LearnedMap(keras.layers.Layer):
    """A learned map, initialized from N(0, 1) and repeated for each example: a synthesis network's first layer.

    Args:
        shape: The shape of the map, (height, width, channels).

    Input: (N, ...), of which only the number of examples is read. Output: (N, *`shape`).

    Example:

    >>> LearnedMap((4, 4, 8))(tf.ones((3, 5))).shape
    TensorShape([3, 4, 4, 8])

    Reference: [Karras et al., 2019](https://arxiv.org/abs/1812.04948), section 2.
    """

    def __init__(self, shape: Sequence[int], **options):
        super().__init__(**options)
        self.shape = check_shape("shape", shape)

    def build(self, input_shape):
        normal = keras.initializers.RandomNormal(stddev=1.0)
        self.map = self.add_weight(name="map", shape=tuple(self.shape), initializer=normal)

    def call(self, inputs):
        made = tf.convert_to_tensor(self.map)
        return tf.repeat(tf.cast(made, self.compute_dtype)[None], sizes(inputs)[0], axis=0)

    def compute_output_shape(self, input_shape):
        return (input_shape[0], *self.shape)

    def get_config(self):
        return {**super().get_config(), "shape": list(self.shape)}
