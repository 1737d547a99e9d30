"""One `fit`, which may go on where an earlier one stopped: to callbacks and data both are one run."""

import gc
from collections.abc import Callable, Sequence

import keras

from keras_gan.data.course import Course


class ResumableCallback(keras.callbacks.Callback):
    """The base of callbacks that restore the model before `fit` begins, of which `Resume` is one.

    `fit` takes at most one of them. It calls `place` before anything else, then `restore` once all other callbacks have
    begun, and `release` in the end, however training ended. This callback is called last of all.

    Attributes:
        has_stopped: Whether the run that was restored has ended, so that nothing is left to do. `place` sets it.
    """

    has_stopped = False

    def place(self, game: keras.Model, course: Course, initial_epoch: int = 0) -> tuple[int, int] | None:
        """Restores the model.

        Args:
            game: The compiled `GAN`.
            course: Its data.
            initial_epoch: The epoch to begin in if nothing is restored. Defaults to 0.

        Returns:
            The epoch to begin in, and how many steps of it were taken before; None to begin at the beginning.
        """
        raise NotImplementedError(f"`place` must be overridden. Received: {type(self).__name__}, which has none")

    def restore(self, callbacks: Sequence[keras.callbacks.Callback]) -> None:
        """Gives the other callbacks the state that they had. Does nothing unless it is overridden."""

    def roll_back(self, game: keras.Model, error: FloatingPointError) -> bool:
        """Whether training that became NaN or infinite is to be placed again. False unless it is overridden."""
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

    A `ResumableCallback` says where to begin. An epoch that was begun is finished by a `fit` of its own.

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
    place = resume.place(game, course, initial_epoch) if resume is not None else None
    epoch, steps = place or (initial_epoch, 0)
    if resume is not None and resume.has_stopped:
        epoch, steps = epochs, 0
    run, ended = Run(game, callbacks, resume, course, verbose, epochs), None
    game.make_train_function().course = course
    told = options | {"callbacks": run, "verbose": verbose}
    try:
        if steps and epoch < epochs:
            run.played = steps
            data, length = course.rest(epoch - initial_epoch, steps)
            keras_fit(data, steps_per_epoch=length, initial_epoch=epoch, epochs=epoch + 1, **told)
            run.played, epoch = 0, epoch + 1
        stopped = bool(steps) and game.stop_training
        for data, length, count in () if stopped else course.epochs(epoch - initial_epoch):
            last = epochs if count is None else min(epoch + count, epochs)
            keras_fit(data, steps_per_epoch=length, initial_epoch=epoch, epochs=last, **told)
            epoch = last
            if game.stop_training or epoch >= epochs:
                break
    except FloatingPointError as error:
        if resume is None or not resume.roll_back(game, error):
            raise
        resume.release()
        return fit(game, keras_fit, course, callbacks, epochs, initial_epoch, verbose, **options)
    except (KeyboardInterrupt, SystemExit) as error:
        ended = error
    finally:
        data = None  # it may hold an open iterator, and an interruption holds this frame
        game.make_train_function().course = None
        if resume is not None:
            resume.release()
    if ended is not None:
        raise _without_frames(ended)
    run.end()
    return game.history


def _without_frames(error):
    """An interruption without the frames that it came through.

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


class Run(keras.callbacks.CallbackList):
    """The callbacks of one run: it begins once and ends once, and its batches are numbered from its epoch's beginning.

    Attributes:
        played: How many steps of the epoch were played before this process began.
    """

    def __init__(self, game, callbacks, resume, course, verbose, epochs):
        super().__init__(
            callbacks,
            add_history=True,
            add_progbar=verbose != 0,
            model=game,
            verbose=verbose,
            epochs=epochs,
            steps=course.steps,
        )
        self.callbacks.sort(key=lambda callback: callback is resume)
        self.resume, self.course, self.played = resume, course, 0
        self._begun, self._last_logs = False, None

    def on_train_begin(self, logs=None):
        if not self._begun:
            self._begun = True
            super().on_train_begin(logs)
            if self.resume is not None:
                self.resume.restore(self.callbacks)

    def on_epoch_begin(self, epoch, logs=None):
        self.course.begin.step = int(self.model.step.numpy()) - self.played
        if not self.played:
            super().on_epoch_begin(epoch, logs)
            return
        for callback in self.callbacks:  # to the others this epoch has begun already
            if callback is self.resume or isinstance(callback, keras.callbacks.ProgbarLogger):
                callback.on_epoch_begin(epoch, logs)

    def on_train_batch_begin(self, batch, logs=None):
        super().on_train_batch_begin(self.played + batch, logs)

    def on_train_batch_end(self, batch, logs=None):
        super().on_train_batch_end(self.played + batch, logs)

    def on_train_end(self, logs=None):
        self._last_logs = logs

    def end(self) -> None:
        """Ends the run."""
        super().on_train_end(self._last_logs)
