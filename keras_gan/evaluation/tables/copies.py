"""Measures of privacy: what rows reveal of the rows that a model was trained on."""

import collections

import numpy as np

from keras_gan.evaluation.tables.columns import Columns
from keras_gan.ground.magnitudes import moments

NEAR = 2.0  # standard deviations between two numbers that count as much as two different categories
FAR = 1e100  # bound of scaled numbers: squares of greater ones overflow


def copied(real: Columns, other: Columns) -> float:
    """Computes the share of the other table's rows that equal a row of the real table in every column."""
    known = {row.tobytes() for row in _comparable(real)}
    return float(np.mean([row.tobytes() in known for row in _comparable(other)]))


def repeated(rows: Columns) -> float:
    """Computes the share of rows that equal another row of the same table in every column."""
    counts = collections.Counter(row.tobytes() for row in _comparable(rows))
    return sum(count for count in counts.values() if count > 1) / len(rows)


class Space:
    """A metric space of rows.

    The squared distance of two rows is the number of categories that differ, plus the squared differences of numbers,
    in units of two standard deviations. If one of two numbers is missing, their squared distance is 1, plus that of the
    other number and the mean.

    Args:
        real: Rows whose means and standard deviations are used.
    """

    def __init__(self, real: Columns):
        self.sizes = {name: len(categories) for name, categories in real.categories.items()}
        self.means, self.scales = {}, {}
        for name, x in real.numbers.items():
            known = x[np.isfinite(x)]
            self.means[name], deviation = moments(known) if len(known) else (0.0, 0.0)
            self.scales[name] = deviation if deviation > 0 else 1.0

    def nearest(self, rows: Columns, others: Columns) -> np.ndarray:
        """Computes the distance of each row to the nearest of the others, (n,)."""
        from sklearn.neighbors import NearestNeighbors

        search = NearestNeighbors(n_neighbors=1, algorithm="brute").fit(self._places(others))
        return search.kneighbors(self._places(rows))[0][:, 0]

    def _places(self, columns):
        from scipy import sparse

        parts = []
        for name, x in columns.numbers.items():
            known = np.isfinite(x)
            with np.errstate(over="ignore"):  # from the mean, as squares of large numbers would hide small differences
                places = ((x / NEAR - self.means[name] / NEAR) / self.scales[name]).clip(-FAR, FAR)
            parts += [np.where(known, places, 0.0)[:, None], 1.0 * ~known[:, None]]
        rows = np.arange(len(columns))
        for name, codes in columns.codes.items():
            shape = (len(columns), self.sizes[name])
            parts.append(sparse.csr_matrix((np.full(len(rows), np.sqrt(0.5)), (rows, codes)), shape))
        return sparse.hstack([sparse.csr_matrix(part) for part in parts], format="csr")


def nearer_to_training(space: Space, rows: Columns, members: Columns, unseen: Columns) -> float:
    """Computes the share of rows that are nearer to training rows than to as many unseen rows.

    Ties count as halves. 0.5 is ideal; a larger share shows that rows were memorized.
    """
    a, b = space.nearest(rows, members), space.nearest(rows, unseen)
    return float(np.mean((a < b) + 0.5 * (a == b)))


def distance_ratio(space: Space, rows: Columns, members: Columns, held_out: Columns) -> float:
    """Computes the mean distance of rows to the nearest training row, over that of held-out real rows.

    Below 1 the rows are nearer to training rows than other real rows are.
    """
    a, b = (float(space.nearest(each, members).mean()) for each in (rows, held_out))
    return a / b if b > 0 else 1.0 + a


def membership_advantage(space: Space, rows: Columns, members: Columns, unseen: Columns) -> float:
    """Measures the advantage over guessing of an attack that infers training rows by the distance to the nearest row.

    max_t P(distance <= t | member) - P(distance <= t | unseen), in [0, 1]. For rows that are independent of the
    training rows it is about 1 / sqrt(n).
    """
    a, b = (np.sort(space.nearest(each, rows)) for each in (members, unseen))
    everything = np.concatenate([a, b])
    shares = [np.searchsorted(each, everything, side="right") / len(each) for each in (a, b)]
    return float(max((shares[0] - shares[1]).max(), 0.0))


def _comparable(columns):
    """Returns the rows, (n, columns), so that equal rows have equal bytes."""
    x = columns.matrix() + 0.0  # no -0.0
    return np.where(np.isnan(x), np.nan, x)
