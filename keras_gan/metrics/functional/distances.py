"""Squared distances between all rows of two sets, a block of rows at a time."""

from collections.abc import Iterator

import numpy as np

BLOCK = 2**24  # distances at a time: 128 MB
CLOSE = 1e-9  # share of the squared norms below which rounding of the matrix product dominates
FEW = 8  # pairs per row that are recomputed one by one


def check_features(least: int = 1, **features) -> list[np.ndarray]:
    """Returns the features as arrays (N, d), if they are finite, of one d, and have at least `least` rows.

    Raises:
        ValueError: If one of these does not hold; the error shows the argument's name.
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


def centre_of(x: np.ndarray) -> np.ndarray:
    """Returns the mean of the rows, (d,) float64; distances of centred rows lose less to rounding.

    For whole numbers, such as binary features, the mean is rounded: distances, and so ties, are then exact.
    """
    mean = np.asarray(np.mean(x, axis=0, dtype="float64"))
    return np.round(mean) if np.array_equal(x, np.round(x)) else mean


def blocks(
    a: np.ndarray, b: np.ndarray, centre: np.ndarray, *, without_self: bool = False
) -> Iterator[tuple[slice, np.ndarray]]:
    """Yields rows of `a`, and their squared distances to all rows of `b`, (rows, len(b)) float64.

    Memory holds only one float64 copy of `b` at a time.

    Args:
        a: (N, d).
        b: (M, d).
        centre: (d,), which is subtracted from both: see `centre_of`. Use one for all distances that are compared.
        without_self: Whether `b` is `a`, and a row has an infinite distance to itself. Defaults to False.
    """
    b = b - centre
    step = max(1, BLOCK // len(b))
    for start in range(0, len(a), step):
        rows = slice(start, min(start + step, len(a)))
        part = a[rows] - centre
        distances, close = _distances(part, b)
        if without_self:
            places = np.arange(rows.stop - start), np.arange(start, rows.stop)
            distances[places], close[places] = np.inf, False
        _recompute(distances, close, part, b)
        yield rows, distances


def _distances(a, b):
    """Computes squared distances by a product of matrices, and a mask of those lost to rounding."""
    scale = np.einsum("ij,ij->i", a, a)[:, None] + np.einsum("ij,ij->i", b, b)
    distances = a @ b.T
    distances *= -2
    distances += scale
    scale *= CLOSE
    return distances, (distances <= scale) & (scale > 0)  # two rows at the origin are at 0


def _recompute(distances, close, a, b):
    """Computes lost distances from differences: pair by pair if they are few, otherwise around a common row.

    Rows near to one row, as of collapsed fakes, are near to each other: centred on it, their products keep the digits.
    """
    while close.sum() > FEW * sum(close.shape):
        column = close.sum(axis=0).argmax()
        rows = np.flatnonzero(close[:, column])
        columns = np.flatnonzero(close[rows[0]])
        part, near_a, near_b = np.ix_(rows, columns), a[rows] - b[column], b[columns] - b[column]
        found, still_lost = _distances(near_a, near_b)
        distances[part] = np.where(close[part], found, distances[part])
        close[part] &= still_lost
    i, j = np.nonzero(close)
    step = max(1, BLOCK // (4 * a.shape[1]))
    for start in range(0, len(i), step):
        part = slice(start, start + step)
        difference = a[i[part]] - b[j[part]]
        distances[i[part], j[part]] = np.einsum("ij,ij->i", difference, difference)


def neighbour_distances(x: np.ndarray, k: int, centre: np.ndarray) -> np.ndarray:
    """Computes the squared distance of each row of `x` to its k-th nearest other row, (N,)."""
    found = np.empty(len(x))
    for rows, distances in blocks(x, x, centre, without_self=True):
        distances.partition(k - 1, axis=1)
        found[rows] = distances[:, k - 1]
    return found


def smallest(a: np.ndarray, b: np.ndarray, centre: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Finds the `k` rows of `b` nearest to each row of `a`: squared distances and indices, (N, k), nearest first."""
    found, index = np.empty((len(a), k)), np.empty((len(a), k), "int64")
    for rows, distances in blocks(a, b, centre):
        index[rows] = np.argpartition(distances, range(k), axis=1)[:, :k]
        found[rows] = np.take_along_axis(distances, index[rows], axis=1)
    return found, index


def nearest(
    a: np.ndarray, b: np.ndarray, centre: np.ndarray, *, without_self: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """Finds the row of `b` nearest to each row of `a`: the squared distance, (N,), and that row's index, (N,)."""
    found, index = np.empty(len(a)), np.empty(len(a), "int64")
    for rows, distances in blocks(a, b, centre, without_self=without_self):
        index[rows] = distances.argmin(axis=1)
        found[rows] = np.take_along_axis(distances, index[rows, None], axis=1)[:, 0]
    return found, index
