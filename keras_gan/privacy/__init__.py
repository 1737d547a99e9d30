"""Training under differential privacy: clipped, noised updates, and what they guarantee."""

from keras_gan.privacy.accounting import epsilon
from keras_gan.privacy.optimizer import PrivateOptimizer

__all__ = ["PrivateOptimizer", "epsilon"]
