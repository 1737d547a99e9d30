"""The base class of priors: distributions that a GAN draws from."""

import abc

import numpy as np
import tensorflow as tf

from keras_gan.ground.arguments import check_count
from keras_gan.noise import Noise


class Prior(abc.ABC):
    """A distribution that the GAN draws from, with `draw(count, noise)` and a config.

    Subclass it to draw labels or other conditions: numbers of shape (count, ...), such as ages, one-hot vectors or
    pictures.
    """

    @abc.abstractmethod
    def draw(self, count: int | tf.Tensor, noise: Noise) -> tf.Tensor:
        """Draws `count` examples at the address `noise`."""

    @abc.abstractmethod
    def get_config(self) -> dict:
        """Returns the arguments of the constructor."""

    @classmethod
    def from_config(cls, config: dict) -> "Prior":
        return cls(**config)

    def __eq__(self, other):
        return type(self) is type(other) and self.get_config() == other.get_config()

    def __hash__(self):
        return hash(repr(self))

    def __repr__(self):
        arguments = ", ".join(f"{name}={value!r}" for name, value in self.get_config().items())
        return f"{type(self).__name__}({arguments})"


class Latents(Prior):
    """A prior of latents of shape `(count, dim)`, float32.

    Args:
        dim: The number of latent dimensions, at least 1.
    """

    def __init__(self, dim: int):
        self.dim = int(check_count("dim", dim))

    def expectation(self) -> np.ndarray:
        """Returns the mean of the latents, (dim,) float32: the mean of 10,000 draws, unless a subclass knows it."""
        return self.draw(10_000, Noise(("expectation",))).numpy().mean(axis=0, dtype="float64").astype("float32")

    def get_config(self) -> dict:
        return {"dim": self.dim}
