"""Objectives of models of tables, added to their adversarial objective."""

import math
from collections.abc import Sequence

import keras
import tensorflow as tf

from keras_gan.ground.arguments import check_count, shown
from keras_gan.objectives.named import NamedTerm, check_name


@keras.saving.register_keras_serializable("keras_gan")
class MetConditions(NamedTerm):
    """The cross-entropy between the category that a condition requires and the generated row's logits.

    -sum_k c_k log softmax(logits of the column of k)_k

    c is one-hot over the categories of all columns, so that one column of each row counts.

    Args:
        logits: The name of the logits of rows, (N, width).
        condition: The name of conditions, (N, the sum of the conditioned choices' sizes), one-hot.
        blocks: The blocks of a row, in order: 0 for a number, k for a choice among k.
        conditions: Indices into `blocks` of the choices that conditions are about.
        side: The side that minimises the term. Defaults to `"generator"`.

    Example:

    >>> objective = MetConditions("raw", "condition", blocks=[0, 3, 2], conditions=[1, 2])

    Reference: [Xu et al., 2019](https://arxiv.org/abs/1907.00503), section 4.3.
    """

    def __init__(
        self, logits: str, condition: str, blocks: Sequence[int], conditions: Sequence[int], side: str = "generator"
    ):
        super().__init__(side)
        self.logits, self.condition = check_name("logits", logits), check_name("condition", condition)
        self.blocks = tuple(int(check_count("blocks", block, least=0)) for block in blocks)
        self.conditions = tuple(int(check_count("conditions", place, least=0)) for place in conditions)
        if any(place >= len(self.blocks) or not self.blocks[place] for place in self.conditions) or not self.conditions:
            raise ValueError(
                f"`conditions` must be indices of choices in `blocks`. Received: conditions={shown(conditions)}, "
                f"blocks={shown(blocks)}"
            )

    @property
    def reads(self):
        return (self.logits, self.condition)

    @property
    def reads_as_logits(self):
        return (self.logits,)

    def measure(self, logits, condition):
        parts = tf.split(logits, [max(block, 1) for block in self.blocks], axis=1)
        known = tf.concat([tf.nn.log_softmax(parts[place]) for place in self.conditions], axis=1)
        if known.shape[1] != condition.shape[1]:
            raise ValueError(
                f"`{self.condition}` must have one number for each category, {known.shape[1]}. "
                f"Received: the shape {tuple(condition.shape)}"
            )
        return -tf.reduce_sum(condition * known, axis=1)

    def get_config(self):
        plain = {"logits": self.logits, "condition": self.condition, "blocks": list(self.blocks)}
        return {**plain, "conditions": list(self.conditions), **super().get_config()}


@keras.saving.register_keras_serializable("keras_gan")
class RowLikelihood(NamedTerm):
    """The negative log-likelihood of rows of numbers and choices, in nats.

    sum over numbers ((x - tanh(l))^2 / (2 d^2) + log d + log(2 pi) / 2) - sum over choices log softmax(l)_chosen

    Args:
        rows: The name of rows of blocks, (N, width).
        logits: The name of logits l of the same shape.
        deviations: The name of the deviations d, (N, numbers per row).
        blocks: The blocks of a row, in order: 0 for a number, k for a choice among k.
        side: The side that minimises the term. Defaults to `"generator"`.

    Example:

    >>> objective = RowLikelihood("real", "decoded.logits", "decoded.deviations", blocks=[0, 3])

    Reference: [Xu et al., 2019](https://arxiv.org/abs/1907.00503), section 4.5.
    """

    def __init__(self, rows: str, logits: str, deviations: str, blocks: Sequence[int], side: str = "generator"):
        super().__init__(side)
        self.rows, self.logits = check_name("rows", rows), check_name("logits", logits)
        self.deviations = check_name("deviations", deviations)
        self.blocks = tuple(int(check_count("blocks", block, least=0)) for block in blocks)

    @property
    def reads(self):
        return (self.rows, self.logits, self.deviations)

    @property
    def reads_as_logits(self):
        return (self.logits,)

    def measure(self, rows, logits, deviations):
        if rows.shape[1:] != logits.shape[1:]:
            raise ValueError(
                f"`logits` must have the shape of `rows`, {tuple(rows.shape)}. Received: {tuple(logits.shape)}"
            )
        sizes = [max(block, 1) for block in self.blocks]
        total, number = 0.0, 0
        for block, x, part in zip(self.blocks, tf.split(rows, sizes, 1), tf.split(logits, sizes, 1), strict=True):
            if block:
                total += tf.nn.softmax_cross_entropy_with_logits(x, part)
            else:
                deviation = deviations[:, number]
                squares = ((x - tf.tanh(part))[:, 0] / deviation) ** 2
                total += squares / 2 + tf.math.log(deviation) + 0.5 * math.log(2 * math.pi)
                number += 1
        return total

    def get_config(self):
        plain = {name: getattr(self, name) for name in ("rows", "logits", "deviations")}
        return {**plain, "blocks": list(self.blocks), **super().get_config()}
