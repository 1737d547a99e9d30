"""The discriminator as a classifier of real and fake, with smoothed and flipped labels."""

import keras
import tensorflow as tf

from keras_gan.ground.arguments import check_number
from keras_gan.objectives.adversarial import Adversarial

softplus = tf.nn.softplus


class Logistic(Adversarial):
    """Cross-entropy of sigmoid(score) with targets that may be soft, noisy and flipped.

    Args:
        label_smoothing: s in [0, 1). The target on real is 1 - s (one-sided smoothing, Salimans 2016). A pair
            `(low, high)` draws s ~ U[low, high) for each example.
        fake_smoothing: The target on fake, likewise; 0 in the papers.
        label_flip: The share of real and of fake examples, in [0, 0.5), that get the target of the other kind.

    In evaluation, targets are the mean of their range and no target is flipped.
    """

    def __init__(
        self,
        label_smoothing: float | tuple[float, float] = 0.0,
        fake_smoothing: float | tuple[float, float] = 0.0,
        label_flip: float = 0.0,
    ):
        self.label_smoothing = _check_range("label_smoothing", label_smoothing)
        self.fake_smoothing = _check_range("fake_smoothing", fake_smoothing)
        self.label_flip = check_number("label_flip", label_flip, 0, 0.5)

    def discriminator_loss(self, round):
        r, f = self.both(round)
        real, fake = self._targets(tf.shape(r)[0], round)
        # -t log sigmoid(s) - (1 - t) log sigmoid(-s) = softplus(-s) + (1 - t) s = softplus(s) - t s
        return tf.reduce_mean(softplus(-r) + (1 - real) * r + softplus(f) - fake * f, axis=1)

    def _targets(self, count, round):
        """Returns the discriminator's targets for real and for fake: numbers, or (N, 1)."""
        real = 1 - self._smoothing(self.label_smoothing, count, round, "real")
        fake = self._smoothing(self.fake_smoothing, count, round, "fake")
        if not (self.label_flip and round.training):
            return real, fake
        flips = round.noise.at("label_flip").uniform((count, 2)) < self.label_flip
        return tf.where(flips[:, :1], fake, real), tf.where(flips[:, 1:], real, fake)

    def _smoothing(self, given, count, round, name):
        if not isinstance(given, tuple):
            return given
        if not round.training:
            return sum(given) / 2
        return round.noise.at("label_smoothing", name).uniform((count, 1), *given)

    def get_config(self):
        return {name: getattr(self, name) for name in ("label_smoothing", "fake_smoothing", "label_flip")}


@keras.saving.register_keras_serializable("keras_gan")
class Minimax(Logistic):
    """The zero-sum game of the 2014 paper, with D = sigmoid(score).

    D: -log D(x) - log(1 - D(G(z))) = softplus(-r) + softplus(f)
    G: log(1 - D(G(z))) = -softplus(f)

    The generator's gradient vanishes where the discriminator is certain; `NonSaturating` has the same fixed point.

    Args:
        label_smoothing: s in [0, 1), or a range `(low, high)`: the target on real is 1 - s.
        fake_smoothing: The target on fake: in [0, 1), or a range.
        label_flip: The share of targets that is flipped, in [0, 0.5).

    Example:

    >>> gan.compile(objective=Minimax(label_smoothing=0.1))

    Reference: [Goodfellow et al., 2014](https://arxiv.org/abs/1406.2661), equation 1.
    """

    def on_scores_generator(self, r, f):
        return -softplus(f)


@keras.saving.register_keras_serializable("keras_gan")
class NonSaturating(Logistic):
    """The non-saturating loss of the 2014 paper: the generator maximises log D(G(z)).

    D: softplus(-r) + softplus(f)
    G: -log D(G(z)) = softplus(-f)

    Args:
        label_smoothing: s in [0, 1), or a range `(low, high)`: the target on real is 1 - s.
        fake_smoothing: The target on fake: in [0, 1), or a range.
        label_flip: The share of targets that is flipped, in [0, 0.5).

    Example:

    >>> gan.compile(objective="non_saturating(label_smoothing=(0.0, 0.3), label_flip=0.05)")

    Reference: [Goodfellow et al., 2014](https://arxiv.org/abs/1406.2661), section 3.
    """

    def on_scores_generator(self, r, f):
        return softplus(-f)


@keras.saving.register_keras_serializable("keras_gan")
class BoundarySeeking(Logistic):
    """The boundary-seeking loss: the generator moves fakes to where the discriminator is undecided.

    D: softplus(-r) + softplus(f)
    G: (log D(G(z)) - log(1 - D(G(z))))^2 / 2 = f^2 / 2

    Args:
        label_smoothing: s in [0, 1), or a range `(low, high)`: the target on real is 1 - s.
        fake_smoothing: The target on fake: in [0, 1), or a range.
        label_flip: The share of targets that is flipped, in [0, 0.5).

    Example:

    >>> gan.compile(objective="boundary_seeking")

    Reference: [Hjelm et al., 2017](https://arxiv.org/abs/1702.08431), section 3 (continuous variables).
    """

    def on_scores_generator(self, r, f):
        return 0.5 * f**2


def _check_range(name, value):
    if not isinstance(value, list | tuple):
        return check_number(name, value, 0, 1)
    pair = tuple(check_number(name, v, 0, 1) for v in value)
    if len(pair) != 2 or pair[0] > pair[1]:
        raise ValueError(f"`{name}` must be in [0, 1), or a range (low, high) within [0, 1). Received: {name}={value}")
    return pair
