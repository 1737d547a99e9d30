"""Adversarial losses on the discriminator's scores: r on real, f on fake, logits or unbounded."""

import abc
import math

import keras
import tensorflow as tf

from keras_gan.objectives.objective import Objective

softplus, relu = tf.nn.softplus, tf.nn.relu


class Adversarial(Objective):
    """A loss a score. A subclass writes the paper's two equations; patches are averaged here."""

    @abc.abstractmethod
    def on_scores_discriminator(self, r: tf.Tensor, f: tf.Tensor) -> tf.Tensor:
        """The discriminator's loss at scores `r` on real and `f` on fake, both (N, patches)."""

    @abc.abstractmethod
    def on_scores_generator(self, r: tf.Tensor | None, f: tf.Tensor) -> tf.Tensor:
        """The generator's loss; `r` is None unless `generator_sees_real`."""

    def discriminator_loss(self, round):
        r, f = round.real_scores, round.fake_scores
        _check_same(r, f)
        return tf.reduce_mean(self.on_scores_discriminator(r, f), axis=1)

    def generator_loss(self, round):
        r, f = (round.real_scores if self.generator_sees_real else None), round.fake_scores
        if r is not None:
            _check_same(r, f)
        return tf.reduce_mean(self.on_scores_generator(r, f), axis=1)


class _Logistic(Adversarial):
    """The discriminator as a classifier, and one-sided label smoothing."""

    def __init__(self, label_smoothing: float = 0.0):
        if not 0 <= label_smoothing < 1:
            raise ValueError(f"`label_smoothing` must be in [0, 1). Received: label_smoothing={label_smoothing}")
        self.label_smoothing = label_smoothing

    def on_scores_discriminator(self, r, f):
        # target (1 - s) on real: (1 - s) softplus(-r) + s softplus(r) = softplus(-r) + s r
        return softplus(-r) + self.label_smoothing * r + softplus(f)

    def get_config(self):
        return {"label_smoothing": self.label_smoothing}


@keras.saving.register_keras_serializable("keras_gan")
class Minimax(_Logistic):
    """The zero-sum game of the 2014 paper, with D = sigmoid(score).

    D: -log D(x) - log(1 - D(G(z))) = softplus(-r) + softplus(f)
    G: log(1 - D(G(z))) = -softplus(f)

    Its generator has no gradient where the discriminator is sure; `NonSaturating` has the same fixed point.

    Args:
        label_smoothing: In [0, 1). The target on real is `1 - label_smoothing`, on fake it stays 0 (Salimans 2016).

    Example:

    >>> gan.compile(objective=Minimax(label_smoothing=0.1))

    Reference: [Goodfellow et al., 2014](https://arxiv.org/abs/1406.2661), equation 1.
    """

    def on_scores_generator(self, r, f):
        return -softplus(f)


@keras.saving.register_keras_serializable("keras_gan")
class NonSaturating(_Logistic):
    """The game that is played in practice: the generator maximises log D(G(z)).

    D: softplus(-r) + softplus(f)
    G: -log D(G(z)) = softplus(-f)

    Args:
        label_smoothing: In [0, 1). The target on real is `1 - label_smoothing`, on fake it stays 0 (Salimans 2016).

    Example:

    >>> gan.compile(objective="non_saturating")

    Reference: [Goodfellow et al., 2014](https://arxiv.org/abs/1406.2661), section 3.
    """

    def on_scores_generator(self, r, f):
        return softplus(-f)


@keras.saving.register_keras_serializable("keras_gan")
class LeastSquares(Adversarial):
    """Regression of the scores on targets.

    D: (r - b)^2 / 2 + (f - a)^2 / 2
    G: (f - c)^2 / 2

    With b - c = 1 and b - a = 2 the generator minimises the Pearson chi-squared divergence.

    Args:
        a: The discriminator's target on fake.
        b: The discriminator's target on real.
        c: The generator's target on fake.

    Example:

    >>> gan.compile(objective="least_squares(a=-1, b=1, c=0)")

    Reference: [Mao et al., 2017](https://arxiv.org/abs/1611.04076), equations 2 and 9.
    """

    def __init__(self, a: float = 0.0, b: float = 1.0, c: float = 1.0):
        for name, value in (("a", a), ("b", b), ("c", c)):
            if isinstance(value, str) or not math.isfinite(value):
                raise ValueError(f"`{name}` must be a finite number. Received: {name}={value!r}")
        self.a, self.b, self.c = a, b, c

    def on_scores_discriminator(self, r, f):
        return 0.5 * (r - self.b) ** 2 + 0.5 * (f - self.a) ** 2

    def on_scores_generator(self, r, f):
        return 0.5 * (f - self.c) ** 2

    def get_config(self):
        return {"a": self.a, "b": self.b, "c": self.c}


@keras.saving.register_keras_serializable("keras_gan")
class Wasserstein(Adversarial):
    """The dual of the earth mover's distance, for a critic held Lipschitz by `GradientPenalty` or `ClipWeights`.

    D: f - r
    G: -f

    Example:

    >>> gan.compile(objective="wasserstein + 10 * gradient_penalty", discriminator_steps=5)

    Reference: [Arjovsky et al., 2017](https://arxiv.org/abs/1701.07875), equation 2 and algorithm 1.
    """

    def on_scores_discriminator(self, r, f):
        return f - r

    def on_scores_generator(self, r, f):
        return -f


@keras.saving.register_keras_serializable("keras_gan")
class Hinge(Adversarial):
    """The margin loss of SNGAN and BigGAN.

    D: max(0, 1 - r) + max(0, 1 + f)
    G: -f

    Example:

    >>> gan.compile(objective="hinge")

    Reference: [Lim & Ye, 2017](https://arxiv.org/abs/1705.02894); [Miyato et al., 2018](https://arxiv.org/abs/1802.05957),
    equations 16 and 17.
    """

    def on_scores_discriminator(self, r, f):
        return relu(1 - r) + relu(1 + f)

    def on_scores_generator(self, r, f):
        return -f


@keras.saving.register_keras_serializable("keras_gan")
class RelativisticPaired(Adversarial):
    """Each real example is compared with one fake: is it the more real of the two?

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


def _check_same(r, f):
    if not r.shape.is_compatible_with(f.shape):
        raise ValueError(
            "The discriminator's outputs on real and on fake must have the same shape. "
            f"Received: {tuple(r.shape)} on real, {tuple(f.shape)} on fake, as (examples, patches)"
        )
