"""The columns of a table: the encoding of values as numbers and choices for networks, and back."""

import abc
import math
from collections.abc import Hashable, Sequence

import keras
import numpy as np
import tensorflow as tf

from keras_gan.data import modes
from keras_gan.ground.arguments import check_count, shown

ATOM = 0.1  # a number that at least this share of the rows have gets a separate choice


class Column(abc.ABC):
    """The encoding of one column's values for networks, and back.

    A row of a table is encoded as numbers in [-1, 1] and choices, each among a few.

    Attributes:
        blocks: The blocks of the column, in order: 0 for a number, k for a choice among k.
    """

    @property
    @abc.abstractmethod
    def blocks(self) -> tuple[int, ...]:
        """The blocks of the column: 0 for a number, k for a choice among k."""

    @abc.abstractmethod
    def encode(self, values: np.ndarray, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
        """Encodes values as numbers, (n, blocks of numbers) float32, and choices, (n, blocks of choices) int32.

        Args:
            values: (n,), float64 or objects, as `Schema` reads them.
            seed: Seed of the draws, where a value has several codes.
        """

    @abc.abstractmethod
    def decode(self, numbers: np.ndarray, choices: np.ndarray) -> np.ndarray:
        """Decodes numbers and choices to values, (n,)."""

    @abc.abstractmethod
    def decode_in_graph(self, numbers: tf.Tensor, choices: tf.Tensor) -> tf.Tensor:
        """Decodes numbers and choices in a graph: float64, int64, bool or strings."""

    @abc.abstractmethod
    def get_config(self) -> dict:
        """Returns the arguments of the constructor, for JSON."""

    @classmethod
    def from_config(cls, config: dict) -> "Column":
        return cls(**config)

    def __eq__(self, other):
        return type(self) is type(other) and repr(self.get_config()) == repr(other.get_config())

    def __hash__(self):
        return hash(repr(self.get_config()))


@keras.saving.register_keras_serializable("keras_gan")
class Number(Column):
    """A column of numbers, each encoded as a mode and a position in it.

    A number x is encoded as the choice of a mode k, and (x - mean_k) / reach_k in [-1, 1]. Missing and infinite values,
    and those that a tenth of the rows or more have in common, such as 0, have separate choices and are decoded exactly.

    Args:
        weights: Weight of each mode, above 0.
        means: Mean of each mode; may be empty if there are `points`.
        reaches: Reach of each mode on either side, above 0.
        points: Numbers with separate choices: floats, NaN for missing values.
        low: Least number, to which lower ones are raised.
        high: Greatest number, to which higher ones are lowered.
        digits: Number of decimal places to which numbers are rounded; 0 for integers; None does not round.

    Example:

    >>> column = Number.fit(np.array([1.0, 2.0, 3.0, np.nan]))
    >>> column.decode(*column.encode(np.array([np.nan, 2.0])))
    array([nan,  2.])

    Reference: [Xu et al., 2019](https://arxiv.org/abs/1907.00503), section 4.2.
    """

    def __init__(
        self,
        weights: Sequence[float],
        means: Sequence[float],
        reaches: Sequence[float],
        points: Sequence[float] = (),
        low: float = -math.inf,
        high: float = math.inf,
        digits: int | None = None,
    ):
        self.weights = np.array(weights, "float64")
        self.means, self.reaches = np.array(means, "float64"), np.array(reaches, "float64")
        self.points, self.low, self.high = np.array(points, "float64"), float(low), float(high)
        self.digits = None if digits is None else int(check_count("digits", digits, least=0))
        for name in ("weights", "reaches"):
            found = getattr(self, name)
            if len(self.means) != len(found) or not (found > 0).all():
                raise ValueError(
                    f"`{name}` must be above 0, one for each of `means`. Received: {name}={found.tolist()}"
                )
        if not len(self.means) + len(self.points):
            raise ValueError("`means` and `points` must not both be empty. Received: none")

    @classmethod
    def fit(cls, values: np.ndarray, *, most: int = 10, digits: int | None = None, seed: int = 0) -> "Number":
        """Fits a column to values.

        Args:
            values: (n,) floats in the precision of the data, NaN where one is missing.
            most: Maximum number of modes. Defaults to 10.
            digits: See the class. None infers it: up to 6, if no value has more, in the precision of `values`.
            seed: Seed of the search for modes.
        """
        distinct, counts = np.unique(values, return_counts=True)  # NaNs count as one
        finite = np.isfinite(distinct)
        digits = count_decimals(distinct[finite]) if digits is None else digits
        values, distinct = values.astype("float64"), distinct.astype("float64")
        if len(distinct) == 1:
            return cls((), (), (), distinct, digits=digits)
        atoms = finite & (counts >= ATOM * len(values)) & (finite.sum() > most)
        points = distinct[~finite | atoms]
        rest = values[np.isfinite(values) & ~np.isin(values, points)]
        found = modes.fit(rest, most, seed) if len(rest) else ((), (), ())
        known = distinct[finite] if digits is None else distinct[finite].round(digits)  # 0.1, also of float32
        low, high = (known[0], known[-1]) if len(known) else (-math.inf, math.inf)
        return cls(*found, points, low, high, digits)

    @property
    def blocks(self):
        choices = len(self.means) + len(self.points)
        return (0,) * bool(len(self.means)) + (choices,) * (choices > 1)

    def encode(self, values, seed=0):
        values = np.asarray(values, "float64")
        choices, numbers = np.zeros(len(values), "int32"), np.zeros((len(values), 1), "float32")
        known = np.isfinite(values)
        if len(self.means):
            clipped = values[known].clip(self.low, self.high)
            chosen = modes.choose(clipped, self.weights, self.means, self.reaches, seed)
            choices[known] = chosen
            numbers[known, 0] = ((clipped - self.means[chosen]) / self.reaches[chosen]).clip(-1, 1)
        matched = known & bool(len(self.means))
        for i, point in enumerate(self.points):
            here = np.isnan(values) if np.isnan(point) else values == point
            choices[here], numbers[here], matched = len(self.means) + i, 0.0, matched | here
        if not matched.all():
            found = values[~matched][0]
            raise ValueError(f"A column must hold only kinds of numbers that it was fitted to. Received: {found}")
        return numbers[:, : self.blocks.count(0)], choices[:, None][:, : int(any(self.blocks))]

    def decode(self, numbers, choices):
        chosen = choices[:, 0] if choices.shape[1] else np.zeros(len(choices), "int32")
        table = np.concatenate([self.means, self.points])
        if len(self.means):
            reaches = np.concatenate([self.reaches, np.zeros(len(self.points))])
            found = table[chosen] + reaches[chosen] * numbers[:, 0].astype("float64").clip(-1, 1)
        else:
            found = table[chosen]
        found = found if self.digits is None else found.round(self.digits)
        inside = chosen < len(self.means)
        return np.where(inside, found.clip(self.low, self.high), table[chosen]) + 0.0  # -0.0 is 0.0

    def decode_in_graph(self, numbers, choices):
        chosen = _chosen(choices)
        table = tf.constant(np.concatenate([self.means, self.points]))
        reaches = tf.constant(np.concatenate([self.reaches, np.zeros(len(self.points))]))
        exact = tf.gather(table, chosen)
        if not len(self.means):
            return self._typed(exact)
        found = exact + tf.gather(reaches, chosen) * tf.clip_by_value(tf.cast(numbers[:, 0], tf.float64), -1, 1)
        if self.digits is not None:
            found = round_in_graph(found, self.digits)
        found = tf.clip_by_value(found, tf.constant(self.low, tf.float64), tf.constant(self.high, tf.float64))
        return self._typed(tf.where(chosen < len(self.means), found, exact))

    def _typed(self, found):
        ends = [self.low, self.high] if len(self.means) else []
        whole = self.digits == 0 and (np.abs([*ends, *self.points]) < 2**63).all()
        return tf.cast(found, tf.int64) if whole else found

    def get_config(self):
        plain = {name: [_json(x) for x in getattr(self, name)] for name in ("weights", "means", "reaches", "points")}
        return {**plain, "low": _json(self.low), "high": _json(self.high), "digits": self.digits}


@keras.saving.register_keras_serializable("keras_gan")
class Category(Column):
    """A column of a few values, encoded as one choice: texts, truth values, or numbers that serve as names.

    Args:
        values: The values, each once: texts, integers, floats, True and False; None for missing ones.
        counts: Number of occurrences of each value in the data, integers of at least 0.

    Example:

    >>> column = Category.fit(np.array(["red", "blue", None, "red"], object))
    >>> column.values, column.decode(*column.encode(np.array([None, "red"], object))).tolist()
    (['blue', 'red', None], [None, 'red'])
    """

    def __init__(self, values: Sequence[str | int | float | bool | None], counts: Sequence[int]):
        self.values, self.counts = list(values), [int(check_count("counts", count, least=0)) for count in counts]
        self._places = {_key(value): i for i, value in enumerate(self.values)}
        if not self.values or len(self._places) != len(self.values):
            raise ValueError(f"`values` must hold each value once, and at least one. Received: values={shown(values)}")
        if len(self.counts) != len(self.values):
            raise ValueError(f"`counts` must hold one for each of `values`. Received: {len(self.counts)}")

    @classmethod
    def fit(cls, values: np.ndarray, known: Sequence = ()) -> "Category":
        """Fits a column to values: first those of `known` in their order, then others sorted, missing ones last.

        Args:
            values: (n,) objects, None where one is missing.
            known: Values that the column has even if they do not occur.
        """
        counts = {}
        for value in values.tolist():
            counts[_key(value)] = counts.get(_key(value), 0) + 1
        order = {_key(value): value for value in known}
        order |= {key: key[1] for key in sorted(counts, key=_rank) if key not in order}
        return cls(list(order.values()), [counts.get(key, 0) for key in order])

    @property
    def blocks(self):
        return (len(self.values),) if len(self.values) > 1 else ()

    def place(self, value) -> int:
        """Returns the index of a value in `values`.

        Raises:
            ValueError: If the value is not among them.
        """
        place = self._places.get(_key(value)) if isinstance(value, Hashable) else None
        if place is None:
            some = ", ".join(map(repr, self.values[:20])) + (", ..." if len(self.values) > 20 else "")
            raise ValueError(f"A category must be one of {some}. Received: {shown(value)}")
        return place

    def encode(self, values, seed=0):
        places = np.fromiter((self.place(value) for value in values.tolist()), "int32", len(values))
        return np.zeros((len(values), 0), "float32"), places[:, None][:, : len(self.blocks)]

    def decode(self, numbers, choices):
        table = np.empty(len(self.values), object)
        table[:] = self.values
        return table[choices[:, 0] if self.blocks else np.zeros(len(choices), "int32")]

    def decode_in_graph(self, numbers, choices):
        kinds = {type(value) for value in self.values}
        plain = len(kinds) == 1 and kinds <= {bool, int, float}
        plain = plain and not (kinds == {int} and max(map(abs, self.values)) >= 2**63)  # beyond int64
        values = self.values if plain else [_text(value) for value in self.values]
        dtype = {bool: tf.bool, int: tf.int64, float: tf.float64}.get(type(values[0]), tf.string)
        return tf.gather(tf.constant(values, dtype), _chosen(choices))

    def get_config(self):
        return {"values": self.values, "counts": self.counts}


def _chosen(choices):
    """Returns the choice of each row, (N,): 0 for a column without choices."""
    return choices[:, 0] if choices.shape[1] else tf.zeros(tf.shape(choices)[:1], tf.int32)


def count_decimals(values: np.ndarray) -> int | None:
    """Returns the number of decimal places of numbers, up to 6; None if they have more, or there are no numbers.

    A float shows that a number has so many only if the number without its point is below 2**53, for float64, 2**24, for
    float32, or 2**11, for float16.

    Args:
        values: (n,) finite floats, in the precision of the data: 0.1 in float32 has one decimal place.
    """
    if not len(values):
        return None
    limit, wide = 2 ** (np.finfo(values.dtype).nmant + 1), values.astype("float64")
    most = float(np.max(np.abs(wide)))
    exact = (digits for digits in range(7) if most * 10**digits < limit)
    return next((digits for digits in exact if (np.round(wide, digits).astype(values.dtype) == values).all()), None)


def round_in_graph(values: tf.Tensor, digits: int) -> tf.Tensor:
    """Rounds float64 to decimal places in a graph, to the bits of `np.round`."""
    # a graph replaces a plain division by a product with the inverse, which gives 0.35000000000000003 for 0.35
    return tf.math.divide_no_nan(tf.round(values * 10.0**digits), 10.0**digits)


def _json(number):
    """Replaces NaN and infinity, which JSON does not have, by texts."""
    return float(number) if np.isfinite(number) else str(float(number))


def _key(value):
    """Returns a key that distinguishes values such as 1, 1.0 and True."""
    return type(value).__name__, value


def _rank(key):
    kind, value = key
    return (value is None, kind, value if value is not None else 0)


def _text(value):
    return "" if value is None else str(value)
