"""PixelShuffle: channels moved into space."""

import keras
import tensorflow as tf

from keras_gan.ground.arguments import check_count


@keras.saving.register_keras_serializable("keras_gan")
class PixelShuffle(keras.layers.Layer):
    """Upsamples by moving channels into space: after a convolution, a sub-pixel convolution.

    y[n, r i + a, r j + b, c] = x[n, i, j, (r a + b) C + c], with r the factor and C the channels that remain

    Args:
        factor: r, the factor by which height and width grow, at least 1.

    Input: (N, H, W, r^2 C). Output: (N, r H, r W, C).

    Raises:
        ValueError: If the channels are not divisible by r^2.

    Example:

    >>> PixelShuffle(2)(tf.reshape(tf.range(4.0), (1, 1, 1, 4)))[0, :, :, 0].numpy().tolist()
    [[0.0, 1.0], [2.0, 3.0]]

    Reference: [Shi et al., 2016](https://arxiv.org/abs/1609.05158), equation 4.
    """

    def __init__(self, factor: int, **options):
        super().__init__(**options)
        self.factor = check_count("factor", factor)

    def build(self, input_shape):
        if len(input_shape) != 4 or input_shape[-1] % self.factor**2:
            raise ValueError(
                f"The input must be (N, H, W, C) with C divisible by {self.factor**2}. "
                f"Received: input_shape={tuple(input_shape)}"
            )

    def call(self, inputs):
        return inputs if self.factor == 1 else tf.nn.depth_to_space(inputs, self.factor)

    def compute_output_shape(self, input_shape):
        n, h, w, c = input_shape
        r = self.factor
        return (n, None if h is None else r * h, None if w is None else r * w, c // r**2)

    def get_config(self):
        return {**super().get_config(), "factor": self.factor}
