"""Squared distances between all rows of two sets, a block of rows at a time."""

from collections.abc import Iterator

import numpy as np

BLOCK = 2**24  # distances at a time: 128 MB
CLOSE = 1e-9  # of the squared norms: below it the product of matrices has lost the difference


def check_features(least: int = 1, **features) -> list[np.ndarray]:
    """The features as arrays (N, d), if they are finite, of one d, and have at least `least` rows.

    Raises:
        ValueError: If they are not; the error shows the argument's name.
    """
    arrays = {name: np.asarray(value) for name, value in features.items()}
    width = None
    for name, array in arrays.items():
        if array.ndim != 2 or len(array) < least or not array.shape[1]:
            raise ValueError(
                f"`{name}` must be (N, d) with N of at least {least}. Received: {name}.shape={array.shape}"
            )
        width = width or array.shape[1]
        if array.shape[1] != width:
            raise ValueError(
                f"`{name}` must have {width} columns, as `{next(iter(arrays))}` has. "
                f"Received: {name}.shape={array.shape}"
            )
        if not np.isfinite(array).all():
            raise ValueError(
                f"`{name}` must be finite. Received: {int((~np.isfinite(array)).sum())} numbers that are not"
            )
    return list(arrays.values())


def centred(*arrays: np.ndarray) -> list[np.ndarray]:
    """float64 copies moved by the first one's mean: distances stay, and less of them is lost to rounding."""
    mean = np.mean(arrays[0], axis=0, dtype="float64")
    return [array.astype("float64") - mean for array in arrays]


def blocks(a: np.ndarray, b: np.ndarray, *, without_self: bool = False) -> Iterator[tuple[slice, np.ndarray]]:
    """Rows of `a`, and their squared distances to all rows of `b`, (rows, len(b)) float64.

    Args:
        a: (N, d) float64, best `centred`.
        b: (M, d) float64.
        without_self: `b` is `a`, and a row is at an infinite distance from itself.
    """
    squares_a, squares_b = (np.einsum("ij,ij->i", x, x) for x in (a, b))
    step = max(1, BLOCK // len(b))
    for start in range(0, len(a), step):
        rows = slice(start, min(start + step, len(a)))
        scale = squares_a[rows, None] + squares_b
        distances = a[rows] @ b.T
        distances *= -2
        distances += scale
        scale *= CLOSE
        _recompute(distances, distances <= scale, a[rows], b)
        if without_self:
            distances[np.arange(rows.stop - start), np.arange(start, rows.stop)] = np.inf
        yield rows, distances


def _recompute(distances, close, a, b):
    i, j = np.nonzero(close)
    step = max(1, BLOCK // a.shape[1])
    for start in range(0, len(i), step):
        part = slice(start, start + step)
        difference = a[i[part]] - b[j[part]]
        distances[i[part], j[part]] = np.einsum("ij,ij->i", difference, difference)


def neighbour_distances(x: np.ndarray, k: int) -> np.ndarray:
    """Of each row of `x` the squared distance to its k-th nearest other row, (N,)."""
    found = np.empty(len(x))
    for rows, distances in blocks(x, x, without_self=True):
        found[rows] = np.partition(distances, k - 1, axis=1)[:, k - 1]
    return found


def nearest(a: np.ndarray, b: np.ndarray, *, without_self: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Of each row of `a` the squared distance to the nearest row of `b`, (N,), and that row's index, (N,)."""
    found, index = np.empty(len(a)), np.empty(len(a), "int64")
    for rows, distances in blocks(a, b, without_self=without_self):
        index[rows] = distances.argmin(axis=1)
        found[rows] = np.take_along_axis(distances, index[rows, None], axis=1)[:, 0]
    return found, index
