"""Weights of the terms of an objective: numbers, or schedules of the training step."""

import keras
import tensorflow as tf
from keras.optimizers.schedules import LearningRateSchedule as Schedule

from keras_gan.ground.arguments import check_number
from keras_gan.play.round import Round


def times(weight: float | Schedule, other: float | Schedule) -> float | Schedule:
    """Returns the product of two weights, each a number of at least 0 or a schedule of the training step.

    Raises:
        ValueError: If a weight is neither, or if both are schedules.
    """
    numbers = [check_number("weight", factor, 0) for factor in (weight, other) if not isinstance(factor, Schedule)]
    schedules = [factor for factor in (weight, other) if isinstance(factor, Schedule)]
    if not schedules:
        return numbers[0] * numbers[1]
    if len(schedules) == 2:
        raise ValueError(f"`weight` must hold at most one schedule. Received: {weight!r} and {other!r}")
    return schedules[0] if numbers[0] == 1 else Scaled(schedules[0], numbers[0])


def weight_at(weight: float | Schedule, round: Round) -> float | tf.Tensor:
    """Returns a weight at the step of a round."""
    return tf.cast(weight(round.step), tf.float32) if isinstance(weight, Schedule) else weight


def shown_weight(weight: float | Schedule) -> str | int | float:
    """Returns a weight as text expressions have it; a schedule by its class."""
    if isinstance(weight, Schedule):
        return f"{type(weight).__name__}(...)"
    return int(weight) if weight == int(weight) else weight


@keras.saving.register_keras_serializable("keras_gan")
class Scaled(Schedule):
    """A schedule multiplied by a number, as the weight of a term.

    Args:
        schedule: The schedule.
        factor: The number, at least 0.

    Example:

    >>> weight = Scaled(keras.optimizers.schedules.PolynomialDecay(0.0, 100, 1.0), 10)
    >>> float(weight(50))
    5.0
    """

    def __init__(self, schedule: Schedule, factor: float):
        self.schedule, self.factor = schedule, check_number("factor", factor, 0)

    def __call__(self, step):
        return self.factor * self.schedule(step)

    def get_config(self) -> dict:
        """Returns the arguments of the constructor."""
        return {"schedule": keras.saving.serialize_keras_object(self.schedule), "factor": self.factor}

    @classmethod
    def from_config(cls, config: dict) -> "Scaled":
        return cls(keras.saving.deserialize_keras_object(config["schedule"]), config["factor"])
