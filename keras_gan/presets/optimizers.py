"""Optimizers as data: made where a game is compiled, and named where it is only listed."""

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras


@dataclasses.dataclass(frozen=True)
class Optimizer:
    """A Keras optimizer that is not made yet.

    Attributes:
        kind: The name of its class in `keras.optimizers`.
        rate: Its learning rate.
        falls: Whether the rate falls to 0 by a cosine, at the end of training.
        options: Its other arguments, such as `{"beta_1": 0.5}`.
    """

    kind: str
    rate: float
    falls: bool = False
    options: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    def make(self, rate: float | None = None, steps: int = 1) -> "keras.optimizers.Optimizer":
        """The optimizer.

        Args:
            rate: The learning rate in place of its own.
            steps: The number of its updates, at the end of which a rate that falls is 0.
        """
        import keras  # here, as the command line lists presets without TensorFlow

        rate = self.rate if rate is None else rate
        schedule = keras.optimizers.schedules.CosineDecay(rate, steps) if self.falls else rate
        return getattr(keras.optimizers, self.kind)(schedule, **self.options)

    def __str__(self):
        arguments = [f"{self.rate:g}", *(f"{name}={value:g}" for name, value in self.options.items())]
        return f"{self.kind}({', '.join(arguments)})"


def adam(rate: float, beta_1: float, beta_2: float = 0.999, falls: bool = False) -> Optimizer:
    """Adam.

    >>> str(adam(2e-4, beta_1=0.5))
    'Adam(0.0002, beta_1=0.5, beta_2=0.999)'
    """
    return Optimizer("Adam", rate, falls, {"beta_1": beta_1, "beta_2": beta_2})


def rmsprop(rate: float, rho: float = 0.9) -> Optimizer:
    """RMSprop. Its rho is 0.9 by default in Keras, and 0.99 in PyTorch, where it is called alpha."""
    return Optimizer("RMSprop", rate, False, {"rho": rho})
