"""Priors of the conditions that rows of a table are made for."""

from collections.abc import Sequence

import keras
import numpy as np
import tensorflow as tf

from keras_gan.ground.arguments import shown
from keras_gan.latents.prior import Prior


@keras.saving.register_keras_serializable("keras_gan")
class RowConditions(Prior):
    """One category of one column, one-hot over the categories of all columns: (count, categories) float32.

    Each column is as likely as any other; of its categories each is as likely as it is frequent. So rows that are made
    for these conditions have, over many of them, the categories as often as the data has them.

    Args:
        counts: For each column how often each of its categories occurs: lists of numbers of at least 0.

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
