"""Callbacks that look at training between the ends of epochs, and how often they do."""

from collections.abc import Iterable

import keras

from keras_gan.ground.arguments import check_count

HOOKS = ("on_batch_begin", "on_batch_end", "on_train_batch_begin", "on_train_batch_end")
RULE = "looks_every"
stock = keras.callbacks
COUNTING = (stock.BackupAndRestore, stock.ModelCheckpoint, stock.OrbaxCheckpoint)  # have a `save_freq`
ANY_TIME = (stock.ProgbarLogger, stock.TerminateOnNaN)  # look at each call, however many steps it has


class StepCallback(keras.callbacks.Callback):
    """The base of callbacks that look at training between the ends of epochs, and say how often.

    With `steps_per_execution="auto"` several steps run in one call, and `on_train_batch_begin` and
    `on_train_batch_end` are called once for all of them. Keras's own callbacks are known; any other callback that has
    one of the two gets one step per call, unless it is a `StepCallback` that needs fewer looks.

    Example:

    >>> class Norms(keras_gan.callbacks.StepCallback):
    ...     def looks_every(self):
    ...         return 100
    ...
    ...     def on_train_batch_end(self, batch, logs=None):
    ...         print(int(self.model.step.numpy()))
    >>> gan.fit(dataset, callbacks=[Norms()])
    """

    def looks_every(self) -> int | None:
        """Returns the most steps of a call: 1 for a look at each step, None for any number. Defaults to 1."""
        return 1


def looks(callbacks: Iterable[keras.callbacks.Callback]) -> list[int]:
    """Returns how many steps may lie between two looks of each callback that needs some, at least 1 each.

    Args:
        callbacks: Callbacks, or lists of them, as `fit` takes them.
    """
    found = []
    for callback in callbacks:
        if isinstance(callback, stock.CallbackList):
            found += looks(callback.callbacks)
        elif (every := _looks_every(callback)) is not None:
            found.append(every)
    return found


def _looks_every(callback):
    if any(name in vars(callback) for name in HOOKS):  # as LambdaCallback has them
        return 1
    for kind in type(callback).__mro__:  # the first class that says something says it
        if RULE in vars(kind) and isinstance(callback, StepCallback):
            every = callback.looks_every()
            return None if every is None else check_count("looks_every()", every)
        if kind is stock.Callback:
            return None
        if any(name in vars(kind) for name in HOOKS):
            return _stock_looks_every(callback, kind)
    return None


def _stock_looks_every(callback, kind):
    """Returns how often a callback looks whose hooks are those of the class `kind`: each time, unless it is Keras's."""
    if kind in ANY_TIME:
        return None
    if kind in COUNTING:
        return None if callback.save_freq in ("epoch", False) else callback.save_freq
    if kind is stock.TensorBoard:
        return None if callback.update_freq == "epoch" else 1
    return 1
