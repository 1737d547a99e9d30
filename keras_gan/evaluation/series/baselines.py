"""A baseline for generated windows."""

import numpy as np

from keras_gan.ground.arguments import check_count, check_seed, shown


def gaussian_windows(windows, n: int | None = None, *, seed: int = 0) -> np.ndarray:
    """Draws windows from a normal distribution of the mean and the covariance of all moments and columns of real ones.

    The distribution reproduces the correlation of every two numbers of a window, and nothing else. A model of series is
    worth its training where it is better.

    Args:
        windows: (m, length, columns) real windows, m of at least 2.
        n: Number of windows to draw. Defaults to m.
        seed: Seed of the draws.

    Returns:
        (n, length, columns) float32.

    Raises:
        ValueError: If `windows` has another shape, or holds fewer than 2.

    Example:

    >>> walks = np.random.default_rng(0).normal(size=(500, 8, 1)).cumsum(axis=1)
    >>> bool(abs(gaussian_windows(walks, 1000)[:, -1].std() / walks[:, -1].std() - 1) < 0.1)
    True
    """
    windows = np.asarray(windows)
    if windows.ndim != 3 or len(windows) < 2:
        raise ValueError(f"`windows` must be (m, length, columns), m of at least 2. Received: windows={shown(windows)}")
    n, rng = len(windows) if n is None else check_count("n", n), np.random.default_rng(check_seed("seed", seed) % 2**32)
    flat = windows.reshape(len(windows), -1).astype("float64")
    # the covariance of overlapping windows is nearly singular: its square root is computed from the data itself
    _, widths, directions = np.linalg.svd(flat - flat.mean(axis=0), full_matrices=False)
    drawn = rng.normal(size=(n, len(widths))) * widths / np.sqrt(len(windows) - 1) @ directions + flat.mean(axis=0)
    return drawn.reshape(n, *windows.shape[1:]).astype("float32")
