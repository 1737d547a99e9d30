"""Modes of a known mixture, streaming."""

import math

import keras
import numpy as np
import tensorflow as tf

from keras_gan.data.toys import GaussianMixture
from keras_gan.metrics.functional.modes import WITHIN, modes_of_counts
from keras_gan.metrics.streaming import check_choice


@keras.saving.register_keras_serializable("keras_gan")
class ModeCoverage(keras.metrics.Metric):
    """The modes of a known mixture that fakes hit, the share of good fakes, or the divergence of their shares.

    A fake is good within 3 standard deviations of the nearest mode: see `functional.mode_coverage`. In a graph the
    result is NaN, as while `evaluate` runs through its batches.

    Args:
        mixture: A `GaussianMixture` of d dimensions, such as `keras_gan.data.ring()`.
        which: `"modes"`, `"high_quality"` or `"kl"`.
        name: The metric's name. Defaults to `which`.

    Raises:
        ValueError: If `which` is another text.

    Example:

    >>> from keras_gan.data import ring
    >>> metric = ModeCoverage(ring())
    >>> metric.update_state(None, ring().modes[:5])
    >>> float(metric.result())
    5.0

    Reference: [Lin et al., 2018](https://arxiv.org/abs/1712.04086) (PacGAN), section 4.1.
    """

    def __init__(self, mixture: GaussianMixture, which: str = "modes", name: str | None = None):
        self.which = check_choice("which", which, ("modes", "high_quality", "kl"))
        super().__init__(name=name or which, dtype="float32")
        self.mixture = mixture
        self.counts = self.add_variable((len(mixture.modes) + 1,), "zeros", dtype="float64", name="counts")

    def update_state(self, real: tf.Tensor, fake: tf.Tensor) -> None:
        """Adds a batch of fakes, (N, d); real examples are ignored."""
        difference = tf.cast(fake, tf.float64)[:, None, :] - self.mixture.modes
        distances = tf.norm(difference, axis=-1) / self.mixture.scales
        good = tf.reduce_min(distances, axis=1) <= WITHIN
        modes = len(self.mixture.modes)
        hits = tf.one_hot(tf.where(good, tf.argmin(distances, axis=1), modes), modes + 1, dtype=tf.float64)
        self.counts.assign_add(tf.reduce_sum(hits, axis=0))

    def result(self) -> tf.Tensor:
        """Returns the number named by `which`, a float64 scalar: NaN in a graph and before the first batch."""
        if not tf.executing_eagerly():
            return tf.constant(math.nan, tf.float64)
        *counts, bad = tf.convert_to_tensor(self.counts).numpy().round().astype("int64")
        points = int(sum(counts) + bad)
        if not points:
            return tf.constant(math.nan, tf.float64)
        found = modes_of_counts(np.array(counts), points, self.mixture.weights)
        return tf.constant(getattr(found, self.which), tf.float64)

    def get_config(self) -> dict:
        """Returns the arguments of the constructor, the mixture as a dict of lists."""
        mixture = {name: getattr(self.mixture, name).tolist() for name in ("modes", "scales", "weights")}
        return {"mixture": mixture, "which": self.which, "name": self.name}

    @classmethod
    def from_config(cls, config: dict) -> "ModeCoverage":
        return cls(**{**config, "mixture": GaussianMixture(**config["mixture"])})
