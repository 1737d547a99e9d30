"""UpSampling2D whose second derivatives are right."""

import keras
import tensorflow as tf

from keras_gan.ground.shapes import sizes
from keras_gan.layers.resampling import resample, weights


@keras.saving.register_keras_serializable("keras_gan")
class UpSampling2D(keras.layers.UpSampling2D):
    """Enlarges pictures as Keras's layer of this name does, and can be part of a gradient penalty.

    In TensorFlow a bilinear resize has no second derivative, so that a penalty through it trains nothing, and other
    interpolations raise a LookupError. This layer multiplies by the same weights along each axis, with XLA too.
    Arguments and outputs are those of Keras's layer.

    Args:
        *args: Those of `keras.layers.UpSampling2D`.
        **options: Those of `keras.layers.UpSampling2D`.

    Input: (N, H, W, C), or (N, C, H, W) with `data_format="channels_first"`. Output: H and W times `size`.

    Example:

    >>> UpSampling2D(interpolation="bilinear")(tf.ones((1, 2, 3, 1))).shape
    TensorShape([1, 4, 6, 1])
    """

    def call(self, inputs):
        if self.interpolation == "nearest" or not inputs.dtype.is_floating:
            return super().call(inputs)
        axis = -3 if self.data_format == "channels_last" else -2
        lengths = sizes(inputs)[axis : None if axis == -2 else -1]
        matrices = [
            weights(length, length * factor, self.interpolation)
            for length, factor in zip(lengths, self.size, strict=True)
        ]
        return tf.ensure_shape(resample(inputs, *matrices, axis), self.compute_output_shape(inputs.shape))
