"""Walks between two latents."""

import numpy as np

from keras_gan.arguments import check_count


def interpolate(start, end, steps: int, mode: str = "linear") -> np.ndarray:
    """Walks from one latent to another, both ends included.

    linear: (1 - t) a + t b. spherical: sin((1 - t) w) / sin(w) a + sin(t w) / sin(w) b with w the angle between a and
    b; where they are parallel it falls back to the linear walk.

    Args:
        start: (dim,) or (N, dim).
        end: The same shape.
        steps: How many points, at least 2.
        mode: `"linear"` or `"spherical"`: the latter keeps the length that a normal or spherical prior expects.

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
        lengths = np.linalg.norm(a, axis=-1, keepdims=True) * np.linalg.norm(b, axis=-1, keepdims=True)
        cosine = np.sum(a * b, axis=-1, keepdims=True) / np.where(lengths > 0, lengths, 1)
        angle = np.arccos(np.clip(cosine, -1, 1))
        sine = np.sin(angle)
        safe = np.where(sine > 1e-6, sine, 1)
        arc = np.sin((1 - t) * angle) / safe * a + np.sin(t * angle) / safe * b
        walk = np.where((sine > 1e-6) & (lengths > 0), arc, walk)
    return walk.astype("float32")
