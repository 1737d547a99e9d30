"""The modes of a column of numbers: which normal distributions it is a mixture of."""

import warnings

import numpy as np

from keras_gan.ground.magnitudes import moments

LEAST_WEIGHT = 0.005  # a mode that holds less is left out, as in the paper
WIDTH = 4  # standard deviations on either side of a mode that [-1, 1] stands for
MOST_ROWS = 10_000  # that a mixture is fitted to
PIECE = 100_000  # rows at a time


def fit(values: np.ndarray, most: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Finds the modes of numbers by a Bayesian mixture of normal distributions, and how far each reaches.

    A mode reaches four of its standard deviations on either side. Where a number lies in no mode, the nearest one is
    widened to hold it, so that none is lost.

    Args:
        values: Finite numbers, (n,) float64, n at least 1.
        most: The most modes there may be, at least 1.
        seed: Of the mixture, and of the rows that it is fitted to.

    Returns:
        The weights, the means and the reaches, (modes,) float64 each, by rising mean.

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
    """Draws which mode stands for each number, the likelier the oftener, of those that reach it.

    Args:
        values: (n,) float64. What no mode reaches gets the nearest one.
        weights: (modes,) float64, above 0.
        means: (modes,) float64.
        reaches: (modes,) float64.
        seed: Of the draws.

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
    """Returns the weights, means and standard deviations of the modes that hold enough."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.mixture import BayesianGaussianMixture

    mixture = BayesianGaussianMixture(
        n_components=most, weight_concentration_prior=0.001, max_iter=100, random_state=seed % 2**32
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # a mixture that is near enough describes the column too
        mixture.fit(values[:, None])
    held = mixture.weights_ > LEAST_WEIGHT
    return mixture.weights_[held], mixture.means_[held, 0], np.sqrt(mixture.covariances_[held, 0, 0])
