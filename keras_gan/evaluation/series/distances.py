"""Distances of windows from real ones: of values, of changes, and to the nearest training window."""

import numpy as np

from keras_gan.evaluation.tables.distances import kolmogorov_smirnov


def column_distances(real: np.ndarray, made: np.ndarray) -> np.ndarray:
    """Computes the Kolmogorov-Smirnov statistic of each column, (columns,), of windows (n, length, columns)."""
    return np.array([kolmogorov_smirnov(real[..., i].ravel(), made[..., i].ravel()) for i in range(real.shape[-1])])


def change_distances(real: np.ndarray, made: np.ndarray) -> np.ndarray:
    """Computes `column_distances` of the changes from each moment to the next, (columns,)."""
    return column_distances(np.diff(real, axis=1), np.diff(made, axis=1))


def autocorrelations(windows: np.ndarray, most: int = 8) -> np.ndarray:
    """Computes the autocorrelations of the changes from moment to moment at lags 1, 2, ..., (lags, columns).

    sum (c_t c_{t+k}) / sum c_t^2, over windows and moments, of changes less their mean; the lags are at most `most`,
    and at most a third of the length.
    """
    changes = np.diff(windows.astype("float64"), axis=1)
    changes = changes - changes.mean(axis=(0, 1))
    lags = range(1, 1 + max(1, min(most, windows.shape[1] // 3)))
    power = np.maximum((changes**2).mean(axis=(0, 1)), 1e-30)
    found = [(changes[:, :-k] * changes[:, k:]).mean(axis=(0, 1)) for k in lags if changes.shape[1] > k]
    return np.stack(found) / power if found else np.zeros((1, windows.shape[-1]))


def autocorrelation_difference(real: np.ndarray, made: np.ndarray) -> float:
    """Computes the mean absolute difference of `autocorrelations`."""
    return float(np.abs(autocorrelations(real) - autocorrelations(made)).mean())


def distance_ratio(train: np.ndarray, made: np.ndarray, unseen: np.ndarray) -> float:
    """Computes the mean distance of windows to the nearest training window, over that of unseen real windows.

    Far below 1 the windows are copies of training windows.
    """
    from sklearn.neighbors import NearestNeighbors

    search = NearestNeighbors(n_neighbors=1).fit(train.reshape(len(train), -1))
    a, b = (float(search.kneighbors(each.reshape(len(each), -1))[0].mean()) for each in (made, unseen))
    return a / b if b > 0 else 1.0 + a
