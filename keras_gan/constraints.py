"""Constraints on a discriminator's weights."""

import keras

from keras_gan.ground.arguments import check_number


@keras.saving.register_keras_serializable("keras_gan")
class ClipWeights(keras.constraints.Constraint):
    """w <- clip(w, -limit, limit), after each update: the Lipschitz bound of the original WGAN.

    Pass it as `gan.compile(objective="wasserstein", discriminator_constraint=ClipWeights(0.01))`, or to one layer as
    `kernel_constraint`.

    Args:
        limit: The largest absolute value, above 0. The paper uses 0.01.

    Example:

    >>> [round(float(w), 6) for w in ClipWeights(0.5)(keras.ops.array([-2.0, 0.25, 2.0]))]
    [-0.5, 0.25, 0.5]

    Reference: [Arjovsky et al., 2017](https://arxiv.org/abs/1701.07875), algorithm 1.
    """

    def __init__(self, limit: float = 0.01):
        self.limit = check_number("limit", limit, 0, ends="()")

    def __call__(self, w):
        return keras.ops.clip(w, -self.limit, self.limit)

    def get_config(self):
        return {"limit": self.limit}
