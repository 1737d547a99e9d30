"""The Frechet distance between Gaussians with the moments of two sets of features."""

import numpy as np

from keras_gan.metrics.functional.distances import check_features


def frechet_distance(mean_a, cov_a, mean_b, cov_b) -> float:
    """Computes the squared 2-Wasserstein distance of two Gaussians.

    d^2 = |m_a - m_b|^2 + tr(C_a) + tr(C_b) - 2 tr((C_a C_b)^(1/2))

    With C = L L^T the last trace is the sum of the singular values of L_a^T L_b. This avoids the root of a product and
    of rounding noise: singular covariances are as exact as regular ones.

    Args:
        mean_a: (d,).
        cov_a: (d, d), symmetric, positive semi-definite.
        mean_b: (d,).
        cov_b: (d, d), likewise.

    Returns:
        The distance, at least 0.

    Raises:
        ValueError: If the shapes do not match, or a covariance has an eigenvalue clearly below 0.

    Example:

    >>> frechet_distance([0.0], [[1.0]], [1.0], [[4.0]])  # (0 - 1)^2 + (1 - 2)^2
    2.0

    Reference: [Heusel et al., 2017](https://arxiv.org/abs/1706.08500);
    [Dowson and Landau, 1982](https://doi.org/10.1016/0047-259X(82)90077-X).
    """
    means = [np.asarray(mean, "float64") for mean in (mean_a, mean_b)]
    if means[0].ndim != 1 or means[0].shape != means[1].shape:
        raise ValueError(
            f"`mean_a` and `mean_b` must both be (d,). Received: shapes {means[0].shape} and {means[1].shape}"
        )
    factors = [_factor(name, cov, len(means[0])) for name, cov in (("cov_a", cov_a), ("cov_b", cov_b))]
    return _distance(*means, *factors)


def frechet_distance_of_features(real, fake) -> float:
    """Computes the `frechet_distance` of two sets of features, which may have fewer rows than columns.

    It uses a triangle R with R^T R = (N - 1) C, by QR of one block after another, in place of the covariance C, so that
    no eigenvalue is ever squared. Small sets have too large a distance: compare only sets of the same number of rows.

    Args:
        real: (N, d), N of at least 2.
        fake: (M, d), M of at least 2.

    Returns:
        The distance, at least 0.

    Raises:
        ValueError: If the features are not finite, or their shapes do not fit.

    Example:

    >>> frechet_distance_of_features([[0.0], [2.0]], [[3.0], [5.0]])
    9.0

    Reference: [Heusel et al., 2017](https://arxiv.org/abs/1706.08500).
    """
    real, fake = check_features(2, real=real, fake=fake)
    means = [np.mean(x, axis=0, dtype="float64") for x in (real, fake)]
    factors = [_triangle(x, mean).T for x, mean in zip((real, fake), means, strict=True)]
    return _distance(*means, *factors)


def _distance(mean_a, mean_b, factor_a, factor_b):
    """Computes the distance with factors L, (d, rank), of the covariances L L^T."""
    joint = np.linalg.svd(factor_a.T @ factor_b, compute_uv=False).sum() if factor_a.size and factor_b.size else 0.0
    spread = np.sum(factor_a**2) + np.sum(factor_b**2) - 2 * joint
    return float(np.sum((mean_a - mean_b) ** 2) + max(spread, 0.0))


def _triangle(x, mean):
    """Computes R, (min(N, d), d), with R^T R the covariance of the rows of `x`."""
    step = max(4 * x.shape[1], 1024)
    triangle = np.empty((0, x.shape[1]))
    for start in range(0, len(x), step):
        triangle = np.linalg.qr(np.concatenate([triangle, x[start : start + step] - mean]), mode="r")
    return triangle / np.sqrt(len(x) - 1)


def _factor(name, cov, d):
    """Computes L, (d, rank), with L L^T = cov, without eigenvectors whose eigenvalues are rounding noise."""
    cov = np.asarray(cov, "float64")
    if cov.shape != (d, d) or not np.isfinite(cov).all():
        raise ValueError(f"`{name}` must be a finite ({d}, {d}) matrix. Received: {name}.shape={cov.shape}")
    values, vectors = np.linalg.eigh((cov + cov.T) / 2)
    noise = np.abs(values).max() * d * np.finfo("float64").eps
    if values.min() < -1e-6 * np.abs(values).max():
        raise ValueError(
            f"`{name}` must be positive semi-definite. Received: a matrix with the eigenvalue {values.min():g}"
        )
    kept = values > noise
    return vectors[:, kept] * np.sqrt(values[kept])
