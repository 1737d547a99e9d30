"""The course of `fit`: the batches of each epoch."""

import types
from collections.abc import Iterator

import keras
import tensorflow as tf

from keras_gan.data import elements, feed, groups
from keras_gan.data.pipeline import addresses_of
from keras_gan.ground import internals

ADDRESSED = "found by its step"
READ_AGAIN = "read from its beginning (the same, if each pass over it is the same)"
LOST = (
    "read from its beginning, in another order if it is shuffled (only full batches of `keras_gan.data` that nothing "
    "transforms afterwards are found by their step: use `transform=`)"
)
BY_EPOCHS = "that of a whole epoch (the same, if each pass over it is the same)"


class Course:
    """The data of one `fit`, epoch after epoch, from any step on.

    A pipeline of `keras_gan.data` is addressed: step s of a game receives the batches from s * k on, wherever training
    begins, and any step is reached at no cost. For another `tf.data.Dataset` each epoch is one pass, or, if
    `steps_per_epoch` is given, continues where the last one stopped, through repeated passes; to resume within an
    epoch, the data set is read from its beginning. A `keras.utils.PyDataset`, or a data set of unknown length, resumes
    at the beginning of an epoch. `map` and similar methods turn a pipeline of `keras_gan.data` into a data set without
    addresses.

    Args:
        data: The output of `feed.Source.batches`.
        k: Batches per step.
        steps_per_epoch: Steps per epoch; None for a pass over the data.
        shapes: Shape of an example of each part, by name, for data of unknown static shapes.
        several: Whether several replicas read the data.

    Attributes:
        steps: Steps per epoch; None if unknown.
        kind: How a step is reached: `ADDRESSED`, `READ_AGAIN`, `LOST` (the same, for data that has lost its addresses)
            or `BY_EPOCHS`.
        begin: A namespace whose `step` is the game's step at which the current data set was opened.
        in_graph: If not 0, addressed batches are given as positions, for this many steps at a time, and a graph gathers
            them. All batches must then be full.
    """

    def __init__(
        self,
        data: tf.data.Dataset | keras.utils.PyDataset,
        k: int = 1,
        steps_per_epoch: int | None = None,
        shapes: dict[str, tuple | None] | None = None,
        several: bool = False,
    ):
        addresses = addresses_of(data)
        self.addresses = addresses if addresses is not None and (k == 1 or addresses.whole_batches) else None
        self.k, self.steps_per_epoch, self.in_graph = k, steps_per_epoch, 0
        self.begin = types.SimpleNamespace(step=0)
        self.source, self._several, self._opened = data, several, None
        if self.addresses is not None:
            self.kind = ADDRESSED
            self.addresses = self.addresses.shaped(shapes)
            self.steps, self.data = steps_per_epoch or groups.check_groups(self.addresses.steps, k), data
        else:
            self.data = groups.group(groups.shaped(data, shapes), k)
            self.steps = steps_per_epoch or _length(self.data)
            by_epochs = isinstance(data, keras.utils.PyDataset) or self.steps is None
            self.kind = BY_EPOCHS if by_epochs else LOST if _had_addresses(data) else READ_AGAIN
            if steps_per_epoch and not isinstance(data, keras.utils.PyDataset):
                self.data = self.data.repeat()

    @property
    def is_endless(self) -> bool:
        """Whether the epochs are parts of an endless data set: no call of several steps may cross an epoch's end."""
        return self.addresses is None and bool(self.steps_per_epoch)

    def look(self):
        """Returns the first batch, before training begins.

        A data set without addresses stays open: `epochs` continues with its iterator, so that a shuffle buffer is
        filled only once.

        Raises:
            ValueError: If there are fewer batches than a step consumes.
        """
        if self.addresses is not None or isinstance(self.data, keras.utils.PyDataset):
            return feed.first_batch(self.addresses or self.source)
        iterator = iter(self.data)
        first = next(iterator, None)
        if first is None:
            feed.first_batch(self.source)
            groups.check_groups(groups.count_full(self.source), self.k)
        self._opened = None if self._several else (first, iterator)
        return elements.ungroup(first, self.k)[0]

    def close(self) -> None:
        """Releases the iterator that `look` opened."""
        self._opened = None

    def epochs(self, done: int = 0, played: int = 0) -> Iterator[tf.data.Dataset | Iterator | None]:
        """Yields the data of each epoch, without end.

        Args:
            done: Number of epochs that were played before.
            played: Number of steps of the next epoch that were played before.

        Yields:
            A data set to open, or with `in_graph` the iterator of positions; None to continue with the open one.
        """
        opened, self._opened = self._opened, None
        if self.addresses is not None:
            if played:
                yield self._addressed(played)
            data = self._addressed(0)
            yield data
            while True:
                yield None if self.in_graph else data
        if self.steps_per_epoch:  # the passes form one endless data set
            skipped = done * self.steps + played
            yield self.data.skip(skipped) if opened is None or skipped else _continued(*opened, self.data.cardinality())
            while True:
                yield None
        if played:
            yield self.data.skip(played)
        elif opened is not None and not done:
            yield _continued(*opened, self.data.cardinality())
        opened = None  # releases the iterator
        while True:
            yield self.data

    def _addressed(self, played):
        count, begin, k = (self.steps - played) * self.k, self.begin, self.k

        def place():  # TensorFlow never releases this function: it must not refer to the data
            return begin.step * k

        if self.in_graph:
            return self.addresses.blocks(place, count, self.in_graph * k)
        return groups.group(self.addresses.read(place, count), k)


def _continued(first, iterator, cardinality):
    """Returns the data set that begins with `first` and continues with the rest of an open `iterator`, read once."""

    def following(_):
        return iterator.get_next_as_optional()

    def is_there(optional):
        return optional.has_value()

    def content(optional):
        return optional.get_value()

    rest = tf.data.Dataset.counter().map(following).take_while(is_there).map(content)
    data = tf.data.Dataset.from_tensors(first).concatenate(rest)
    if cardinality == tf.data.UNKNOWN_CARDINALITY:
        return data
    return data.apply(tf.data.experimental.assert_cardinality(cardinality))


def _had_addresses(data):
    """Returns whether a data set was made from an addressed pipeline."""
    inputs = internals.inputs_of(data) if isinstance(data, tf.data.Dataset) else ()
    return addresses_of(data) is not None or any(map(_had_addresses, inputs))


def _length(data):
    if isinstance(data, keras.utils.PyDataset):
        return data.num_batches
    cardinality = int(data.cardinality())
    return cardinality if cardinality > 0 else None
