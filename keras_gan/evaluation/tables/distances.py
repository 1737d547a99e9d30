"""Distances of the columns of two tables: of single columns, and of the associations between columns."""

import itertools

import numpy as np

from keras_gan.evaluation.tables.columns import Columns


def column_distances(real: Columns, other: Columns) -> dict[str, float]:
    """Computes the distance of each column's values, in [0, 1].

    Numbers: the statistic of Kolmogorov and Smirnov, max_x |F(x) - G(x)|, missing values as the greatest. Categories:
    the total variation, sum_k |p_k - q_k| / 2.
    """
    numbers = {name: kolmogorov_smirnov(values, other.numbers[name]) for name, values in real.numbers.items()}
    return numbers | {name: float(np.abs(differences).sum()) / 2 for name, differences in _shares(real, other).items()}


def greatest_share_difference(real: Columns, other: Columns) -> tuple[float, str]:
    """Returns the greatest difference of a category's share, in percentage points, with its column and category.

    Returns 0 and an empty text if no column has categories.
    """
    found = [(0.0, "")]
    for name, differences in _shares(real, other).items():
        worst = int(np.abs(differences).argmax())
        found.append((100 * abs(float(differences[worst])), f"{name}: {real.categories[name][worst]}"))
    return max(found)


def _shares(real, other):
    """Computes by column the differences of the categories' shares, of the other table less the real one."""
    sizes = {name: len(categories) for name, categories in real.categories.items()}
    return {
        name: np.bincount(other.codes[name], minlength=size) / len(other)
        - np.bincount(real.codes[name], minlength=size) / len(real)
        for name, size in sizes.items()
    }


def kolmogorov_smirnov(a: np.ndarray, b: np.ndarray) -> float:
    """Computes max_x |F_a(x) - F_b(x)| of two sets of numbers, (n,) and (m,), with NaN as the greatest number."""
    a, b = np.sort(a), np.sort(b)
    everything = np.concatenate([a, b])
    parts = [np.searchsorted(each, everything, side="right") / len(each) for each in (a, b)]
    return float(np.abs(parts[0] - parts[1]).max())


def associations(columns: Columns) -> dict[tuple[str, str], float]:
    """Computes the association of every two columns.

    Numbers with numbers: the correlation, in [-1, 1], of the rows that have both. Categories with categories: Cramer's
    V. Numbers with categories: the correlation ratio, sqrt(variance between the categories / variance). It is 0 for a
    constant column.
    """
    found = {}
    for a, b in itertools.combinations(columns.names, 2):
        if b in columns.numbers:
            found[a, b] = correlation(columns.numbers[a], columns.numbers[b])
        elif a in columns.numbers:
            found[a, b] = correlation_ratio(columns.numbers[a], columns.codes[b])
        else:
            found[a, b] = cramers_v(columns.codes[a], columns.codes[b])
    return found


def correlation(a: np.ndarray, b: np.ndarray) -> float:
    """Computes Pearson's correlation of the pairs of finite numbers."""
    known = np.isfinite(a) & np.isfinite(b)
    a, b = _standardized(a[known]), _standardized(b[known])
    return float(np.mean(a * b)) if known.any() else 0.0


def correlation_ratio(numbers: np.ndarray, codes: np.ndarray) -> float:
    """Computes sqrt(sum_k n_k (mean_k - mean)^2 / sum_i (x_i - mean)^2) of the finite numbers."""
    known = np.isfinite(numbers)
    x, codes = _standardized(numbers[known]), codes[known]
    counts = np.bincount(codes)
    between = np.bincount(codes, x) ** 2 / np.maximum(counts, 1)
    return float(np.sqrt(min(between.sum() / max(len(x), 1), 1.0)))


def cramers_v(a: np.ndarray, b: np.ndarray) -> float:
    """Computes sqrt(chi^2 / n / (the fewer categories - 1)) of occurring categories, without a table of all pairs."""
    (_, a), (_, b) = (np.unique(codes, return_inverse=True) for codes in (a, b))
    (n_a, n_b), fewer = (np.bincount(codes) for codes in (a, b)), min(a.max(), b.max())
    if fewer == 0:
        return 0.0
    pairs, counts = np.unique(a * len(n_b) + b, return_counts=True)
    squares = counts**2 / n_a[pairs // len(n_b)] / n_b[pairs % len(n_b)]
    return float(np.sqrt(max(squares.sum() - 1, 0.0) / fewer))


def association_differences(real: Columns, other: Columns) -> tuple[float, float, str]:
    """Returns the mean and the greatest difference of `associations`, and the two columns of the greatest.

    Returns 0, 0 and an empty text for a table with one column.
    """
    a, b = associations(real), associations(other)
    if not a:
        return 0.0, 0.0, ""
    differences = {pair: abs(b[pair] - value) for pair, value in a.items()}
    worst = max(differences, key=differences.get)
    return float(np.mean(list(differences.values()))), differences[worst], " and ".join(worst)


def _standardized(x):
    """Standardizes numbers to mean 0 and variance 1; constant numbers become zeros."""
    if not len(x):
        return x
    middle, rounding = x.min() / 2 + x.max() / 2, 4 * np.spacing(np.abs(x).max() / 2)
    x = x / 2 - middle / 2  # by halves, as differences of the greatest numbers overflow
    largest = np.abs(x).max()
    if largest <= rounding:
        return np.zeros_like(x)
    x = x / largest  # squares overflow, too
    return (x - x.mean()) / x.std()
