"""SampledPlaces: the vectors of a feature map at random places."""

import keras
import tensorflow as tf

from keras_gan.ground.arguments import check_count


@keras.saving.register_keras_serializable("keras_gan")
class SampledPlaces(keras.layers.Layer):
    """Takes distinct random places of a feature map, the same places for maps of one size and equal noise.

    y[n, p] = x[n, place], where `place` is that of the p-th largest of the first H * W numbers of noise[n]

    Args:
        count: Number of places per map; a map of fewer places is taken whole. Defaults to 256.

    Call the layer on `[x, noise]`: x (N, H, W, C), float, and noise (N, K), independent draws from one distribution, at
    least one for each place. Output: (N, min(count, H * W), C).

    Raises:
        ValueError: If the map's size is unknown, or K is below H * W.

    Example:

    >>> x = tf.reshape(tf.range(4.0), (1, 2, 2, 1))
    >>> SampledPlaces(2)([x, tf.constant([[0.1, 0.9, 0.2, 0.8]])]).numpy().ravel().tolist()
    [1.0, 3.0]
    """

    def __init__(self, count: int = 256, **options):
        super().__init__(**{"autocast": False, **options})  # rounded noise would prefer the first of equal places
        self.count = check_count("count", count)

    def build(self, input_shape):
        self._check(*map(tuple, input_shape))

    def _check(self, shape, noise):
        if len(shape) != 4 or None in shape[1:] or len(noise) != 2 or noise[1] is None:
            raise ValueError(
                "The inputs must be a map (N, H, W, C) of known size and noise (N, K). "
                f"Received: input_shape={[shape, noise]}"
            )
        if noise[1] < shape[1] * shape[2]:
            raise ValueError(
                f"The noise must have a number for each of {shape[1] * shape[2]} places. Received: shape={noise}"
            )

    def call(self, inputs):
        x, noise = inputs
        _, height, width, channels = x.shape
        places = height * width
        chosen = tf.math.top_k(noise[:, :places], min(self.count, places)).indices
        rows = tf.reshape(tf.cast(x, self.compute_dtype), (-1, places, channels))
        return tf.gather(rows, chosen, axis=1, batch_dims=1)

    def compute_output_shape(self, input_shape):
        (n, height, width, channels), _ = map(tuple, input_shape)
        return (n, min(self.count, height * width), channels)

    def get_config(self):
        return {**super().get_config(), "count": self.count}
