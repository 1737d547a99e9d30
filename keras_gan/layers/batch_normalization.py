"""BatchNormalization whose second derivatives are right."""

import keras
import tensorflow as tf

from keras_gan.layers.common import upcast
from keras_gan.layers.moments import centre


@keras.saving.register_keras_serializable("keras_gan")
class BatchNormalization(keras.layers.BatchNormalization):
    """Normalizes a batch as Keras's layer of this name does, and can be part of a gradient penalty.

    y = gamma (x - mean) / sqrt(var + epsilon) + beta

    Keras's layer treats the mean in the variance as a constant, so that the gradient of a penalty through it is off by
    up to a quarter; with `synchronized=True` Keras's layer computes E[x^2] - E[x]^2, which cancels in float32: at
    activations of N(1000, 1) the output is off by 1.8. Arguments, weights and outputs are otherwise those of Keras's
    layer.

    Args:
        *args: Those of `keras.layers.BatchNormalization`.
        **options: Those of `keras.layers.BatchNormalization`, except `renorm`.

    Input: any shape, float. Output: the same shape.

    Raises:
        ValueError: If `renorm` is True.

    Example:

    >>> layer = BatchNormalization(momentum=0.9)
    >>> y = layer(tf.constant([[999.0], [1001.0]]), training=True)
    >>> [round(float(each), 2) for each in y[:, 0]]
    [-1.0, 1.0]

    Reference: [Ioffe & Szegedy, 2015](https://arxiv.org/abs/1502.03167), algorithm 1.
    """

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        if getattr(self, "renorm", False):
            raise ValueError("`renorm` must be False: use `keras.layers.BatchNormalization`. Received: renorm=True")

    def call(self, inputs, training=None, mask=None):
        x = upcast(inputs)
        rank = x.shape.rank
        axis = self.axis % rank

        def spread(weight):
            return tf.reshape(tf.cast(weight, x.dtype), [-1 if i == axis else 1 for i in range(rank)])

        if training and self.trainable:
            axes = [i for i in range(rank) if i != axis]
            weights = None if mask is None else tf.expand_dims(mask, -1)
            centred, mean, variance = centre(x, axes, synchronized=self.synchronized, weights=weights)
            self._move(self.moving_mean, mean)
            self._move(self.moving_variance, variance)
        else:
            centred, variance = x - spread(self.moving_mean), spread(self.moving_variance)
        scale = tf.math.rsqrt(variance + self.epsilon)
        y = centred * (scale * spread(self.gamma) if self.scale else scale)
        return tf.cast(y + spread(self.beta) if self.center else y, self.compute_dtype)

    def _move(self, average, value):
        value = tf.cast(tf.reshape(value, (-1,)), average.dtype)
        average.assign(average.value * self.momentum + value * (1 - self.momentum))
