"""Measures of what rows give away of those that a model was trained on."""

import numpy as np

from keras_gan.evaluation.tables.columns import Columns
from keras_gan.ground.magnitudes import moments

NEAR = 2.0  # as many standard deviations between two numbers count as much as two categories that differ
FAR = 1e100  # how far a number may be: squares of greater ones overflow


def copied(real: Columns, other: Columns) -> float:
    """Returns the share of the other table's rows that are rows of the real one, in every column."""
    known = {row.tobytes() for row in _comparable(real)}
    return float(np.mean([row.tobytes() in known for row in _comparable(other)]))


class Space:
    """A space of rows in which distances between them mean something.

    The squared distance of two rows is the number of categories that differ, plus the squared differences of numbers,
    in units of two standard deviations. Of two numbers of which one is missing it is 1, plus that of the other one and
    the mean.

    Args:
        real: Rows that the standard deviations are taken of.
    """

    def __init__(self, real: Columns):
        self.sizes = {name: len(categories) for name, categories in real.categories.items()}
        self.means, self.scales = {}, {}
        for name, x in real.numbers.items():
            known = x[np.isfinite(x)]
            self.means[name], deviation = moments(known) if len(known) else (0.0, 0.0)
            self.scales[name] = deviation if deviation > 0 else 1.0

    def nearest(self, rows: Columns, others: Columns) -> np.ndarray:
        """Returns the distance of each row to the nearest of the others, (n,)."""
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
    """Returns the share of rows that are nearer to rows of the training than to as many that training has not seen.

    0.5 is right, ties count as halves; more tells that rows were remembered.
    """
    a, b = space.nearest(rows, members), space.nearest(rows, unseen)
    return float(np.mean((a < b) + 0.5 * (a == b)))


def distance_ratio(space: Space, rows: Columns, members: Columns, held_out: Columns) -> float:
    """Returns the mean distance of rows to the nearest row of the training, over that of real rows that were held out.

    Below 1 the rows are nearer to the training's than real ones are.
    """
    a, b = (float(space.nearest(each, members).mean()) for each in (rows, held_out))
    return a / b if b > 0 else 1.0 + a


def membership_advantage(space: Space, rows: Columns, members: Columns, unseen: Columns) -> float:
    """Measures how much better than a guess the distance to the nearest of the rows tells who was in the training.

    max_t P(distance <= t | member) - P(distance <= t | unseen), in [0, 1]. Of rows that have nothing to do with the
    training it is about 1 / sqrt(n).
    """
    a, b = (np.sort(space.nearest(each, rows)) for each in (members, unseen))
    everything = np.concatenate([a, b])
    shares = [np.searchsorted(each, everything, side="right") / len(each) for each in (a, b)]
    return float(max((shares[0] - shares[1]).max(), 0.0))


def _comparable(columns):
    """Returns the rows, (n, columns), so that equal ones are equal byte by byte."""
    x = columns.matrix() + 0.0  # no -0.0
    return np.where(np.isnan(x), np.nan, x)
