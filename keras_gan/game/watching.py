"""Callbacks that run within epochs, and their intervals in steps."""

from collections.abc import Iterable

import keras

from keras_gan.ground.arguments import check_count

HOOKS = ("on_batch_begin", "on_batch_end", "on_train_batch_begin", "on_train_batch_end")
RULE = "looks_every"
stock = keras.callbacks
COUNTING = (stock.BackupAndRestore, stock.ModelCheckpoint, stock.OrbaxCheckpoint)  # have a `save_freq`
ANY_TIME = (stock.ProgbarLogger, stock.TerminateOnNaN)  # run once per call, however many steps it has


class StepCallback(keras.callbacks.Callback):
    """Base class of callbacks that run within epochs, with a method that gives their interval in steps.

    With `steps_per_execution="auto"` several steps run in one call, and `on_train_batch_begin` and
    `on_train_batch_end` are called once for all of them. The intervals of Keras's own callbacks are known; any other
    callback with one of the two methods gets one step per call, unless it is a `StepCallback` with a longer interval.

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
        """Returns the largest number of steps per call: 1 to run at every step, None for any number. Defaults to 1."""
        return 1


def intervals(callbacks: Iterable[keras.callbacks.Callback]) -> list[int]:
    """Returns the interval in steps, at least 1, of each callback that has one.

    Args:
        callbacks: Callbacks, or lists of them, as `fit` takes them.
    """
    found = []
    for callback in callbacks:
        if isinstance(callback, stock.CallbackList):
            found += intervals(callback.callbacks)
        elif (every := _interval(callback)) is not None:
            found.append(every)
    return found


def _interval(callback):
    if any(name in vars(callback) for name in HOOKS):  # as LambdaCallback has them
        return 1
    for kind in type(callback).__mro__:  # the first class with the rule or with hooks decides
        if RULE in vars(kind) and isinstance(callback, StepCallback):
            every = callback.looks_every()
            return None if every is None else check_count("looks_every()", every)
        if kind is stock.Callback:
            return None
        if any(name in vars(kind) for name in HOOKS):
            return _stock_interval(callback, kind)
    return None


def _stock_interval(callback, kind):
    """Returns the interval of a callback with the hooks of the class `kind`: 1, unless the class is Keras's."""
    if kind in ANY_TIME:
        return None
    if kind in COUNTING:
        return None if callback.save_freq in ("epoch", False) else callback.save_freq
    if kind is stock.TensorBoard:
        return None if callback.update_freq == "epoch" else 1
    return 1
