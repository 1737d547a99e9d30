"""A trace of what the time of some steps is spent on."""

import os

import tensorflow as tf

from keras_gan.game.watching import StepCallback
from keras_gan.ground import files
from keras_gan.ground.arguments import check_count


class Profile(StepCallback):
    """Writes a trace of some training steps, to be looked at in TensorBoard's Profile tab.

    With `steps_per_execution` above 1 it begins and ends with whole calls. A shorter run leaves none.

    Args:
        path: The folder, such as `"runs/digits/profile"`.
        first: How many steps of this `fit` are over before, at least 1: the first makes the graph.
        steps: How many are traced, at least 1.

    Raises:
        ValueError: If a number is out of range.

    Example:

    >>> gan.fit(dataset, callbacks=[keras_gan.callbacks.Profile("runs/digits/profile")])
    """

    def __init__(self, path: str | os.PathLike, first: int = 10, steps: int = 10):
        super().__init__()
        files.check_path(path)
        self.path = os.fspath(path)
        self.first, self.steps = check_count("first", first), check_count("steps", steps)
        self._first = self._end = None

    def looks_every(self) -> None:
        """Returns None: it looks between calls, however many steps they have."""
        return None

    def on_train_begin(self, logs=None):
        """Counts from here."""
        self._first, self._end = int(self.model.step.numpy()) + self.first, None

    def on_train_batch_begin(self, batch, logs=None):
        """Begins the profile."""
        step = int(self.model.step.numpy())
        if self._first is not None and step >= self._first:
            self._first, self._end = None, step + self.steps
            every_operation = tf.profiler.experimental.ProfilerOptions(host_tracer_level=3)
            tf.profiler.experimental.start(self.path, every_operation)

    def on_train_batch_end(self, batch, logs=None):
        """Ends the profile, and writes it."""
        if self._end is not None and int(self.model.step.numpy()) >= self._end:
            self._stop()

    def on_train_end(self, logs=None):
        """Ends the profile, and writes it, if training was shorter."""
        self._stop()

    def _stop(self):
        if self._end is not None:
            self._end = None
            tf.profiler.experimental.stop()
