"""What is computed in training in another way than Keras does: faster, or where its numbers are wrong."""

from keras_gan.kernels.rules import LAYERS, NAMES, OPTIMIZERS, choose, computes, used

__all__ = ["LAYERS", "NAMES", "OPTIMIZERS", "choose", "computes", "used"]
