"""Codes that are drawn from normal distributions, in a way that gradients pass."""

from collections.abc import Mapping

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable("keras_gan")
class GaussianPosterior(keras.layers.Layer):
    """Draws a code from the normal distribution that an encoder gives: the reparametrization trick.

    sample = mean + exp(log_variance / 2) noise, noise ~ N(0, I)

    It is called on what the encoder gives and on the noise: (N, 2 dim), the means beside the logarithms of the
    variances, or a dict of `"mean"` and `"log_variance"`, and (N, dim). It gives a dict of `"mean"`, `"log_variance"`
    and `"sample"`, float32. As a player of a `Game` it has no weights.

    Example:

    >>> code = GaussianPosterior()(tf.constant([[1.0, 2.0, 0.0, 0.0]]), tf.constant([[0.5, -1.0]]))
    >>> code["sample"].numpy().tolist()
    [[1.5, 1.0]]

    Reference: [Kingma & Welling, 2014](https://arxiv.org/abs/1312.6114), section 2.4.
    """

    def __init__(self, **options):
        super().__init__(**{"dtype": "float32", **options})

    def build(self, *shapes) -> None:
        """Does nothing: there are no weights."""
        self.built = True

    def call(self, inputs, noise):
        """What the encoder gives, and noise (N, dim), as a dict of three tensors (N, dim)."""
        if isinstance(inputs, Mapping):
            mean, log_variance = (tf.cast(inputs[name], tf.float32) for name in ("mean", "log_variance"))
        else:
            mean, log_variance = tf.split(tf.cast(inputs, tf.float32), 2, axis=-1)
        sample = mean + tf.exp(0.5 * log_variance) * tf.cast(noise, tf.float32)
        return {"mean": mean, "log_variance": log_variance, "sample": sample}
