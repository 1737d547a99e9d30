"""The Inception score, streaming."""

import keras
import numpy as np
import tensorflow as tf

from keras_gan.ground.arguments import check_count
from keras_gan.metrics import functional
from keras_gan.metrics.streaming import BufferedMetric


@keras.saving.register_keras_serializable("keras_gan")
class ClassifierScore(BufferedMetric):
    """exp(E KL(p(y|x) || p(y))) of the fakes, the mean over splits: the Inception score, of any classifier.

    Args:
        extractor: An `Extractor` that classifies, such as `digits_cnn(pictures)` or `"inception"`.
        splits: The number of parts of the shuffled fakes, or the number of fakes if that is smaller. Defaults to 10.
        capacity: The number of fakes that are kept in memory; later ones are ignored.
        name: The metric's name.

    Raises:
        ValueError: If the extractor is not a classifier, or an argument is out of range.

    Example:

    >>> from keras_gan.metrics import ModelExtractor
    >>> model = keras.Sequential([keras.Input((4,)), keras.layers.Softmax()])
    >>> metric = ClassifierScore(ModelExtractor(model, classifies=True), splits=1)
    >>> metric.update_state(None, 50 * np.eye(4))
    >>> round(float(metric.result()), 3)
    4.0

    Reference: [Salimans et al., 2016](https://arxiv.org/abs/1606.03498), section 4.
    """

    def __init__(self, extractor, splits: int = 10, capacity: int = 10_000, name: str = "classifier_score"):
        super().__init__(extractor, None, capacity, name)
        self.splits = check_count("splits", splits)
        if not self.extractor.classifies:
            raise ValueError(f"`extractor` must be a classifier. Received: extractor={self.extractor.name!r}")

    def update_state(self, real: tf.Tensor, fake: tf.Tensor) -> None:
        """Adds a batch of fakes; real examples are ignored."""
        self.add("fake", self.extractor.probabilities(fake))

    def buffered(self, side: str) -> np.ndarray:
        """Returns the probabilities of the fakes so far, for either side."""
        return super().buffered("fake")

    def score(self, real: np.ndarray, fake: np.ndarray) -> float:
        """Returns the mean over the splits."""
        return functional.classifier_score(fake, min(self.splits, len(fake))).value

    def get_config(self) -> dict:
        """Returns the arguments of the constructor."""
        config = {**super().get_config(), "splits": self.splits}
        del config["real"]
        return config
