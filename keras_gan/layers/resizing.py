"""Resizing whose second derivatives are right."""

import keras
import numpy as np
import tensorflow as tf

from keras_gan.ground.shapes import sizes
from keras_gan.layers.resampling import resample, weights, window


@keras.saving.register_keras_serializable("keras_gan")
class Resizing(keras.layers.Resizing):
    """Resizes pictures as Keras's layer of this name does, and can be part of a gradient penalty.

    In TensorFlow a bilinear resize has no second derivative, so that a penalty through it trains nothing, and other
    interpolations raise a LookupError. This layer multiplies by the same weights along each axis, with XLA too.
    Arguments and outputs are those of Keras's layer.

    Args:
        *args: Those of `keras.layers.Resizing`.
        **options: Those of `keras.layers.Resizing`.

    Input: ([N,] H, W, C), or ([N,] C, H, W) with `data_format="channels_first"`. Output: `height` and `width` for H
    and W.

    Example:

    >>> Resizing(2, 3)(tf.ones((1, 4, 6, 1))).shape
    TensorShape([1, 2, 3, 1])
    """

    def transform_images(self, images, transformation=None, training=True):
        lengths = sizes(images)[self.height_axis : self.width_axis + 1 or None]
        fitted = self.crop_to_aspect_ratio or self.pad_to_aspect_ratio
        known = all(isinstance(length, int) for length in lengths)
        if not images.dtype.is_floating or (fitted and not known):
            return super().transform_images(images, transformation, training)
        targets, fill = (self.height, self.width), self.fill_value if self.pad_to_aspect_ratio else 0.0
        source = self._source(*lengths) if fitted else lengths
        matrices = [weights(*axis, self.interpolation, self.antialias) for axis in zip(source, targets, strict=True)]
        if fitted:
            starts = [(length - size) // 2 for length, size in zip(lengths, source, strict=True)]  # below 0: a border
            matrices = [window(*axis) for axis in zip(lengths, starts, matrices, strict=True)]
        shape = self.compute_output_shape(images.shape)
        return tf.ensure_shape(resample(images, *matrices, self.height_axis, fill), shape)

    def _source(self, height, width):
        """Returns the height and width of what is resized: a crop of the picture, or the picture with a border."""
        high = int(np.float32(width * self.height) / np.float32(self.width))
        wide = int(np.float32(height * self.width) / np.float32(self.height))
        if self.crop_to_aspect_ratio:
            return max(min(height, high), 1), max(min(width, wide), 1)
        return tuple(size + max(fitting - size, 0) // 2 * 2 for size, fitting in ((height, high), (width, wide)))
