"""Logs of training: averages over an epoch's examples, all in one variable, so that a step makes one update."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf


class Logs(keras.metrics.Metric):
    """Means of named scalars since the last reset, each observation weighted by its number of examples.

    On several replicas, the means are over the examples of all replicas.

    Args:
        names: The names of all scalars that `update_state` takes.
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
        # float32 stops counting at 2^24 examples
        self.sums = self.add_variable((2, len(self.names)), "zeros", dtype="float64", name="totals_and_counts")

    def update_state(self, values: Mapping[str, tf.Tensor], count: tf.Tensor | int = 1) -> None:
        """Adds one observation of each of `values`, a mean over `count` examples; adds nothing if `count` is 0."""
        count = tf.cast(count, tf.float64)
        observed = tf.constant([float(name in values) for name in self.names], tf.float64)
        row = tf.stack([tf.cast(values.get(name, 0.0), tf.float64) for name in self.names])
        self.sums.assign_add(tf.stack([tf.where(count * observed > 0, count * row, 0.0), count * observed]))

    def result(self, names: Sequence[str] | None = None) -> dict:
        """Returns the means of `names`, float32. None, only outside of graphs, returns those of all observed names."""
        totals, counts = tf.unstack(tf.convert_to_tensor(self.sums))
        means = dict(
            zip(self.names, tf.unstack(tf.cast(tf.math.divide_no_nan(totals, counts), tf.float32)), strict=True)
        )
        if names is None:
            names = [name for name, count in zip(self.names, counts.numpy(), strict=True) if count > 0]
        return {name: means[name] for name in names}


def panels(names: Iterable[str], validation: str) -> dict[str, list[str]]:
    """Returns the charts of a run's logs: title -> the names of its logs. No chart is empty.

    Args:
        names: The names of the logs of any game: `<side>_loss`, `d_real_<match>` and so on.
        validation: The title of the chart of validation logs.
    """
    names = list(names)
    plain = {name: name.removeprefix("val_") for name in names}
    sides = {each.removesuffix("loss") for each in plain.values() if each.endswith("_loss")}
    sides = {side for side in sides if not any(side != other and side.startswith(other) for other in sides)}
    losses = [name for name in names if plain[name].removesuffix("loss") in sides and plain[name].endswith("_loss")]
    outputs = [name for name in names if any(f"{plain[name]}_".startswith(each) for each in ("d_real_", "d_fake_"))]
    rates = [name for name in names if name.startswith("learning_rate")]
    rest = [name for name in names if name not in (*outputs, *losses, *rates)]
    charts = {
        "losses": losses,
        "mean output of the discriminator": outputs,
        "terms": [name for name in rest if not name.startswith("val_")],
        validation: [name for name in rest if name.startswith("val_")],
    }
    return {title: chosen for title, chosen in charts.items() if chosen}


def as_number(value: Any) -> Any:
    """Returns a tensor of one number as a float, as some versions of Keras do not; other values unchanged."""
    return float(np.reshape(value, ())) if np.size(value) == 1 else value
