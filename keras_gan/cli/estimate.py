"""Estimates of a run's duration, printed after its first seconds."""

import time
import types

from keras_gan.cli.progress import duration
from keras_gan.game.watching import StepCallback

LEAST = 5.0  # seconds that are measured


class Estimate(StepCallback):
    """Prints once how long the rest of a run will take, by the time of its first steps, without tracing.

    Args:
        steps: Number of steps of the whole run.
        least: Seconds to measure. A run that ends earlier prints no estimate.
    """

    def __init__(self, steps: int, least: float = LEAST):
        super().__init__()
        # belongs to this process, and is not saved in checkpoints
        self._plan = types.SimpleNamespace(steps=steps, least=least, began=None, printed=False)

    def looks_every(self) -> None:
        """Returns None: the callback runs between compiled calls of any number of steps."""
        return None

    def on_test_begin(self, logs=None):
        """Pauses the measurement, as evaluation does not count."""
        self._plan.paused = time.monotonic()

    def on_test_end(self, logs=None):
        """Resumes the measurement."""
        if self._plan.began is not None:
            began, step = self._plan.began
            self._plan.began = began + time.monotonic() - self._plan.paused, step

    def on_train_batch_end(self, batch, logs=None):
        """Begins to measure after the first call, and prints the estimate after `least` seconds."""
        plan = self._plan
        if plan.printed:
            return
        now, step = time.monotonic(), int(self.model.step.numpy())
        if plan.began is None:
            plan.began = now, step
        elif now - plan.began[0] >= plan.least:
            plan.printed, done, left = True, step - plan.began[1], plan.steps - step
            if not left:
                return
            each = (now - plan.began[0]) / done
            text = f"About {duration(each * left)} left: {left:,} steps at {each:.3g} s per step, measured on {done:,}."
            print(text, flush=True)
