"""The optimizers of two players, and how stock callbacks see both."""

import keras


def default_optimizer() -> keras.optimizers.Optimizer:
    """Adam(2e-4, beta_1=0.5), as in DCGAN (Radford et al., 2016, section 4)."""
    return keras.optimizers.Adam(2e-4, beta_1=0.5)


def get_optimizer(value, player: keras.Model, name: str) -> keras.optimizers.Optimizer:
    """A built optimizer of `player`, from itself, a name, a config or None.

    It is built here because Keras loads an optimizer's state only into variables that exist. Under mixed_float16 it
    is wrapped to scale the loss.

    Args:
        value: What `keras.optimizers.get` takes, or None for `default_optimizer()`.
        player: Whose trainable variables it updates.
        name: The argument's name, for errors, and the optimizer's if it is built here.
    """
    try:
        optimizer = default_optimizer() if value is None else keras.optimizers.get(value)
    except (ValueError, TypeError, KeyError) as error:
        required = f"`{name}` must be a Keras optimizer, its name or config"
        raise ValueError(f"{required}. Received: {name}={value!r}") from error
    float16 = player.dtype_policy.name == "mixed_float16"
    if float16 and not isinstance(optimizer, keras.optimizers.LossScaleOptimizer):
        optimizer = keras.optimizers.LossScaleOptimizer(optimizer)
    if not optimizer.built:
        optimizer.name = name
        optimizer.build(player.trainable_variables)
    inner = getattr(optimizer, "inner_optimizer", optimizer)
    known = {id(variable) for variable in inner._trainable_variables}
    if any(id(variable) not in known for variable in player.trainable_variables):
        raise ValueError(
            f"`{name}` must be new, or made for this player. Received: {optimizer.name!r} of another model"
        )
    return optimizer


class PlayersOptimizer:
    """The two optimizers as `model.optimizer`: what stock callbacks ask of one.

    `LearningRateScheduler`, `ReduceLROnPlateau` and `SwapEMAWeights` loop over `optimizers`; `BackupAndRestore` wants
    `built`; TensorBoard reads `iterations`.
    """

    def __init__(self, generator: keras.optimizers.Optimizer, discriminator: keras.optimizers.Optimizer):
        self.optimizers = [generator, discriminator]

    @property
    def built(self) -> bool:
        """True: both were built when the GAN was compiled."""
        return all(optimizer.built for optimizer in self.optimizers)

    @property
    def iterations(self):
        """The number of updates of the generator."""
        return self.optimizers[0].iterations

    @property
    def variables(self) -> list:
        """The state of both."""
        return [variable for optimizer in self.optimizers for variable in optimizer.variables]


class FinishAverages(keras.callbacks.Callback):
    """Leaves both players with their averaged weights when training ends, where an optimizer was made with `use_ema`.

    Keras does so for one optimizer; before other callbacks end, as `EarlyStopping` may then restore its best weights.
    """

    def on_train_end(self, logs=None):
        """Hands each player its optimizer's averages; without `use_ema` nothing changes."""
        self.model.generator_optimizer.finalize_variable_values(self.model.generator.trainable_variables)
        self.model.discriminator_optimizer.finalize_variable_values(self.model.discriminator.trainable_variables)
