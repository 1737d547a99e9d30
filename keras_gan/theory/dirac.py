"""The Dirac-GAN: the smallest GAN, which shows whether a training method converges.

The data is the point 0, the generator returns the point theta, and the discriminator is D(x) = psi x, a logit. As in
the rest of the library, D is high on real examples; in the paper it is high on fakes, so that the paper's psi has the
opposite sign. The only equilibrium is (0, 0).
"""

import math
from collections.abc import Sequence

import numpy as np

from keras_gan.ground.arguments import check_count

OBJECTIVES = ("minimax", "non_saturating", "wasserstein")


def dirac_vector_field(theta, psi, objective: str = "non_saturating", r1: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Computes the directions of both players, minus the gradient of each player's loss: (d theta, d psi).

    minimax:        d theta = psi sigmoid(psi theta),   d psi = -theta sigmoid(psi theta) - gamma psi
    non_saturating: d theta = psi sigmoid(-psi theta),  the same d psi
    wasserstein:    d theta = psi,                      d psi = -theta - gamma psi

    Args:
        theta: The generator's point: a number or an array, such as a grid for a plot of arrows.
        psi: The discriminator's slope, of a shape that broadcasts with `theta`.
        objective: `"minimax"`, `"non_saturating"` or `"wasserstein"`. Defaults to `"non_saturating"`.
        r1: gamma, the weight of `R1`, gamma / 2 psi^2, at least 0. Defaults to 0.

    Returns:
        Two float64 arrays of the common shape.

    Raises:
        ValueError: If `objective` is unknown or `r1` is negative.

    Example:

    >>> [float(d) for d in dirac_vector_field(0.0, 2.0, r1=0.25)]
    [1.0, -0.5]

    Reference: [Mescheder et al., 2018](https://arxiv.org/abs/1801.04406), section 2.
    """
    _check(objective, r1)
    theta, psi = np.broadcast_arrays(np.asarray(theta, "float64"), np.asarray(psi, "float64"))
    fake = 1.0 if objective == "wasserstein" else _sigmoid(psi * theta)
    slope = 1.0 - fake if objective == "non_saturating" else fake
    return psi * slope, -theta * fake - r1 * psi


def dirac_trajectory(
    start: Sequence[float],
    learning_rate: float,
    steps: int,
    *,
    alternating: bool = True,
    objective: str = "non_saturating",
    r1: float = 0.0,
) -> np.ndarray:
    """Computes the path of gradient descent of both players.

    Args:
        start: (theta, psi).
        learning_rate: h, above 0, for both players.
        steps: The number of steps, at least 1.
        alternating: Whether the generator moves after the discriminator, as in `GAN`, rather than at the same time.
            Defaults to True.
        objective: See `dirac_vector_field`.
        r1: See `dirac_vector_field`.

    Returns:
        (steps + 1, 2) float64: rows (theta, psi), the first of which is `start`.

    Raises:
        ValueError: If an argument is out of range.

    Example:

    >>> path = dirac_trajectory((1.0, 1.0), 0.2, 500, r1=1.0)
    >>> path.shape, bool(np.linalg.norm(path[-1]) < 1e-6)
    ((501, 2), True)

    Reference: [Mescheder et al., 2018](https://arxiv.org/abs/1801.04406), sections 2 and 3.
    """
    _check(objective, r1)
    check_count("steps", steps)
    if not 0 < learning_rate < math.inf:
        raise ValueError(f"`learning_rate` must be finite and above 0. Received: learning_rate={learning_rate!r}")
    if np.shape(start) != (2,) or not np.all(np.isfinite(start)):
        raise ValueError(f"`start` must be two finite numbers, theta and psi. Received: start={start!r}")
    path = np.empty((steps + 1, 2))
    path[0] = start
    theta, psi = path[0]
    for i in range(steps):
        d_theta, d_psi = dirac_vector_field(theta, psi, objective, r1)
        psi = psi + learning_rate * d_psi
        if alternating:
            d_theta, _ = dirac_vector_field(theta, psi, objective, r1)
        theta = theta + learning_rate * d_theta
        path[i + 1] = theta, psi
    return path


def dirac_eigenvalues(r1: float = 0.0, objective: str = "non_saturating") -> np.ndarray:
    """Computes the eigenvalues of the field's Jacobian at equilibrium: -gamma / 2 +- sqrt(gamma^2 / 4 - f'(0)^2).

    f'(0) = 1/2, for wasserstein 1. Near the equilibrium the distance to it falls as exp(t Re lambda), with t = h steps
    for small learning rates h. Without R1 the eigenvalues are imaginary, and the distance does not fall to first order:
    minimax and wasserstein circle, non_saturating converges as 1 / sqrt(t).

    Args:
        r1: gamma, at least 0. Defaults to 0.
        objective: See `dirac_vector_field`.

    Returns:
        (2,) complex128, the one with the sign + first.

    Example:

    >>> dirac_eigenvalues(0.0).imag.tolist(), dirac_eigenvalues(1.0).real.tolist()
    ([0.5, -0.5], [-0.5, -0.5])

    Reference: [Mescheder et al., 2018](https://arxiv.org/abs/1801.04406), sections 2 and 3.
    """
    _check(objective, r1)
    slope = 1.0 if objective == "wasserstein" else 0.5
    root = np.sqrt(complex(r1**2 / 4 - slope**2))
    return np.array([-r1 / 2 + root, -r1 / 2 - root])


def _check(objective, r1):
    if objective not in OBJECTIVES:
        raise ValueError(f"`objective` must be one of {', '.join(OBJECTIVES)}. Received: objective={objective!r}")
    if not 0 <= r1 < math.inf:
        raise ValueError(f"`r1` must be finite and at least 0. Received: r1={r1!r}")


def _sigmoid(t):
    return 0.5 * (1.0 + np.tanh(0.5 * t))
