"""The discriminator as an energy: low on real examples, high elsewhere. An autoencoder's error is one."""

import keras
import tensorflow as tf

from keras_gan.ground.arguments import check_number
from keras_gan.ground.replicas import gather
from keras_gan.objectives.adversarial import Adversarial


@keras.saving.register_keras_serializable("keras_gan")
class EnergyMargin(Adversarial):
    """EBGAN: the discriminator raises the energies of fakes up to a margin.

    D: E(x) + max(0, m - E(G(z)))
    G: E(G(z))

    Args:
        margin: m > 0, in units of the energy. Choose it by the energy's scale: for an autoencoder, a few
            times its error on real examples. Defaults to 10.

    Example:

    >>> gan.compile(objective="energy_margin(margin=10)")

    Reference: [Zhao et al., 2016](https://arxiv.org/abs/1609.03126), equations 1 and 2.
    """

    reads_logits = False

    def __init__(self, margin: float = 10.0):
        self.margin = check_number("margin", margin, 0, ends="()")

    def on_scores_discriminator(self, r, f):
        return r + tf.nn.relu(self.margin - f)

    def on_scores_generator(self, r, f):
        return f

    def get_config(self):
        return {"margin": self.margin}


@keras.saving.register_keras_serializable("keras_gan")
class BoundaryEquilibrium(Adversarial):
    """BEGAN: keeps the ratio of the mean energies of fake and real near gamma, by an adaptive weight k.

    D: E(x) - k E(G(z))
    G: E(G(z))
    k <- clip(k + rate (gamma mean E(x) - mean E(G(z))), 0, 1) after each move of the discriminator, from k = 0

    k is saved with the GAN.

    Args:
        gamma: The ratio of the mean energies, in (0, 1]. Lower ratios give sharper and less diverse fakes. Defaults to
            0.5.
        rate: Step size of k, above 0. Defaults to 0.001.

    Example:

    >>> gan.compile(objective="boundary_equilibrium(gamma=0.5)")

    Reference: [Berthelot et al., 2017](https://arxiv.org/abs/1703.10717), section 3.3.
    """

    reads_logits = False
    k = 0.0

    def __init__(self, gamma: float = 0.5, rate: float = 0.001):
        self.gamma, self.rate = check_number("gamma", gamma, 0, 1, "(]"), check_number("rate", rate, 0, ends="()")

    def build(self, memory, generator, discriminator):
        self.k = memory.add_weight(
            shape=(), initializer="zeros", trainable=False, dtype="float32", aggregation="mean", name="k"
        )

    def on_scores_discriminator(self, r, f):
        return r - tf.convert_to_tensor(self.k) * f

    def on_scores_generator(self, r, f):
        return f

    def update(self, player, round):
        if player == "discriminator":
            real, fake = (tf.reduce_mean(gather(scores)) for scores in (round.real_scores, round.fake_scores))
            balance = self.gamma * real - fake  # of the global batch, as k is clipped
            self.k.assign(tf.clip_by_value(self.k + self.rate * balance, 0.0, 1.0))

    def get_config(self):
        return {"gamma": self.gamma, "rate": self.rate}
