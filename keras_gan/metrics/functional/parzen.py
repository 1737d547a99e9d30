"""The log-likelihood of test data under a Parzen window around samples: the measure of the 2014 paper."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from keras_gan.ground.arguments import check_number
from keras_gan.metrics.functional.distances import blocks, centre_of, check_features

SIGMAS = tuple(np.logspace(-1, 0, 10).tolist())


class Parzen(NamedTuple):
    """The mean log-likelihood in nats, its standard error, and the width of the window."""

    value: float
    error: float
    sigma: float


def parzen_log_likelihood(
    samples, test, validation=None, *, sigma: float | None = None, sigmas: Sequence[float] = SIGMAS
) -> Parzen:
    """Computes the mean over x of log(1/N sum_i N(x; s_i, sigma^2 I)), the samples s_i being the centres.

    The 2014 protocol: 10,000 samples and images in [0, 1]; sigma is the best for 1,000 validation images of ten from
    0.1 to 1. It is a historical measure, which favours blurs of training images over the images (Theis).

    Args:
        samples: (N, d).
        test: (M, d).
        validation: (V, d), on which sigma is chosen.
        sigma: The width of the window, above 0, in place of `validation`.
        sigmas: The widths to choose from, each above 0. Defaults to ten from 0.1 to 1.

    Raises:
        ValueError: If not exactly one of `validation` and `sigma` is given, or the shapes do not fit.

    Example:

    >>> parzen = parzen_log_likelihood([[0.0]], [[0.0], [1.0]], sigma=1.0)
    >>> round(parzen.value, 4)  # -log(sqrt(2 pi)) - 1/4
    -1.1689

    Reference: [Goodfellow et al., 2014](https://arxiv.org/abs/1406.2661), section 5;
    [Theis et al., 2016](https://arxiv.org/abs/1511.01844).
    """
    if (sigma is None) == (validation is None):
        raise ValueError(f"Exactly one of `validation` and `sigma` must be given. Received: sigma={sigma}")
    widths = [check_number("sigma", width, 0, ends="()") for width in (sigmas if sigma is None else [sigma])]
    if not widths:
        raise ValueError("`sigmas` must hold at least one width. Received: sigmas=[]")
    sets = check_features(1, samples=samples, test=test, **({} if validation is None else {"validation": validation}))
    samples, test, *validation = sets
    best = 0
    if validation:
        best = int(np.argmax(_log_likelihoods(samples, validation[0], widths).mean(axis=0)))
    found = _log_likelihoods(samples, test, [widths[best]])[:, 0]
    return Parzen(float(found.mean()), float(found.std() / math.sqrt(len(found))), widths[best])


def _log_likelihoods(samples, x, sigmas):
    """Computes (len(x), len(sigmas)) in nats."""
    found = np.empty((len(x), len(sigmas)))
    for rows, distances in blocks(x, samples, centre_of(samples)):
        nearest = distances.min(axis=1, keepdims=True)  # its term is the largest: nothing overflows
        for i, sigma in enumerate(sigmas):
            mean = np.exp((nearest - distances) / (2 * sigma**2)).mean(axis=1)
            found[rows, i] = np.log(mean) - nearest[:, 0] / (2 * sigma**2)
    return found - x.shape[1] * np.log(np.asarray(sigmas) * math.sqrt(2 * math.pi))
