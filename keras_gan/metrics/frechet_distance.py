"""The Frechet distance, from running moments."""

import math

import keras
import numpy as np
import tensorflow as tf

from keras_gan.metrics import functional
from keras_gan.metrics.streaming import StreamingMetric


@keras.saving.register_keras_serializable("keras_gan")
class FrechetDistance(StreamingMetric):
    """|m_r - m_f|^2 + tr(C_r + C_f - 2 (C_r C_f)^(1/2)) of the features' means and covariances.

    The sums run in float64, over any number of examples; each replica adds up its own. The distance is too large for
    small sets: compare only distances of equal numbers of examples and of the same extractor. With `inception` it is
    computed by Keras's InceptionV3, and is not the FID of the papers.

    Args:
        extractor: An `Extractor`, a Keras model, a name, or None for the examples themselves.
        real: Real images, an array or a `Pictures`, whose features are computed once and used in place of the
            batches' real examples; or a `Reference`. If None, the batches' real examples are used.
        name: The metric's name.

    Raises:
        ValueError: If `extractor` is none of these.

    Example:

    >>> metric = FrechetDistance()
    >>> metric.update_state(tf.constant([[0.0], [2.0]]), tf.constant([[3.0], [5.0]]))
    >>> round(float(metric.result()), 6)
    9.0

    Reference: [Heusel et al., 2017](https://arxiv.org/abs/1706.08500).
    """

    def __init__(self, extractor=None, real=None, name: str = "frechet_distance"):
        super().__init__(extractor, real, name)
        self._sides: dict[str, tf.Variable] = {}
        self._moments: tuple[int, np.ndarray, np.ndarray] | None = None

    def add(self, side: str, features: tf.Tensor) -> None:
        """Adds a batch of features to the sums."""
        features = tf.cast(features, tf.float64)
        features = tf.concat([tf.ones_like(features[:, :1]), features], axis=1)
        self._sums_of(side, features.shape[-1]).assign_add(tf.matmul(features, features, transpose_a=True))

    def _sums_of(self, side, width):
        """Returns the sums of (1, h)(1, h)^T: count, sums and products in one matrix."""
        if side not in self._sides:
            with tf.init_scope():
                self._sides[side] = self.add_variable((width, width), "zeros", dtype="float64", name=f"{side}_sums")
        return self._sides[side]

    def moments(self, side: str) -> tuple[int, np.ndarray, np.ndarray]:
        """Returns count, mean and covariance so far; those of a fixed reference are computed once."""
        if side == "real" and self._reference is not None:
            if self._moments is None:
                features = self.reference.features.astype("float64")
                self._moments = len(features), features.mean(axis=0), np.atleast_2d(np.cov(features, rowvar=False))
            return self._moments
        if side not in self._sides:
            return 0, np.zeros(1), np.zeros((1, 1))
        sums = tf.convert_to_tensor(self._sides[side]).numpy()
        count, total, products = round(sums[0, 0]) if np.isfinite(sums[0, 0]) else 0, sums[0, 1:], sums[1:, 1:]
        mean = total / max(count, 1)
        covariance = (products - count * np.outer(mean, mean)) / max(count - 1, 1)
        return count, mean, _without_noise(covariance, products.max(initial=0.0) / max(count - 1, 1))

    def compute(self) -> float:
        """Returns the distance between both sides' moments."""
        (n, *real), (m, *fake) = self.moments("real"), self.moments("fake")
        if min(n, m) < 2 or not all(np.isfinite(x).all() for x in (*real, *fake)):
            return math.nan
        return functional.frechet_distance(*real, *fake)


def _without_noise(covariance, size):
    """Sets eigenvalues of a covariance to 0 that rounding of sums of this size explains, as for equal fakes."""
    if not np.isfinite(covariance).all():
        return covariance
    values, vectors = np.linalg.eigh((covariance + covariance.T) / 2)
    values[values < len(values) * np.finfo("float64").eps * size] = 0
    return (vectors * values) @ vectors.T
