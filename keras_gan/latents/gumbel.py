"""Noise that turns logits into a random choice."""

import keras
import numpy as np
import tensorflow as tf

from keras_gan.latents.prior import Latents


@keras.saving.register_keras_serializable("keras_gan")
class Gumbel(Latents):
    """g = -log(-log u), u ~ U(0, 1): the argmax of logits + g is a draw from their softmax.

    Args:
        dim: The number of dimensions, at least 1.

    Example:

    >>> from keras_gan.noise import Noise
    >>> drawn = tf.argmax(tf.math.log([[0.9, 0.1]]) + Gumbel(2).draw(1000, Noise((0, "example"))), axis=1)
    >>> 80 < int(tf.reduce_sum(drawn)) < 120
    True

    Reference: [Jang et al., 2017](https://arxiv.org/abs/1611.01144), equation 1.
    """

    def draw(self, count, noise):
        u = tf.clip_by_value(noise.uniform((count, self.dim)), 1e-7, 1 - 6e-8)
        return -tf.math.log(-tf.math.log(u))

    def expectation(self):
        return np.full(self.dim, np.euler_gamma, "float32")
