"""The base class of objectives, which hold a loss for each player, and their weighted sums."""

import copy
import functools
import inspect
import re
from collections.abc import Iterator

import keras
import tensorflow as tf
from keras.optimizers.schedules import LearningRateSchedule as Schedule

from keras_gan.ground.arguments import check_number, shown
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
            for name in ("discriminator_loss", "generator_loss", "critic", "update"):
                if getattr(cls, name) is not getattr(Objective, name):
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

        A class that overrides this method is stateful: its losses and its `update` need a `bound` objective.
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

    def __add__(self, other: "Objective") -> "Sum":
        if not isinstance(other, Objective):
            raise self._no_algebra(f"{self} + {shown(other)}")
        return Sum([*self.terms, *other.terms])

    def __radd__(self, other):
        if isinstance(other, int) and other == 0:  # where `sum` begins
            return self
        raise self._no_algebra(f"{shown(other)} + {self}")

    def __mul__(self, weight: float | Schedule) -> "Sum":
        if isinstance(weight, Objective):
            raise self._no_algebra(f"{self} * {weight}")
        return Sum([(times(weight, w), term) for w, term in self.terms])

    __rmul__ = __mul__

    def __matmul__(self, match: str) -> "Objective":
        """Returns the objective at one match of a game: `LeastSquares() @ "a"`."""
        from keras_gan.objectives.places import At  # imported here, as that module imports this one

        if self.terms == ((1.0, self),):
            return At(self, match)
        return Sum([(w, At(term, match)) for w, term in self.terms])

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


@keras.saving.register_keras_serializable("keras_gan")
class Sum(Objective):
    """A weighted sum of objectives: each player minimises the weighted sum of its losses. Sums of sums are flattened.

    Usually written as `Wasserstein() + 10 * GradientPenalty()`.

    Args:
        terms: Pairs of a weight, at least 0, and an objective.

    Example:

    >>> from keras_gan.objectives import R1, R2, RelativisticPaired
    >>> [name for name, _, _ in (RelativisticPaired() + 2 * (R1() + R2())).named_terms()]
    ['relativistic_paired', 'r1', 'r2']
    """

    def __init__(self, terms: list[tuple[float, Objective]]):
        for _, term in terms:
            if not isinstance(term, Objective):
                raise ValueError(f"`terms` must hold pairs of a weight and an Objective. Received: {shown(term)}")
        self._terms = tuple((times(weight, w), term) for weight, objective in terms for w, term in objective.terms)
        if not self._terms:
            raise ValueError("`terms` must hold at least one pair of a weight and an objective. Received: terms=[]")

    @property
    def terms(self):
        return self._terms

    @property
    def players(self):
        named = dict.fromkeys(player for _, term in self._terms for player in term.players)
        return (*(p for p in PLAYERS if p in named), *(p for p in named if p not in PLAYERS))

    @property
    def reads_logits(self):
        return any(term.reads_logits for _, term in self._terms)

    @property
    def generator_sees_real(self):
        return any(term.generator_sees_real for _, term in self._terms)

    @property
    def reads_latents(self):
        return any(term.reads_latents for _, term in self._terms)

    @property
    def differentiates_input(self):
        return any(term.differentiates_input for _, term in self._terms)

    @property
    def follows_weights(self):
        return any(term.follows_weights for _, term in self._terms)

    @property
    def critic_term(self):
        return next((term.critic_term for _, term in self._terms if term.critic_term is not None), None)

    @property
    def boundary_term(self):
        return next((term.boundary_term for _, term in self._terms if term.boundary_term is not None), None)

    def update(self, player, round):
        for _, term in self._terms:
            term.update(player, round)

    def bound(self, generator, discriminator, memory=None):
        memory = keras.layers.Layer() if memory is None else memory
        return Sum([(w, term.bound(generator, discriminator, memory)) for w, term in self._terms])

    def discriminator_loss(self, round):
        return self.loss("discriminator", round)

    def generator_loss(self, round):
        return self.loss("generator", round)

    def loss(self, side, round):
        losses = [(weight_at(w, round), term.loss(side, round)) for w, term in self._terms]
        parts = [w * loss for w, loss in losses if loss is not None]
        return sum(parts) if parts else None

    def get_config(self):
        serialize = keras.saving.serialize_keras_object
        return {"terms": [[serialize(w), serialize(term)] for w, term in self._terms]}

    @classmethod
    def from_config(cls, config):
        deserialize = keras.saving.deserialize_keras_object
        return cls([(deserialize(w), deserialize(term)) for w, term in config["terms"]])

    def __str__(self):
        return " + ".join(str(term) if w == 1 else f"{_shown_weight(w)} * {term}" for w, term in self._terms)


def _only_bound(method):
    """Wraps a method of a stateful objective, so that it first checks that the objective is bound."""

    @functools.wraps(method)
    def checked(self, *args, **options):
        self.check_bound()
        return method(self, *args, **options)

    return checked


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


def short(side: str) -> str:
    """Returns the prefix of a side's logs: `"d"`, `"g"`, or the name of a side other than the two players."""
    return side[0] if side in PLAYERS else side


def _shown_weight(weight):
    if isinstance(weight, Schedule):
        return f"{type(weight).__name__}(...)"
    return int(weight) if weight == int(weight) else weight


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
