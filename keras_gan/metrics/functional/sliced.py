"""The Wasserstein distance over one-dimensional projections."""

import numpy as np

from keras_gan.ground.arguments import check_count, check_number
from keras_gan.metrics.functional.distances import check_features


def sliced_wasserstein(real, fake, *, projections: int = 128, order: float = 2, seed: int = 0) -> float:
    """Computes (mean over directions u of W_p^p(u . x, u . y))^(1/p), with W_p exact between the sorted projections.

    Args:
        real: (N, d).
        fake: (M, d); N and M may differ.
        projections: The number of directions, uniform on the sphere. Defaults to 128.
        order: p, at least 1. Defaults to 2.
        seed: The seed of the directions. Defaults to 0.

    Returns:
        The distance, at least 0.

    Raises:
        ValueError: If an argument is out of range, or the shapes do not fit.

    Example:

    >>> sliced_wasserstein([[0.0], [1.0]], [[2.0], [3.0]])
    2.0

    Reference: [Rabin et al., 2012](https://doi.org/10.1007/978-3-642-24785-9_37).
    """
    real, fake = check_features(1, real=real, fake=fake)
    check_number("order", order, 1)
    shape = real.shape[1], check_count("projections", projections)
    directions = np.random.default_rng(check_count("seed", seed, least=0)).standard_normal(shape)
    directions /= np.linalg.norm(directions, axis=0)
    shadows = [np.sort(_project(x, directions), axis=0) for x in (real, fake)]
    levels = [np.arange(1, len(x) + 1) / len(x) for x in shadows]
    cuts = np.union1d(*levels)
    x, y = (s[np.searchsorted(level, cuts)] for s, level in zip(shadows, levels, strict=True))
    powers = np.diff(cuts, prepend=0) @ np.abs(x - y) ** order
    return float(powers.mean() ** (1 / order))


def _project(x, directions):
    return np.concatenate([x[i : i + 4096].astype("float64") @ directions for i in range(0, len(x), 4096)])
