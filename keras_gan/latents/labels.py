"""Priors of labels."""

import keras
import numpy as np

from keras_gan.arguments import check_count
from keras_gan.latents.prior import Latents, Prior

MOST_CLASSES = 2**24  # float32 tells no more apart


@keras.saving.register_keras_serializable("keras_gan")
class Categorical(Prior):
    """Labels: integers 0..K-1 with the given probabilities.

    Args:
        probabilities: K non-negative numbers that sum to 1.

    Example:

    >>> from keras_gan.noise import Noise
    >>> Categorical([0.5, 0.5, 0.0]).draw(5, Noise((0, "example"))).dtype
    tf.int32
    """

    def __init__(self, probabilities):
        values = np.asarray(probabilities)
        values = values.astype("float64") if np.issubdtype(values.dtype, np.number) else np.array(np.nan)
        if values.ndim != 1 or not len(values) or not np.all(values >= 0) or abs(values.sum() - 1) > 1e-6:
            raise ValueError(
                "`probabilities` must be a list of non-negative numbers that sum to 1. "
                f"Received: probabilities={probabilities!r}"
            )
        self.probabilities = values.tolist()

    @classmethod
    def uniform(cls, count: int) -> "Categorical":
        """The prior of `count` equally likely labels."""
        return cls([1 / check_count("count", count, most=MOST_CLASSES)] * count)

    @property
    def count(self) -> int:
        """K, the number of labels."""
        return len(self.probabilities)

    def draw(self, count, noise):
        return noise.categorical(count, self.probabilities)

    def get_config(self):
        return {"probabilities": self.probabilities}


def get_labels(value: Prior | int | None) -> Prior | None:
    """A prior of labels from itself, from a number of equally likely labels, or None."""
    if value is None or (isinstance(value, Prior) and not isinstance(value, Latents)):
        return value
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return Categorical.uniform(check_count("labels", value, most=MOST_CLASSES))
    raise ValueError(f"`labels` must be a positive count, a prior of labels or None. Received: labels={value!r}")
