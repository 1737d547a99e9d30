"""Paths between two latents."""

import numpy as np

from keras_gan.ground.arguments import check_count

PARALLEL = 1e-6  # directions are equal, or opposite, below this sine of their angle


def interpolate(start, end, steps: int, mode: str = "linear") -> np.ndarray:
    """Interpolates between two latents, both ends included.

    linear: (1 - t) a + t b. spherical: sin((1 - t) w) / sin(w) a + sin(t w) / sin(w) b with w the angle between a and
    b; for equal directions this is the linear path. Opposite ends have no unique shortest arc: the path then passes
    through a fixed direction at right angles to them, near the axis on which `start` is smallest, and its length
    changes linearly. In one dimension, or if an end is 0, the path is linear.

    Args:
        start: (dim,) or (N, dim).
        end: The same shape.
        steps: The number of points, at least 2.
        mode: `"linear"` or `"spherical"`, which keeps the lengths typical of a normal or spherical prior. Defaults to
            `"linear"`.

    Returns:
        (steps, dim) or (N, steps, dim), float32.

    Raises:
        ValueError: If the shapes differ, `steps` is below 2, or `mode` is unknown.

    Example:

    >>> interpolate([0.0, 2.0], [1.0, 0.0], 3, "linear").tolist()
    [[0.0, 2.0], [0.5, 1.0], [1.0, 0.0]]

    Reference: [White, 2016](https://arxiv.org/abs/1609.04468), section 2.1.
    """
    a, b = np.asarray(start, "float64"), np.asarray(end, "float64")
    if a.shape != b.shape or a.ndim not in (1, 2):
        raise ValueError(
            "`start` and `end` must have the same shape, (dim,) or (N, dim). "
            f"Received: start.shape={a.shape}, end.shape={b.shape}"
        )
    check_count("steps", steps, least=2)
    if mode not in ("linear", "spherical"):
        raise ValueError(f"`mode` must be 'linear' or 'spherical'. Received: mode={mode!r}")
    t = np.linspace(0.0, 1.0, steps)[:, None]
    a, b = a[..., None, :], b[..., None, :]
    walk = (1 - t) * a + t * b
    if mode == "spherical":
        walk = _arc(a, b, t, walk)
    return walk.astype("float32")


def _arc(a, b, t, straight):
    """Computes arcs from (..., 1, dim) to (..., 1, dim); `straight` if there is no angle between the ends."""
    length_a, length_b = (np.linalg.norm(end, axis=-1, keepdims=True) for end in (a, b))
    lengths = length_a * length_b
    angle = np.arccos(np.clip(np.sum(a * b, axis=-1, keepdims=True) / np.where(lengths > 0, lengths, 1), -1, 1))
    sine = np.sin(angle)
    safe = np.where(sine > PARALLEL, sine, 1)
    arc = np.sin((1 - t) * angle) / safe * a + np.sin(t * angle) / safe * b
    unit = a / np.where(length_a > 0, length_a, 1)
    half_turn = (1 - t) * length_a + t * length_b
    half_turn = half_turn * (np.cos(np.pi * t) * unit + np.sin(np.pi * t) * _across(unit))
    opposite = (angle > np.pi / 2) & (a.shape[-1] > 1)
    return np.where(lengths > 0, np.where(sine > PARALLEL, arc, np.where(opposite, half_turn, straight)), straight)


def _across(unit):
    """Returns a unit vector orthogonal to (..., dim), from the axis on which `unit` is smallest."""
    axis = np.eye(unit.shape[-1])[np.argmin(np.abs(unit), axis=-1)]
    across = axis - np.sum(axis * unit, axis=-1, keepdims=True) * unit
    length = np.linalg.norm(across, axis=-1, keepdims=True)
    return across / np.where(length > 0, length, 1)
