"""Composite: pictures whose masked part is replaced."""

import keras
import tensorflow as tf

from keras_gan.ground.arguments import check_number


@keras.saving.register_keras_serializable("keras_gan")
class Composite(keras.layers.Layer):
    """Replaces pictures where a mask is 1, by one number or by other pictures.

    y = (1 - m) x + m inside

    Call the layer on pictures (N, H, W, C), masks (N, H, W, 1), such as those of `latents.Blocks`, and optionally the
    pictures inside the mask, (N, H, W, C), which default to `fill`.

    Args:
        fill: The number inside the mask. Defaults to 0, which is grey in pictures from -1 to 1.

    Raises:
        ValueError: If the shapes do not fit each other.

    Example:

    >>> mask = tf.reshape([0.0, 1.0], (1, 1, 2, 1))
    >>> Composite()(tf.ones((1, 1, 2, 1)), mask)[0, 0, :, 0].numpy().tolist()
    [1.0, 0.0]
    >>> Composite()(tf.ones((1, 1, 2, 1)), mask, tf.fill((1, 1, 2, 1), 5.0))[0, 0, :, 0].numpy().tolist()
    [1.0, 5.0]

    Reference: [Denton et al., 2016](https://arxiv.org/abs/1611.06430), section 3.
    """

    def __init__(self, fill: float = 0.0, **options):
        super().__init__(**{"dtype": "float32", **options})  # exact outside the mask
        self.fill = check_number("fill", fill)

    def build(self, input_shape) -> None:
        """Makes no weights."""
        self.built = True

    def call(self, inputs, mask, inside=None):
        """Returns the pictures, changed where the mask is 1."""
        if not mask.shape.is_compatible_with((*inputs.shape[:3], 1)):
            raise ValueError(
                f"`mask` must have the shape {(*inputs.shape[:3], 1)}, that of the pictures with one channel. "
                f"Received: shape={tuple(mask.shape)}"
            )
        if inside is not None and not inside.shape.is_compatible_with(inputs.shape):
            raise ValueError(
                f"`inside` must have the shape of the pictures, {tuple(inputs.shape)}. "
                f"Received: shape={tuple(inside.shape)}"
            )
        mask = tf.cast(mask, inputs.dtype)
        return (1 - mask) * inputs + mask * tf.cast(self.fill if inside is None else inside, inputs.dtype)

    def compute_output_shape(self, input_shape):
        return tuple(input_shape)

    def get_config(self):
        return {**super().get_config(), "fill": self.fill}
