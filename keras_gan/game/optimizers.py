"""The optimizers of the sides, and their common interface for Keras's callbacks."""

import functools
import math
import warnings
from collections.abc import Collection, Mapping, Sequence

import keras
import tensorflow as tf

from keras_gan import kernels
from keras_gan.ground import internals
from keras_gan.ground.arguments import interpret
from keras_gan.ground.views import view
from keras_gan.objectives.weights import Scaled
from keras_gan.privacy import PrivateOptimizer

WRAPPERS = (keras.optimizers.LossScaleOptimizer, PrivateOptimizer)


def default_optimizer() -> keras.optimizers.Optimizer:
    """Returns Adam(2e-4, beta_1=0.5), as in DCGAN (Radford et al., 2016, section 4)."""
    return keras.optimizers.Adam(2e-4, beta_1=0.5)


def get_optimizer(value, player: keras.Model, name: str, float16: bool = False) -> keras.optimizers.Optimizer:
    """Returns a built optimizer of `player`, from an instance, a name, a config or None.

    It is built here because Keras loads an optimizer's state only into variables that exist. An instance keeps its
    name; an optimizer that is made here gets that of the argument.

    Args:
        value: What `keras.optimizers.get` takes, or None for `default_optimizer()`.
        player: The model whose trainable variables it updates.
        name: The argument's name.
        float16: Whether gradients run through a player in mixed_float16. The optimizer is then wrapped to scale the
            loss. Defaults to False.

    Raises:
        ValueError: If `value` is no optimizer, or was built for other weights.
    """
    given = value if isinstance(value, keras.optimizers.Optimizer) else None
    value = default_optimizer() if value is None else value
    optimizer = interpret(name, value, keras.optimizers.get, "a Keras optimizer, its name or config")
    if float16 and not isinstance(optimizer, keras.optimizers.LossScaleOptimizer):
        optimizer = keras.optimizers.LossScaleOptimizer(optimizer)
    if not optimizer.built:
        if optimizer is not given:
            optimizer.name = name
        with keras.name_scope(name):  # two optimizers of one name have variables of different paths
            _build(optimizer, player, name)
    _check_weights(innermost(optimizer), player, name)
    return optimizer


def _build(optimizer, player, name):
    try:
        optimizer.build(player.trainable_variables)
    except RuntimeError as error:
        if "tf.distribute.Strategy" not in str(error):
            raise
        raise ValueError(
            f"`{name}` must be made where the game is: inside `strategy.scope()` of the same strategy, or outside of "
            f"any. Received: {optimizer.name!r} of another strategy"
        ) from error


def innermost(optimizer: keras.optimizers.Optimizer) -> keras.optimizers.Optimizer:
    """Returns the optimizer inside a `LossScaleOptimizer` or `PrivateOptimizer`, or the optimizer itself."""
    return optimizer.inner_optimizer if isinstance(optimizer, WRAPPERS) else optimizer


def _check_weights(optimizer, player, name):
    """Checks the weights of an optimizer, which Keras builds once: some may be frozen later, but none added."""
    known = {id(variable) for variable in internals.trained_weights(optimizer)}
    weights = player.trainable_variables
    unknown = [variable for variable in weights if id(variable) not in known]
    if unknown and len(unknown) == len(weights):
        raise ValueError(
            f"`{name}` must be new, or made for this player. Received: {optimizer.name!r} of another model"
        )
    if unknown or (optimizer.use_ema and len(weights) < len(known)):
        change = (
            f"{unknown[0].path!r} was unfrozen" if unknown else "its averages (`use_ema`) are of frozen weights too"
        )
        raise ValueError(
            f"`{name}` must be built for the weights that the player trains, and Keras builds an optimizer once: "
            f"`{type(optimizer).__name__}.from_config(optimizer.get_config())` is a new one like it, whose moments "
            "begin at 0. To keep them, compile before layers are frozen, and again after each change of `trainable`. "
            f"Received: {optimizer.name!r}, built for {len(known)} weights of which the player trains "
            f"{len(weights) - len(unknown)} of {len(weights)}: {change}"
        )


def in_training(
    optimizer: keras.optimizers.Optimizer, names: Sequence[str] = kernels.NAMES, summed: bool = False
) -> keras.optimizers.Optimizer:
    """Returns the view of an optimizer that updates weights in training; both share their state.

    Args:
        optimizer: The optimizer.
        names: The names of the training kernels to use.
        summed: Whether the gradients are summed over all replicas already.
    """
    if isinstance(optimizer, PrivateOptimizer):
        return in_training(optimizer.inner_optimizer, names, summed)
    if isinstance(optimizer, keras.optimizers.LossScaleOptimizer):
        return view(optimizer, _scaling(tuple(names), summed))
    overrides = [each for name, rule in kernels.OPTIMIZERS.items() if name in names for each in rule(optimizer)]
    overrides += [_Summed] * summed
    return view(optimizer, *overrides) if overrides else optimizer


def takes_sums(optimizer: keras.optimizers.Optimizer) -> bool:
    """Returns whether an optimizer can take summed gradients: not if it updates weights by another optimizer."""
    if isinstance(optimizer, WRAPPERS):
        return takes_sums(optimizer.inner_optimizer)
    attributes = keras.tree.flatten(list(vars(optimizer).values()))
    return not any(isinstance(each, keras.optimizers.Optimizer) for each in attributes)


class _Summed(keras.optimizers.Optimizer):
    """A mixin for gradients that are summed over all replicas already."""

    def _all_reduce_sum_gradients(self, grads_and_vars):
        return list(grads_and_vars)


@functools.cache
def _scaling(names, summed):
    """Returns a class of `LossScaleOptimizer` whose inner optimizer updates weights by the named kernels."""

    class LossScale(keras.optimizers.LossScaleOptimizer):
        inner_optimizer = property(lambda self: in_training(vars(self)["inner_optimizer"], names, summed))

    return LossScale


def get_optimizers(
    sides: Mapping[str, keras.Model], given: Mapping, float16: Collection[str]
) -> dict[str, keras.optimizers.Optimizer]:
    """Returns the optimizer of each side of a game.

    Args:
        sides: The sides by their names.
        given: What `get_optimizer` takes, by the side's name.
        float16: The names of the sides whose gradients run through a player in mixed_float16.

    Raises:
        ValueError: If two sides have the same optimizer.
    """
    instances = {name: value for name, value in given.items() if isinstance(value, keras.optimizers.Optimizer)}
    for name, value in instances.items():
        inner = innermost(value)
        other = next(each for each, same in instances.items() if innermost(same) is inner)
        if other != name:
            first, second = sorted((name, other), reverse=True)
            raise ValueError(
                f"`{first}_optimizer` and `{second}_optimizer` must be two optimizers, as each keeps its own "
                f"state. Received: one and the same {type(inner).__name__}, {inner.name!r}"
            )
    return {
        name: get_optimizer(given.get(name), side, f"{name}_optimizer", name in float16) for name, side in sides.items()
    }


class PlayersOptimizer:
    """The optimizers of all sides as `model.optimizer`, with the interface of a single one for callbacks.

    `LearningRateScheduler`, `ReduceLROnPlateau`, `SwapEMAWeights` and TensorBoard loop over `optimizers`; others read
    `learning_rate`, `iterations` or `get_config()`, as those of Weights & Biases, MLflow, Neptune and Comet do. A
    single number is that of the first optimizer, the generator's, whose hyperparameters, such as `beta_1`, `clipnorm`
    or `weight_decay`, can be read here, too. Only `learning_rate` can be set: it sets the rates of all.

    Args:
        optimizers: The optimizers by the names of their sides, the generator's first.

    Attributes:
        optimizers: Views of all optimizers, under names such as `"generator_optimizer"`, whatever their own names are.
            Attributes are read from and set on the optimizers themselves.
        name: `"players_optimizer"`.
    """

    name = "players_optimizer"

    def __init__(self, optimizers: Mapping[str, keras.optimizers.Optimizer]):
        self.optimizers = [view(each, _named(f"{side}_optimizer")) for side, each in optimizers.items()]

    def __getattr__(self, name):
        """Reads a hyperparameter of the first optimizer."""
        if not name.startswith("_") and name != "optimizers":  # which is not set yet during a copy
            optimizer = innermost(self.optimizers[0])
            if name in optimizer.get_config():
                return getattr(optimizer, name)
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def __setattr__(self, name, value):
        if name not in ("optimizers", "learning_rate"):
            names = " or ".join(f"`{optimizer.name}`" for optimizer in self.optimizers)
            raise AttributeError(
                f"`{name}` must be set on one player's optimizer, {names}: only `learning_rate` can be set on all at "
                f"once. Received: {name}={value!r}"
            )
        super().__setattr__(name, value)

    @property
    def built(self) -> bool:
        """True: all were built when the game was compiled."""
        return all(optimizer.built for optimizer in self.optimizers)

    @property
    def iterations(self):
        """The number of updates of the generator."""
        return self.optimizers[0].iterations

    @property
    def learning_rate(self):
        """The generator's learning rate; setting it sets the rates of all optimizers."""
        return self.optimizers[0].learning_rate

    @learning_rate.setter
    def learning_rate(self, value):
        for optimizer in self.optimizers:
            optimizer.learning_rate = value

    @property
    def variables(self) -> list:
        """The state of all optimizers."""
        return [variable for optimizer in self.optimizers for variable in optimizer.variables]

    def get_config(self) -> dict:
        """Returns all configurations in one dict: `generator_learning_rate`, `discriminator_beta_1` and so on."""
        flat = {
            f"{optimizer.name.removesuffix('_optimizer')}_{key}": value
            for optimizer in self.optimizers
            for key, value in optimizer.get_config().items()
        }
        return {"name": self.name, **flat}


@functools.cache
def _named(name):
    """Returns a mixin for a view of an optimizer with another name."""
    return type("Named", (), {"name": property(lambda self: name)})


def describe(optimizer: keras.optimizers.Optimizer) -> str:
    """Returns an optimizer's class and arguments, without its name and the effect of `scale_learning_rates`."""
    config = optimizer.get_config()
    config.pop("name")
    if isinstance(optimizer, WRAPPERS):
        config["inner_optimizer"] = describe(optimizer.inner_optimizer)
    elif isinstance(rate := internals.learning_rate(optimizer), Slowed):
        config["learning_rate"] = keras.saving.serialize_keras_object(rate.schedule)
    return f"{type(optimizer).__name__}({', '.join(f'{name}={value}' for name, value in config.items())})"


def scale_learning_rates(game: keras.Model, factor: float, since_saved: float) -> None:
    """Multiplies the learning rates of all sides.

    Args:
        game: A compiled game, whose state was just loaded.
        factor: Factor of schedules, which are not saved.
        since_saved: Factor of constant rates, which are saved.
    """
    for optimizer in game.optimizer.optimizers:
        optimizer = innermost(optimizer)
        rate = internals.learning_rate(optimizer)
        if not isinstance(rate, keras.optimizers.schedules.LearningRateSchedule):
            optimizer.learning_rate = optimizer.learning_rate * since_saved
        elif factor != 1:
            optimizer.learning_rate = Slowed(rate.schedule if isinstance(rate, Slowed) else rate, factor)
            game.train_function = None  # it was traced with the old schedule


@keras.saving.register_keras_serializable("keras_gan")
class Slowed(Scaled):
    """A learning rate schedule times a factor, by `scale_learning_rates`, which replaces the factor of an earlier call.

    Example:

    >>> float(Slowed(keras.optimizers.schedules.ExponentialDecay(1.0, 10, 0.5), 0.5)(10))
    0.25
    """


class WarnOfRates(keras.callbacks.Callback):
    """Warns if a side's learning rate is 0 when training begins, as after the end of its schedule.

    The rates are checked once, when the first epoch has begun, after a checkpoint was restored and schedulers among the
    callbacks have set the rates. A schedule that only begins at 0, such as a warm-up, causes no warning.
    """

    def on_train_begin(self, logs=None):
        """Selects the sides to check."""
        self._players = set(self.model.moving)  # a set: no state that a checkpoint keeps

    def on_epoch_begin(self, epoch, logs=None):
        """Checks the rates of all sides in the first epoch."""
        for name in sorted(self._players):
            optimizer, name = self.model.optimizers[name], f"{name}_optimizer"
            optimizer = innermost(optimizer)
            step, rate = int(optimizer.iterations.numpy()), internals.learning_rate(optimizer)
            is_schedule = isinstance(rate, keras.optimizers.schedules.LearningRateSchedule)
            if any(_rates(rate, step) if is_schedule else [float(tf.convert_to_tensor(optimizer.learning_rate))]):
                continue
            ended = type(getattr(rate, "schedule", rate)).__name__
            why = f"its schedule {ended} has ended" if is_schedule else "it was set"
            warnings.warn(
                f"`{name}` must have a learning rate above 0 to train. Received: a rate of 0 at iteration {step:,} "
                f"({why}); compile with a longer schedule or another rate to train further",
                stacklevel=2,
            )
        self._players = set()


def _rates(schedule, step):
    """Returns the rates of this step and the next one; infinity for a schedule that raises an error."""
    try:
        return [float(schedule(tf.constant(at, tf.int64))) for at in (step, step + 1)]
    except ValueError:  # such as numbers beyond float32, whose effect will show in training
        return [math.inf]


class FinishAverages(keras.callbacks.Callback):
    """Sets players to their averaged weights when training ends, if their optimizer was made with `use_ema`.

    Keras does so for a single optimizer. The weights are set before the `on_train_end` of other callbacks, as
    `EarlyStopping` may then restore its best weights.
    """

    def on_train_end(self, logs=None):
        """Sets the weights of each side that moved to its optimizer's averages; does nothing without `use_ema`."""
        for name, side in self.model.moving.items():
            self.model.optimizers[name].finalize_variable_values(side.trainable_variables)
