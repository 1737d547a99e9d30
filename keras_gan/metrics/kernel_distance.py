"""The kernel distance, streaming."""

import keras
import numpy as np

from keras_gan.ground.arguments import check_count
from keras_gan.metrics import functional
from keras_gan.metrics.streaming import BufferedMetric


@keras.saving.register_keras_serializable("keras_gan")
class KernelDistance(BufferedMetric):
    """The unbiased MMD^2 of features with the kernel (x . y / d + 1)^3, over random subsets: see
    `functional.kernel_distance`.

    Args:
        extractor: An `Extractor`, a Keras model, a name, or None for the examples themselves.
        real: Real images, an array or a `Pictures`, whose features are computed once and used in place of the
            batches' real examples; or a `Reference`. If None, the batches' real examples are used.
        subsets: The number of subsets.
        subset_size: The number of examples of each side per subset, or all if there are fewer.
        seed: The seed of the subsets.
        capacity: The number of examples of each side that are kept in memory; later ones are ignored.
        name: The metric's name.

    Raises:
        ValueError: If an argument is out of range.

    Example:

    >>> metric = KernelDistance(subsets=1, subset_size=2)
    >>> metric.update_state(np.zeros((2, 1)), np.ones((2, 1)))  # 1 + 8 - 2
    >>> float(metric.result())
    7.0

    Reference: [Binkowski et al., 2018](https://arxiv.org/abs/1801.01401).
    """

    def __init__(
        self,
        extractor=None,
        real=None,
        subsets: int = 100,
        subset_size: int = 1000,
        seed: int = 0,
        capacity: int = 10_000,
        name: str = "kernel_distance",
    ):
        super().__init__(extractor, real, capacity, name)
        self.subsets = check_count("subsets", subsets)
        self.subset_size = check_count("subset_size", subset_size, least=2)
        self.seed = check_count("seed", seed, least=0)

    def min_examples(self, side: str) -> int:
        """Returns 2: a pair."""
        del side
        return 2

    def score(self, real: np.ndarray, fake: np.ndarray) -> float:
        """Returns the mean over the subsets."""
        options = {"subsets": self.subsets, "subset_size": self.subset_size, "seed": self.seed}
        return functional.kernel_distance(real, fake, **options).value

    def get_config(self) -> dict:
        """Returns the arguments of the constructor; a fixed reference as its digest."""
        own = {"subsets": self.subsets, "subset_size": self.subset_size, "seed": self.seed}
        return {**super().get_config(), **own}
