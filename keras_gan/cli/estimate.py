"""Estimates of how long a run will take, told in its first seconds."""

import time
import types

from keras_gan.cli.progress import duration
from keras_gan.game.watching import StepCallback

LEAST = 5.0  # seconds that are measured


class Estimate(StepCallback):
    """Says once how long the rest of a run will take: by the time of its first steps, tracing left out.

    Args:
        steps: Of the whole run.
        least: How many seconds are measured. A run that ends before is over before it can be told.
    """

    def __init__(self, steps: int, least: float = LEAST):
        super().__init__()
        self._plan = types.SimpleNamespace(steps=steps, least=least, began=None, told=False)  # not kept: of a process

    def looks_every(self) -> None:
        """Returns None: it looks between calls, however many steps they have."""
        return None

    def on_test_begin(self, logs=None):
        """Does not measure what lies between the steps."""
        self._plan.paused = time.monotonic()

    def on_test_end(self, logs=None):
        """Goes on to measure."""
        if self._plan.began is not None:
            began, step = self._plan.began
            self._plan.began = began + time.monotonic() - self._plan.paused, step

    def on_train_batch_end(self, batch, logs=None):
        """Begins to measure after the first call, and tells when that was long enough."""
        plan = self._plan
        if plan.told:
            return
        now, step = time.monotonic(), int(self.model.step.numpy())
        if plan.began is None:
            plan.began = now, step
        elif now - plan.began[0] >= plan.least:
            plan.told, done, left = True, step - plan.began[1], plan.steps - step
            if not left:
                return
            each = (now - plan.began[0]) / done
            told = (
                f"About {duration(each * left)} left: {left:,} steps of {each:.3g} s each, as the last {done:,} took."
            )
            print(told, flush=True)
