"""Adversarial learning for Keras 3 on TensorFlow."""

import keras

if keras.backend.backend() != "tensorflow":
    raise ImportError(
        "keras_gan must run on Keras's TensorFlow backend: set the environment variable KERAS_BACKEND=tensorflow. "
        f"Received: {keras.backend.backend()!r}"
    )

from keras_gan import (
    augmentations,
    callbacks,
    constraints,
    data,
    evaluation,
    images,
    latents,
    layers,
    metrics,
    networks,
    objectives,
    replay,
    report,
    serving,
    theory,
)
from keras_gan.determinism import enable_determinism
from keras_gan.gan import GAN
from keras_gan.noise import Noise
from keras_gan.round import Round

__version__ = "0.1.0"

__all__ = [
    "GAN",
    "Noise",
    "Round",
    "augmentations",
    "callbacks",
    "constraints",
    "data",
    "enable_determinism",
    "evaluation",
    "images",
    "latents",
    "layers",
    "metrics",
    "networks",
    "objectives",
    "replay",
    "report",
    "serving",
    "theory",
]
