"""The base class of objectives, which hold a loss for each player, and their weighted sums."""

import copy
import functools
import inspect
import re
from collections.abc import Iterator

import keras
import tensorflow as tf
from keras.optimizers.schedules import LearningRateSchedule as Schedule

from keras_gan.ground.arguments import shown
from keras_gan.objectives.weights import times, weight_at
from keras_gan.play.round import Round, scores

PLAYERS = ("discriminator", "generator")


class Objective:
    """The loss that each player minimises in one move.

    A subclass overrides `discriminator_loss`, `generator_loss` or both. Losses are pure functions of the round; the
    GAN reduces them, once, over the global batch. Objectives can be added and scaled: `a + b`, `2.5 * a`.

    A stateful objective creates its variables in `build` and changes them in `update`. The GAN uses a copy, `bound` to
    its players, so that one objective may serve many games. The losses of a stateful objective that is not bound raise
    an error, as its state would never change.

    Attributes:
        reads_logits: Whether the discriminator must end without a sigmoid.
        generator_sees_real: Whether `generator_loss` reads the discriminator's output on real examples.
        reads_latents: Whether a loss reads the latents that the fakes were made from.
        differentiates_input: Whether a loss contains the gradient of the discriminator's output by its input. `compile`
            then checks that TensorFlow can differentiate this gradient.
        follows_weights: Whether `update` reads the weights that a move has changed.

    Example:

    >>> from keras_gan.objectives import GradientPenalty, Wasserstein
    >>> print(Wasserstein() + 10 * GradientPenalty())
    wasserstein + 10 * gradient_penalty
    """

    reads_logits = False
    generator_sees_real = False
    reads_latents = False
    differentiates_input = False
    follows_weights = False
    _is_bound = False

    def __init_subclass__(cls, **options):
        super().__init_subclass__(**options)
        if cls.build is not Objective.build:
            for name in ("loss", "discriminator_loss", "generator_loss", "measure", "critic", "update"):
                if getattr(cls, name, None) is not getattr(Objective, name, None):
                    setattr(cls, name, _only_bound(getattr(cls, name)))

    def loss(self, side: str, round: Round) -> tf.Tensor | None:
        """Returns the loss of a side of a game; unless overridden, None for sides other than the two players."""
        return getattr(self, f"{side}_loss")(round) if side in PLAYERS else None

    def discriminator_loss(self, round: Round) -> tf.Tensor | None:
        """Returns one value per example, (N,), or a scalar; None if the discriminator has no loss."""

    def generator_loss(self, round: Round) -> tf.Tensor | None:
        """Returns one value per example, (N,), or a scalar; None if the generator has no loss."""

    def critic(self, output: tf.Tensor | dict, round: Round) -> tf.Tensor:
        """Returns the scores (N, patches) of the discriminator's `output`, for logs and penalties."""
        return scores(output) if self.critic_term is None else self.critic_term.critic(output, round)

    def fair_critic(self, output: tf.Tensor | dict, round: Round) -> tf.Tensor:
        """Returns the scores (N, patches) of examples of the round, without what an example adds to its own score.

        Augmentations that adapt to overfitting read it. A critic that compares with the batch may override it.
        """
        return self.critic(output, round)

    def boundary(self, real: tf.Tensor, fake: tf.Tensor) -> tf.Tensor | float:
        """Returns the score at which real and fake are equally likely to the discriminator: 0 for logits.

        Args:
            real: Scores on real, (N, patches), for losses that do not fix the boundary.
            fake: Scores on fake.
        """
        return 0.0

    @property
    def critic_term(self) -> "Objective | None":
        """The objective that overrides `critic`: this one or one of its terms; None if there is none."""
        return self if type(self).critic is not Objective.critic else None

    @property
    def boundary_term(self) -> "Objective | None":
        """The objective that overrides `boundary`: this one or one of its terms; None if there is none."""
        return self if type(self).boundary is not Objective.boundary else None

    def build(self, memory: keras.layers.Layer, generator: keras.Model, discriminator: keras.Model) -> None:
        """Creates the objective's variables, with `memory.add_weight(..., trainable=False)`.

        A class that overrides this method is stateful: its losses and its `update` need a `bound` objective. In a game
        without matches `discriminator` is None, and `generator` has the weights of all players that move.
        """

    def update(self, player: str, round: Round) -> None:
        """Updates the objective's variables, after each training move of `"discriminator"` or `"generator"`."""

    def label_range(self, output: tf.Tensor | dict) -> range | None:
        """Returns the labels that are valid with the discriminator's `output`; None if the losses read no labels."""

    def bound(
        self, generator: keras.Model, discriminator: keras.Model, memory: keras.layers.Layer | None = None
    ) -> "Objective":
        """Returns a copy with its own variables, created in the layer `memory`."""
        bound = copy.copy(self)
        bound._is_bound = True
        bound.build(keras.layers.Layer() if memory is None else memory, generator, discriminator)
        return bound

    def check_bound(self, memory: object = None) -> None:
        """Checks that the objective is `bound` to its players.

        The losses and the `update` of every stateful objective call this check first.

        Args:
            memory: Not read; accepted for objectives that were written for version 0.1.

        Raises:
            ValueError: If the objective is not bound to its players.
        """
        del memory
        if not self._is_bound:
            raise ValueError(
                f"`{self.name}` must be bound to its players, as it is stateful: use `objective.bound(generator, "
                "discriminator)`, and call its `update` after each move. Received: an objective that is not bound"
            )

    def get_config(self) -> dict:
        """Returns the arguments of the constructor."""
        return {}

    @classmethod
    def from_config(cls, config: dict) -> "Objective":
        return cls(**config)

    @property
    def name(self) -> str:
        """The class's name in snake case: `"least_squares"`."""
        return snake_case(type(self).__name__)

    @property
    def label(self) -> str:
        """The name of the objective in the logs as a term of a sum."""
        return self.name

    @property
    def players(self) -> tuple[str, ...]:
        """The players that have a loss here: `"discriminator"`, `"generator"` or both."""
        return tuple(p for p in PLAYERS if getattr(type(self), f"{p}_loss") is not getattr(Objective, f"{p}_loss"))

    @property
    def terms(self) -> tuple[tuple[float, "Objective"], ...]:
        """The weighted terms of a sum; an objective by itself is one term of weight 1."""
        return ((1.0, self),)

    def named_terms(self) -> Iterator[tuple[str, float, "Objective"]]:
        """Yields each term as (name, weight, objective), the names made unique: hinge, hinge_2, ..."""
        seen = {}
        for weight, term in self.terms:
            number = 1 + max((seen.get((player, term.label), 0) for player in term.players), default=0)
            seen |= {(player, term.label): number for player in term.players}
            yield term.label if number == 1 else f"{term.label}_{number}", weight, term

    @property
    def log_names(self) -> list[str]:
        """The names under which the terms of a sum are logged: `d_<term>` and `g_<term>`."""
        if len(self.terms) == 1 and self.terms[0][1] is self:
            return []
        return [f"{short(player)}_{name}" for name, _, term in self.named_terms() for player in term.players]

    def reduce(self, player: str, round: Round) -> tuple[tf.Tensor, dict[str, tf.Tensor]]:
        """Returns the scalar loss of a side, `"discriminator"` or `"generator"`, and the mean of each term, unweighted.

        Returns:
            The loss, float32, and the terms by their `log_names`.
        """
        total, logs = 0.0, {}
        for name, weight, term in self.named_terms():
            value = term.loss(player, round)
            if value is not None:
                value = tf.reduce_mean(tf.cast(value, tf.float32))
                total += weight_at(weight, round) * value
                logs[f"{short(player)}_{name}"] = value
        return total, {name: value for name, value in logs.items() if name in self.log_names}

    __array_ufunc__ = None  # NumPy leaves `array * objective` to `__rmul__`

    def __add__(self, other: "Objective") -> "Objective":
        if not isinstance(other, Objective):
            raise self._no_algebra(f"{self} + {shown(other)}")
        return _sum([*self.terms, *other.terms])

    def __radd__(self, other):
        if isinstance(other, int) and other == 0:  # where `sum` begins
            return self
        raise self._no_algebra(f"{shown(other)} + {self}")

    def __mul__(self, weight: float | Schedule) -> "Objective":
        if isinstance(weight, Objective):
            raise self._no_algebra(f"{self} * {weight}")
        return _sum([(times(weight, w), term) for w, term in self.terms])

    __rmul__ = __mul__

    def __matmul__(self, match: str) -> "Objective":
        """Returns the objective at one match of a game: `LeastSquares() @ "a"`."""
        from keras_gan.objectives.at import At  # imported here, as that module imports this one

        if self.terms == ((1.0, self),):
            return At(self, match)
        return _sum([(w, At(term, match)) for w, term in self.terms])

    def __truediv__(self, other):
        raise self._no_algebra(f"{self} / {shown(other)}")

    def __sub__(self, other):
        raise self._no_algebra(f"{self} - {shown(other)}")

    def __neg__(self):
        raise self._no_algebra(f"-({self})")

    def _no_algebra(self, received):
        return ValueError(
            "Objectives can be added to objectives and multiplied by numbers of at least 0, such as `Hinge() + 10 * "
            f"R1()`. Received: {received}"
        )

    def __eq__(self, other):
        return type(self) is type(other) and self.get_config() == other.get_config()

    def __hash__(self):
        return hash(str(self))

    def __str__(self):
        defaults = {p.name: p.default for p in inspect.signature(type(self)).parameters.values()}
        config = {name: value for name, value in self.get_config().items() if value != defaults.get(name)}
        arguments = ", ".join(f"{name}={_readable(value)}" for name, value in config.items())
        return f"{self.name}({arguments})" if arguments else self.name

    def __repr__(self):
        return f"<{type(self).__name__}: {self}>"


def _sum(terms):
    from keras_gan.objectives.composite import Sum  # imported here, as a sum is an objective itself

    return Sum(terms)


def _only_bound(method):
    """Wraps a method of a stateful objective, so that it first checks that the objective is bound."""

    @functools.wraps(method)
    def checked(self, *args, **options):
        self.check_bound()
        return method(self, *args, **options)

    return checked


def short(side: str) -> str:
    """Returns the prefix of a side's logs: `"d"`, `"g"`, or the name of a side other than the two players."""
    return side[0] if side in PLAYERS else side


def snake_case(name: str) -> str:
    """Writes `"LeastSquares"` as `"least_squares"`, `"FDivergence"` as `"f_divergence"`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def _readable(value):
    """Returns the constructor call of a serialised object, without its name; the `repr` of any other value."""
    if isinstance(value, list):
        return f"[{', '.join(map(_readable, value))}]"
    if not (isinstance(value, dict) and "class_name" in value):
        return repr(value)
    arguments = (f"{name}={_readable(argument)}" for name, argument in value["config"].items() if name != "name")
    return f"{value['class_name']}({', '.join(arguments)})"
