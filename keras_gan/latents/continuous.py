"""Continuous latents: normal, uniform, on a sphere, truncated; and constants."""

import math

import keras
import numpy as np
import tensorflow as tf

from keras_gan.ground.arguments import check_number
from keras_gan.latents.prior import Latents, Prior


@keras.saving.register_keras_serializable("keras_gan")
class Normal(Latents):
    """z ~ N(0, I).

    Args:
        dim: The number of latent dimensions, at least 1.

    Example:

    >>> from keras_gan.noise import Noise
    >>> Normal(64).draw(16, Noise((0, "example"))).shape
    TensorShape([16, 64])
    """

    def draw(self, count, noise):
        return noise.normal((count, self.dim))

    def expectation(self):
        return np.zeros(self.dim, "float32")


@keras.saving.register_keras_serializable("keras_gan")
class Uniform(Latents):
    """z ~ U[low, high) in each dimension.

    Args:
        dim: The number of latent dimensions, at least 1.
        low: The lower bound. Defaults to -1; `-math.sqrt(3)` and `math.sqrt(3)` give unit variance, as in the 2014
            paper's code.
        high: The upper bound, above `low`. Defaults to 1.

    Example:

    >>> from keras_gan.noise import Noise
    >>> Uniform(2, low=0.0).draw(3, Noise((0, "example"))).shape
    TensorShape([3, 2])
    """

    def __init__(self, dim: int, low: float = -1.0, high: float = 1.0):
        super().__init__(dim)
        self.low = check_number("low", low)
        self.high = check_number("high", high)
        if self.high <= self.low:
            raise ValueError(f"`high` must be above `low`. Received: low={low!r}, high={high!r}")

    def draw(self, count, noise):
        z = noise.uniform((count, self.dim), self.low, self.high)
        return tf.minimum(z, np.nextafter(np.float32(self.high), np.float32(self.low)))  # rounding may reach `high`

    def expectation(self):
        return np.full(self.dim, (self.low + self.high) / 2, "float32")

    def get_config(self):
        return {"dim": self.dim, "low": self.low, "high": self.high}


@keras.saving.register_keras_serializable("keras_gan")
class Sphere(Latents):
    """z uniform on the sphere of radius sqrt(dim): z = sqrt(dim) x / ||x||, x ~ N(0, I). E z_i^2 = 1, as for `Normal`.

    Args:
        dim: The number of latent dimensions, at least 1.

    Example:

    >>> from keras_gan.noise import Noise
    >>> z = Sphere(4).draw(3, Noise((0, "example")))
    >>> np.round(np.linalg.norm(z, axis=1), 5).tolist()
    [2.0, 2.0, 2.0]

    Reference: [White, 2016](https://arxiv.org/abs/1609.04468), sampling generative networks.
    """

    def draw(self, count, noise):
        x = noise.normal((count, self.dim))
        return math.sqrt(self.dim) * x * tf.math.rsqrt(tf.reduce_sum(x * x, axis=1, keepdims=True) + 1e-12)

    def expectation(self):
        return np.zeros(self.dim, "float32")


@keras.saving.register_keras_serializable("keras_gan")
class TruncatedNormal(Latents):
    """z ~ N(0, I) given that every |z_i| <= threshold: less variety, and more typical examples.

    q = F(-threshold) + (1/2 - F(-threshold)) (1 - |v|), v ~ U(-1, 1), z = -sign(v) F^-1(q), F the normal CDF

    Nothing is rejected: each dimension takes one draw. Train the game with `Normal`, and draw from this prior to
    generate.

    Args:
        dim: The number of latent dimensions, at least 1.
        threshold: Above 0; smaller thresholds give more similar examples. A scalar tensor is not checked. Defaults to
            2.

    Example:

    >>> from keras_gan.noise import Noise
    >>> z = TruncatedNormal(64, threshold=0.5).draw(16, Noise((0, "example")))
    >>> bool(tf.reduce_max(tf.abs(z)) <= 0.5)
    True

    Reference: [Brock et al., 2019](https://arxiv.org/abs/1809.11096), section 3.1.
    """

    def __init__(self, dim: int, threshold: float | tf.Tensor = 2.0):
        super().__init__(dim)
        self.threshold = threshold if tf.is_tensor(threshold) else check_number("threshold", threshold, 0, ends="()")

    def draw(self, count, noise):
        v = 2 * noise.uniform((count, self.dim)) - (1 - 2.0**-24)  # exact, and never 0: both signs are equally likely
        tail = 0.5 * tf.math.erfc(self.threshold / math.sqrt(2))
        # the lower tail, where float32 is fine: near 1, F would be rounded to it
        z = -tf.sign(v) * tf.math.ndtri(tail + (0.5 - tail) * (1 - tf.abs(v)))
        return tf.clip_by_value(z, -self.threshold, self.threshold)

    def expectation(self):
        return np.zeros(self.dim, "float32")

    def get_config(self):
        return {"dim": self.dim, "threshold": self.threshold}


@keras.saving.register_keras_serializable("keras_gan")
class Constant(Prior):
    """The same number for each example, (count, 1) float32: the input of a player unless another is given.

    Args:
        value: The number. Defaults to 1.

    Example:

    >>> from keras_gan.noise import Noise
    >>> Constant(0.5).draw(2, Noise((0, "example"))).numpy().tolist()
    [[0.5], [0.5]]
    """

    def __init__(self, value: float = 1.0):
        self.value = check_number("value", value)

    def draw(self, count, noise):
        del noise
        return tf.fill((count, 1), self.value)

    def get_config(self):
        return {"value": self.value}
