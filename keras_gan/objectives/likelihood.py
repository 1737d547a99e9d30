"""Objectives of variational autoencoders: likelihoods of examples, and the divergence of codes from their prior."""

import math

import keras
import tensorflow as tf

from keras_gan.ground.arguments import check_number
from keras_gan.objectives.named import NamedTerm, check_name, per_example


@keras.saving.register_keras_serializable("keras_gan")
class GaussianDivergence(NamedTerm):
    """The divergence of a normal distribution of codes from the standard normal distribution, in nats.

    KL(N(mean, exp(log_variance)) || N(0, I)) = 1/2 sum (mean^2 + exp(log_variance) - 1 - log_variance)

    The sum runs over all numbers of a code.

    Args:
        mean: The name of the means (N, ...).
        log_variance: The name of the logarithms of the variances, of the same shape.
        side: The side that minimises the term. Defaults to `"generator"`.

    Example:

    >>> objective = BernoulliLikelihood("x", "logits") + GaussianDivergence("code.mean", "code.log_variance")

    Reference: [Kingma & Welling, 2014](https://arxiv.org/abs/1312.6114), appendix B.
    """

    def __init__(self, mean: str, log_variance: str, side: str = "generator"):
        super().__init__(side)
        self.mean, self.log_variance = check_name("mean", mean), check_name("log_variance", log_variance)

    @property
    def reads(self):
        return (self.mean, self.log_variance)

    def measure(self, mean, log_variance):
        self.check_shapes(mean, log_variance)
        return 0.5 * per_example(mean**2 + tf.exp(log_variance) - 1 - log_variance, tf.reduce_sum)

    def get_config(self):
        return {"mean": self.mean, "log_variance": self.log_variance, **super().get_config()}


@keras.saving.register_keras_serializable("keras_gan")
class BernoulliLikelihood(NamedTerm):
    """The negative log-likelihood of numbers in [0, 1] under independent Bernoulli distributions, in nats.

    -sum (x log p + (1 - x) log(1 - p)), p = sigmoid(logits)

    The sum runs over all numbers of an example: a mean would change the weight relative to the divergence.

    Args:
        x: The name of examples in [0, 1].
        logits: The name of logits of the same shape.
        side: The side that minimises the term. Defaults to `"generator"`.

    Example:

    >>> objective = BernoulliLikelihood("x", "logits") + GaussianDivergence("code.mean", "code.log_variance")

    Reference: [Kingma & Welling, 2014](https://arxiv.org/abs/1312.6114), appendix C.1.
    """

    def __init__(self, x: str, logits: str, side: str = "generator"):
        super().__init__(side)
        self.x, self.logits = check_name("x", x), check_name("logits", logits)

    @property
    def reads(self):
        return (self.x, self.logits)

    @property
    def reads_as_logits(self):
        return (self.logits,)

    def limits(self, shapes):
        return {self.x: (0, 1)}

    def measure(self, x, logits):
        self.check_shapes(x, logits)
        return per_example(tf.nn.sigmoid_cross_entropy_with_logits(x, logits), tf.reduce_sum)

    def get_config(self):
        return {"x": self.x, "logits": self.logits, **super().get_config()}


@keras.saving.register_keras_serializable("keras_gan")
class GaussianLikelihood(NamedTerm):
    """The negative log-likelihood of numbers under independent normal distributions, in nats.

    sum ((x - mean)^2 / (2 sigma^2) + log(sigma) + log(2 pi) / 2)

    Args:
        x: The name of examples.
        mean: The name of the means, of the same shape.
        sigma: The standard deviation, above 0. Defaults to 1.
        side: The side that minimises the term. Defaults to `"generator"`.

    Example:

    >>> objective = GaussianLikelihood("x", "decoded", sigma=0.1) + GaussianDivergence("code.mean", "code.log_variance")

    Reference: [Kingma & Welling, 2014](https://arxiv.org/abs/1312.6114), appendix C.2.
    """

    def __init__(self, x: str, mean: str, sigma: float = 1.0, side: str = "generator"):
        super().__init__(side)
        self.x, self.mean = check_name("x", x), check_name("mean", mean)
        self.sigma = check_number("sigma", sigma, 0, ends="()")

    @property
    def reads(self):
        return (self.x, self.mean)

    def measure(self, x, mean):
        self.check_shapes(x, mean)
        squares = (x - mean) ** 2 / (2 * self.sigma**2) + math.log(self.sigma) + 0.5 * math.log(2 * math.pi)
        return per_example(squares, tf.reduce_sum)

    def get_config(self):
        return {"x": self.x, "mean": self.mean, "sigma": self.sigma, **super().get_config()}
