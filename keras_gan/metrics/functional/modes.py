"""The modes of a known mixture that points hit."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from keras_gan.data.toys import GaussianMixture
from keras_gan.metrics.functional.distances import check_features

WITHIN = 3  # standard deviations of the nearest mode


class Modes(NamedTuple):
    """The result of `mode_coverage`: a number of modes, a share in [0, 1], and nats."""

    modes: int
    high_quality: float
    kl: float


def mode_coverage(points, mixture: GaussianMixture) -> Modes:
    """Computes the number of modes found, the share of good points, and the divergence of their shares.

    A point is good within 3 standard deviations of the nearest mode, measured in that mode's standard deviations. A
    mode is found if it has a good point. The paper uses 2,500 points.

    Args:
        points: (N, d).
        mixture: A `GaussianMixture` of d dimensions.

    Returns:
        `modes`; `high_quality`; `kl`, KL(shares of the good points || the mixture's weights), which for equal weights
        is the divergence from uniform, and infinite where no point is good.

    Raises:
        ValueError: If `points` are not finite or not of d dimensions.

    Example:

    >>> from keras_gan.data import ring
    >>> mode_coverage(ring().modes[:4], ring())
    Modes(modes=4, high_quality=1.0, kl=0.6931471805599453)

    Reference: [Lin et al., 2018](https://arxiv.org/abs/1712.04086) (PacGAN), section 4.1.
    """
    (points,) = check_features(1, points=points)
    if points.shape[1] != mixture.dim:
        raise ValueError(f"`points` must be (N, {mixture.dim}). Received: points.shape={points.shape}")
    counts = np.zeros(len(mixture.modes), "int64")
    for i in range(0, len(points), 4096):
        difference = points[i : i + 4096, None].astype("float64") - mixture.modes
        distances = np.linalg.norm(difference, axis=-1) / mixture.scales
        nearest = distances.argmin(axis=1)[distances.min(axis=1) <= WITHIN]
        counts += np.bincount(nearest, minlength=len(counts))
    return modes_of_counts(counts, len(points), mixture.weights)


def modes_of_counts(counts: np.ndarray, points: int, weights: np.ndarray | Sequence[float]) -> Modes:
    """Returns the `Modes` of the numbers of good points per mode, (K,), and of all points."""
    good = counts.sum()
    if not good:
        return Modes(0, 0.0, math.inf)
    shares, found, weights = counts / good, counts > 0, np.asarray(weights)
    with np.errstate(divide="ignore"):  # a good point of a mode without weight: infinite
        kl = np.sum(shares[found] * np.log(shares[found] / weights[found]))
    return Modes(int(found.sum()), float(good / points), float(kl))
