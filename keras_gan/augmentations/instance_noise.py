"""Noise on the examples themselves, which decays with the training step."""

import keras
import tensorflow as tf

from keras_gan.augmentations.augmentation import Augmentation
from keras_gan.ground.arguments import check_count, check_number
from keras_gan.ground.shapes import sizes


@keras.saving.register_keras_serializable("keras_gan")
class InstanceNoise(Augmentation):
    """Gaussian noise on real and fake, so that the two distributions overlap and their divergence has a gradient.

    x + stddev max(0, 1 - t / decay_steps) e, e ~ N(0, I), t = `noise.index`, the training step

    Args:
        stddev: The noise's standard deviation at step 0, finite and at least 0.
        decay_steps: Number of steps until the noise is 0, at least 1; None for constant noise.
        name: The layer's name.

    Example:

    >>> from keras_gan.noise import Noise
    >>> InstanceNoise(0.1)(tf.zeros((4, 2)), noise=Noise((0, "example"), index=10_000)).numpy().max()
    np.float32(0.0)

    Reference: [Sonderby et al., 2016](https://arxiv.org/abs/1610.04490);
    [Arjovsky and Bottou, 2017](https://arxiv.org/abs/1701.04862).
    """

    def __init__(self, stddev: float = 0.1, decay_steps: int | None = 10_000, name: str | None = None):
        super().__init__(name=name)
        self.stddev = check_number("stddev", stddev, 0)
        self.decay_steps = None if decay_steps is None else check_count("decay_steps", decay_steps)

    def call(self, x, noise):
        left = 1.0
        if self.decay_steps is not None:
            left = tf.maximum(0.0, 1 - tf.cast(noise.index, tf.float32) / self.decay_steps)
        return x + tf.cast(self.stddev * left * noise.normal(sizes(x)), x.dtype)

    def get_config(self):
        return {"stddev": self.stddev, "decay_steps": self.decay_steps, **super().get_config()}
