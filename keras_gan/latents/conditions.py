"""Priors of conditions for the rows of a table."""

from collections.abc import Sequence

import keras
import numpy as np
import tensorflow as tf

from keras_gan.ground.arguments import shown
from keras_gan.latents.prior import Prior


@keras.saving.register_keras_serializable("keras_gan")
class RowConditions(Prior):
    """One category of one column, one-hot over the categories of all columns: (count, categories) float32.

    All columns are equally likely, and a column's categories as likely as they are frequent. Over many rows made for
    such conditions, categories occur as often as in the data.

    Args:
        counts: The frequencies of each column's categories: lists of numbers of at least 0.

    Example:

    >>> from keras_gan.noise import Noise
    >>> RowConditions([[3, 1], [2, 0, 2]]).draw(4, Noise((0, "example"))).shape
    TensorShape([4, 5])

    Reference: [Xu et al., 2019](https://arxiv.org/abs/1907.00503), section 4.3.
    """

    def __init__(self, counts: Sequence[Sequence[float]]):
        self.counts = [[float(count) for count in column] for column in counts]
        flat = [count for column in self.counts for count in column]
        if not flat or not np.isfinite(flat).all() or min(flat) < 0 or not all(map(sum, self.counts)):
            raise ValueError(
                "`counts` must hold numbers of at least 0, not all of them 0 in a column. "
                f"Received: counts={shown(counts)}"
            )

    def draw(self, count, noise):
        shares = np.concatenate([np.divide(column, sum(column)) for column in self.counts]) / len(self.counts)
        return tf.one_hot(noise.categorical(count, shares.tolist()), len(shares))

    def get_config(self):
        return {"counts": self.counts}
