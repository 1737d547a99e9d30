"""The sliced Wasserstein distance, streaming."""

import keras
import numpy as np

from keras_gan.ground.arguments import check_count
from keras_gan.metrics import functional
from keras_gan.metrics.streaming import BufferedMetric


@keras.saving.register_keras_serializable("keras_gan")
class SlicedWasserstein(BufferedMetric):
    """The 2-Wasserstein distance of features over random directions: see `functional.sliced_wasserstein`.

    Args:
        extractor: An `Extractor`, a Keras model, a name, or None for the examples themselves.
        real: Real images, an array or a `Pictures`, whose features are computed once and used in place of the
            batches' real examples; or a `Reference`. If None, the batches' real examples are used.
        projections: The number of directions. Defaults to 128.
        seed: The seed of the directions.
        capacity: The number of examples of each side that are kept in memory; later ones are ignored.
        name: The metric's name.

    Raises:
        ValueError: If an argument is out of range.

    Example:

    >>> metric = SlicedWasserstein()
    >>> metric.update_state(np.array([[0.0], [1.0]]), np.array([[2.0], [3.0]]))
    >>> float(metric.result())
    2.0

    Reference: [Rabin et al., 2012](https://doi.org/10.1007/978-3-642-24785-9_37).
    """

    def __init__(
        self,
        extractor=None,
        real=None,
        projections: int = 128,
        seed: int = 0,
        capacity: int = 10_000,
        name: str = "sliced_wasserstein",
    ):
        super().__init__(extractor, real, capacity, name)
        self.projections = check_count("projections", projections)
        self.seed = check_count("seed", seed, least=0)

    def score(self, real: np.ndarray, fake: np.ndarray) -> float:
        """Returns the distance."""
        return functional.sliced_wasserstein(real, fake, projections=self.projections, seed=self.seed)

    def get_config(self) -> dict:
        """Returns the arguments of the constructor; a fixed reference as its digest."""
        return {**super().get_config(), "projections": self.projections, "seed": self.seed}
