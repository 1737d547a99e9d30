"""A trace of the time that some steps take."""

import os

import tensorflow as tf

from keras_gan.game.watching import StepCallback
from keras_gan.ground import files
from keras_gan.ground.arguments import check_count


class Profile(StepCallback):
    """Writes a trace of some training steps for TensorBoard's Profile tab.

    With `steps_per_execution` above 1 the trace begins and ends with whole calls. A run that ends before `first` steps
    writes no trace.

    Args:
        path: The folder, such as `"runs/digits/profile"`.
        first: Number of steps of this `fit` before the trace, at least 1: the first makes the graph. Defaults to 10.
        steps: Number of steps to trace, at least 1. Defaults to 10.

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
        """Returns None: the callback runs between calls, whatever their number of steps."""
        return None

    def on_train_begin(self, logs=None):
        """Begins to count steps."""
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
        """Ends the profile, and writes it, if training ends within it."""
        self._stop()

    def _stop(self):
        if self._end is not None:
            self._end = None
            tf.profiler.experimental.stop()
