"""Density and coverage, streaming."""

import keras

from keras_gan.metrics import functional
from keras_gan.metrics.streaming import NeighbourMetric


@keras.saving.register_keras_serializable("keras_gan")
class DensityCoverage(NeighbourMetric):
    """The density of fakes around real examples, or the share of these covered: see `functional.density_coverage`.

    Args:
        which: `"density"` or `"coverage"`.
        extractor: An `Extractor`, a Keras model, a name, or None for the examples themselves.
        real: Real images, an array or a `Pictures`, whose features are computed once and used in place of the
            batches' real examples; or a `Reference`. If None, the batches' real examples are used.
        k: A ball reaches to the k-th nearest neighbour. Defaults to 5.
        capacity: The number of examples of each side that are kept in memory; later ones are ignored.
        name: The metric's name. Defaults to `which`.

    Raises:
        ValueError: If an argument is out of range, or `real` holds no more than k images. Batches of too few examples
            give NaN and a warning.

    Example:

    >>> metric = DensityCoverage("coverage", k=1)
    >>> metric.update_state(np.array([[0.0], [1.0], [10.0], [11.0]]), np.array([[0.2], [0.9]]))
    >>> float(metric.result())
    0.5

    Reference: [Naeem et al., 2020](https://arxiv.org/abs/2002.09797).
    """

    choices = ("density", "coverage")
    formula = staticmethod(functional.density_coverage)

    def __init__(
        self,
        which: str = "density",
        extractor=None,
        real=None,
        k: int = 5,
        capacity: int = 10_000,
        name: str | None = None,
    ):
        super().__init__(which, extractor, real, k, capacity, name)

    def min_examples(self, side: str) -> int:
        """Returns k + 1 for real examples, which need a k-th neighbour each, and 1 for fakes."""
        return super().min_examples(side) if side == "real" else 1
