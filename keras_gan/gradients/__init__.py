"""Checks that TensorFlow differentiates a discriminator as penalties on its gradient need it."""

from keras_gan.gradients.check import Judged, check, check_augmentation

__all__ = ["Judged", "check", "check_augmentation"]
