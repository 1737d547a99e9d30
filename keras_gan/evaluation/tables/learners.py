"""Learners on a table: their scores on real rows, and a classifier of its rows against real ones."""

import dataclasses
import warnings

import numpy as np

from keras_gan.evaluation.tables.columns import Columns
from keras_gan.ground.magnitudes import exponent, moments

PROTOCOLS = ("standard", "ctgan")
MOST_CATEGORIES = 100  # per column for a learner; rarer ones are joined to one
FOLDS = 3
HUGE = 1e300  # replaces infinity where a learner does not accept it
WORST = -1e300  # the least R^2 that is reported, as it may be beyond floats
FAR = 1e30  # bound of scaled numbers: trees compute in float32


@dataclasses.dataclass(frozen=True)
class Task:
    """The task of predicting one column of a table from the others.

    Attributes:
        label: Name of the column.
        rare: Code of the rarer of two categories; None for another number of categories, and for numbers.
        numeric: Whether the label is a number.
    """

    label: str
    rare: int | None
    numeric: bool

    @classmethod
    def of(cls, label: str, real: Columns) -> "Task":
        """Returns the task of predicting a label, by its values in the real training rows.

        Raises:
            ValueError: If there is no such column, no other column, or the column has only one value.
        """
        if label not in real.names or len(real.names) == 1:
            raise ValueError(f"`label` must be one of several columns, {real.names}. Received: label={label!r}")
        if label in real.numbers:
            return cls(label, None, True)
        counts = np.bincount(real.codes[label])
        occurring = np.flatnonzero(counts)
        if len(occurring) == 1:
            raise ValueError(f"`label` must name a column that varies. Received: label={label!r}, with one value")
        rare = int(occurring[counts[occurring].argmin()]) if len(occurring) == 2 else None
        return cls(label, rare, False)


def efficacy(task: Task, train: Columns, test: Columns, protocol: str = "standard", seed: int = 0) -> dict[str, float]:
    """Computes the scores on test rows of learners that are trained on other rows.

    Args:
        task: The learners' task.
        train: The training rows, such as synthetic ones.
        test: Real rows, read together with `train`.
        protocol: `"standard"`, scikit-learn's settings on standardised numbers, or `"ctgan"`, those of the paper's
            program: weights that balance classes, numbers in [0, 5] or their logarithms.
        seed: Seed of the learners.

    Returns:
        For a label with two categories `f1`, of the rarer one, and `accuracy`; for one with more categories `f1`, the
        mean over the categories, and `accuracy`; for a number `r2`. Each is a mean over the learners, and is also given
        per learner, such as `f1_tree`.
    """
    (x, y), (x_test, y_test) = (_split(task, each) for each in (train, test))
    unit = exponent(y) if task.numeric else 0  # learners square the label
    y = np.ldexp(y, -unit) if task.numeric else y
    learners = _learners(task, protocol, seed)
    found = {}
    for name, learner in learners.items():
        if len(np.unique(y)) == 1:
            predicted = np.full(len(y_test), y[0])  # some learners refuse a single class
        else:
            predicted = _fitted(_features(x, protocol), learner, x, y).predict(x_test.matrix())
        found[name] = _scores(task, y_test, np.ldexp(predicted, unit) if task.numeric else predicted)
    measures = next(iter(found.values()))
    means = {measure: float(np.mean([each[measure] for each in found.values()])) for measure in measures}
    return means | {f"{measure}_{name}": each[measure] for measure in measures for name, each in found.items()}


def discriminability(real: Columns, other: Columns, seed: int = 0) -> float:
    """Computes the area under the ROC curve of boosted trees that classify rows by their table.

    The trees are tested by cross-validation. 0.5 is a guess.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import StratifiedKFold, cross_val_predict
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer

    x = np.concatenate([real.matrix(), other.matrix()]).clip(-HUGE, HUGE)
    y = np.repeat([0, 1], [len(real), len(other)])
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed % 2**32)
    trees = HistGradientBoostingClassifier(random_state=seed % 2**32)
    learner = make_pipeline(FunctionTransformer(_without_empty), trees)  # a column may have no values in a fold
    return float(roc_auc_score(y, cross_val_predict(learner, x, y, cv=folds, method="predict_proba")[:, 1]))


def _split(task, columns):
    """Splits rows into the features and the label; rows without a label are left out."""
    y = columns.numbers[task.label] if task.numeric else columns.codes[task.label]
    known = np.isfinite(y)
    if not known.any():
        raise ValueError(
            f"`label` must be known in some rows of each table. Received: label={task.label!r}, without any"
        )
    return columns.without(task.label).take(known), y[known]


def _fitted(features, learner, x, y):
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.pipeline import make_pipeline

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the number of steps is part of the protocol
        return make_pipeline(features, learner).fit(x.matrix(), y)


def _r2(y, predicted):
    """Computes 1 - sum (y - predicted)^2 / sum (y - mean)^2, at least WORST, of numbers whose squares may overflow."""
    residual, spread = y / 4 - predicted / 4, y / 4 - moments(y)[0] / 4
    units = exponent(residual), exponent(spread)
    lost, there = (np.sum(np.ldexp(each, -unit) ** 2) for each, unit in zip((residual, spread), units, strict=True))
    if not there:
        return 1.0 if not lost else 0.0  # as in scikit-learn
    with np.errstate(over="ignore"):
        return float(max(WORST, 1 - np.ldexp(lost / there, 2 * (units[0] - units[1]))))


def _scores(task, y, predicted):
    from sklearn.metrics import accuracy_score, f1_score

    if task.numeric:
        return {"r2": _r2(y, predicted)}
    if task.rare is None:
        f1 = f1_score(y, predicted, average="macro", labels=np.unique(y), zero_division=0)
    else:
        f1 = f1_score(y == task.rare, predicted == task.rare, zero_division=0)
    return {"f1": float(f1), "accuracy": float(accuracy_score(y, predicted))}


def _features(columns, protocol):
    """Returns the preprocessing of columns for learners: scaled numbers, and one-hot categories."""
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer, MinMaxScaler, OneHotEncoder, StandardScaler

    exponents = np.array([exponent(x) for x in columns.numbers.values()], int)

    def known(step, places, scaled=True):
        finite = FunctionTransformer(_finite, kw_args={"exponents": scaled * exponents[places]})
        median = SimpleImputer(strategy="median", keep_empty_features=True)
        return make_pipeline(finite, median, step, FunctionTransformer(_near)), places

    numbers = list(range(len(columns.numbers)))
    codes = list(range(len(numbers), len(columns.names)))
    one_hot = OneHotEncoder(handle_unknown="infrequent_if_exist", max_categories=MOST_CATEGORIES)
    parts = [("codes", one_hot, codes)]
    if protocol == "standard":
        return ColumnTransformer([("numbers", *known(StandardScaler(), numbers)), *parts])
    wide = [i for i, x in enumerate(columns.numbers.values()) if _is_wide(x[~np.isnan(x)])]
    narrow = [i for i in numbers if i not in wide]
    parts += [("wide", *known(FunctionTransformer(_logarithm), wide, scaled=False))]
    return ColumnTransformer([("narrow", *known(MinMaxScaler((0, 5)), narrow)), *parts])


def _without_empty(x):
    """Replaces columns without values, which trees refuse, by zeros, (n, columns)."""
    return np.where(np.isnan(x).all(axis=0), 0.0, x)


def _finite(x, exponents):
    """Divides each column by a power of two, so that no square overflows; numbers that are not finite become NaN."""
    with np.errstate(over="ignore"):
        scaled = np.ldexp(x, -exponents).clip(-HUGE, HUGE)
    return np.where(np.isfinite(x), scaled, np.nan)


def _near(x):
    return x.clip(-FAR, FAR)


def _is_wide(x):
    return len(x) > 0 and x.min() >= 0 and x.max() >= 1000


def _logarithm(x):
    return np.log(np.maximum(x, 0.01))


def _learners(task, protocol, seed):
    from sklearn.compose import TransformedTargetRegressor
    from sklearn.ensemble import AdaBoostClassifier, AdaBoostRegressor
    from sklearn.linear_model import LinearRegression, LogisticRegression
    from sklearn.neural_network import MLPClassifier, MLPRegressor
    from sklearn.preprocessing import StandardScaler
    from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

    seeded = {"random_state": seed % 2**32}
    if task.numeric:
        regressors = {
            "linear": LinearRegression(),
            "tree": DecisionTreeRegressor(max_depth=20, **seeded),
            "adaboost": AdaBoostRegressor(**seeded),
            "mlp": MLPRegressor(hidden_layer_sizes=(100,), max_iter=50, **seeded),
        }
        names = regressors if protocol == "standard" else ("linear", "mlp")
        options = {"transformer": StandardScaler(), "check_inverse": False}  # exact to the digits of float64
        return {name: TransformedTargetRegressor(regressors[name], **options) for name in names}
    if protocol == "standard":
        return {
            "logistic": LogisticRegression(max_iter=1000),
            "tree": DecisionTreeClassifier(max_depth=20, **seeded),
            "adaboost": AdaBoostClassifier(**seeded),
            "mlp": MLPClassifier(hidden_layer_sizes=(50,), max_iter=50, **seeded),
        }
    if task.rare is None:
        tree = DecisionTreeClassifier(max_depth=30, class_weight="balanced", **seeded)
        return {"tree": tree, "mlp": MLPClassifier(hidden_layer_sizes=(100,), max_iter=50, **seeded)}
    return {
        "logistic": LogisticRegression(max_iter=50, class_weight="balanced"),
        "tree": DecisionTreeClassifier(max_depth=15, class_weight="balanced", **seeded),
        "adaboost": AdaBoostClassifier(**seeded),
        "mlp": MLPClassifier(hidden_layer_sizes=(50,), max_iter=50, **seeded),
    }
