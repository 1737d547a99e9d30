"""Precision and recall, streaming."""

import keras

from keras_gan.metrics import functional
from keras_gan.metrics.streaming import NeighbourMetric


@keras.saving.register_keras_serializable("keras_gan")
class PrecisionRecall(NeighbourMetric):
    """The share of fakes on the manifold of real examples, or of these on the manifold of fakes: see
    `functional.precision_recall`.

    Args:
        which: `"precision"` or `"recall"`.
        extractor: An `Extractor`, a Keras model, a name, or None for the examples themselves.
        real: Real images, an array or a `Pictures`, whose features are computed once and used in place of the
            batches' real examples; or a `Reference`. If None, the batches' real examples are used.
        k: A ball reaches to the k-th nearest neighbour. Defaults to 3.
        capacity: The number of examples of each side that are kept in memory; later ones are ignored.
        name: The metric's name. Defaults to `which`.

    Raises:
        ValueError: If an argument is out of range, or `real` holds no more than k images. Batches of too few examples
            give NaN and a warning.

    Example:

    >>> metric = PrecisionRecall("recall", k=1)
    >>> metric.update_state(np.array([[0.0], [1.0], [10.0], [11.0]]), np.array([[0.2], [0.9]]))
    >>> float(metric.result())
    0.5

    Reference: [Kynkaanniemi et al., 2019](https://arxiv.org/abs/1904.06991).
    """

    choices = ("precision", "recall")
    formula = staticmethod(functional.precision_recall)

    def __init__(
        self,
        which: str = "precision",
        extractor=None,
        real=None,
        k: int = 3,
        capacity: int = 10_000,
        name: str | None = None,
    ):
        super().__init__(which, extractor, real, k, capacity, name)
