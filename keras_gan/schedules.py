"""Schedules of the training step: of learning rates, moments of Adam, weights of terms and averages of weights."""

import math

import keras
import tensorflow as tf
from keras.optimizers.schedules import LearningRateSchedule as Schedule

from keras_gan.ground.arguments import check_number, shown

LAST = 1 - 2**-24  # the greatest float32 below 1


def describe(value: float | Schedule) -> float | str:
    """Returns a number, or a schedule as text: its class and arguments.

    >>> describe(Cosine(0.9, 0.99, 1000))
    'Cosine(start=0.9, end=0.99, steps=1000.0)'
    """
    if not isinstance(value, Schedule):
        return value
    config = value.get_config()
    nested = {name: each for name, each in vars(value).items() if name in config and isinstance(each, Schedule)}
    arguments = ", ".join(f"{name}={describe(nested.get(name, each))}" for name, each in config.items())
    return f"{type(value).__name__}({arguments})"


@keras.saving.register_keras_serializable("keras_gan")
class Cosine(Schedule):
    """A schedule from one number to another by half a cosine, constant after it.

    value(t) = end + (start - end) (1 + cos(pi t / steps)) / 2

    Either number may be 0, and `end` may be the greater. Divide a paper's number of examples by the batch size: 20
    million are `20_000_000 // batch_size` steps.

    Args:
        start: The value at step 0.
        end: The value from step `steps` on.
        steps: Number of steps of the transition, above 0.

    Example:

    >>> gamma = Cosine(0.05, 0.005, 1000)
    >>> [round(float(gamma(step)), 4) for step in (0, 500, 2000)]
    [0.05, 0.0275, 0.005]
    """

    def __init__(self, start: float, end: float, steps: float):
        self.start, self.end = check_number("start", start), check_number("end", end)
        self.steps = check_number("steps", steps, 0, ends="()")

    def __call__(self, step):
        share = tf.minimum(tf.cast(step, tf.float32) / self.steps, 1.0)
        return self.end + (self.start - self.end) * 0.5 * (1.0 + tf.cos(math.pi * share))

    def get_config(self) -> dict:
        """Returns the arguments of the constructor."""
        return {"start": self.start, "end": self.end, "steps": self.steps}


@keras.saving.register_keras_serializable("keras_gan")
class HalfLife(Schedule):
    """The decay of a moving average with a half-life in examples, for `ema=` of a game.

    decay = 0.5^(batch_size / examples)

    Args:
        examples: The half-life, a number of at least 0 or a schedule. With 0 the average is the current weights.
        batch_size: Examples per step, above 0.

    Example: R3GAN, from no average to a half-life of five million pictures.

    >>> decay = HalfLife(Cosine(0, 5_000_000, 20_000_000 // 512), batch_size=512)
    >>> float(decay(0)), round(float(decay(100_000)), 6)
    (0.0, 0.999929)
    """

    def __init__(self, examples: float | Schedule, batch_size: float):
        self.examples = examples if isinstance(examples, Schedule) else check_number("examples", examples, 0)
        self.batch_size = check_number("batch_size", batch_size, 0, ends="()")

    def __call__(self, step):
        examples = self.examples(step) if isinstance(self.examples, Schedule) else self.examples
        decay = 0.5 ** (self.batch_size / tf.maximum(tf.cast(examples, tf.float32), 1e-8))
        return tf.minimum(decay, LAST)  # with 1 the average would never move

    def get_config(self) -> dict:
        """Returns the arguments of the constructor."""
        return {"examples": keras.saving.serialize_keras_object(self.examples), "batch_size": self.batch_size}

    @classmethod
    def from_config(cls, config: dict) -> "HalfLife":
        return cls(keras.saving.deserialize_keras_object(config["examples"]), config["batch_size"])


def get_share(name: str, value: float | Schedule, ends: str = "[)") -> float | Schedule:
    """Returns `value`, the argument `name`, if it is a schedule or a number in [0, 1).

    Raises:
        ValueError: If `value` is neither.
    """
    if isinstance(value, Schedule):
        return value
    if isinstance(value, str | bool):
        raise ValueError(f"`{name}` must be a number or a schedule. Received: {name}={shown(value)}")
    return check_number(name, value, 0, 1, ends=ends)
