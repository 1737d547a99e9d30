"""The modes of a column of numbers: the normal distributions of a mixture that describes it."""

import warnings

import numpy as np

from keras_gan.ground.magnitudes import moments

LEAST_WEIGHT = 0.005  # modes of at most this weight are left out, as in the paper
WIDTH = 4  # standard deviations on either side of a mode that [-1, 1] covers
MOST_ROWS = 10_000  # rows to which a mixture is fitted
PIECE = 100_000  # rows at a time


def fit(values: np.ndarray, most: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Finds the modes of numbers, and the reach of each, by a Bayesian mixture of normal distributions.

    A mode reaches four of its standard deviations on either side. If no mode reaches a number, the nearest mode is
    widened, so that every number can be encoded.

    Args:
        values: Finite numbers, (n,) float64, n at least 1.
        most: Maximum number of modes, at least 1.
        seed: Seed of the mixture, and of the choice of rows to which it is fitted.

    Returns:
        The weights, the means and the reaches, (modes,) float64 each, sorted by mean.

    Reference: [Xu et al., 2019](https://arxiv.org/abs/1907.00503), section 4.2.
    """
    distinct = np.unique(values[: 10 * most])
    if len(distinct) == 1 and (values == distinct[0]).all():
        return np.ones(1), distinct, np.ones(1)
    middle, (_, spread) = np.median(values), moments(values)
    spread = spread if 0 < spread < np.inf else float(np.max(np.abs(values - middle))) or 1.0
    rows = values if len(values) <= MOST_ROWS else np.random.default_rng(seed).choice(values, MOST_ROWS, replace=False)
    weights, means, deviations = _mixture((rows - middle) / spread, min(most, len(np.unique(rows))), seed)
    means, reaches = means * spread + middle, WIDTH * deviations * spread
    order = np.argsort(means)
    weights, means, reaches = weights[order], means[order], np.maximum(reaches[order], np.finfo("float64").tiny)
    for start in range(0, len(values), PIECE):
        far = np.abs(values[start : start + PIECE, None] - means)
        nearest = np.argmin(far / reaches, axis=1)
        np.maximum.at(reaches, nearest, np.take_along_axis(far, nearest[:, None], 1)[:, 0])
    return weights, means, reaches


def choose(values: np.ndarray, weights: np.ndarray, means: np.ndarray, reaches: np.ndarray, seed: int) -> np.ndarray:
    """Draws a mode for each number from the modes that reach it, in proportion to their densities.

    Args:
        values: (n,) float64. A number that no mode reaches gets the nearest mode.
        weights: (modes,) float64, above 0.
        means: (modes,) float64.
        reaches: (modes,) float64.
        seed: Seed of the draws.

    Returns:
        (n,) int32.
    """
    chosen, numbers = np.zeros(len(values), "int32"), np.random.default_rng(seed)
    for start in range(0, len(values), PIECE):
        far = np.abs(values[start : start + PIECE, None] - means) / reaches
        density = np.where(
            far <= 1, weights * np.exp(-0.5 * (WIDTH * far) ** 2) * (reaches.min() / reaches) + 1e-300, 0.0
        )
        total = density.cumsum(axis=1)
        drawn = (numbers.random(len(far))[:, None] * total[:, -1:] >= total).sum(axis=1)
        chosen[start : start + PIECE] = np.where(total[:, -1] > 0, drawn.clip(0, len(means) - 1), far.argmin(axis=1))
    return chosen


def _mixture(values, most, seed):
    """Returns the weights, means and standard deviations of the modes of sufficient weight."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.mixture import BayesianGaussianMixture

    mixture = BayesianGaussianMixture(
        n_components=most, weight_concentration_prior=0.001, max_iter=100, random_state=seed % 2**32
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # an approximate mixture is good enough
        mixture.fit(values[:, None])
    kept = mixture.weights_ > LEAST_WEIGHT
    return mixture.weights_[kept], mixture.means_[kept, 0], np.sqrt(mixture.covariances_[kept, 0, 0])
