"""AnomalyScore: a score from an example's reconstruction and from a discriminator of pairs."""

from collections.abc import Mapping

import keras
import tensorflow as tf

from keras_gan.ground.arguments import check_number


@keras.saving.register_keras_serializable("keras_gan")
class AnomalyScore(keras.layers.Layer):
    """Adds an example's reconstruction error and its surprise to a discriminator: higher is more anomalous.

    (1 - weight) sum |x - G(E(x))| + weight surprise

    surprise = sum |f(x, E(x)) - f(G(E(x)), E(x))|, f the discriminator's `"features"`, if it has any; otherwise
    surprise = -log D(x, E(x))

    Call the layer on the examples (N, ...), their reconstructions of the same shape, and the discriminator's outputs
    for both, each paired with the example's code: logits, or a dict of `"output"` and `"features"`, as from
    `networks.with_features`. Output: (N,) float32. As a player of a `Game` it has no weights.

    Args:
        weight: The weight of the surprise, in [0, 1]. Defaults to 0.1.

    Example:

    >>> x, back, logits = tf.constant([[1.0, 2.0]]), tf.constant([[0.0, 2.5]]), tf.constant([[0.0]])
    >>> print(f"{AnomalyScore(0.5)(x, back, logits, logits).numpy()[0]:.3f}")
    1.097

    Reference: [Zenati et al., 2018](https://arxiv.org/abs/1802.06222), section 3.
    """

    def __init__(self, weight: float = 0.1, **options):
        super().__init__(**{"dtype": "float32", **options})
        self.weight = check_number("weight", weight, 0, 1, ends="[]")

    def build(self, *shapes) -> None:
        """Makes no weights."""
        self.built = True

    def call(self, real, back, judged, judged_back):
        """Returns one number per example, (N,).

        Args:
            real: Examples (N, ...).
            back: Their reconstructions.
            judged: The discriminator's outputs for the examples.
            judged_back: The discriminator's outputs for the reconstructions.
        """
        if isinstance(judged, Mapping) and "features" in judged:
            surprise = _distance(judged["features"], judged_back["features"])
        else:
            scores = judged["output"] if isinstance(judged, Mapping) else judged
            surprise = tf.reduce_mean(_flat(tf.nn.softplus(-tf.cast(scores, tf.float32))), axis=1)
        return (1 - self.weight) * _distance(real, back) + self.weight * surprise

    def get_config(self):
        return {**super().get_config(), "weight": self.weight}


def _distance(a, b):
    """Returns the sum of |a - b| of each example."""
    return tf.reduce_sum(tf.abs(_flat(tf.cast(a, tf.float32) - tf.cast(b, tf.float32))), axis=1)


def _flat(x):
    return tf.reshape(x, (tf.shape(x)[0], -1))
