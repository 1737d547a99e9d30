"""Priors of masks."""

from collections.abc import Sequence

import keras
import tensorflow as tf

from keras_gan.ground.arguments import check_number, check_shape
from keras_gan.latents.prior import Prior


@keras.saving.register_keras_serializable("keras_gan")
class Blocks(Prior):
    """Masks of pictures: 1 in a random block, 0 around it, (count, height, width, 1) float32.

    All places of the block, including those at the borders, are equally likely.

    Args:
        shape: (height, width) of the pictures.
        size: The block's sides, as a share of the pictures', in (0, 1]. Defaults to 0.5.

    Example:

    >>> from keras_gan.noise import Noise
    >>> masks = Blocks((4, 4)).draw(2, Noise((0, "example")))
    >>> masks.shape, tf.reduce_sum(masks, axis=(1, 2, 3)).numpy().tolist()
    (TensorShape([2, 4, 4, 1]), [4.0, 4.0])
    """

    def __init__(self, shape: Sequence[int], size: float = 0.5):
        self.shape = check_shape("shape", shape)
        if len(self.shape) != 2:
            raise ValueError(f"`shape` must be (height, width). Received: shape={shape!r}")
        self.size = check_number("size", size, 0, 1, ends="(]")

    def draw(self, count, noise):
        inside = [self._spans(axis, count, noise.at(axis)) for axis in (0, 1)]
        return (inside[0][:, :, None] * inside[1][:, None, :])[..., None]

    def _spans(self, axis, count, noise):
        """Returns (count, side): 1 along one axis of the blocks, otherwise 0."""
        side = self.shape[axis]
        length = max(1, round(self.size * side))
        start = tf.floor(noise.uniform((count, 1)) * (side - length + 1))  # up to side - length
        place = tf.range(side, dtype=tf.float32)[None]
        return tf.cast((place >= start) & (place < start + length), tf.float32)

    def get_config(self):
        return {"shape": list(self.shape), "size": self.size}
