"""The base class of pictures of what a model makes, which a run shows while it trains."""

import abc
import pathlib

from keras_gan import callbacks
from keras_gan.cli.config import TrainConfig
from keras_gan.game import Game


class Look(abc.ABC):
    """Pictures of what a model makes, which a run shows while it trains.

    Attributes:
        unit: What examples are called.
    """

    unit: str

    @abc.abstractmethod
    def draw(self, config: TrainConfig, game: Game, data, dataset, steps: int) -> callbacks.Drawing:
        """Returns a callback that draws what the model makes, again and again, into the run's `samples`.

        Args:
            config: The configuration, resolved.
            game: The game.
            data: What an epoch goes through once.
            dataset: Its batches.
            steps: Of the whole run.
        """

    @abc.abstractmethod
    def leave(self, config: TrainConfig, game: Game, data) -> tuple[dict[str, pathlib.Path], list[str]]:
        """Writes into the run's folder what is looked at when training is over.

        Returns:
            The files that are worth a line, by what they are, and what was found, in words.
        """
