"""Terms of the generator that read the discriminator's `"features"`."""

import keras
import tensorflow as tf

from keras_gan.ground.replicas import gather
from keras_gan.objectives.objective import Objective
from keras_gan.play.round import named_output


@keras.saving.register_keras_serializable("keras_gan")
class FeatureMatching(Objective):
    """Matches the means over real and over fake of a hidden layer of the discriminator.

    G: ||mean h(x) - mean h(G(z))||^2 / d, with h the discriminator's "features", d their number

    The means run over the global batch. The paper's equation has no d; its code takes the mean over features, as here.

    Example:

    >>> gan.compile(objective=Players(discriminator=Hinge(), generator=FeatureMatching()))

    Reference: [Salimans et al., 2016](https://arxiv.org/abs/1606.03498), section 3.1.
    """

    generator_sees_real = True

    def generator_loss(self, round):
        real, fake = (gather(named_output(output, "features")) for output in (round.real_output, round.fake_output))
        difference = tf.reduce_mean(real, axis=0) - tf.reduce_mean(fake, axis=0)
        return tf.reduce_mean(difference**2)


@keras.saving.register_keras_serializable("keras_gan")
class PullingAway(Objective):
    """Repels the features of fakes from each other.

    G: 1 / (N (N - 1)) sum_{i != j} cos^2(S_i, S_j), with S the discriminator's "features" of the fakes

    In the paper S is the code of an autoencoder, and the weight is 0.1.

    Example:

    >>> gan.compile(objective=EnergyMargin() + 0.1 * PullingAway())

    Reference: [Zhao et al., 2016](https://arxiv.org/abs/1609.03126), equation 4.
    """

    def generator_loss(self, round):
        features = gather(named_output(round.fake_output, "features"))
        s = tf.reshape(features, (tf.shape(features)[0], -1))
        s *= tf.math.rsqrt(tf.reduce_sum(s * s, axis=1, keepdims=True) + 1e-12)
        cosines = tf.matmul(s, s, transpose_b=True) ** 2
        n = tf.cast(tf.shape(s)[0], s.dtype)
        return (tf.reduce_sum(cosines) - tf.linalg.trace(cosines)) / tf.maximum(n * (n - 1), 1)
