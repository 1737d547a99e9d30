"""Checks that TensorFlow can differentiate a discriminator as gradient penalties require."""

from keras_gan.gradients.check import Judged, check, check_augmentation

__all__ = ["Judged", "check", "check_augmentation"]
