"""LayerNormalization whose second derivatives are right."""

import keras
import tensorflow as tf

from keras_gan.layers.common import upcast
from keras_gan.layers.moments import centre


@keras.saving.register_keras_serializable("keras_gan")
class LayerNormalization(keras.layers.LayerNormalization):
    """Normalizes each example over an axis as Keras's layer of this name does, and can be part of a gradient penalty.

    y = gamma (x - mean) / sqrt(var + epsilon) + beta

    Keras's layer treats the mean in the variance as a constant, so that the gradient of a penalty through it is off by
    0.1 to 3 percent, and more in single cases. Arguments, weights and outputs are those of Keras's layer.

    Args:
        *args: Those of `keras.layers.LayerNormalization`.
        **options: Those of `keras.layers.LayerNormalization`.

    Input: any shape, float. Output: the same shape.

    Example:

    >>> LayerNormalization(epsilon=1e-9)(tf.constant([[1.0, 3.0]])).numpy().round(2).tolist()
    [[-1.0, 1.0]]

    Reference: [Ba et al., 2016](https://arxiv.org/abs/1607.06450), equation 4.
    """

    def call(self, inputs):
        if getattr(self, "rms_scaling", False):  # deprecated, and with correct second derivatives
            return super().call(inputs)
        x = upcast(inputs)
        axes = [axis % x.shape.rank for axis in self.axis]
        sizes = [x.shape[i] if i in axes else 1 for i in range(x.shape.rank)]
        centred, _, variance = centre(x, axes)
        y = centred * tf.math.rsqrt(variance + self.epsilon)
        if self.scale:
            y *= tf.reshape(tf.cast(self.gamma, x.dtype), sizes)
        if self.center:
            y += tf.reshape(tf.cast(self.beta, x.dtype), sizes)
        return tf.cast(y, self.compute_dtype)
