"""Optimizers as data, which are built when a game is compiled, and described when presets are listed."""

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import keras_gan

if TYPE_CHECKING:
    import keras


@dataclasses.dataclass(frozen=True)
class Optimizer:
    """A Keras optimizer that is not built yet.

    Attributes:
        kind: The name of its class in `keras.optimizers`.
        rate: Its learning rate.
        falls: Whether the rate falls by a cosine until the end of training.
        options: Its other arguments, such as `{"beta_1": 0.5}`. A pair of numbers goes from the first to the second by
            a cosine until the end of training.
        rest: The share of the rate that remains at the end if it falls. Defaults to 0.
    """

    kind: str
    rate: float
    falls: bool = False
    options: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    rest: float = 0.0

    def make(self, rate: float | None = None, steps: int = 1) -> "keras.optimizers.Optimizer":
        """Returns the optimizer.

        Args:
            rate: The learning rate. Defaults to the attribute `rate`.
            steps: The number of updates, at the end of which a rate that falls is at the share `rest`.
        """
        import keras  # here, as the command line lists presets without TensorFlow

        rate = self.rate if rate is None else rate
        schedule = keras.optimizers.schedules.CosineDecay(rate, steps, alpha=self.rest) if self.falls else rate
        cosines = {
            name: keras_gan.schedules.Cosine(*value, steps)
            for name, value in self.options.items()
            if isinstance(value, tuple)
        }
        room = keras_gan.optimizers if cosines else keras.optimizers
        return getattr(room, self.kind)(schedule, **{**self.options, **cosines})

    def __str__(self):
        arguments = [f"{self.rate:g}", *(f"{name}={_shown(value)}" for name, value in self.options.items())]
        return f"{self.kind}({', '.join(arguments)})"


def _shown(value):
    return " to ".join(f"{each:g}" for each in value) if isinstance(value, tuple) else f"{value:g}"


def adam(
    rate: float,
    beta_1: float | tuple[float, float],
    beta_2: float | tuple[float, float] = 0.999,
    falls: bool = False,
    rest: float = 0.0,
) -> Optimizer:
    """Returns Adam.

    >>> str(adam(2e-4, beta_1=0.5))
    'Adam(0.0002, beta_1=0.5, beta_2=0.999)'
    """
    return Optimizer("Adam", rate, falls, {"beta_1": beta_1, "beta_2": beta_2}, rest)


def rmsprop(rate: float, rho: float = 0.9, epsilon: float = 1e-7) -> Optimizer:
    """Returns RMSprop, x <- x - rate g / sqrt(v + epsilon), v the moving mean of g^2.

    In PyTorch rho is called alpha, and 0.99 by default. Epsilon is inside the root: the 1e-7 of Keras slows weights
    with gradients below 3e-4, those of most generators beside a clipped critic. The 1e-8 of PyTorch, which is outside
    of the root, is 1e-16 here.

    >>> str(rmsprop(5e-5, rho=0.99, epsilon=1e-16))
    'RMSprop(5e-05, rho=0.99, epsilon=1e-16)'
    """
    return Optimizer("RMSprop", rate, False, {"rho": rho, "epsilon": epsilon})
