"""The numbers of a run: averages over an epoch, all in one variable, so that a step pays for one update."""

from collections.abc import Mapping, Sequence

import keras
import tensorflow as tf


class Logs(keras.metrics.Metric):
    """Means of named scalars since the last reset.

    Args:
        names: The names that `update_state` may be given.
        name: The metric's name.

    Example:

    >>> logs = Logs(["d_loss", "g_loss"])
    >>> for value in (1.0, 3.0):
    ...     logs.update_state({"d_loss": tf.constant(value)})
    >>> {name: float(value) for name, value in logs.result().items()}
    {'d_loss': 2.0}
    """

    def __init__(self, names: Sequence[str], name: str = "logs"):
        super().__init__(name=name)
        self.names = tuple(names)
        self.sums = self.add_variable((2, len(self.names)), "zeros", name="totals_and_counts")

    def update_state(self, values: Mapping[str, tf.Tensor]) -> None:
        """Adds one observation of each of `values`."""
        row = [tf.cast(values[name], tf.float32) if name in values else 0.0 for name in self.names]
        self.sums.assign_add(tf.stack([tf.stack(row), [float(name in values) for name in self.names]]))

    def result(self, names: Sequence[str] | None = None) -> dict:
        """The means of `names`; if None, outside of graphs, of all names that were seen."""
        totals, counts = tf.unstack(tf.convert_to_tensor(self.sums))
        means = dict(zip(self.names, tf.unstack(tf.math.divide_no_nan(totals, counts)), strict=True))
        if names is None:
            names = [name for name, count in zip(self.names, counts, strict=True) if count > 0]
        return {name: means[name] for name in names}
