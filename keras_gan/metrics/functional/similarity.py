"""Variety, measured by the similarity of pictures to each other."""

import math

import numpy as np

from keras_gan.ground.arguments import check_count
from keras_gan.metrics.functional.estimate import Estimate

SCALES = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
WINDOW, SIGMA = 11, 1.5
WINDOWS = ("fixed", "shrinking")
ROUNDING = 1e-3  # how far beyond [-1, 1] a float may lie


def ms_ssim(images, *, pairs: int = 1000, seed: int = 0, window: str = "fixed") -> Estimate:
    """Computes the mean multi-scale structural similarity of random pairs: 1 for equal pictures, lower with variety.

    Compare it with that of real pictures, within one class, and only for the same `window`: the same pairs of 64 x 64
    pixels may give 0.965 with one and 0.990 with the other. The weights of the scales are those of the 2003 paper,
    which needs sides of 176 or more.

    Args:
        images: (N, H, W, C), uint8 in 0..255 or floats in [-1, 1], N of at least 2, sides of at least 11.
        pairs: The number of pairs of different pictures. Defaults to 1,000.
        seed: The seed of the pairs. Defaults to 0.
        window: The treatment of pictures below 176 pixels. Defaults to `"fixed"`: the Gaussian window always has 11
            pixels, there are only scales of at least that size, and their weights are scaled to sum to 1.
            `"shrinking"`: there are always five scales, and the window shrinks to the size of the scale's picture, as
            in the code of compare_gan. From 176 pixels on both give the same result up to 1e-4.

    Returns:
        The mean and its standard error.

    Raises:
        ValueError: If an argument is out of range.

    Example:

    >>> ms_ssim(np.ones((3, 16, 16, 1)), pairs=2).value
    1.0

    Reference: [Wang et al., 2003](https://doi.org/10.1109/ACSSC.2003.1292216);
    [Odena et al., 2017](https://arxiv.org/abs/1610.09585), section 4.2;
    [Kurach et al., 2019](https://arxiv.org/abs/1807.04720), compare_gan.
    """
    images = np.asarray(images)
    if images.ndim != 4 or len(images) < 2 or min(images.shape[1:3]) < WINDOW:
        raise ValueError(
            f"`images` must be at least two of (H, W, C), with sides of at least {WINDOW}. "
            f"Received: images.shape={images.shape}"
        )
    if images.dtype != np.uint8 and not (images.dtype.kind == "f" and np.abs(images).max() <= 1 + ROUNDING):
        raise ValueError(
            "`images` must be uint8 in 0..255, or finite floats in [-1, 1]. "
            f"Received: {images.dtype} from {images.min()} to {images.max()}"
        )
    check_count("pairs", pairs)
    if window not in WINDOWS:
        raise ValueError(f"`window` must be one of {', '.join(WINDOWS)}. Received: window={window!r}")
    generator = np.random.default_rng(check_count("seed", seed, least=0))
    first = generator.integers(len(images), size=pairs)
    second = (first + generator.integers(1, len(images), size=pairs)) % len(images)
    batches = [(images[first[i : i + 64]], images[second[i : i + 64]]) for i in range(0, pairs, 64)]
    values = np.concatenate([_similarity(_to_unit(one), _to_unit(other), window) for one, other in batches])
    return Estimate(float(values.mean()), float(values.std() / math.sqrt(pairs)))


def _to_unit(images):
    return images / 255 if images.dtype == np.uint8 else (images.astype("float64") + 1) / 2


def _similarity(x, y, window):
    """Computes the similarity of pairs in [0, 1], (N, H, W, C): (N,)."""
    levels, weights = len(SCALES), np.array(SCALES)
    if window == "fixed":
        levels = min(levels, 1 + int(math.log2(min(x.shape[1:3]) / WINDOW)))
        weights = weights[:levels] / sum(weights[:levels])
    found = 1.0
    for level, weight in enumerate(weights):
        if level:
            x, y = _halved(x), _halved(y)
        luminance, contrast = _terms(x, y)
        term = (contrast if level < levels - 1 else luminance * contrast).mean(axis=(1, 2))
        found = found * np.maximum(term, 0) ** weight
    return found.mean(axis=-1)


def _terms(x, y):
    c1, c2 = 0.01**2, 0.03**2
    mx, my = _blur(x), _blur(y)
    covariance = _blur(x * y) - mx * my
    variances = _blur(x * x + y * y) - mx * mx - my * my
    return (2 * mx * my + c1) / (mx * mx + my * my + c1), (2 * covariance + c2) / (variances + c2)


def _blur(x):
    size = min(WINDOW, *x.shape[1:3])
    window = np.exp(-((np.arange(size) - (size - 1) / 2) ** 2) / (2 * SIGMA**2))
    window /= window.sum()
    rows = sum(w * x[:, i : x.shape[1] - size + 1 + i] for i, w in enumerate(window))
    return sum(w * rows[:, :, i : rows.shape[2] - size + 1 + i] for i, w in enumerate(window))


def _halved(x):
    """Computes means of 2 x 2 pixels; an odd side's last row is repeated first."""
    x = np.pad(x, ((0, 0), (0, x.shape[1] % 2), (0, x.shape[2] % 2), (0, 0)), mode="symmetric")
    return (x[:, ::2, ::2] + x[:, 1::2, ::2] + x[:, ::2, 1::2] + x[:, 1::2, 1::2]) / 4
