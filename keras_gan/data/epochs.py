"""The epochs of a course, one after the other, for Keras's `fit`."""

from collections.abc import Iterator

import keras
import tensorflow as tf

from keras_gan.data.course import Course
from keras_gan.ground.internals import DataAdapter


class Epochs(DataAdapter, tf.distribute.DistributedDataset):
    """A course as the data of one `fit` of Keras's, although its epochs may come from data sets of their own.

    These are what is left of an epoch that was begun, and what an iterator still holds that was opened to look at the
    data. As there is but one `fit` there is one run, also to callbacks that others add where Keras's `fit` is called,
    as MLflow does. It is no `tf.data.Dataset`, so that nobody there reads the data, which may have no end.

    Args:
        course: The data of a GAN's `fit`.
        game: The `GAN`.
        done: How many epochs were played before.
        played: How many steps of the first one were played before.

    Attributes:
        skipped: How many calls of the training function have nothing to do, as their steps were played before.
    """

    def __init__(self, course: Course, game: keras.Model, done: int = 0, played: int = 0):
        self.course, self._game = course, game
        self._data_sets, self._data, self._distributed, self._iterator = course.epochs(done, played), None, None, None
        size = game.execution.steps
        self.skipped = -(-course.steps // size) - -(-(course.steps - played) // size) if played else 0

    # -- What Keras asks ----------------------------------------------------------------------------------------------

    @property
    def num_batches(self) -> int | None:
        """Steps per epoch; None if that is not known."""
        return self.course.steps

    def get_tf_dataset(self) -> "Epochs":
        """Returns itself: one that is distributed is taken as it is."""
        return self

    @property
    def element_spec(self):
        """That of the course's data."""
        return self.course.data.element_spec

    def __iter__(self) -> "Epoch":
        return Epoch(self)

    # -- What the training function asks ------------------------------------------------------------------------------

    def open(self) -> Iterator:
        """Returns what gives the batches of the next epoch."""
        self.course.begin.step = int(self._game.step.numpy())
        data = next(self._data_sets)
        if data is not None:
            if data is not self._data:
                is_read = isinstance(data, tf.data.Dataset)  # else these are positions, for this process alone
                distribute = self._game.distribute_strategy.experimental_distribute_dataset
                self._data, self._distributed = data, distribute(data) if is_read else data
            self._iterator = iter(self._distributed)
        return self._iterator

    def close(self) -> None:
        """Lets go of all that was opened, to look at the data too."""
        self.course.close()
        self._data_sets.close()
        self._data = self._distributed = self._iterator = None


class Epoch(Iterator):
    """One pass of Keras's. It is opened with its first step, as Keras begins one more than it goes through.

    Args:
        epochs: The `Epochs` that it is one of.
    """

    def __init__(self, epochs: Epochs):
        self.course, self._epochs, self._iterator = epochs.course, epochs, None

    def skip(self) -> bool:
        """Returns whether the next call of the training function has nothing to do."""
        self._epochs.skipped -= (skips := self._epochs.skipped > 0)
        return skips

    def __next__(self):
        return next(self.iterator)

    @property
    def iterator(self) -> Iterator:
        """The iterator over the epoch's batches."""
        if self._iterator is None:
            self._iterator = self._epochs.open()
        return self._iterator
