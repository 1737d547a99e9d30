"""Penalties on the gradient of the discriminator's score with respect to its input.

An augmentation is part of the discriminator here: the gradient is taken with respect to the picture before it, as in
R3GAN and StyleGAN2-ADA. With `GAN.compile(penalties_at="augmented")` it is taken with respect to the augmented picture.

The squared norm runs over all axes of an example, in float32. Under mixed_float16 small gradients vanish inside the
layers before they get here: prefer mixed_bfloat16.
"""

import abc

import keras
import tensorflow as tf

from keras_gan.ground.arguments import check_count, check_flag, check_number
from keras_gan.ground.replicas import gather
from keras_gan.ground.shapes import sizes
from keras_gan.objectives.lazy import lazily
from keras_gan.objectives.objective import Objective


class Penalty(Objective, abc.ABC):
    """A term of the discriminator alone, which is skipped in evaluation.

    A subclass without a gradient with respect to the discriminator's input sets `differentiates_input = False`.

    Args:
        every: Lazy regularization: the penalty is applied every `every` steps only and scaled by `every`, as in
            StyleGAN2, which saves time. R3GAN found it harmful: with its paired loss, lazy penalties failed on 25
            Gaussians and on Stacked-MNIST. Defaults to 1, every step.
    """

    differentiates_input = True

    def __init__(self, every: int = 1):
        self.every = int(check_count("every", every))

    @abc.abstractmethod
    def penalty(self, round) -> tf.Tensor:
        """Returns one value per example, (N,), of a `Round.before_augmentation`."""

    def discriminator_loss(self, round):
        if not round.training:
            return None
        round = round.before_augmentation()
        if self.every == 1:
            return self.penalty(round)
        weights = [*round.learned_tensors, *(variable.value for variable in round.discriminator.trainable_variables)]
        again = round.again()
        step, scale = round.noise.index, round.loss_scale
        return lazily(self.every, step, weights, lambda: [self.penalty(again)], loss_scale=scale)[0]

    def get_config(self):
        return {"every": self.every}


@keras.saving.register_keras_serializable("keras_gan")
class GradientPenalty(Penalty):
    """Penalises gradient norms other than `target` on segments between real and fake.

    D: (||grad D(x^)||_2 - target)^2, x^ = x + u (G(z) - x), one u ~ U[0, 1) per example

    The paper's weight is 10 for images and 0.1 for toys. Do not use it with BatchNormalization in the discriminator,
    whose output on one example then depends on the others.

    Args:
        target: The norm without a penalty, at least 0: 1 for WGAN-GP, 0 for a zero-centred penalty. Defaults to 1.
        one_sided: Whether only norms above `target` are penalised: max(0, ||grad|| - target)^2. Defaults to False.
        every: Applies the term every `every` steps only, and scales it by `every`; see `Penalty`. Defaults to 1.

    Example:

    >>> gan.compile(objective="wasserstein + 10 * gradient_penalty", discriminator_steps=5)

    Reference: [Gulrajani et al., 2017](https://arxiv.org/abs/1704.00028), equation 3.
    """

    def __init__(self, target: float = 1.0, one_sided: bool = False, every: int = 1):
        super().__init__(every)
        check_flag("one_sided", one_sided)
        self.target, self.one_sided = check_number("target", target, 0), one_sided

    def penalty(self, round):
        gradient = round.gradient(self.place(round), round.real_labels, self.name)
        norm = tf.sqrt(squared_norm(gradient) + 1e-12)
        excess = norm - self.target
        return tf.nn.relu(excess) ** 2 if self.one_sided else excess**2

    def place(self, round) -> tf.Tensor:
        """Returns the points x^ at which the gradient is taken: one per real example, and augmented as it is.

        Integer parts of a pair, such as labels, are those of the real example.
        """

        def between(x, y):
            return x + _share(round, x) * (y - x) if x.dtype.is_floating else x

        return keras.tree.map_structure(between, round.real, round.fake)

    def get_config(self):
        return {"target": self.target, "one_sided": self.one_sided, **super().get_config()}


@keras.saving.register_keras_serializable("keras_gan")
class DRAGAN(GradientPenalty):
    """Penalises gradient norms other than `target` in a neighbourhood of the real examples.

    D: (||grad D(x^)||_2 - target)^2, x^ = x + u (c std(x) v), one u ~ U[0, 1) per example, one v ~ U[0, 1) per number

    std(x) is one number: the standard deviation over the global batch.

    Args:
        target: The norm without a penalty, at least 0. Defaults to 1.
        one_sided: Whether only norms above `target` are penalised: max(0, ||grad|| - target)^2. Defaults to False.
        scale: c, the size of the neighbourhood in standard deviations of the batch. Defaults to 0.5.
        every: Applies the term every `every` steps only, and scales it by `every`; see `Penalty`. Defaults to 1.

    Example:

    >>> gan.compile(objective="non_saturating + 10 * dragan")

    Reference: [Kodali et al., 2017](https://arxiv.org/abs/1705.07215), equation 3 and the authors' code.
    """

    def __init__(self, target: float = 1.0, one_sided: bool = False, scale: float = 0.5, every: int = 1):
        super().__init__(target, one_sided, every)
        self.scale = check_number("scale", scale, 0, ends="()")

    def place(self, round):
        def near(x):
            if not x.dtype.is_floating:
                return x
            spread = self.scale * tf.math.reduce_std(gather(x))
            v = tf.cast(round.noise.at("dragan").uniform(sizes(x)), x.dtype)
            return x + _share(round, x) * spread * v

        return keras.tree.map_structure(near, round.real)

    def get_config(self):
        return {**super().get_config(), "scale": self.scale}


@keras.saving.register_keras_serializable("keras_gan")
class R1(Penalty):
    """The zero-centred gradient penalty on real examples.

    D: ||grad D(x)||^2 / 2, so that `10 * R1()` is gamma = 10

    Args:
        every: Applies the term every `every` steps only, and scales it by `every`; see `Penalty`. Defaults to 1.

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

    Args:
        every: Applies the term every `every` steps only, and scales it by `every`; see `Penalty`. Defaults to 1.

    Example:

    >>> gan.compile(objective="relativistic_paired + r1 + r2")

    Reference: [Mescheder et al., 2018](https://arxiv.org/abs/1801.04406), equation 10.
    """

    def penalty(self, round):
        return 0.5 * squared_norm(round.fake_gradient)


def _share(round, x):
    """Returns one u ~ U[0, 1) per example, shaped to multiply with `x`: the same for both parts of a pair."""
    u = round.noise.at("gradient_penalty").uniform((tf.shape(x)[0], *[1] * (x.shape.rank - 1)))
    return tf.cast(u, x.dtype)


def squared_norm(gradient: tf.Tensor | tuple) -> tf.Tensor:
    """Returns the sum of squares over all axes but the first: (N, ...) -> (N,), float32; of pairs over both."""
    parts = [tf.cast(part, tf.float32) for part in keras.tree.flatten(gradient)]
    return sum(tf.reduce_sum(part * part, axis=list(range(1, part.shape.rank))) for part in parts)
