"""Separate measures of fidelity and variety, by balls that reach to the k-th nearest neighbour."""

from typing import NamedTuple

import numpy as np

from keras_gan.ground.arguments import check_count
from keras_gan.metrics.functional.distances import blocks, centre_of, check_features, neighbour_distances


class PrecisionAndRecall(NamedTuple):
    """Shares in [0, 1]."""

    precision: float
    recall: float


class DensityAndCoverage(NamedTuple):
    """A density of at least 0, and a share in [0, 1]."""

    density: float
    coverage: float


def precision_recall(real, fake, k: int = 3) -> PrecisionAndRecall:
    """Computes the share of fakes on the manifold of real examples, and of these on the manifold of fakes.

    A manifold is the union of closed balls around its points; a ball reaches to the k-th nearest other point.

    Args:
        real: (N, d), N above k.
        fake: (M, d), M above k.
        k: A ball reaches to the k-th nearest neighbour, k of at least 1.

    Raises:
        ValueError: If there are too few rows, or the shapes do not fit.

    Example:

    >>> precision_recall([[0.0], [1.0], [10.0], [11.0]], [[0.2], [0.9]], k=1)
    PrecisionAndRecall(precision=1.0, recall=0.5)

    Reference: [Kynkaanniemi et al., 2019](https://arxiv.org/abs/1904.06991).
    """
    real, fake = check_features(check_count("k", k) + 1, real=real, fake=fake)
    centre = centre_of(real)
    real_radii, fake_radii = (neighbour_distances(x, k, centre) for x in (real, fake))
    precise, recalled = np.zeros(len(fake), bool), np.zeros(len(real), bool)
    for rows, distances in blocks(real, fake, centre):
        precise |= (distances <= real_radii[rows, None]).any(axis=0)
        recalled[rows] = (distances <= fake_radii).any(axis=1)
    return PrecisionAndRecall(float(precise.mean()), float(recalled.mean()))


def density_coverage(real, fake, k: int = 5) -> DensityAndCoverage:
    """Computes the mean number of real balls around a fake, over k, and the share of real balls with a fake.

    density = 1 / (k M) sum_j sum_i [y_j in B_i], coverage = 1 / N sum_i [some y_j in B_i], with closed balls B_i
    around the real x_i that reach to the k-th nearest other one. For large equal sets of one
    distribution the expectations are 1 and 1 - 2^-k.

    Args:
        real: (N, d), N above k.
        fake: (M, d), M of at least 1.
        k: A ball reaches to the k-th nearest neighbour, k of at least 1.

    Raises:
        ValueError: If there are too few rows, or the shapes do not fit.

    Example:

    >>> density_coverage([[0.0], [1.0], [10.0], [11.0]], [[0.2], [0.9]], k=1)
    DensityAndCoverage(density=2.0, coverage=0.5)

    Reference: [Naeem et al., 2020](https://arxiv.org/abs/2002.09797).
    """
    real, fake = check_features(1, real=real, fake=fake)
    check_features(check_count("k", k) + 1, real=real)
    centre = centre_of(real)
    radii, counts = neighbour_distances(real, k, centre), np.empty(len(real))
    for rows, distances in blocks(real, fake, centre):
        counts[rows] = (distances <= radii[rows, None]).sum(axis=1)
    return DensityAndCoverage(float(counts.sum() / (k * len(fake))), float((counts > 0).mean()))
