"""Divergences of two densities on a line.

A density is given by its values on an increasing grid, integrated by trapezoids. It must integrate to 1 within 1e-3,
otherwise it is cut off, too coarse or not a density; the remaining error is divided out. `histogram_densities` turns
samples into such densities.
"""

import numpy as np

from keras_gan.ground.arguments import check_count

MASS_TOLERANCE = 1e-3


def kl_divergence(p, q, x) -> float:
    """Computes KL(p || q) = integral p log(p / q) dx, in nats. 0 log 0 = 0; infinite if q = 0 < p on the grid.

    Args:
        p: Density values at `x`, (n,), at least 0.
        q: Density values at `x`, (n,), at least 0.
        x: The grid, (n,), increasing, n at least 2.

    Raises:
        ValueError: If an argument is not such a density or grid.

    Example:

    >>> x = np.linspace(-10, 10, 2001)
    >>> normal = lambda mean: np.exp(-0.5 * (x - mean) ** 2) / np.sqrt(2 * np.pi)
    >>> round(kl_divergence(normal(0), normal(1), x), 6)
    0.5
    """
    return _kl(*check_densities(x, p=p, q=q))


def js_divergence(p, q, x) -> float:
    """Computes JSD(p || q) = KL(p || m) / 2 + KL(q || m) / 2, m = (p + q) / 2: from 0 to log 2. See `kl_divergence`.

    Reference: [Goodfellow et al., 2014](https://arxiv.org/abs/1406.2661), theorem 1.
    """
    x, p, q = check_densities(x, p=p, q=q)
    log_m = _log(p + q) - np.log(2)  # half of p + q may underflow where p + q does not
    return sum(float(np.trapezoid(density * (_log(density) - log_m), x)) for density in (p, q)) / 2


def total_variation(p, q, x) -> float:
    """Computes TV(p, q) = integral |p - q| dx / 2: from 0 to 1. Arguments: `kl_divergence`."""
    x, p, q = check_densities(x, p=p, q=q)
    return float(np.trapezoid(np.abs(p - q), x) / 2)


def wasserstein_1d(p, q, x) -> float:
    """Computes W1(p, q) = integral |P - Q| dx, with P and Q the distribution functions. Arguments: `kl_divergence`."""
    x, p, q = check_densities(x, p=p, q=q)
    steps = np.diff(x) * ((p - q)[1:] + (p - q)[:-1]) / 2
    return float(np.trapezoid(np.abs(np.concatenate([[0.0], np.cumsum(steps)])), x))


def wasserstein_1d_samples(a, b) -> float:
    """Computes W1 of two samples exactly: integral over u in [0, 1] of |A(u) - B(u)|, with the quantiles A and B.

    Args:
        a: A sample, (n,) or (n, 1).
        b: A sample, (m,) or (m, 1); it may have another size.

    Raises:
        ValueError: If a sample is empty or not finite numbers of that shape.

    Example:

    >>> wasserstein_1d_samples([0.0, 1.0], [3.0])
    2.5
    """
    a, b = np.sort(_check_sample("a", a)), np.sort(_check_sample("b", b))
    levels = np.union1d(np.arange(len(a) + 1) / len(a), np.arange(len(b) + 1) / len(b))
    middles = (levels[1:] + levels[:-1]) / 2
    gaps = a[(middles * len(a)).astype(int)] - b[(middles * len(b)).astype(int)]
    return float(np.sum(np.diff(levels) * np.abs(gaps)))


def histogram_densities(a, b, bins: int = 50) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Returns the densities `p, q, x` of two samples on equal bins over both, for the divergences.

    An empty bin is added at either end, so that for functions of the densities alone, as in `kl_divergence`,
    `js_divergence` and `total_variation`, trapezoids are exactly sums over bins. The estimate depends on the number of
    bins: two samples of one distribution get a JSD above 0, of about bins / (4 size).

    Args:
        a: A sample, (n,) or (n, 1).
        b: A sample, (m,) or (m, 1).
        bins: The number of bins, at least 1. Defaults to 50.

    Returns:
        Density values (bins + 2,) of `a`, of `b`, and the bins' centres.

    Raises:
        ValueError: If a sample is empty or not finite, all numbers are equal, `bins` is below 1, or bins are too narrow
            for the precision of the numbers.

    Example:

    >>> round(js_divergence(*histogram_densities([0.0, 1.0], [8.0, 9.0], bins=10)), 6)  # log 2
    0.693147
    """
    a, b = _check_sample("a", a), _check_sample("b", b)
    check_count("bins", bins)
    low, high = min(a.min(), b.min()), max(a.max(), b.max())
    if low == high:
        raise ValueError(f"`a` and `b` must contain at least two different numbers. Received: only {low}")
    width = (high - low) / bins
    if width < 1e3 * np.spacing(max(abs(low), abs(high))):
        raise ValueError(
            "`bins` must be fewer, or the numbers nearer to 0, as bins are too narrow for their precision. "
            f"Received: bins={bins} from {low:g} to {high:g}, {width:g} wide"
        )
    edges = np.linspace(low, high, bins + 1)
    p, q = (np.pad(np.histogram(sample, edges)[0] / (len(sample) * width), 1) for sample in (a, b))
    return p, q, low + width * (np.arange(bins + 2) - 0.5)


def check_densities(x, **densities) -> list[np.ndarray]:
    """Returns `[x, *densities]` as float64, each density divided by its integral.

    Raises:
        ValueError: If the grid does not increase, or a density has another shape, is negative or not of mass 1.
    """
    x = np.asarray(x, "float64")
    if x.ndim != 1 or len(x) < 2 or not np.all(np.isfinite(x)) or not np.all(np.diff(x) > 0):
        raise ValueError(f"`x` must be an increasing grid (n,) of at least 2 numbers. Received: x={x}")
    checked = [x]
    for name, density in densities.items():
        density = np.asarray(density, "float64")
        if density.shape != x.shape:
            raise ValueError(f"`{name}` must have the shape of `x`, {x.shape}. Received: {name}.shape={density.shape}")
        if not np.all(np.isfinite(density)) or np.any(density < 0):
            raise ValueError(f"`{name}` must be finite and at least 0. Received: {name}={density}")
        mass = np.trapezoid(density, x)
        if abs(mass - 1) > MASS_TOLERANCE:
            raise ValueError(f"`{name}` must integrate to 1 within {MASS_TOLERANCE}. Received: a mass of {mass:.6g}")
        checked.append(density / mass)
    return checked


def expected_log(density: np.ndarray, value: np.ndarray, x: np.ndarray) -> float:
    """Computes integral density log(value) dx, with 0 log 0 = 0; infinite where `value` is 0 and `density` is not."""
    there = density > 0
    with np.errstate(divide="ignore"):
        logs = np.log(value, where=there, out=np.zeros_like(value))
    return float(np.trapezoid(density * logs, x))


def _kl(x, p, q):
    if np.any((q == 0) & (p > 0)):
        return float("inf")
    return float(np.trapezoid(p * (_log(p) - _log(q)), x))


def _log(values):
    """Returns logarithms, 0 where values are 0."""
    return np.log(values, where=values > 0, out=np.zeros_like(values))


def _check_sample(name, value):
    value = np.asarray(value, "float64")
    if not value.size or value.shape not in ((value.size,), (value.size, 1)):
        raise ValueError(f"`{name}` must have the shape (n,) or (n, 1). Received: {name}.shape={value.shape}")
    if not np.all(np.isfinite(value)):
        raise ValueError(f"`{name}` must be finite. Received: {np.sum(~np.isfinite(value))} numbers that are not")
    return value.reshape(-1)
