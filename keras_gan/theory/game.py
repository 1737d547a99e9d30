"""The game of the 2014 paper between known densities: its value, and both players' optimum."""

import math

import numpy as np

from keras_gan.theory.divergences import check_densities, expected_log, js_divergence

ROUNDING = np.finfo("float64").eps


def optimal_discriminator(p_data, p_generated) -> np.ndarray:
    """Computes D*(x) = p_data(x) / (p_data(x) + p_g(x)), and 1/2 where both are 0, where D is arbitrary.

    Args:
        p_data: Density values, at least 0, of any shape: on a line, in a plane, at samples.
        p_generated: Density values of the same shape.

    Returns:
        Probabilities of the same shape, float64.

    Raises:
        ValueError: If the shapes differ or a value is negative or not finite.

    Example:

    >>> optimal_discriminator([0.3, 0.0, 0.0], [0.1, 0.2, 0.0]).round(6).tolist()
    [0.75, 0.0, 0.5]

    Reference: [Goodfellow et al., 2014](https://arxiv.org/abs/1406.2661), proposition 1.
    """
    p, q = np.asarray(p_data, "float64"), np.asarray(p_generated, "float64")
    if p.shape != q.shape:
        raise ValueError(
            "`p_data` and `p_generated` must have the same shape. "
            f"Received: p_data.shape={p.shape}, p_generated.shape={q.shape}"
        )
    for name, density in (("p_data", p), ("p_generated", q)):
        if not np.all(np.isfinite(density)) or np.any(density < 0):
            raise ValueError(f"`{name}` must be finite and at least 0. Received: {name}={density}")
    total = p + q
    return np.divide(p, total, where=total > 0, out=np.full(p.shape, 0.5))


def value_function(p_data, p_generated, discriminator, x) -> float:
    """Computes V(D, G) = integral p_data log D dx + integral p_g log(1 - D) dx, in nats.

    At D* it is `generator_criterion`, the maximum over all discriminators. It is minus infinity if D is 0 on real or 1
    on generated examples.

    Args:
        p_data: Density values at `x`, (n,), at least 0, that integrate to 1 within 1e-3.
        p_generated: Density values at `x`, likewise.
        discriminator: D at `x`, (n,), probabilities in [0, 1] that x is real.
        x: The grid, (n,), increasing.

    Raises:
        ValueError: If an argument is out of range.

    Example:

    >>> uniform, x = np.ones(11), np.linspace(0, 1, 11)
    >>> round(value_function(uniform, uniform, np.full(11, 0.5), x), 6)  # -log 4
    -1.386294

    Reference: [Goodfellow et al., 2014](https://arxiv.org/abs/1406.2661), equation 1.
    """
    x, p, q = check_densities(x, p_data=p_data, p_generated=p_generated)
    D = np.asarray(discriminator, "float64")
    if D.shape != x.shape or not np.all((D >= 0) & (D <= 1)):
        raise ValueError(f"`discriminator` must be {len(x)} numbers in [0, 1]. Received: discriminator={D}")
    p, q = np.where(p < ROUNDING * q, 0, p), np.where(q < ROUNDING * p, 0, q)  # D* rounds to 0 or 1 there
    return expected_log(p, D, x) + expected_log(q, 1 - D, x)


def generator_criterion(p_data, p_generated, x) -> float:
    """Computes C(G) = max_D V(D, G) = -log 4 + 2 JSD(p_data || p_g): from -log 4, if p_g = p_data, to 0.

    Arguments: `value_function`.

    Reference: [Goodfellow et al., 2014](https://arxiv.org/abs/1406.2661), theorem 1.
    """
    return -math.log(4) + 2 * js_divergence(p_data, p_generated, x)
