"""One `fit`, which may go on where an earlier one stopped: to callbacks and data both are one run."""

from collections.abc import Callable

import keras

from keras_gan.data.course import Course


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

    A callback with a method `place` says where: `place(game, course)` restores the game and gives the epoch and the
    step in it, or None for the beginning. It is called last of all, and its `restore(callbacks)` after all of them
    have begun. An epoch that was begun is finished by a `fit` of its own.

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
    place = resume.place(game, course) if resume is not None else None
    epoch, steps = place or (initial_epoch, 0)
    if resume is not None and resume.has_stopped:
        epoch, steps = epochs, 0
    run = Run(game, callbacks, resume, course, verbose, epochs)
    game.make_train_function().course = course
    told = options | {"callbacks": run, "verbose": verbose}
    try:
        if steps and epoch < epochs:
            run.played = steps
            data, length = course.rest(epoch - initial_epoch, steps)
            keras_fit(data, steps_per_epoch=length, initial_epoch=epoch, epochs=epoch + 1, **told)
            run.played, epoch = 0, epoch + 1
        if not (steps and game.stop_training):
            data, length = course.epochs(epoch - initial_epoch)
            keras_fit(data, steps_per_epoch=length, initial_epoch=epoch, epochs=epochs, **told)
    except FloatingPointError as error:
        if resume is None or not resume.roll_back(game, error):
            raise
        resume.release()
        return fit(game, keras_fit, course, callbacks, epochs, initial_epoch, verbose, **options)
    finally:
        game.make_train_function().course = None
        if resume is not None:
            resume.release()
    run.end()
    return game.history


def _find_resume(callbacks):
    found = [callback for callback in callbacks if hasattr(callback, "place")]
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
