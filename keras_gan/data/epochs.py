"""The epochs of a course, one after the other, for Keras's `fit`."""

from collections.abc import Iterator

import keras
import tensorflow as tf

from keras_gan.data.course import Course
from keras_gan.ground.internals import DataAdapter


class Epochs(DataAdapter, tf.distribute.DistributedDataset):
    """A course as the data of a single call of Keras's `fit`, although its epochs may come from several data sets.

    Separate data sets give the rest of an interrupted epoch, and the rest of an iterator that was opened to look at
    the data. A single call of `fit` is a single run also for callbacks that others add to Keras's `fit`, as MLflow
    does. `Epochs` is not a `tf.data.Dataset`, so that such callbacks do not read the data, which may be endless.

    Args:
        course: The data of a GAN's `fit`.
        game: The `GAN`.
        done: Number of epochs that were played before.
        played: Number of steps of the next epoch that were played before.

    Attributes:
        skipped: Number of calls of the training function that have nothing to do, as their steps were played before.
    """

    def __init__(self, course: Course, game: keras.Model, done: int = 0, played: int = 0):
        self.course, self._game = course, game
        self._data_sets, self._data, self._distributed, self._iterator = course.epochs(done, played), None, None, None
        size = game.execution.steps
        self.skipped = -(-course.steps // size) - -(-(course.steps - played) // size) if played else 0

    # -- Used by Keras ------------------------------------------------------------------------------------------------

    @property
    def num_batches(self) -> int | None:
        """Steps per epoch; None if unknown."""
        return self.course.steps

    def get_tf_dataset(self) -> "Epochs":
        """Returns itself, as Keras uses a distributed data set unchanged."""
        return self

    @property
    def element_spec(self):
        """The `element_spec` of the course's data."""
        return self.course.data.element_spec

    def __iter__(self) -> "Epoch":
        return Epoch(self)

    # -- Used by the training function --------------------------------------------------------------------------------

    def open(self) -> Iterator:
        """Returns the iterator over the batches of the next epoch."""
        self.course.begin.step = int(self._game.step.numpy())
        data = next(self._data_sets)
        if data is not None:
            if data is not self._data:
                is_read = isinstance(data, tf.data.Dataset)  # otherwise positions, for this process alone
                distribute = self._game.distribute_strategy.experimental_distribute_dataset
                self._data, self._distributed = data, distribute(data) if is_read else data
            self._iterator = iter(self._distributed)
        return self._iterator

    def close(self) -> None:
        """Releases all iterators, also the one that was opened to look at the data."""
        self.course.close()
        self._data_sets.close()
        self._data = self._distributed = self._iterator = None


class Epoch(Iterator):
    """One pass of Keras over an epoch, which is opened at its first step: Keras makes one iterator more than it uses.

    Args:
        epochs: The `Epochs` to which the epoch belongs.
    """

    def __init__(self, epochs: Epochs):
        self.course, self._epochs, self._iterator = epochs.course, epochs, None

    def skip(self) -> bool:
        """Returns whether the next call of the training function has nothing to do, and counts it."""
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
