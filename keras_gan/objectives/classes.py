"""Objectives with classes or codes, for which the discriminator is also a classifier."""

import math

import keras
import tensorflow as tf

from keras_gan.ground.arguments import check_count, check_flag, check_number
from keras_gan.ground.replicas import gather
from keras_gan.latents import Codes
from keras_gan.objectives.objective import Objective
from keras_gan.play.round import embedding, named_output

cross_entropy = tf.nn.sparse_softmax_cross_entropy_with_logits


@keras.saving.register_keras_serializable("keras_gan")
class AuxiliaryClassifier(Objective):
    """AC-GAN: the discriminator also classifies, and fakes should be classified as their labels.

    D: -log p(y | x) - log p(y' | G(z, y'))
    G: -log p(y' | G(z, y'))

    p is the softmax of the discriminator's "class_logits", (N, K); `networks.with_head` adds such a head.

    Args:
        on_fake: Whether the discriminator also learns the classes of fakes. Defaults to True.

    Example:

    >>> gan.compile(objective=NonSaturating() + AuxiliaryClassifier())

    Reference: [Odena et al., 2016](https://arxiv.org/abs/1610.09585), equation 3.
    """

    def __init__(self, on_fake: bool = True):
        check_flag("on_fake", on_fake)
        self.on_fake = on_fake

    def discriminator_loss(self, round):
        logits = named_output(round.real_output, "class_logits")
        real = cross_entropy(_labels(round.real_labels, "real", logits), logits)
        return real + self.generator_loss(round) if self.on_fake else real

    def generator_loss(self, round):
        logits = named_output(round.fake_output, "class_logits")
        return cross_entropy(_labels(round.fake_labels, "fake", logits), logits)

    def label_range(self, output):
        return range(named_output(output, "class_logits").shape[-1])

    def get_config(self):
        return {"on_fake": self.on_fake}


@keras.saving.register_keras_serializable("keras_gan")
class SemiSupervised(Objective):
    """A classifier of K classes that learns from few labels, and from unlabelled and generated examples.

    The discriminator returns K logits l; Z = sum_k exp l_k, and D(x) = Z / (Z + 1).

    D: labelled: -l_y + log Z; unlabelled: (-log Z + softplus(log Z)) / 2; fake: softplus(log Z) / 2
    G: softplus(-log Z)

    Labels of -1 mark the unlabelled examples of a batch. The paper trains the generator with `FeatureMatching`:
    `Players(discriminator=SemiSupervised(), generator=FeatureMatching())`. Penalties and logs read log Z. The
    labelled term is the mean over a batch's labelled examples: if they are few, repeat them in every batch. The
    predicted class is the argmax of the discriminator's logits.

    Example:

    >>> gan.compile(objective=Players(discriminator=SemiSupervised(), generator=FeatureMatching()))

    Reference: [Salimans et al., 2016](https://arxiv.org/abs/1606.03498), section 5.
    """

    reads_logits = True

    def discriminator_loss(self, round):
        logits = embedding(round.real_output)
        if logits.shape[1] < 2:
            raise ValueError(f"The discriminator must give a logit per class, (N, K). Received: K={logits.shape[1]}")
        labels = _labels(round.real_labels, "real", logits)
        labelled = cross_entropy(tf.maximum(labels, 0), logits)
        real, fake = self._log_z(round.real_output), self._log_z(round.fake_output)
        unlabelled = 0.5 * (tf.nn.softplus(real) - real)
        known = labels >= 0
        return _mean(labelled, known) + _mean(unlabelled, ~known) + 0.5 * tf.reduce_mean(tf.nn.softplus(gather(fake)))

    def generator_loss(self, round):
        return tf.nn.softplus(-self._log_z(round.fake_output))

    def label_range(self, output):
        return range(-1, embedding(output).shape[-1])

    def critic(self, output, round):
        return self._log_z(output)[:, None]

    def _log_z(self, output):
        return tf.reduce_logsumexp(embedding(output), axis=1)


@keras.saving.register_keras_serializable("keras_gan")
class MutualInformation(Objective):
    """InfoGAN: a head Q of the discriminator predicts the codes from which each fake was made.

    D and G: sum over categorical codes of -log Q(c | G(z, c)) + w times the sum over continuous codes of
    (log v + (c - m)^2 / v + log 2 pi) / 2

    The codes are the last columns of the latents, as `latents.Codes` draws them: one-hot categorical codes, then
    continuous ones. Q is the discriminator's "code", (N, sum of categorical + 2 continuous): logits, then the means m,
    then the logarithms of the variances v. `networks.with_head` adds such a head.

    Args:
        categorical: Number of values of each categorical code, at least 2. Defaults to (10,).
        continuous: Number of continuous codes. Defaults to 2.
        continuous_weight: w, at least 0. Defaults to 0.1.

    Example:

    >>> gan.compile(objective=NonSaturating() + MutualInformation(categorical=(10,), continuous=2))

    Reference: [Chen et al., 2016](https://arxiv.org/abs/1606.03657), equations 5 and 6.
    """

    def __init__(self, categorical: tuple[int, ...] = (10,), continuous: int = 2, continuous_weight: float = 0.1):
        self.categorical = tuple(int(check_count("categorical", count, least=2)) for count in categorical)
        self.continuous = int(check_count("continuous", continuous, least=0))
        self.continuous_weight = check_number("continuous_weight", continuous_weight, 0)
        if not self.categorical and not continuous:
            raise ValueError("`categorical` or `continuous` must define a code. Received: none")

    reads_latents = True

    def discriminator_loss(self, round):
        return self._loss(round)

    def generator_loss(self, round):
        return self._loss(round)

    def _loss(self, round):
        prior = round.prior
        drawn = (prior.categorical, prior.continuous) if isinstance(prior, Codes) else ((), 0)
        if round.prior is not None and drawn != (self.categorical, self.continuous):
            raise ValueError(
                f"`latents` must be `Codes(..., categorical={self.categorical}, continuous={self.continuous})`, the "
                f"codes that the objective reads. Received: latents={round.prior!r}"
            )
        width = sum(self.categorical) + self.continuous
        codes, predicted = round.latents[:, -width:], named_output(round.fake_output, "code")
        wanted = (round.latents.shape[0], width + self.continuous)
        if not predicted.shape.is_compatible_with(wanted) or round.latents.shape[1] < width:
            raise ValueError(
                f"`code` must have the shape {wanted}, and latents at least the width {width}, for "
                f"{self.categorical} categorical and {self.continuous} continuous codes, without packing. "
                f"Received: {tuple(predicted.shape)} and {tuple(round.latents.shape)}"
            )
        sizes = [*self.categorical, self.continuous]
        *classes, c = tf.split(codes, sizes, axis=1)
        *logits, mean, log_variance = tf.split(predicted, [*sizes, self.continuous], axis=1)
        loss = tf.zeros(tf.shape(predicted)[:1])
        for one_hot, logit in zip(classes, logits, strict=True):
            loss += tf.nn.softmax_cross_entropy_with_logits(one_hot, logit)
        nll = 0.5 * (log_variance + (c - mean) ** 2 * tf.exp(-log_variance) + math.log(2 * math.pi))
        return loss + self.continuous_weight * tf.reduce_sum(nll, axis=1)

    def get_config(self):
        return {
            "categorical": self.categorical,
            "continuous": self.continuous,
            "continuous_weight": self.continuous_weight,
        }


def _mean(values, mask):
    """Returns the mean of `values` where `mask`, over the global batch; 0 if there are none."""
    mask = tf.cast(gather(mask), values.dtype)
    return tf.math.divide_no_nan(tf.reduce_sum(gather(values) * mask), tf.reduce_sum(mask))


def _labels(labels, which, logits):
    if labels is None:
        raise ValueError(f"The round must have `{which}_labels` for this objective: train on pairs. Received: None")
    labels = tf.cast(labels, tf.int32)
    if labels.shape.rank != 1 or not labels.shape.is_compatible_with(logits.shape[:1]):
        raise ValueError(
            "The labels must be integers (N,), one per output of the discriminator; packing must be 1. "
            f"Received: labels of shape {tuple(labels.shape)}, outputs of shape {tuple(logits.shape)}"
        )
    return labels
