"""Adversarial losses on the discriminator's scores: r on real, f on fake, logits or unbounded."""

import abc

import keras
import tensorflow as tf

from keras_gan.ground.arguments import check_number
from keras_gan.ground.replicas import gather
from keras_gan.ground.shapes import sizes
from keras_gan.objectives.objective import Objective
from keras_gan.play.round import Round

relu = tf.nn.relu


class Adversarial(Objective, abc.ABC):
    """The base class of losses per score, which a subclass defines; the loss of an example is the mean over patches."""

    reads_logits = True

    def on_scores_discriminator(self, r: tf.Tensor, f: tf.Tensor) -> tf.Tensor:
        """Returns the discriminator's loss at scores `r` on real and `f` on fake, both (N, patches).

        A subclass that overrides `discriminator_loss` does not need it.
        """
        raise NotImplementedError(
            f"`{type(self).__name__}` must define `on_scores_discriminator` or `discriminator_loss`. Received: neither"
        )

    @abc.abstractmethod
    def on_scores_generator(self, r: tf.Tensor | None, f: tf.Tensor) -> tf.Tensor:
        """Returns the generator's loss; `r` is None unless `generator_sees_real`."""

    def discriminator_loss(self, round):
        return tf.reduce_mean(self.on_scores_discriminator(*self.both(round)), axis=1)

    def generator_loss(self, round):
        r, f = self.both(round) if self.generator_sees_real else (None, round.fake_scores)
        return tf.reduce_mean(self.on_scores_generator(r, f), axis=1)

    def both(self, round: Round) -> tuple[tf.Tensor, tf.Tensor]:
        """Returns the scores on real and on fake, checked to have one shape."""
        r, f = round.real_scores, round.fake_scores
        if not r.shape.is_compatible_with(f.shape):
            raise ValueError(
                "The discriminator's outputs on real and on fake must have the same shape. "
                f"Received: {tuple(r.shape)} on real, {tuple(f.shape)} on fake, as (examples, patches)"
            )
        return r, f


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
        self.a, self.b, self.c = check_number("a", a), check_number("b", b), check_number("c", c)

    def on_scores_discriminator(self, r, f):
        return 0.5 * (r - self.b) ** 2 + 0.5 * (f - self.a) ** 2

    def on_scores_generator(self, r, f):
        return 0.5 * (f - self.c) ** 2

    def boundary(self, real, fake):
        return 0.5 * (self.a + self.b)

    def get_config(self):
        return {"a": self.a, "b": self.b, "c": self.c}


@keras.saving.register_keras_serializable("keras_gan")
class Wasserstein(Adversarial):
    """The dual of the earth mover's distance, for a critic that `GradientPenalty` or `ClipWeights` keeps Lipschitz.

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

    def boundary(self, real, fake):
        return midway(real, fake)


@keras.saving.register_keras_serializable("keras_gan")
class Hinge(Adversarial):
    """The margin loss of SNGAN and BigGAN.

    D: max(0, u - r) + max(0, v + f), u = v = 1, or u, v ~ U[1 - smoothing, 1) for each score
    G: -f

    Args:
        smoothing: Width of the interval of random margins, in [0, 1]. Defaults to 0, fixed margins. FastGAN's code
            uses 0.2.

    Example:

    >>> gan.compile(objective="hinge")

    Reference: [Lim & Ye, 2017](https://arxiv.org/abs/1705.02894); [Miyato et al., 2018](https://arxiv.org/abs/1802.05957),
    equations 16 and 17.
    """

    def __init__(self, smoothing: float = 0.0):
        self.smoothing = check_number("smoothing", smoothing, 0, 1, ends="[]")

    def discriminator_loss(self, round):
        if not self.smoothing or not round.training:
            return super().discriminator_loss(round)
        r, f = self.both(round)
        noise = round.noise.at("hinge")
        u, v = (1 - self.smoothing * noise.at(kind).uniform(sizes(x)) for kind, x in (("real", r), ("fake", f)))
        return tf.reduce_mean(relu(u - r) + relu(v + f), axis=1)

    def on_scores_discriminator(self, r, f):
        return relu(1 - r) + relu(1 + f)

    def on_scores_generator(self, r, f):
        return -f

    def get_config(self):
        return {"smoothing": self.smoothing}


def midway(real: tf.Tensor, fake: tf.Tensor) -> tf.Tensor:
    """Returns the boundary of losses that depend on differences of scores alone: midway between the batch's means."""
    return 0.5 * (tf.reduce_mean(gather(real)) + tf.reduce_mean(gather(fake)))
