"""An end of training at NaN or infinite numbers, before they are saved."""

import keras
import numpy as np
import tensorflow as tf

from keras_gan.game.watching import StepCallback
from keras_gan.ground.arguments import check_count


class TerminateOnNonFinite(StepCallback):
    """Ends training with an error at the first loss or weight of any player that is NaN or infinite.

    The error leaves `fit` at once, so no other callback ends its epoch: the last good checkpoint is not replaced, and
    `BackupAndRestore` keeps its backup. (Keras's `TerminateOnNaN` checks only `"loss"`, which a GAN does not have.)

    Args:
        every: Number of steps between two checks of the weights. Losses are checked after every call. Defaults to 1.

    Raises:
        FloatingPointError: From `fit`; it names the player, the loss or the weight, and the step.

    Example:

    >>> gan.fit(dataset, callbacks=[keras_gan.callbacks.TerminateOnNonFinite()])
    """

    def __init__(self, every: int = 1):
        super().__init__()
        self.every = check_count("every", every)
        self._looked = -1

    def looks_every(self) -> None:
        """Returns None: the callback runs between calls, whatever their number of steps."""
        return None

    def on_train_begin(self, logs=None):
        """Compiles the check of all weights."""
        self._looked = int(self.model.step.numpy())
        self._weights_are_finite = tf.function(self._are_finite, autograph=False)

    def on_train_batch_end(self, batch, logs=None):
        """Checks the losses, and the weights if a check is due."""
        for name, value in (logs or {}).items():
            if not np.isfinite(value):
                sides = self.model.sides.values()
                side = next((side.name for side in sides if name.startswith(f"{side.short}_")), "game")
                _stop(self.model, f"the {side}'s `{name}` is {float(value)}")
        if int(self.model.step.numpy()) // self.every > self._looked // self.every:
            self._check_weights()

    def on_epoch_end(self, epoch, logs=None):
        """Checks the weights, before the epoch's checkpoint is written."""
        if int(self.model.step.numpy()) > self._looked:
            self._check_weights()

    def _check_weights(self):
        self._looked = int(self.model.step.numpy())
        if not bool(self._weights_are_finite()):
            check_weights(self.model)

    def _are_finite(self):
        weights = [weight for player in self.model.players.values() for weight in player.weights]
        return tf.reduce_all(
            [tf.reduce_all(tf.math.is_finite(w)) for w in weights if keras.backend.is_float_dtype(w.dtype)]
        )


def check_weights(game: keras.Model) -> None:
    """Raises a FloatingPointError that names the first weight of a player that is NaN or infinite."""
    for name, player in reversed(game.players.items()):
        for weight in player.weights:
            _check(game, weight, f"the weight `{weight.path}` of the {name}")


def check_all(game: keras.Model) -> None:
    """Raises the same error for all state of a checkpoint, from which NaN would spread after the run resumes."""
    check_weights(game)
    for side, optimizer in game.optimizers.items():
        for variable in optimizer.variables:
            _check(game, variable, f"`{variable.path}`, which the {side}'s optimizer remembers,")
    for name, average in game.averages.items():
        for weight, shadow in average.pairs(game.players[name]):
            _check(game, shadow, f"the average of the {name}'s `{weight.path}`")
    for name, part in (("objective", game.objective_memory), *game.match_layers()):
        for variable in part.variables:
            _check(game, variable, f"`{variable.path}`, which the game's {name} remembers,")


def _check(game, variable, name):
    count = int(np.sum(~np.isfinite(variable.numpy())))
    if count:
        _stop(game, f"{name} has {count} NaN or Inf")


def _stop(game, reason):
    raise FloatingPointError(
        f"Training stopped after step {int(game.step.numpy())}: {reason}. "
        "Checkpoints written before are intact. Try a smaller learning rate, or a gradient penalty."
    )
