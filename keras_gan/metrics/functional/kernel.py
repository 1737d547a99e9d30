"""Unbiased squared maximum mean discrepancies."""

import math

import numpy as np

from keras_gan.ground.arguments import check_count, check_number
from keras_gan.metrics.functional.distances import blocks, centre_of, check_features
from keras_gan.metrics.functional.estimate import Estimate


def kernel_distance(real, fake, *, subsets: int = 100, subset_size: int = 1000, seed: int = 0) -> Estimate:
    """Computes the kernel inception distance: MMD^2 with the kernel (x . y / d + 1)^3, over random subsets.

    MMD^2 = mean_{i != j} k(x_i, x_j) + mean_{i != j} k(y_i, y_j) - 2 mean k(x_i, y_j)

    It is unbiased: the expectation does not depend on the sizes of the sets, and estimates may be below 0.

    Args:
        real: (N, d), N of at least 2.
        fake: (M, d), M of at least 2.
        subsets: The number of subsets. Defaults to 100.
        subset_size: Rows of each set per subset, drawn without replacement; all of the smaller set if it has fewer.
            Defaults to 1,000.
        seed: The seed of the subsets. Defaults to 0.

    Returns:
        The mean over the subsets and its standard error, that of the subsampling. The error is NaN for a single subset,
        and if each subset has all rows of both sets.

    Raises:
        ValueError: If an argument is out of range, or the shapes do not fit.

    Example:

    >>> rng = np.random.default_rng(0)
    >>> value, error = kernel_distance(rng.normal(size=(500, 2)), rng.normal(size=(500, 2)) + 1, subset_size=100)
    >>> value > 10 * error
    True

    Reference: [Binkowski et al., 2018](https://arxiv.org/abs/1801.01401).
    """
    real, fake = check_features(2, real=real, fake=fake)
    check_count("subsets", subsets)
    size = min(check_count("subset_size", subset_size, least=2), len(real), len(fake))
    generator = np.random.default_rng(check_count("seed", seed, least=0))
    subsets = 1 if size == len(real) == len(fake) else subsets  # subsets of all rows are equal
    values = np.empty(subsets)
    for i in range(subsets):
        x, y = (s[generator.choice(len(s), size, replace=False)].astype("float64") for s in (real, fake))
        values[i] = _unbiased(_cubic(x, x), _cubic(y, y), _cubic(x, y))
    error = values.std(ddof=1) / math.sqrt(subsets) if subsets > 1 else math.nan
    return Estimate(float(values.mean()), float(error))


def _cubic(x, y):
    return (x @ y.T / x.shape[1] + 1) ** 3


def _unbiased(xx, yy, xy):
    return _off_diagonal(xx) + _off_diagonal(yy) - 2 * xy.mean()


def _off_diagonal(kernel):
    return (kernel.sum() - np.trace(kernel)) / (len(kernel) * (len(kernel) - 1))


def maximum_mean_discrepancy(real, fake, *, bandwidth: float | None = None) -> float:
    """Computes MMD^2, unbiased, over all pairs, with the kernel exp(-|x - y|^2 / (2 s^2)).

    Args:
        real: (N, d), N of at least 2.
        fake: (M, d), M of at least 2.
        bandwidth: s, above 0. Defaults to the median distance among the first 1,000 rows of each set.

    Returns:
        The estimate, which may be below 0.

    Raises:
        ValueError: If an argument is out of range, or the shapes do not fit.

    Example:

    >>> maximum_mean_discrepancy([[0.0], [0.0]], [[9.0], [9.0]], bandwidth=0.1)
    2.0

    Reference: [Gretton et al., 2012](https://jmlr.org/papers/v13/gretton12a.html), equation 3.
    """
    real, fake = check_features(2, real=real, fake=fake)
    if bandwidth is not None:
        check_number("bandwidth", bandwidth, 0, ends="()")
    centre = centre_of(real)
    scale = _median(np.concatenate([real[:1000], fake[:1000]]), centre) if bandwidth is None else bandwidth
    within = [_mean_kernel(x, x, scale, centre, without_self=True) * len(x) / (len(x) - 1) for x in (real, fake)]
    return float(sum(within) - 2 * _mean_kernel(real, fake, scale, centre))


def _mean_kernel(a, b, scale, centre, without_self=False):
    sums = [np.exp(block / (-2 * scale**2)).sum() for _, block in blocks(a, b, centre, without_self=without_self)]
    return math.fsum(sums) / (len(a) * len(b))


def _median(x, centre):
    found = blocks(x, x, centre, without_self=True)
    distances = np.concatenate([np.sqrt(block[~np.isinf(block)]) for _, block in found])
    return max(float(np.median(distances)), np.finfo("float64").tiny ** 0.25)
