"""One `fit`, which may resume where an earlier one stopped: to callbacks and data both are one run."""

import contextlib
import gc
from collections.abc import Callable, Sequence

import keras

from keras_gan.data.course import Course
from keras_gan.data.epochs import Epochs
from keras_gan.game import execution


class ResumableCallback(keras.callbacks.Callback):
    """The base of callbacks that restore the model before `fit` begins, of which `Resume` is one.

    `fit` takes at most one of them. It calls `restore_model` before anything else, then `restore_callbacks` once all
    other callbacks have begun, and `release` in the end, however training ended. This callback is called last of all.

    Attributes:
        has_stopped: Whether the run that was restored has ended, so that nothing is left to do; `restore_model` sets
            it.
    """

    has_stopped = False

    def restore_model(self, game: keras.Model, course: Course, initial_epoch: int = 0) -> tuple[int, int] | None:
        """Restores the model.

        Args:
            game: The compiled `GAN`.
            course: Its data.
            initial_epoch: The epoch to begin in if nothing is restored. Defaults to 0.

        Returns:
            The epoch to begin in, and how many steps of it were taken before; None to begin at the beginning.
        """
        raise NotImplementedError(
            f"`restore_model` must be overridden. Received: {type(self).__name__}, which has none"
        )

    def restore_callbacks(self, callbacks: Sequence[keras.callbacks.Callback]) -> None:
        """Gives the other callbacks the state that they had. Does nothing unless it is overridden."""

    def roll_back(self, game: keras.Model, error: FloatingPointError) -> bool:
        """Returns whether training that became NaN or infinite is to be placed again. False unless it is overridden."""
        return False

    def release(self) -> None:
        """Gives back what the callback took, such as signal handlers. Does nothing unless it is overridden."""


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
    """Plays the epochs that are left.

    A `ResumableCallback` says where to begin. Keras's `fit` is called once, whatever the epochs read, and with a list
    of callbacks: those who add their own to it, as `mlflow.tensorflow.autolog` does, see one run.

    Args:
        game: The `GAN`.
        keras_fit: Keras's own `fit` of it.
        course: Its data.
        callbacks: A flat list.
        epochs: The number of the last epoch.
        initial_epoch: The first one, if nothing is resumed.
        verbose: As for Keras's.
        **options: Further ones for Keras's.

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
        beginning.enter_context(execution.carried_out(game))
        keras_fit(
            data,
            callbacks=[_Begun(beginning), *_arrange(callbacks, resume, verbose, played, skipped)],
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
    """Returns an interruption without the frames that it came through.

    They hold iterators, whose threads call Python: these must have ended before the interpreter does.
    """
    error.__traceback__, error.__context__ = None, None
    gc.collect()
    return error


def _find_resume(callbacks):
    found = [callback for callback in callbacks if isinstance(callback, ResumableCallback)]
    others = [callback for callback in callbacks if isinstance(callback, keras.callbacks.BackupAndRestore)]
    if len(found) > 1 or (found and others):
        names = [type(callback).__name__ for callback in (*found, *others)]
        raise ValueError(f"`callbacks` must hold one callback that resumes. Received: {', '.join(names)}")
    return found[0] if found else None


def _arrange(callbacks, resume, verbose, played, skipped):
    """Orders all callbacks of a run: `History` and the bar, as Keras adds them, then the one that resumes.

    Args:
        played: How many steps of the first epoch were played before.
        skipped: How many of them Keras counts once more.
    """
    others = [callback for callback in callbacks if callback is not resume]
    whole = keras.callbacks.CallbackList(others, add_history=True, add_progbar=verbose != 0).callbacks
    added = whole[len(others) :]
    last = [] if resume is None else [resume, _Restore(resume, [*whole, resume])]
    if not played:
        return [*whole, *last]
    return [Resumed(others, played, skipped), *added, Resumed(last, played, skipped, begun=False)]


class _Begun(keras.callbacks.Callback):
    """Closes what is open until training begins."""

    def __init__(self, beginning):
        super().__init__()
        self._beginning = beginning

    def on_train_begin(self, logs=None):
        self._beginning.close()


class _Restore(keras.callbacks.Callback):
    """Gives callbacks their state once all of them have begun."""

    def __init__(self, resume, callbacks):
        super().__init__()
        self._resume, self._callbacks = resume, callbacks

    def on_train_begin(self, logs=None):
        self._resume.restore_callbacks(self._callbacks)


class Resumed(keras.callbacks.CallbackList):
    """Callbacks of a run that resumes within an epoch: their batches are numbered from its beginning.

    Args:
        callbacks: The callbacks.
        played: How many steps of the epoch were played before.
        skipped: How many steps Keras counts before it plays the first one.
        begun: Whether that epoch has begun already for them.
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
        for callback in self.callbacks:  # which may add to the logs of those after them, outside of this list too
            callback.on_epoch_end(epoch, logs)
        self._skipped = self._ahead = self._begun = 0
