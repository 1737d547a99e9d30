"""Penalties on the gradient of the discriminator's score by its input.

The squared norm runs over all axes of an example, in float32. Under mixed_float16 small gradients vanish inside the
layers before they get here: prefer mixed_bfloat16.
"""

import abc

import keras
import tensorflow as tf

from keras_gan.objectives.objective import Objective


class Penalty(Objective):
    """A term of the discriminator alone, which stands aside while evaluating."""

    @abc.abstractmethod
    def penalty(self, round) -> tf.Tensor:
        """One value an example, (N,)."""

    def discriminator_loss(self, round):
        return self.penalty(round) if round.training else None


@keras.saving.register_keras_serializable("keras_gan")
class GradientPenalty(Penalty):
    """Holds the norm of the gradient to `target` on segments between real and fake.

    D: (||grad D(x^)||_2 - target)^2, x^ = x + u (G(z) - x), one u ~ U[0, 1) an example

    The paper's weight is 10 for images and 0.1 for toys. A discriminator with BatchNormalization does not fit: its
    output on one example depends on the others.

    Args:
        target: The norm to hold, at least 0. 1 for WGAN-GP, 0 for a zero-centred penalty.
        one_sided: Only norms above `target` cost: max(0, ||grad|| - target)^2.

    Example:

    >>> gan.compile(objective="wasserstein + 10 * gradient_penalty", discriminator_steps=5)

    Reference: [Gulrajani et al., 2017](https://arxiv.org/abs/1704.00028), equation 3.
    """

    def __init__(self, target: float = 1.0, one_sided: bool = False):
        if not 0 <= target < float("inf"):
            raise ValueError(f"`target` must be finite and at least 0. Received: target={target}")
        self.target, self.one_sided = float(target), bool(one_sided)

    def penalty(self, round):
        real, fake = round.real, round.fake
        u = round.noise.at("gradient_penalty").uniform((tf.shape(real)[0], *[1] * (real.shape.rank - 1)))
        between = real + tf.cast(u, real.dtype) * (fake - real)
        gradient = round.gradient(between, round.real_labels, "gradient_penalty")
        norm = tf.sqrt(squared_norm(gradient) + 1e-12)
        excess = norm - self.target
        return tf.nn.relu(excess) ** 2 if self.one_sided else excess**2

    def get_config(self):
        return {"target": self.target, "one_sided": self.one_sided}


@keras.saving.register_keras_serializable("keras_gan")
class R1(Penalty):
    """The zero-centred gradient penalty on real examples.

    D: ||grad D(x)||^2 / 2, so that `10 * R1()` is gamma = 10

    Example:

    >>> gan.compile(objective="non_saturating + 10 * r1")

    Reference: [Mescheder et al., 2018](https://arxiv.org/abs/1801.04406), equation 9.
    """

    def penalty(self, round):
        return 0.5 * squared_norm(round.real_gradient)


@keras.saving.register_keras_serializable("keras_gan")
class R2(Penalty):
    """The zero-centred gradient penalty on fakes.

    D: ||grad D(G(z))||^2 / 2, so that `10 * R2()` is gamma = 10

    Example:

    >>> gan.compile(objective="relativistic_paired + r1 + r2")

    Reference: [Mescheder et al., 2018](https://arxiv.org/abs/1801.04406), equation 10.
    """

    def penalty(self, round):
        return 0.5 * squared_norm(round.fake_gradient)


def squared_norm(gradient: tf.Tensor) -> tf.Tensor:
    """The sum of squares over all axes but the first: (N, ...) -> (N,), float32."""
    gradient = tf.cast(gradient, tf.float32)
    return tf.reduce_sum(gradient * gradient, axis=tf.range(1, tf.rank(gradient)))
