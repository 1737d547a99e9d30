"""f-divergences by their variational bound."""

import math

import keras
import tensorflow as tf

from keras_gan.objectives.adversarial import Adversarial

softplus = tf.nn.softplus

# For each divergence: the output's activation g(v), and the conjugate f*(g(v)), simplified to stay finite.
DIVERGENCES = {
    "kl": (lambda v: v, lambda v: tf.exp(v - 1)),
    "reverse_kl": (lambda v: -tf.exp(-v), lambda v: v - 1),
    "pearson": (lambda v: v, lambda v: v**2 / 4 + v),
    "squared_hellinger": (lambda v: 1 - tf.exp(-v), lambda v: tf.exp(v) - 1),
    "jensen_shannon": (lambda v: math.log(2) - softplus(-v), lambda v: softplus(v) - math.log(2)),
    "total_variation": (lambda v: 0.5 * tf.tanh(v), lambda v: 0.5 * tf.tanh(v)),
}


@keras.saving.register_keras_serializable("keras_gan")
class FDivergence(Adversarial):
    """The f-GAN: the discriminator bounds D_f(p_data || p_g) from below, the generator minimises the bound.

    D: -g(r) + f*(g(f))
    G: -f*(g(f))

    | name | D_f(p || q) | g(v) | f*(g(v)) |
    | --- | --- | --- | --- |
    | kl | E_p log p/q | v | exp(v - 1) |
    | reverse_kl | E_q log q/p | -exp(-v) | v - 1 |
    | pearson | integral (p - q)^2 / q | v | v^2/4 + v |
    | squared_hellinger | integral (sqrt p - sqrt q)^2 | 1 - exp(-v) | exp(v) - 1 |
    | jensen_shannon | 2 JSD | log 2 - softplus(-v) | softplus(v) - log 2 |
    | total_variation | integral |p - q| / 2 | tanh(v) / 2 | tanh(v) / 2 |

    The discriminator's loss at its optimum is minus the divergence.

    Args:
        divergence: One of the names in the table. Defaults to `"kl"`.

    Example:

    >>> gan.compile(objective="f_divergence(divergence='reverse_kl')")

    Reference: [Nowozin et al., 2016](https://arxiv.org/abs/1606.00709), equation 4, tables 1 and 2.
    """

    def __init__(self, divergence: str = "kl"):
        if divergence not in DIVERGENCES:
            raise ValueError(f"`divergence` must be one of {list(DIVERGENCES)}. Received: divergence={divergence!r}")
        self.divergence = divergence

    def on_scores_discriminator(self, r, f):
        activation, conjugate = DIVERGENCES[self.divergence]
        return conjugate(f) - activation(r)

    def on_scores_generator(self, r, f):
        return -DIVERGENCES[self.divergence][1](f)

    def get_config(self):
        return {"divergence": self.divergence}
