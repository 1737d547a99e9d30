"""Training under differential privacy: clipped and noised updates, and their guarantees."""

from keras_gan.privacy.accounting import epsilon
from keras_gan.privacy.optimizer import PrivateOptimizer

__all__ = ["PrivateOptimizer", "epsilon"]
