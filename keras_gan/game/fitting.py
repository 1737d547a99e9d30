"""A `fit` that can resume an earlier one, as one run for callbacks and data."""

import contextlib
import gc
from collections.abc import Callable, Sequence

import keras

from keras_gan.data.course import Course
from keras_gan.data.epochs import Epochs
from keras_gan.game import execution


class ResumableCallback(keras.callbacks.Callback):
    """Base class of callbacks that restore the model before `fit` begins, such as `Resume`.

    `fit` takes at most one such callback. It calls `restore_model` before anything else, `restore_callbacks` after the
    `on_train_begin` of all other callbacks, and `release` at the end, also after an error. Hooks of this callback are
    called after those of all others.

    Attributes:
        has_stopped: Whether the restored run has already ended; `restore_model` sets it.
    """

    has_stopped = False

    def restore_model(self, game: keras.Model, course: Course, initial_epoch: int = 0) -> tuple[int, int] | None:
        """Restores the model.

        Args:
            game: The compiled `GAN`.
            course: The data of `fit`.
            initial_epoch: The epoch to begin in if nothing is restored. Defaults to 0.

        Returns:
            The epoch to begin in, and the number of its steps that were taken before; None if nothing is restored.
        """
        raise NotImplementedError(
            f"`restore_model` must be overridden. Received: {type(self).__name__}, which has none"
        )

    def restore_callbacks(self, callbacks: Sequence[keras.callbacks.Callback]) -> None:
        """Restores the state of the other callbacks. Does nothing unless it is overridden."""

    def roll_back(self, game: keras.Model, error: FloatingPointError) -> bool:
        """Returns whether `fit` restores and continues after NaN or infinite values. False unless it is overridden."""
        return False

    def release(self) -> None:
        """Releases resources of the callback, such as signal handlers. Does nothing unless it is overridden."""


def fit(
    game: keras.Model,
    keras_fit: Callable,
    course: Course,
    callbacks: list,
    epochs: int,
    initial_epoch: int,
    verbose: str | int,
    **options,
) -> keras.callbacks.History:
    """Runs the remaining epochs.

    A `ResumableCallback` decides where to begin. Keras's `fit` is called once for all epochs, with a list of callbacks,
    so that tools that add a callback to the list, such as `mlflow.tensorflow.autolog`, record one run.

    Args:
        game: The `GAN`.
        keras_fit: The game's `keras.Model.fit`.
        course: The game's data.
        callbacks: A flat list of callbacks.
        epochs: The number of the last epoch.
        initial_epoch: The number of the first epoch, if no run is resumed.
        verbose: As for `keras.Model.fit`.
        **options: Further arguments of `keras.Model.fit`.

    Returns:
        The whole run's history.
    """
    resume = _find_resume(callbacks)
    place = resume.restore_model(game, course, initial_epoch) if resume is not None else None
    epoch, steps = place or (initial_epoch, 0)
    if resume is not None and resume.has_stopped:
        epoch, steps = epochs, 0
    played, skipped, data = steps if epoch < epochs else 0, 0, course.data
    if not isinstance(data, keras.utils.PyDataset):
        data = Epochs(course, game, epoch - initial_epoch, played)
        skipped = data.skipped * game.execution.steps
    ended, beginning = None, contextlib.ExitStack()
    try:
        beginning.enter_context(execution.planned_steps(game))
        keras_fit(
            data,
            callbacks=[_CloseAtBegin(beginning), *_arrange(callbacks, resume, verbose, played, skipped)],
            epochs=epochs,
            initial_epoch=epoch,
            steps_per_epoch=course.steps_per_epoch,
            verbose=verbose,
            **options,
        )
    except FloatingPointError as error:
        if resume is None or not resume.roll_back(game, error):
            raise
        resume.release()
        return fit(game, keras_fit, course, callbacks, epochs, initial_epoch, verbose, **options)
    except (KeyboardInterrupt, SystemExit) as error:
        ended = error
    finally:
        beginning.close()
        if isinstance(data, Epochs):
            data.close()
        if resume is not None:
            resume.release()
    if ended is not None:
        raise _without_frames(ended)
    return game.history


def _without_frames(error):
    """Removes the traceback of an interruption, and returns the interruption.

    Its frames hold iterators, whose threads call Python: these threads must end before the interpreter does.
    """
    error.__traceback__, error.__context__ = None, None
    gc.collect()
    return error


def _find_resume(callbacks):
    found = [callback for callback in callbacks if isinstance(callback, ResumableCallback)]
    others = [callback for callback in callbacks if isinstance(callback, keras.callbacks.BackupAndRestore)]
    if len(found) > 1 or (found and others):
        names = [type(callback).__name__ for callback in (*found, *others)]
        raise ValueError(f"`callbacks` must hold at most one callback that resumes. Received: {', '.join(names)}")
    return found[0] if found else None


def _arrange(callbacks, resume, verbose, played, skipped):
    """Returns all callbacks in order: the given ones, `History` and the bar, as Keras adds them, then `resume`.

    Args:
        played: Steps of the first epoch that were taken before.
        skipped: The number of these steps that Keras counts again.
    """
    others = [callback for callback in callbacks if callback is not resume]
    whole = keras.callbacks.CallbackList(others, add_history=True, add_progbar=verbose != 0).callbacks
    added = whole[len(others) :]
    last = [] if resume is None else [resume, _Restore(resume, [*whole, resume])]
    if not played:
        return [*whole, *last]
    return [Resumed(others, played, skipped), *added, Resumed(last, played, skipped, begun=False)]


class _CloseAtBegin(keras.callbacks.Callback):
    """Closes a context when training begins."""

    def __init__(self, beginning):
        super().__init__()
        self._beginning = beginning

    def on_train_begin(self, logs=None):
        self._beginning.close()


class _Restore(keras.callbacks.Callback):
    """Restores the state of callbacks after the `on_train_begin` of all of them."""

    def __init__(self, resume, callbacks):
        super().__init__()
        self._resume, self._callbacks = resume, callbacks

    def on_train_begin(self, logs=None):
        self._resume.restore_callbacks(self._callbacks)


class Resumed(keras.callbacks.CallbackList):
    """Callbacks of a run that resumes within an epoch: batches are numbered from the beginning of the epoch.

    Args:
        callbacks: The callbacks.
        played: Steps of the epoch that were taken before.
        skipped: Steps that Keras counts before it runs the first one.
        begun: Whether `on_epoch_begin` of that epoch was called before. Defaults to True.
    """

    def __init__(self, callbacks: list, played: int, skipped: int, begun: bool = True):
        super().__init__(callbacks)
        self._skipped, self._ahead, self._begun = skipped, played - skipped, begun

    def on_epoch_begin(self, epoch, logs=None):
        if not self._begun:
            super().on_epoch_begin(epoch, logs)

    def on_train_batch_begin(self, batch, logs=None):
        if batch >= self._skipped:
            super().on_train_batch_begin(batch + self._ahead, logs)

    def on_train_batch_end(self, batch, logs=None):
        if batch >= self._skipped:
            super().on_train_batch_end(batch + self._ahead, logs)

    def on_epoch_end(self, epoch, logs=None):
        for callback in self.callbacks:  # each may add logs for the callbacks after it, also outside of this list
            callback.on_epoch_end(epoch, logs)
        self._skipped = self._ahead = self._begun = 0
