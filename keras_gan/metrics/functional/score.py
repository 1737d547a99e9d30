"""The Inception score, of any classifier."""

import itertools

import numpy as np

from keras_gan.ground.arguments import check_count
from keras_gan.metrics.functional.distances import check_features
from keras_gan.metrics.functional.estimate import Estimate

ROUNDING = 2.0**-7  # error of a sum of probabilities in bfloat16


def classifier_score(probabilities, splits: int = 10, *, seed: int = 0) -> Estimate:
    """Computes exp(E_x KL(p(y|x) || p(y))), over splits: from 1 to K, where K classes are certain and equally frequent.

    The rows are shuffled first, with a fixed seed: fakes sorted by class would otherwise have one class per split, and
    score 1. The score depends neither on the real data nor on the variety within a class.

    Args:
        probabilities: p(y|x), (N, K), rows that sum to 1 up to the rounding of bfloat16, which is divided out.
        splits: The number of parts of the shuffled rows, at most N. Defaults to 10.
        seed: The seed of the order, `np.random.default_rng(seed).permutation(N)`.

    Returns:
        The mean and the standard deviation over the splits.

    Raises:
        ValueError: If the rows are not probabilities, or fewer than `splits`.

    Example:

    >>> value, error = classifier_score(np.eye(10)[np.arange(100) % 10], splits=1)
    >>> round(value, 6), round(error, 6)
    (10.0, 0.0)

    Reference: [Salimans et al., 2016](https://arxiv.org/abs/1606.03498), section 4.
    """
    (probabilities,) = check_features(1, probabilities=probabilities)
    p = probabilities.astype("float64")
    if p.min() < 0 or np.abs(p.sum(axis=1) - 1).max() > ROUNDING:
        raise ValueError(
            "`probabilities` must be at least 0, with rows that sum to 1. "
            f"Received: a least of {p.min():g} and sums from {p.sum(axis=1).min():g} to {p.sum(axis=1).max():g}"
        )
    p = p / p.sum(axis=1, keepdims=True)
    order = np.random.default_rng(check_count("seed", seed, least=0)).permutation(len(p))
    edges = np.arange(check_count("splits", splits, len(p)) + 1) * len(p) // splits
    scores = [_score(p[order[first:last]]) for first, last in itertools.pairwise(edges)]
    return Estimate(float(np.mean(scores)), float(np.std(scores)))


def _score(p):
    ratio = np.where(p > 0, p, 1) / np.where(p > 0, p.mean(axis=0), 1)
    return np.exp(np.sum(p * np.log(ratio), axis=1).mean())
