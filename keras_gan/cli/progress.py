"""The line on a run's progress: the losses, its speed, the time that is left, and the memory."""

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

INTERVAL = 0.25  # seconds between two looks of a terminal's line
LINES = 20  # of a run, where the output is no terminal


class Progress(StepCallback):
    """One line for the whole run, rewritten in place; where the output is no terminal, a line for each twentieth of it.

    step 1,200 of 9,000 d_loss 0.693 g_loss 0.701, 512 images/s, 15 min left, 1.1 GB, runs/x/samples/step-00001000.png

    Args:
        steps: Of the whole run.
        images: How many examples of the data a step takes.
        pictures: The folder of sample grids, of which the newest is named.
        unit: What examples are called.

    Attributes:
        seconds: How long the run has trained, in all sessions: it is kept in its checkpoints.
        sessions: How many they were.
    """

    def __init__(self, steps: int, images: int, pictures: pathlib.Path, unit: str = "images"):
        super().__init__()
        self.steps, self.images, self.pictures, self.unit, self._said = steps, images, pictures, unit, 0
        self.seconds, self.sessions = 0.0, 0

    def looks_every(self) -> None:
        """Returns None: it looks between calls, however many steps they have."""
        return None

    def set_model(self, model):
        """Takes the losses of the model's sides."""
        super().set_model(model)
        self._names = tuple(f"{side.short}_loss" for side in model.sides.values())

    def on_train_begin(self, logs=None):
        """Says how steps are run."""
        now = time.monotonic()
        self._session = types.SimpleNamespace(last=now, shown=now, is_new=True, first=None)  # of this process: not kept
        print(f"{execution.describe(self.model)}.", flush=True)

    def _count(self, step):
        now, session = time.monotonic(), self._session
        self.seconds += now - session.last
        self.sessions += session.is_new
        session.last, session.is_new = now, False
        session.first = session.first or (step, now)  # behind what the first step compiles

    def on_train_batch_end(self, batch, logs=None):
        """Says the step, the losses and the rest, a few times a second on a terminal."""
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
        told, (first, began) = [], self._session.first
        if step > first:
            speed = (step - first) / max(self._session.last - began, 1e-9)
            told = [f"{_short(speed * self.images)} {self.unit}/s", f"{duration((self.steps - step) / speed)} left"]
        memory = _memory()
        told += [] if memory is None else [f"{memory / 1e9:.1f} GB"]
        newest = max(self.pictures.glob("step-*.png"), default=None)
        return ", ".join(
            [f"step {step:,} of {self.steps:,} {losses}", *told, *([] if newest is None else [str(newest)])]
        )


def duration(seconds: float) -> str:
    """Returns a time that something takes, in words.

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
    """Returns the most bytes so far: of the first GPU, or else of this process; None where that is not known."""
    if tf.config.list_logical_devices("GPU"):
        return tf.config.experimental.get_memory_info("GPU:0")["peak"]
    if resource is None:
        return None
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
