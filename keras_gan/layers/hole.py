"""Hole: pictures whose centre is cut out or filled in."""

import keras
import numpy as np
import tensorflow as tf

from keras_gan.ground.arguments import check_count, check_number


@keras.saving.register_keras_serializable("keras_gan")
class Hole(keras.layers.Layer):
    """Replaces the centre of pictures by one number, or by smaller pictures.

    Call the layer on pictures (N, H, W, C), whose centre becomes `fill`, or on pictures and the smaller pictures for
    the hole, (N, `height`, `width`, C). Odd margins have one more row below, and one more column on the right.

    Args:
        height: The hole's height, at least 1 and at most H.
        width: The hole's width, at least 1 and at most W.
        fill: The number in the hole. Defaults to 0, which is grey in pictures from -1 to 1.

    Raises:
        ValueError: If the hole is larger than the pictures, or the smaller pictures do not fit the hole.

    Example:

    >>> hole, pictures = Hole(1, 2), tf.ones((1, 3, 4, 1))
    >>> hole(pictures)[0, :, :, 0].numpy().tolist()
    [[1.0, 1.0, 1.0, 1.0], [1.0, 0.0, 0.0, 1.0], [1.0, 1.0, 1.0, 1.0]]
    >>> hole(pictures, tf.fill((1, 1, 2, 1), 5.0))[0, 1, :, 0].numpy().tolist()
    [1.0, 5.0, 5.0, 1.0]

    Reference: [Pathak et al., 2016](https://arxiv.org/abs/1604.07379), section 3.3.
    """

    def __init__(self, height: int, width: int, fill: float = 0.0, **options):
        super().__init__(**{"dtype": "float32", **options})  # exact outside the hole
        self.height, self.width = check_count("height", height), check_count("width", width)
        self.fill = check_number("fill", fill)

    def build(self, input_shape) -> None:
        """Makes no weights."""
        self.built = True

    def margins(self, shape: tuple) -> tuple[tuple[int, int], tuple[int, int]]:
        """Returns the numbers of rows above and below the hole, and of columns on its left and right.

        Raises:
            ValueError: If the hole is larger than the pictures, or their size is unknown.
        """
        sides = tuple(shape[1:3])
        if len(shape) != 4 or None in sides or sides[0] < self.height or sides[1] < self.width:
            raise ValueError(
                f"The input must be pictures (N, H, W, C) of at least {self.height} x {self.width} pixels. "
                f"Received: shape={tuple(shape)}"
            )
        rest = [side - own for side, own in zip(sides, (self.height, self.width), strict=True)]
        rows, columns = ((pixels // 2, pixels - pixels // 2) for pixels in rest)
        return rows, columns

    def call(self, inputs, inside=None):
        """Returns the pictures with the hole.

        Args:
            inputs: The pictures.
            inside: The pictures for the hole; None for `fill`.
        """
        margins = self.margins(inputs.shape)
        if inside is None:
            filled = tf.cast(self.fill, inputs.dtype)
        else:
            wanted = (inputs.shape[0], self.height, self.width, inputs.shape[3])
            if not inside.shape.is_compatible_with(wanted):
                raise ValueError(f"`inside` must have the shape {wanted}. Received: shape={tuple(inside.shape)}")
            filled = tf.pad(tf.cast(inside, inputs.dtype), ((0, 0), *margins, (0, 0)))
        hole = np.pad(np.ones((self.height, self.width), bool), margins)
        return tf.where(hole[None, :, :, None], filled, inputs)

    def compute_output_shape(self, input_shape):
        return tuple(input_shape)

    def get_config(self):
        return {**super().get_config(), "height": self.height, "width": self.width, "fill": self.fill}
