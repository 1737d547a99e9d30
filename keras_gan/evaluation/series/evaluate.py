"""Measures of generated windows, of real ones, and of windows of a normal distribution."""

from collections.abc import Callable, Sequence

import numpy as np

from keras_gan.evaluation.evaluate import versions
from keras_gan.evaluation.series import distances
from keras_gan.evaluation.series.baselines import gaussian_windows
from keras_gan.evaluation.series.learners import Forecaster, Judge, scaled
from keras_gan.evaluation.series.report import SeriesReport
from keras_gan.ground.arguments import check_seed, shown

FITS = 3  # judges whose mean is a discriminative score
MOST = 5_000  # windows for pairwise comparisons


def evaluate_series(
    real_train,
    real_test,
    made,
    *,
    names: Sequence[str] | None = None,
    seed: int = 0,
    progress: Callable[[str], None] = lambda text: None,
) -> SeriesReport:
    """Measures windows of a series that a model generated.

    Recurrent networks are trained to distinguish them from real windows, and to predict the next moment from them, by
    two protocols: one whose test has no moment in common with training, and TimeGAN's, for comparison with published
    numbers. See `discriminative_score` and `predictive_score`; discriminative scores are means of three networks.
    Values, changes from moment to moment and their autocorrelations are compared, and copies are searched for. The same
    numbers are computed for windows of a normal distribution, and for real ones: the discriminative score of blocks of
    real windows against the blocks between them, which is above 0 for series that drift, and the distances of
    `real_test`.

    Args:
        real_train: (n, length, columns) training windows of the model, in the order of time, as from `data.Windows`, n
            of at least 5; so are m and k.
        real_test: (m, length, columns) windows that share no moment with `real_train`, in the order of time.
        made: (k, length, columns) generated windows, on the same scale.
        names: The columns' names, to name the worst ones. Defaults to x0, x1, ...
        seed: Seed of the networks, and of drawn windows.
        progress: Function that is called with a line of text as each part begins. Defaults to doing nothing.

    Returns:
        A `SeriesReport`.

    Raises:
        ValueError: If windows are of different shapes, too few or not finite.

    Example:

    ```python
    series = data.Windows("stock.csv", 24, stretches=10)
    print(evaluation.evaluate_series(series.train, series.test, gan.generate(2000), names=series.names))
    ```

    Reference: [Yoon et al., 2019](https://papers.nips.cc/paper/8789), section 5.
    """
    seed = check_seed("seed", seed) % 2**32
    train, made, test = scaled(real_train, made, real_test)
    names = [f"x{i}" for i in range(train.shape[2])] if names is None else list(names)
    if len(names) != train.shape[2]:
        raise ValueError(f"`names` must be {train.shape[2]}, one per column. Received: names={shown(names)}")
    kinds = {"synthetic": made, "real": test, "Gaussian": gaussian_windows(train, len(made), seed=seed)}
    rows, worst = {name: {} for name in kinds}, {}
    for published in (False, True):
        suffix = "_timegan" if published else ""
        judge, fits = Judge(train.shape[1:], published), range(seed, seed + FITS)
        for name, windows in kinds.items():
            progress(f"networks of {name} windows" + (", by TimeGAN's protocol" if published else ""))
            if name == "real":
                found = [_compare_blocks(judge, train, test, fit) for fit in fits]
            else:
                found = [judge.score(train, windows, test, fit) for fit in fits]
            rows[name][f"discriminative{suffix}"] = float(np.mean(found))
        forecaster = None if published and len(names) == 1 else Forecaster(train.shape[1:], published)
        for name, windows in kinds.items() if forecaster else ():
            taught = train if name == "real" else windows
            rows[name][f"predictive{suffix}"] = forecaster.score(train, taught, test, seed)
    progress("distances")
    for name, windows in kinds.items():
        found, where = _distances(train, windows, test, names, seed)
        rows[name] |= found
        worst = worst or where
    settings = {"seed": seed, "length": train.shape[1], "columns": len(names), "n_train": len(train)}
    settings |= {"n_test": len(test), "n_synthetic": len(made), "versions": versions()}
    return SeriesReport(rows, worst, settings)


def _compare_blocks(judge, train, test, seed):
    """Scores blocks of real windows against the blocks between them; by TimeGAN's protocol two random halves."""
    if judge.published:
        order = np.random.default_rng((seed, 3)).permutation(len(train))
        half = len(train) // 2
        return judge.score(train[order[:half]], train[order[half:]], None, seed)
    (real, made), (unseen, other) = (_every_other(each) for each in (train, test))
    return judge.compare(real, made, unseen, other, seed)


def _every_other(windows):
    """Splits windows into every other block, of at most two windows' lengths, and the blocks between them."""
    size = max(1, min(2 * windows.shape[1], len(windows) // 2))
    even = np.arange(len(windows)) // size % 2 == 0
    return windows[even], windows[~even]


def _distances(train, windows, test, names, seed):
    """Returns the distances, and the columns with the greatest ones."""
    apart = {"column_distance": distances.column_distances(train, windows)}
    apart["change_distance"] = distances.change_distances(train, windows)
    found, where = {}, {}
    for measure, each in apart.items():
        found |= {measure: float(each.mean()), f"{measure}_greatest": float(each.max())}
        where[f"{measure}_greatest"] = names[int(each.argmax())]
    found["autocorrelation_difference"] = distances.autocorrelation_difference(train, windows)
    some = [_some(each, seed) for each in (train, windows, test)]
    return found | {"distance_ratio": distances.distance_ratio(*some)}, where


def _some(windows, seed):
    if len(windows) <= MOST:
        return windows
    return windows[np.random.default_rng(seed).choice(len(windows), MOST, replace=False)]
