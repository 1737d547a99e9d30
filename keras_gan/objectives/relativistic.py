"""Relativistic losses, which compare the scores of real examples with those of fakes."""

import keras
import tensorflow as tf

from keras_gan.ground.replicas import gather
from keras_gan.objectives.adversarial import Adversarial, midway

softplus = tf.nn.softplus


@keras.saving.register_keras_serializable("keras_gan")
class RelativisticPaired(Adversarial):
    """The relativistic loss of pairs: each real example is compared with one fake.

    D: -log sigmoid(r - f) = softplus(f - r)
    G: -log sigmoid(f - r) = softplus(r - f)

    With `R1` and `R2` this is the objective of R3GAN, which converges where `NonSaturating` drops modes.

    Example:

    >>> gan.compile(objective="relativistic_paired + r1 + r2")

    Reference: [Jolicoeur-Martineau, 2018](https://arxiv.org/abs/1807.00734), section 4.1;
    [Huang et al., 2024](https://arxiv.org/abs/2501.05441), equation 2.
    """

    generator_sees_real = True

    def on_scores_discriminator(self, r, f):
        return softplus(f - r)

    def on_scores_generator(self, r, f):
        return softplus(r - f)

    def boundary(self, real, fake):
        return midway(real, fake)


@keras.saving.register_keras_serializable("keras_gan")
class RelativisticAverage(Adversarial):
    """The relativistic average loss: each score is compared with the global batch's mean score of the other kind.

    D: softplus(-(r - mean f)) + softplus(f - mean r)
    G: softplus(-(f - mean r)) + softplus(r - mean f)

    These are the paper's losses; the author's code halves both.

    Example:

    >>> gan.compile(objective="relativistic_average")

    Reference: [Jolicoeur-Martineau, 2018](https://arxiv.org/abs/1807.00734), section 4.2.
    """

    generator_sees_real = True

    def on_scores_discriminator(self, r, f):
        return softplus(_mean(f) - r) + softplus(f - _mean(r))

    def on_scores_generator(self, r, f):
        return softplus(_mean(r) - f) + softplus(r - _mean(f))

    def boundary(self, real, fake):
        return midway(real, fake)


def _mean(scores):
    return tf.reduce_mean(gather(scores), axis=0)
