"""What a generator is fed: priors of latents and of labels, and walks between two latents."""

import abc
import math
from collections.abc import Sequence

import keras
import numpy as np
import tensorflow as tf

from keras_gan.arguments import check_count, check_shape
from keras_gan.noise import Noise


class Prior(abc.ABC):
    """A distribution that the GAN draws from: `draw(count, noise)`, and a config."""

    @abc.abstractmethod
    def draw(self, count: int | tf.Tensor, noise: Noise) -> tf.Tensor:
        """Draws `count` examples at the address `noise`."""

    @abc.abstractmethod
    def get_config(self) -> dict:
        """The arguments of the constructor."""

    @classmethod
    def from_config(cls, config: dict) -> "Prior":
        return cls(**config)

    def __eq__(self, other):
        return type(self) is type(other) and self.get_config() == other.get_config()

    def __hash__(self):
        return hash(repr(self))

    def __repr__(self):
        arguments = ", ".join(f"{name}={value!r}" for name, value in self.get_config().items())
        return f"{type(self).__name__}({arguments})"


class Latents(Prior):
    """A prior of latents of shape `(count, dim)`, float32.

    Args:
        dim: The number of latent dimensions, at least 1.
    """

    def __init__(self, dim: int):
        self.dim = int(check_count("dim", dim))

    def get_config(self) -> dict:
        return {"dim": self.dim}


@keras.saving.register_keras_serializable("keras_gan")
class Normal(Latents):
    """z ~ N(0, I).

    Args:
        dim: The number of latent dimensions, at least 1.

    Example:

    >>> Normal(64).draw(16, Noise((0, "example"))).shape
    TensorShape([16, 64])
    """

    def draw(self, count, noise):
        return noise.normal((count, self.dim))


@keras.saving.register_keras_serializable("keras_gan")
class Uniform(Latents):
    """z ~ U[low, high) in each dimension.

    Args:
        dim: The number of latent dimensions, at least 1.
        low: The lower bound. `-math.sqrt(3)` and `math.sqrt(3)` give unit variance, as in the 2014 paper's code.
        high: The upper bound, above `low`.

    Example:

    >>> Uniform(2, low=0.0).draw(3, Noise((0, "example"))).shape
    TensorShape([3, 2])
    """

    def __init__(self, dim: int, low: float = -1.0, high: float = 1.0):
        super().__init__(dim)
        if not (math.isfinite(low) and math.isfinite(high) and low < high):
            raise ValueError(f"`low` must be finite and below `high`. Received: low={low}, high={high}")
        self.low, self.high = float(low), float(high)

    def draw(self, count, noise):
        z = noise.uniform((count, self.dim), self.low, self.high)
        return tf.minimum(z, np.nextafter(np.float32(self.high), np.float32(self.low)))  # rounding may reach `high`

    def get_config(self):
        return {"dim": self.dim, "low": self.low, "high": self.high}


@keras.saving.register_keras_serializable("keras_gan")
class Sphere(Latents):
    """z uniform on the sphere of radius sqrt(dim): z = sqrt(dim) x / ||x||, x ~ N(0, I). E z_i^2 = 1, as for `Normal`.

    Args:
        dim: The number of latent dimensions, at least 1.

    Example:

    >>> z = Sphere(4).draw(3, Noise((0, "example")))
    >>> np.round(np.linalg.norm(z, axis=1), 5).tolist()
    [2.0, 2.0, 2.0]

    Reference: [White, 2016](https://arxiv.org/abs/1609.04468), sampling generative networks.
    """

    def draw(self, count, noise):
        x = noise.normal((count, self.dim))
        return math.sqrt(self.dim) * x * tf.math.rsqrt(tf.reduce_sum(x * x, axis=1, keepdims=True) + 1e-12)


@keras.saving.register_keras_serializable("keras_gan")
class TruncatedNormal(Latents):
    """z ~ N(0, I) given that every |z_i| <= threshold: less variety, of more typical examples.

    q = F(-threshold) + (1/2 - F(-threshold)) (1 - |v|), v ~ U(-1, 1), z = -sign(v) F^-1(q), F the normal CDF

    Nothing is rejected: each dimension takes one draw. The game is trained with `Normal`, its generator then fed with
    this.

    Args:
        dim: The number of latent dimensions, at least 1.
        threshold: Above 0. The smaller, the more alike are the examples.

    Example:

    >>> z = TruncatedNormal(64, threshold=0.5).draw(16, Noise((0, "example")))
    >>> bool(tf.reduce_max(tf.abs(z)) <= 0.5)
    True

    Reference: [Brock et al., 2019](https://arxiv.org/abs/1809.11096), section 3.1.
    """

    def __init__(self, dim: int, threshold: float = 2.0):
        super().__init__(dim)
        if not 0 < threshold < math.inf:
            raise ValueError(f"`threshold` must be finite and above 0. Received: threshold={threshold!r}")
        self.threshold = float(threshold)

    def draw(self, count, noise):
        v = 2 * noise.uniform((count, self.dim)) - (1 - 2.0**-24)  # exact, never 0: both signs as often
        tail = 0.5 * math.erfc(self.threshold / math.sqrt(2))
        # the lower tail, where float32 is fine: near 1, F would be rounded to it
        z = -tf.sign(v) * tf.math.ndtri(tail + (0.5 - tail) * (1 - tf.abs(v)))
        return tf.clip_by_value(z, -self.threshold, self.threshold)

    def get_config(self):
        return {"dim": self.dim, "threshold": self.threshold}


@keras.saving.register_keras_serializable("keras_gan")
class Codes(Latents):
    """InfoGAN's latents: z = [noise | a one-hot code for each categorical | continuous codes].

    noise ~ N(0, I), categorical c_i uniform over its K_i classes, continuous ~ U(-1, 1); all independent

    Args:
        noise: The number of dimensions without a meaning, at least 0.
        categorical: The number of classes of each categorical code, at least 2 each; may be empty.
        continuous: The number of continuous codes, at least 0.

    Attributes:
        parts: A list of (name, slice) of what z is made of, in order: `"noise"`, `"categorical_0"`, ...,
            `"continuous"`; empty ones are left out.

    Example:

    >>> codes = Codes(noise=62, categorical=(10,), continuous=2)
    >>> codes.dim
    74
    >>> codes.parts
    [('noise', slice(0, 62, None)), ('categorical_0', slice(62, 72, None)), ('continuous', slice(72, 74, None))]

    Reference: [Chen et al., 2016](https://arxiv.org/abs/1606.03657), InfoGAN, sections 4 and 7.2.
    """

    def __init__(self, noise: int = 62, categorical: Sequence[int] = (10,), continuous: int = 2):
        for name, value in (("noise", noise), ("continuous", continuous)):
            if value != 0 or isinstance(value, bool):
                check_count(name, value)
        sizes = check_shape("categorical", categorical)
        if 1 in sizes:
            raise ValueError(f"`categorical` must have at least 2 classes each. Received: categorical={categorical!r}")
        self.noise, self.categorical, self.continuous = int(noise), sizes, int(continuous)
        if self.noise + sum(sizes) + self.continuous == 0:
            raise ValueError("One of `noise`, `categorical` and `continuous` must be there. Received: none")
        super().__init__(self.noise + sum(sizes) + self.continuous)

    @property
    def parts(self) -> list[tuple[str, slice]]:
        """The name and place of each part of z."""
        classes = [(f"categorical_{i}", size) for i, size in enumerate(self.categorical)]
        parts, start = [], 0
        for name, size in [("noise", self.noise), *classes, ("continuous", self.continuous)]:
            parts.append((name, slice(start, start + size)))
            start += size
        return [(name, place) for name, place in parts if place.start < place.stop]

    def draw(self, count, noise):
        z = [noise.at("noise").normal((count, self.noise))]
        for i, size in enumerate(self.categorical):
            z.append(tf.one_hot(noise.at("categorical", i).categorical(count, [1 / size] * size), size))
        z.append(noise.at("continuous").uniform((count, self.continuous), -1.0, 1.0))
        return tf.concat(z, axis=1)

    def get_config(self):
        return {"noise": self.noise, "categorical": self.categorical, "continuous": self.continuous}


@keras.saving.register_keras_serializable("keras_gan")
class Categorical(Prior):
    """Labels: integers 0..K-1 with the given probabilities.

    Args:
        probabilities: K non-negative numbers that sum to 1.

    Example:

    >>> Categorical([0.5, 0.5, 0.0]).draw(5, Noise((0, "example"))).dtype
    tf.int32
    """

    def __init__(self, probabilities):
        values = np.asarray(probabilities, "float64")
        if values.ndim != 1 or not len(values) or not np.all(values >= 0) or abs(values.sum() - 1) > 1e-6:
            raise ValueError(
                "`probabilities` must be a list of non-negative numbers that sum to 1. "
                f"Received: probabilities={probabilities!r}"
            )
        self.probabilities = values.tolist()

    @classmethod
    def uniform(cls, count: int) -> "Categorical":
        """The prior of `count` equally likely labels."""
        return cls([1 / check_count("count", count)] * count)

    @property
    def count(self) -> int:
        """K, the number of labels."""
        return len(self.probabilities)

    def draw(self, count, noise):
        return noise.categorical(count, self.probabilities)

    def get_config(self):
        return {"probabilities": self.probabilities}


def get_latents(value: Latents | int) -> Latents:
    """A `Latents` from itself or from a number of dimensions (standard normal)."""
    if isinstance(value, Latents):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return Normal(value)
    raise ValueError(f"`latents` must be a `Latents` or a number of dimensions. Received: latents={value!r}")


def get_labels(value: Prior | int | None) -> Prior | None:
    """A prior of labels from itself, from a number of equally likely labels, or None."""
    if value is None or (isinstance(value, Prior) and not isinstance(value, Latents)):
        return value
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return Categorical.uniform(value)
    raise ValueError(f"`labels` must be a positive count, a prior of labels or None. Received: labels={value!r}")


def interpolate(start, end, steps: int, mode: str = "linear") -> np.ndarray:
    """Walks from one latent to another, both ends included.

    linear: (1 - t) a + t b. spherical: sin((1 - t) w) / sin(w) a + sin(t w) / sin(w) b with w the angle between a and
    b; where they are parallel it falls back to the linear walk.

    Args:
        start: (dim,) or (N, dim).
        end: The same shape.
        steps: How many points, at least 2.
        mode: `"linear"` or `"spherical"`: the latter keeps the length that a normal or spherical prior expects.

    Returns:
        (steps, dim) or (N, steps, dim), float32.

    Raises:
        ValueError: If the shapes differ, `steps` is below 2, or `mode` is unknown.

    Example:

    >>> interpolate([0.0, 2.0], [1.0, 0.0], 3, "linear").tolist()
    [[0.0, 2.0], [0.5, 1.0], [1.0, 0.0]]

    Reference: [White, 2016](https://arxiv.org/abs/1609.04468), section 2.1.
    """
    a, b = np.asarray(start, "float64"), np.asarray(end, "float64")
    if a.shape != b.shape or a.ndim not in (1, 2):
        raise ValueError(
            "`start` and `end` must have the same shape, (dim,) or (N, dim). "
            f"Received: start.shape={a.shape}, end.shape={b.shape}"
        )
    if not isinstance(steps, int) or steps < 2:
        raise ValueError(f"`steps` must be an integer of at least 2. Received: steps={steps!r}")
    if mode not in ("linear", "spherical"):
        raise ValueError(f"`mode` must be 'linear' or 'spherical'. Received: mode={mode!r}")
    t = np.linspace(0.0, 1.0, steps)[:, None]
    a, b = a[..., None, :], b[..., None, :]
    walk = (1 - t) * a + t * b
    if mode == "spherical":
        lengths = np.linalg.norm(a, axis=-1, keepdims=True) * np.linalg.norm(b, axis=-1, keepdims=True)
        cosine = np.sum(a * b, axis=-1, keepdims=True) / np.where(lengths > 0, lengths, 1)
        angle = np.arccos(np.clip(cosine, -1, 1))
        sine = np.sin(angle)
        safe = np.where(sine > 1e-6, sine, 1)
        arc = np.sin((1 - t) * angle) / safe * a + np.sin(t * angle) / safe * b
        walk = np.where((sine > 1e-6) & (lengths > 0), arc, walk)
    return walk.astype("float32")
