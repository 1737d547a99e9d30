"""Measures of generated rows, of real ones, and of a baseline."""

import functools
import math
import warnings
from collections.abc import Callable, Mapping

import numpy as np

from keras_gan.data import Schema, frames
from keras_gan.evaluation.evaluate import versions
from keras_gan.evaluation.tables import copies, distances, learners
from keras_gan.evaluation.tables.baselines import class_wise_gaussian
from keras_gan.evaluation.tables.columns import Columns, read
from keras_gan.evaluation.tables.histograms import histograms
from keras_gan.evaluation.tables.report import TableReport
from keras_gan.ground.arguments import check_seed, shown

LEAST, MOST = 20, 10_000  # least rows of a table; most rows for pairwise comparisons
LEAKED = 0.1  # share of held-out rows that may be training rows, beyond the share that duplicates explain


def evaluate_table(
    real_train,
    real_test,
    synthetic,
    *,
    label: str,
    kinds: Mapping[str, str] | None = None,
    protocol: str = "standard",
    seed: int = 0,
    progress: Callable[[str], None] = lambda text: None,
) -> TableReport:
    """Measures rows of a table that a model generated.

    Learners are trained on them and tested on held-out real rows; their columns, and the associations between columns,
    are compared with those of the real training rows; and it is measured how much they reveal of the training rows.
    The same numbers are computed for real rows, and for rows whose columns depend only on the label. For `real` the
    learners are trained on the real training rows; its other numbers are those of the held-out rows, as a perfect model
    would generate such rows.

    Args:
        real_train: Training rows of the model: a pandas DataFrame, a dict of columns, or the path of a CSV or Parquet
            file. Each table must have at least 20 rows.
        real_test: Held-out rows from the same source.
        synthetic: Generated rows.
        label: The column that learners predict.
        kinds: Kinds of columns, as for `data.Schema.of`.
        protocol: `"standard"`, or `"ctgan"`: the learners' settings in the paper's program, which give a higher F1.
        seed: Seed of the learners, and of drawn rows.
        progress: Function that is called with a line of text as each part begins. Defaults to doing nothing.

    Returns:
        A `TableReport`.

    Raises:
        ValueError: If an argument is not a table, has too few rows or lacks columns, or the label is not a column that
            varies.
        ImportError: If pandas is not installed.

    Warns:
        UserWarning: If more of the held-out rows are training rows than duplicates in the training rows explain.

    Example:

    >>> rng = np.random.default_rng(0)
    >>> age = rng.integers(20, 80, 300)
    >>> people = {"age": age, "retired": np.where(age > 60, "yes", "no")}
    >>> train, test = ({name: x[rows] for name, x in people.items()} for rows in (slice(200), slice(200, None)))
    >>> report = evaluate_table(train, test, class_wise_gaussian(train, "retired"), label="retired")
    >>> 0.9 < report.rows["real"]["f1"] <= 1
    True

    Reference: [Xu et al., 2019](https://arxiv.org/abs/1907.00503), section 5.
    """
    if protocol not in learners.PROTOCOLS:
        raise ValueError(f"`protocol` must be one of {', '.join(learners.PROTOCOLS)}. Received: {shown(protocol)}")
    seed = check_seed("seed", seed) % 2**32
    tables = [_frame("real_train", real_train, lambda data: frames.as_frame(data, kinds))]
    schema = Schema.of(tables[0], kinds=kinds, modes=1)
    others = {"real_test": real_test, "synthetic": synthetic}
    tables += [_frame(name, each, schema.as_frame) for name, each in others.items()]
    progress("columns")
    gaussian = class_wise_gaussian(tables[0], label, len(tables[2]), kinds=kinds, seed=seed)
    train, test, made, independent = read(schema, [*tables, gaussian])
    task = learners.Task.of(label, train)
    _warn_of_training_rows(train, test)
    halves = np.array_split(np.random.default_rng(seed).permutation(len(test)), 2)
    held_out, unseen = (_some(test.take(half), seed) for half in halves)
    measures = Measures(train, _some(train, seed, len(unseen)), held_out, unseen, seed)
    kinds_of_rows = {
        "synthetic": (made, made, made),
        "real": (train, test, held_out),
        "class-wise Gaussian": (independent,) * 3,
    }
    rows, columns, worst = {}, {name: {} for name in train.names}, {}
    for name, (taught, compared, near) in kinds_of_rows.items():
        progress(f"learners of {name} rows")
        found = learners.efficacy(task, taught, test, protocol, seed)
        progress(f"distances of {name} rows")
        compared, apart, where = measures.distances(compared)
        rows[name] = found | compared | measures.privacy(near)
        worst = worst or where
        for column, distance in apart.items():
            columns[column][name] = distance
    settings = {"label": label, "protocol": protocol, "seed": seed}
    settings |= {"n_train": len(train), "n_test": len(test), "n_synthetic": len(made), "versions": _versions()}
    return TableReport(rows, columns, histograms(schema, train, made), worst, settings)


class Measures:
    """Measures of rows other than the learners' scores.

    Args:
        train: The real training rows.
        members: Some of the training rows, as many as `unseen`.
        held_out: Held-out real rows.
        unseen: Other held-out real rows.
        seed: Seed of drawn rows.
    """

    def __init__(self, train: Columns, members: Columns, held_out: Columns, unseen: Columns, seed: int):
        self.train, self.members, self.held_out, self.unseen, self.seed = train, members, held_out, unseen, seed
        self.space = copies.Space(train)

    def distances(self, rows: Columns) -> tuple[dict[str, float], dict[str, float], dict[str, str]]:
        """Returns the measures, the distance of each column, and the columns of the greatest measures."""
        apart = distances.column_distances(self.train, rows)
        share, category = distances.greatest_share_difference(self.train, rows)
        mean, greatest, pair = distances.association_differences(self.train, rows)
        n, worst = min(len(self.train), len(rows), MOST), max(apart, key=apart.get)
        found = {
            "column_distance": float(np.mean(list(apart.values()))),
            "column_distance_greatest": apart[worst],
            "share_difference": share,
            "association_difference": mean,
            "association_difference_greatest": greatest,
            "discriminability": learners.discriminability(*(_some(x, self.seed, n) for x in (self.train, rows))),
        }
        where = {"column_distance_greatest": worst, "share_difference": category}
        return found, apart, where | {"association_difference_greatest": pair}

    def privacy(self, rows: Columns) -> dict[str, float]:
        """Measures what the rows reveal of the training rows."""
        some = _some(rows, self.seed)
        return {
            "copied": copies.copied(self.train, rows),
            "nearer_to_training": copies.nearer_to_training(self.space, some, self.members, self.unseen),
            "distance_ratio": copies.distance_ratio(self.space, some, self.members, self.held_out),
            "membership_advantage": copies.membership_advantage(self.space, some, self.members, self.unseen),
        }


def _frame(name, data, read):
    try:
        frame = read(data)
    except ValueError as error:
        raise ValueError(f"`{name}` must be a table: {error}") from error
    if len(frame) < LEAST:
        raise ValueError(f"`{name}` must have at least {LEAST} rows. Received: {len(frame)}")
    return frame


def _warn_of_training_rows(train, test):
    """Warns if far more of the held-out rows are training rows than would be if both were drawn from one source."""
    known, expected = copies.copied(train, test), copies.repeated(train)
    deviation = math.sqrt(expected * (1 - expected) * (1 / len(test) + 1 / len(train)))
    if known > expected + LEAKED + 4 * deviation:
        warnings.warn(
            f"`real_test` must hold rows that the model was not trained on. Received: {round(known * len(test)):,} of "
            f"{len(test):,} held-out rows are training rows, though only {expected:.0%} of the training rows occur "
            "more than once: the learners' scores and the measures of privacy say nothing about new rows",
            stacklevel=3,
        )


def _some(columns, seed, most=MOST):
    """Draws at most `most` of the rows."""
    if len(columns) <= most:
        return columns
    return columns.take(np.random.default_rng(seed).choice(len(columns), most, replace=False))


@functools.cache
def _versions():
    import sklearn

    return {**versions(), "pandas": frames.pandas().__version__, "scikit-learn": sklearn.__version__}
