"""The progress line of a run: losses, speed, remaining time and memory."""

import pathlib
import shutil
import sys
import time
import types

import tensorflow as tf

from keras_gan.game import execution
from keras_gan.game.watching import StepCallback

try:
    import resource
except ImportError:  # only POSIX systems have it
    resource = None

INTERVAL = 0.25  # seconds between updates of the line on a terminal
LINES = 20  # lines per run if the output is no terminal


class Progress(StepCallback):
    """One line for the whole run, rewritten in place; if the output is no terminal, a line per twentieth of the run.

    step 1,200 of 9,000 d_loss 0.693 g_loss 0.701, 512 images/s, 15 min left, 1.1 GB, runs/x/samples/step-00001000.png

    Args:
        steps: Number of steps of the whole run.
        images: Number of examples per step.
        pictures: The folder of sample grids, of which the line names the newest.
        unit: Name of the examples, in the plural. Defaults to `"images"`.

    Attributes:
        seconds: Training time of all sessions of the run, saved in its checkpoints.
        sessions: Number of sessions.
    """

    def __init__(self, steps: int, images: int, pictures: pathlib.Path, unit: str = "images"):
        super().__init__()
        self.steps, self.images, self.pictures, self.unit, self._said = steps, images, pictures, unit, 0
        self.seconds, self.sessions = 0.0, 0

    def looks_every(self) -> None:
        """Returns None: the callback runs between compiled calls of any number of steps."""
        return None

    def set_model(self, model):
        """Sets the model, and the names of its sides' losses."""
        super().set_model(model)
        self._names = tuple(f"{side.short}_loss" for side in model.sides.values())

    def on_train_begin(self, logs=None):
        """Prints how steps are executed."""
        now = time.monotonic()
        self._session = types.SimpleNamespace(last=now, shown=now, is_new=True, first=None)  # not saved in checkpoints
        print(f"{execution.describe(self.model)}.", flush=True)

    def _count(self, step):
        now, session = time.monotonic(), self._session
        self.seconds += now - session.last
        self.sessions += session.is_new
        session.last, session.is_new = now, False
        session.first = session.first or (step, now)  # after the compilation of the first step

    def on_train_batch_end(self, batch, logs=None):
        """Prints the line, a few times per second on a terminal."""
        step, session = int(self.model.step.numpy()), self._session
        self._count(step)
        is_last, part = step >= self.steps, step // max(1, self.steps // LINES)
        if sys.stdout.isatty():
            if is_last or session.last - session.shown >= INTERVAL:
                session.shown = session.last
                width = shutil.get_terminal_size().columns - 1
                print("\r" + self._line(step, logs)[:width].ljust(width), end="\n" * is_last, flush=True)
        elif part > self._said or is_last:
            self._said = part
            print(self._line(step, logs), flush=True)

    def _line(self, step, logs):
        losses = " ".join(f"{name} {float(logs[name]):.3f}" for name in self._names)
        notes, (first, began) = [], self._session.first
        if step > first:
            speed = (step - first) / max(self._session.last - began, 1e-9)
            notes = [f"{_short(speed * self.images)} {self.unit}/s", f"{duration((self.steps - step) / speed)} left"]
        memory = _memory()
        notes += [] if memory is None else [f"{memory / 1e9:.1f} GB"]
        newest = max(self.pictures.glob("step-*.png"), default=None)
        return ", ".join(
            [f"step {step:,} of {self.steps:,} {losses}", *notes, *([] if newest is None else [str(newest)])]
        )


def duration(seconds: float) -> str:
    """Returns a duration as text.

    Args:
        seconds: The duration, in seconds.

    >>> [duration(each) for each in (7.4, 95, 3 * 3600, 100 * 3600)]
    ['7 s', '2 min', '3.0 h', '4.2 days']
    """
    for most, unit, word in ((90, 1, "s"), (5400, 60, "min")):
        if seconds < most:
            return f"{seconds / unit:.0f} {word}"
    return f"{seconds / 3600:.1f} h" if seconds < 48 * 3600 else f"{seconds / 86400:.1f} days"


def _short(number):
    return f"{number:,.0f}" if number >= 10 else f"{number:.2g}"


def _memory():
    """Returns the peak memory in bytes, of the first GPU or otherwise of this process; None if unknown."""
    if tf.config.list_logical_devices("GPU"):
        return tf.config.experimental.get_memory_info("GPU:0")["peak"]
    if resource is None:
        return None
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
