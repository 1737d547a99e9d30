"""Training kernels: computations that are faster than Keras's, or correct where Keras's are wrong."""

from keras_gan.kernels.rules import LAYERS, NAMES, OPTIMIZERS, choose, computes, used

__all__ = ["LAYERS", "NAMES", "OPTIMIZERS", "choose", "computes", "used"]
