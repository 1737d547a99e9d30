"""Priors of labels."""

from collections.abc import Sequence

import keras
import numpy as np

from keras_gan.ground.arguments import check_count, is_integer
from keras_gan.latents.prior import Latents, Prior

MOST_CLASSES = 2**24  # float32 represents no more integers exactly


@keras.saving.register_keras_serializable("keras_gan")
class Categorical(Prior):
    """Labels: integers 0..K-1 with the given probabilities.

    Subclass it for your own prior of a known number of labels; the labels of other priors may be any integers.

    Args:
        probabilities: K non-negative numbers that sum to 1.
        names: The names of the classes, K different texts, or None. Defaults to None.

    Example:

    >>> from keras_gan.noise import Noise
    >>> Categorical([0.5, 0.5, 0.0]).draw(5, Noise((0, "example"))).dtype
    tf.int32
    """

    def __init__(self, probabilities, names: Sequence[str] | None = None):
        values = np.asarray(probabilities)
        values = values.astype("float64") if np.issubdtype(values.dtype, np.number) else np.array(np.nan)
        if values.ndim != 1 or not len(values) or not np.all(values >= 0) or abs(values.sum() - 1) > 1e-6:
            raise ValueError(
                "`probabilities` must be a list of non-negative numbers that sum to 1. "
                f"Received: probabilities={probabilities!r}"
            )
        self.probabilities = values.tolist()
        self.names = None if names is None else _check_names(names, len(values))

    @classmethod
    def uniform(cls, count: int) -> "Categorical":
        """Returns the prior of `count` equally likely labels."""
        return cls([1 / check_count("count", count, most=MOST_CLASSES)] * count)

    @classmethod
    def of_labels(cls, labels, count: int | None = None, names: Sequence[str] | None = None) -> "Categorical":
        """Returns the prior whose probabilities are the shares of the labels in a data set.

        Args:
            labels: (N,) integers in [0, K).
            count: K. Defaults to the number of `names`, otherwise to one more than the highest label.
            names: The names of the classes, or None.

        Raises:
            ValueError: If the labels are not integers in [0, K), or empty.

        Example:

        >>> Categorical.of_labels([0, 1, 1, 1], names=("cats", "dogs")).probabilities
        [0.25, 0.75]
        """
        labels = np.asarray(labels)
        if labels.ndim != 1 or not len(labels) or not np.issubdtype(labels.dtype, np.integer) or labels.min() < 0:
            raise ValueError(
                "`labels` must be a list of integers of at least 0. "
                f"Received: labels of {labels.dtype}, of shape {labels.shape}"
            )
        count = count or (len(names) if names else int(labels.max()) + 1)
        if labels.max() >= check_count("count", count, most=MOST_CLASSES):
            raise ValueError(f"`labels` must be in [0, {count}). Received: the label {labels.max()}")
        return cls(np.bincount(labels, minlength=count) / len(labels), names)

    @property
    def count(self) -> int:
        """K, the number of labels."""
        return len(self.probabilities)

    def draw(self, count, noise):
        return noise.categorical(count, self.probabilities)

    def get_config(self):
        named = {} if self.names is None else {"names": list(self.names)}
        return {"probabilities": self.probabilities, **named}


def _check_names(names, count):
    texts = tuple(names) if isinstance(names, Sequence) and not isinstance(names, str) else ()
    if len(texts) != count or len(set(texts)) != count or not all(isinstance(text, str) for text in texts):
        raise ValueError(f"`names` must be {count} different texts, one for each class. Received: names={names!r}")
    return texts


def label_count(prior: Prior | None) -> int | None:
    """Returns the number of labels of a `Categorical` prior; None for other priors and for None.

    >>> label_count(Categorical.uniform(3)), label_count(None)
    (3, None)
    """
    return prior.count if isinstance(prior, Categorical) else None


def get_labels(value: Prior | int | None) -> Prior | None:
    """Returns a prior of labels from itself, from a number of equally likely labels, or None."""
    if value is None or (isinstance(value, Prior) and not isinstance(value, Latents)):
        return value
    if is_integer(value) and value > 0:
        return Categorical.uniform(check_count("labels", value, most=MOST_CLASSES))
    raise ValueError(f"`labels` must be a positive count, a prior of labels or None. Received: labels={value!r}")
