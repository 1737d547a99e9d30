"""Rows of a table for training."""

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np
import tensorflow as tf

from keras_gan.data import frames
from keras_gan.data.addresses import Addresses, Gather, Order
from keras_gan.data.pipeline import batches, dataset
from keras_gan.data.schema import Schema
from keras_gan.ground.arguments import check_count, check_flag, check_seed, shown


class Table:
    """The rows of a table, encoded for networks, and the schema that decodes generated rows.

    Args:
        data: A pandas DataFrame, a dict of columns, or the path of a CSV or Parquet file.
        columns: Names of the columns to take, in this order. None takes all.
        kinds: Name -> `"number"`, `"integer"`, `"category"` or `"date"`, in place of the inferred kinds.
        modes: Maximum number of modes of a column of numbers. Defaults to 10.
        seed: Seed of the search for modes, and of the modes that are drawn for each row. Defaults to 0.
        schema: An existing `Schema`, such as that of other rows of the same table; `columns` and `kinds` must then be
            None, and `modes` is ignored. None infers the schema.

    Attributes:
        schema: The columns, see `Schema`.
        numbers: (n, ...) float32 in [-1, 1].
        choices: (n, ...) int32.

    Raises:
        ValueError: If the data is not a table, or does not fit the schema or the kinds.
        ImportError: If pandas is not installed.

    Example:

    >>> people = {"age": [31, 52, 47, 20], "job": ["cook", "nurse", "cook", "cook"]}
    >>> table = Table(people)
    >>> len(table), table.frame["job"].tolist()
    (4, ['cook', 'nurse', 'cook', 'cook'])
    >>> {name: tuple(part.shape) for name, part in next(iter(table.conditioned(2))).items()}
    {'real': (2, 3), 'real_condition': (2, 2), 'condition': (2, 2)}

    Reference: [Xu et al., 2019](https://arxiv.org/abs/1907.00503), section 4.
    """

    def __init__(
        self,
        data,
        *,
        columns: Sequence[str] | None = None,
        kinds: Mapping[str, str] | None = None,
        modes: int = 10,
        seed: int = 0,
        schema: Schema | None = None,
    ):
        if not isinstance(schema, Schema | None):
            raise ValueError(f"`schema` must be a Schema or None. Received: schema={shown(schema)}")
        for name, value in (("columns", columns), ("kinds", kinds)):
            if schema is not None and value is not None:
                raise ValueError(f"`{name}` must be None where `schema` is given. Received: both")
        frame = frames.choose(frames.as_frame(data, kinds) if schema is None else schema.as_frame(data), columns)
        self.schema = Schema.of(frame, kinds=kinds, modes=modes, seed=seed) if schema is None else schema
        self.numbers, self.choices = self.schema.encode(frame, seed)

    def __len__(self) -> int:
        return len(self.choices)

    @property
    def frame(self):
        """The rows as a DataFrame."""
        return self.schema.decode(self.numbers, self.choices)

    def batches(
        self, batch_size: int = 500, *, shuffle: bool = True, seed: int = 0, drop_remainder: bool = True
    ) -> tf.data.Dataset:
        """Returns batches of encoded rows, each row once per epoch, as `data.batches` does.

        Args:
            batch_size: Rows per batch, from 1 to their number. Defaults to 500.
            shuffle: False keeps the rows' order.
            seed: Seed for shuffling.
            drop_remainder: Leaves out the last batch if it is not full.

        Returns:
            A `tf.data.Dataset` of `{"real": (batch_size, schema.width) float32}`.
        """

        def rows(numbers, choices):
            return {"real": self.schema.join(numbers, choices)}

        options = {"shuffle": shuffle, "seed": seed, "drop_remainder": drop_remainder}
        return batches((self.numbers, self.choices), batch_size, transform=rows, **options)

    def conditioned(self, batch_size: int = 500, *, logarithmic: bool = True, seed: int = 0) -> tf.data.Dataset:
        """Returns batches for training by sampling: rows that satisfy conditions, drawn so that rare ones occur.

        For each row a column of categories is drawn, all columns being equally likely; then one of its categories, with
        a probability that grows with the logarithm of its count; then one of the rows of this category. The generator
        receives the conditions of the batch in another order: real and generated rows have the same conditions, but no
        real row is beside the row that is generated for its condition.

        Args:
            batch_size: Rows per batch, from 1 to their number. Defaults to 500.
            logarithmic: False draws categories in proportion to their counts.
            seed: Seed of the draws.

        Returns:
            A `tf.data.Dataset` of `{"real": (batch_size, schema.width), "real_condition": (batch_size, conditions),
            "condition": (batch_size, conditions)}`, float32; a condition is one-hot over all categories of all columns.
            An epoch has as many batches as one of `batches`.

        Raises:
            ValueError: If no column has categories.
        """
        check_flag("logarithmic", logarithmic)
        check_seed("seed", seed)
        check_count("batch_size", batch_size, most=len(self))
        if not self.schema.categories:
            raise ValueError("A table must have a column of categories to be drawn by. Received: none; use `batches`")
        places = [sum(block > 0 for block in self.schema.blocks[:i]) for i in self.schema.conditions]
        columns = [self.choices[:, place] for place in places]
        counts = [
            np.bincount(column, minlength=len(each.values))
            for column, each in zip(columns, self.schema.categories.values(), strict=True)
        ]
        weights = [np.log(count + 1) if logarithmic else count for count in counts]
        starts = np.concatenate([[0], np.cumsum(np.concatenate(counts))])
        order = Drawn(
            count=len(self),
            steps=len(self) // batch_size,
            seed=seed,
            probabilities=np.concatenate([weight / weight.sum() for weight in weights]) / len(weights),
            starts=starts,
            batch_size=batch_size,
        )
        addresses = Addresses(
            tensors=(
                tf.constant(np.concatenate([np.argsort(column, kind="stable") for column in columns]).astype("int32")),
                tf.constant(self.numbers),
                tf.constant(self.choices),
            ),
            orders=(order,),
            gather=Rows(schema=self.schema, starts=starts),
            batch_size=batch_size,
            whole_batches=True,
        )
        return dataset(addresses, seed)


@dataclasses.dataclass(frozen=True, eq=False)
class Drawn(Order):
    """Draws of rows by their categories, with replacement: positions in the rows sorted by each column in turn.

    Attributes:
        probabilities: (categories,): the probability of each category of all columns.
        starts: (categories + 1,): the position at which the rows of each category begin.
        batch_size: Rows per batch.
    """

    probabilities: np.ndarray = None
    starts: np.ndarray = None
    batch_size: int = 1

    def __call__(self, epoch):
        places = [tf.stack([tf.cast(self.seed, tf.int64), 2 * epoch + i]) for i in (0, 1)]
        shape = (self.steps * self.batch_size,)
        which, where = (tf.random.stateless_uniform(shape, place, dtype=tf.float64, alg="philox") for place in places)
        bounds = np.cumsum(self.probabilities)
        category = tf.searchsorted(tf.constant(bounds[:-1] / bounds[-1]), which, side="right")
        first, count = (tf.gather(tf.constant(x, tf.int64), category) for x in (self.starts[:-1], np.diff(self.starts)))
        return first + tf.minimum(tf.cast(where * tf.cast(count, tf.float64), tf.int64), count - 1)


@dataclasses.dataclass(frozen=True, eq=False)
class Rows(Gather):
    """The gathering of a batch at positions of `Drawn`.

    Attributes:
        schema: The schema that joins the blocks of rows.
        starts: (categories + 1,): the position at which the rows of each category begin.
    """

    schema: Schema = None
    starts: np.ndarray = None

    def __call__(self, tensors, positions):
        order, numbers, choices = tensors
        rows = tf.gather(order, positions)
        category = tf.searchsorted(tf.constant(self.starts[1:], tf.int64), positions, side="right")
        condition = tf.one_hot(category, len(self.starts) - 1)
        real = self.schema.join(tf.gather(numbers, rows), tf.gather(choices, rows))
        return {"real": real, "real_condition": condition, "condition": tf.roll(condition, 1, axis=0)}
