"""The base class of what a run shows of its samples during training, and writes at its end."""

import abc
import pathlib

from keras_gan import callbacks
from keras_gan.cli.config import TrainConfig
from keras_gan.game import Game


class Look(abc.ABC):
    """The pictures of samples that a run draws during training, and the results that it writes at its end.

    Attributes:
        unit: Name of the examples, in the plural.
    """

    unit: str

    @abc.abstractmethod
    def draw(self, config: TrainConfig, game: Game, data, dataset, steps: int) -> callbacks.Drawing:
        """Returns a callback that repeatedly draws samples of the model into the run's `samples`.

        Args:
            config: The configuration, resolved.
            game: The game.
            data: The data that an epoch passes over once.
            dataset: The batches of `data`.
            steps: Number of steps of the whole run.
        """

    @abc.abstractmethod
    def write_results(self, config: TrainConfig, game: Game, data) -> tuple[dict[str, pathlib.Path], list[str]]:
        """Writes results of the trained model into the run's folder.

        Returns:
            The files to list in the terminal, by what they hold, and lines of text to print.
        """
