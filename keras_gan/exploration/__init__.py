"""Tools for a game's latent space: truncation, walks, mixed styles, and the projection of given pictures."""

from keras_gan.exploration.projection import Projection, project
from keras_gan.exploration.space import Space

__all__ = ["Projection", "Space", "project"]
