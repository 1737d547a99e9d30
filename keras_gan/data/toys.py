"""Toy distributions whose density and modes are known, for exact measurements of trained GANs."""

import dataclasses
from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from keras_gan.data.pipeline import batches
from keras_gan.ground.arguments import fits_in_memory


@dataclasses.dataclass(frozen=True, eq=False)
class GaussianMixture:
    """A mixture of isotropic Gaussians: p(x) = sum_k w_k N(x; m_k, s_k^2 I).

    Args:
        modes: The means m, (K, d).
        scales: The standard deviations s, a number or (K,), above 0.
        weights: The weights w, (K,), that sum to 1. Equal if None.

    Raises:
        ValueError: If an argument is out of range.

    Example:

    >>> mixture = ring()
    >>> mixture.modes.shape, mixture.sample(5, seed=0).shape, float(mixture.density([[0.0, 0.0]])[0])
    ((8, 2), (5, 2), 0.0)
    """

    modes: np.ndarray
    scales: np.ndarray | float | Sequence[float]
    weights: np.ndarray | Sequence[float] | None = None

    def __post_init__(self):
        modes = np.asarray(self.modes, "float64")
        if modes.ndim != 2 or not len(modes):
            raise ValueError(f"`modes` must have the shape (K, d). Received: modes.shape={modes.shape}")
        weights = np.full(len(modes), 1 / len(modes)) if self.weights is None else np.asarray(self.weights, "float64")
        scales = np.asarray(self.scales, "float64")
        if scales.shape not in ((), (len(modes),)) or not np.all(scales > 0):
            raise ValueError(f"`scales` must be a number or {len(modes)}, above 0. Received: scales={self.scales}")
        scales = np.broadcast_to(scales, (len(modes),))
        if weights.shape != (len(modes),) or not np.all(weights >= 0) or abs(weights.sum() - 1) > 1e-9:
            raise ValueError(f"`weights` must be {len(modes)} numbers that sum to 1. Received: weights={self.weights}")
        for name, value in (("modes", modes), ("scales", scales), ("weights", weights)):
            object.__setattr__(self, name, value)

    @property
    def dim(self) -> int:
        """d, the number of dimensions of a point."""
        return self.modes.shape[1]

    def sample(self, count: int, seed: int = 0) -> np.ndarray:
        """Draws `count` points, (count, d) float32."""
        generator = np.random.default_rng(seed)
        with fits_in_memory("count", f"count={count}"):
            component = generator.choice(len(self.modes), size=count, p=self.weights)
            noise = generator.standard_normal((count, self.dim))
        return (self.modes[component] + self.scales[component, None] * noise).astype("float32")

    def density(self, x) -> np.ndarray:
        """Computes p(x) at points (N, d): (N,) float64."""
        x = np.asarray(x, "float64")
        if x.ndim != 2 or x.shape[1] != self.dim:
            raise ValueError(f"`x` must have the shape (N, {self.dim}). Received: x.shape={x.shape}")
        squares = np.sum((x[:, None, :] - self.modes) ** 2, axis=-1)
        peak = self.weights / (2 * np.pi * self.scales**2) ** (self.dim / 2)
        return np.sum(peak * np.exp(-0.5 * squares / self.scales**2), axis=1)

    def dataset(self, batch_size: int, *, num_examples: int = 100_000, seed: int = 0) -> tf.data.Dataset:
        """Makes batches (batch_size, d) float32 of `num_examples` points, drawn once: see `keras_gan.data.batches`."""
        return batches(self.sample(num_examples, seed), batch_size, seed=seed)


def ring(count: int = 8, radius: float = 1.0, scale: float = 0.01) -> GaussianMixture:
    """Makes `count` Gaussians on a circle, at angles 2 pi i / count.

    Reference: [Lin et al., 2018](https://arxiv.org/abs/1712.04086) (PacGAN), section 4.1.
    """
    angles = 2 * np.pi * np.arange(count) / count
    return GaussianMixture(radius * np.stack([np.cos(angles), np.sin(angles)], axis=1), scale)


def grid(side: int = 5, spacing: float = 2.0, scale: float = 0.05) -> GaussianMixture:
    """Makes `side` x `side` Gaussians, `spacing` apart, around the origin.

    Reference: [Lin et al., 2018](https://arxiv.org/abs/1712.04086) (PacGAN), section 4.1.
    """
    places = spacing * (np.arange(side) - (side - 1) / 2)
    return GaussianMixture(np.stack(np.meshgrid(places, places, indexing="ij"), axis=-1).reshape(-1, 2), scale)


def gaussian_mixture_1d(
    means: Sequence[float] = (-1.5, 1.5),
    scales: float | Sequence[float] = 0.5,
    weights: Sequence[float] | None = None,
) -> GaussianMixture:
    """Makes Gaussians on a line, as in figure 1 of the 2014 paper. Points have the shape (N, 1)."""
    if np.ndim(means) != 1:
        raise ValueError(f"`means` must be a list of numbers. Received: means={means!r}")
    return GaussianMixture(np.asarray(means, "float64")[:, None], scales, weights)
