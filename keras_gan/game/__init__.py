"""Games: players, values, matches, and their training."""

from keras_gan.game.game import Game
from keras_gan.game.gan import GAN
from keras_gan.game.match import Match

__all__ = ["GAN", "Game", "Match"]
