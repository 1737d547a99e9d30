"""ReflectionPadding2D: padding of pictures by reflection."""

import keras
import tensorflow as tf

from keras_gan.ground.arguments import check_count


@keras.saving.register_keras_serializable("keras_gan")
class ReflectionPadding2D(keras.layers.Layer):
    """Pads pictures with their reflection at the edges; the outermost pixels are not repeated.

    y[n, i, j, c] = x[n, |i - p|, |j - p|, c], and likewise at the lower and the right edge

    Zero padding looks like a dark or grey frame to a network; a reflection continues the picture.

    Args:
        padding: p, the number of pixels added at each side, at least 0 and below height and width. Defaults to 1.

    Input: (N, H, W, C), float. Output: (N, H + 2 p, W + 2 p, C).

    Raises:
        ValueError: If the padding does not fit the input.

    Example:

    >>> ReflectionPadding2D(1)(tf.reshape(tf.range(4.0), (1, 2, 2, 1)))[0, :, :, 0].numpy().tolist()
    [[3.0, 2.0, 3.0, 2.0], [1.0, 0.0, 1.0, 0.0], [3.0, 2.0, 3.0, 2.0], [1.0, 0.0, 1.0, 0.0]]

    Reference: [Johnson et al., 2016](https://arxiv.org/abs/1603.08155), supplementary material, section 1.
    """

    def __init__(self, padding: int = 1, **options):
        super().__init__(**options)
        self.padding = check_count("padding", padding, least=0)

    def build(self, input_shape):
        sides = input_shape[1:-1]
        if len(input_shape) != 4 or any(side is not None and side <= self.padding for side in sides):
            raise ValueError(
                f"The input must be (N, H, W, C) with sides above {self.padding}. "
                f"Received: input_shape={tuple(input_shape)}"
            )

    def call(self, inputs):
        edge = (self.padding, self.padding)
        return tf.pad(inputs, ((0, 0), edge, edge, (0, 0)), "REFLECT")

    def compute_output_shape(self, input_shape):
        n, h, w, c = input_shape
        h, w = (None if side is None else side + 2 * self.padding for side in (h, w))
        return (n, h, w, c)

    def get_config(self):
        return {**super().get_config(), "padding": self.padding}
