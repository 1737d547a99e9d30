"""Exact continuation of a run after a stop."""

import math
import os
import pathlib
import shlex
import sys
import warnings
from collections.abc import Sequence

import keras
import numpy as np

from keras_gan.callbacks import state as state_
from keras_gan.callbacks.signals import Signals, say
from keras_gan.callbacks.terminate_on_non_finite import check_all
from keras_gan.data.course import BY_EPOCHS, LOST
from keras_gan.game import execution
from keras_gan.game.fitting import ResumableCallback
from keras_gan.game.optimizers import scale_learning_rates
from keras_gan.game.watching import StepCallback
from keras_gan.ground import checkpoints, files, workers
from keras_gan.ground.arguments import check_count, check_every, check_flag


class Resume(ResumableCallback, StepCallback):
    """Writes checkpoints, and lets the same `fit` resume from the newest one, to the bit, after any end.

    A checkpoint has the game (weights, optimizers, averages, step, and the state of objectives, augmentations and
    pools), the running means of the epoch, the history, the state of the other callbacks and the position in the data.
    Pipelines of `keras_gan.data` and arrays resume at the step; other `tf.data.Dataset`s are read from their beginning,
    so they resume exactly if each pass over them is the same; `keras.utils.PyDataset`s resume at an epoch's end. A
    `map` after `keras_gan.data.batches` makes another data set: pass functions of batches as `transform=` instead.

    Ctrl-C, SIGTERM and SIGHUP (a closed terminal) stop training after the running step, for which a checkpoint is
    written first. A second signal ends the process at once; an incomplete checkpoint is then ignored. Signals that the
    process ignores, as under `nohup`, stay ignored, and handlers are restored when `fit` ends. With several workers a
    signal ends the process at once, and the newest checkpoint counts; all workers read it, so `path` must be a folder
    that they share.

    Args:
        path: The folder of the checkpoints: `path/step-00001200` holds `gan.keras`, loadable by itself.
        every: `"epoch"`, or a number of steps. Defaults to `"epoch"`.
        keep: Number of the newest checkpoints to keep. Defaults to 2.
        monitor: A name in the logs of an epoch, such as `"val_g_loss"`: the checkpoint of its best epoch is kept, too,
            as the attribute `best`.
        mode: Whether the best value of `monitor` is the `"min"` or the `"max"`. Defaults to `"min"`.
        rollbacks: Number of times that training with NaN or infinite values (see `TerminateOnNonFinite`) returns to the
            newest checkpoint, each time with half the learning rates. Defaults to 0, which raises the error.
        strict: Whether a checkpoint of another configuration raises an error. If False it is loaded if its weights fit:
            learning rates are then those of the new optimizers, optimizers of another class begin with a new state, and
            if the steps per epoch differ, an unfinished epoch begins again. Defaults to True.

    Attributes:
        best: The checkpoint of the best epoch, or None.

    Raises:
        ValueError: If an argument is out of range; from `fit`, if a checkpoint is of another configuration or format.
        OSError: From `fit`, if a checkpoint cannot be written. The game and earlier checkpoints are unchanged.

    Example:

    >>> gan.fit(dataset, epochs=50, callbacks=[keras_gan.callbacks.Resume("runs/digits/checkpoints", every=500)])
    """

    def __init__(
        self,
        path: str | os.PathLike,
        every: str | int = "epoch",
        *,
        keep: int = 2,
        monitor: str | None = None,
        mode: str = "min",
        rollbacks: int = 0,
        strict: bool = True,
    ):
        super().__init__()
        if not isinstance(monitor, str | None):
            raise ValueError(f"`monitor` must be a name in the logs, or None. Received: monitor={monitor!r}")
        check_flag("strict", strict)
        if mode not in ("min", "max"):
            raise ValueError(f"`mode` must be 'min' or 'max'. Received: mode={mode!r}")
        self.path, self.every, self.keep = files.check_path(path), check_every(every), check_count("keep", keep)
        self.monitor, self.mode, self.strict = monitor, mode, strict
        self.rollbacks = check_count("rollbacks", rollbacks, least=0)
        self._slowed, self._rolling_back = 0, False  # the number of times that the learning rates were halved
        self._adopts = False  # whether a checkpoint of another configuration may be loaded
        self._best: tuple | None = None
        self._state: dict | None = None
        self._signals = Signals()
        self.has_stopped = False  # whether a callback, such as EarlyStopping, ended the run

    @property
    def best(self) -> pathlib.Path | None:
        """The checkpoint of the best epoch, or None."""
        return None if self._best is None else self.path / self._best[0]

    # -- Called by `fit` ----------------------------------------------------------------------------------------------

    def restore_model(self, game: keras.Model, course, initial_epoch: int = 0) -> tuple[int, int] | None:
        """Restores the newest checkpoint, if any, and returns its epoch and the steps taken of it, or None."""
        self._course, self._first_epoch, self.has_stopped = course, initial_epoch, False
        self._check_folder()
        if not self._rolling_back:  # otherwise the learning rates are no longer those of `compile`
            self._signature, self._rates = state_.signature(game, course), state_.rates(game)
            if course.kind == LOST:
                warnings.warn(f"If this run is stopped, it cannot resume exactly: the data is {LOST}.", stacklevel=2)
        found = checkpoints.newest(self.path, initial_epoch)
        step = -1 if found is None else checkpoints.step_of(found.name)
        workers.check_same(game.distribute_strategy, "The newest step in `path`, a folder for all of them,", step)
        if found is None:
            self._state, self._saved = None, int(game.step.numpy())
            return None
        state, self._arrays = checkpoints.read(found)
        if not self._rolling_back:
            self._adopts = not self.strict and int(game.step.numpy()) != state["step"]
            if self.strict and int(game.step.numpy()) != state["step"]:
                state_.check_same(state["signature"], self._signature, found)
        self._first_epoch = state.get("first_epoch", initial_epoch)
        self._load(game, found, state)
        self._state, self._saved, self._best = state, state["step"], state["best"]
        self.has_stopped = state["stopped"]
        print(
            f"Resuming from {found}: epoch {state['epoch'] + 1}, step {state['step']:,}; the data is {course.kind}.",
            flush=True,
        )
        chosen = execution.describe(game)
        if state.get("execution", chosen) != chosen:
            print(f"The run had {state['execution']}, and now has {chosen}: sums may be rounded differently.")
        return state["epoch"], state["steps"]

    def _load(self, game, found, state):
        saved, now = state["signature"], self._signature
        differ = state_.differences(saved, now) if self._adopts else []
        if differ:
            state_.check_fit(saved, now, game.players, found)
            state_.load_whole(game, found / "gan.keras")
        else:
            game.load_weights(found / "gan.keras")
        if int(game.step.numpy()) != state["step"]:
            raise ValueError(
                "`path` must hold checkpoints whose files belong together. "
                f"Received: {found}, whose gan.keras is of step {int(game.step.numpy())}"
            )
        if any(f"{side}_optimizer" in differ for side in game.sides):
            state["slowed"] = 0
            for variable, value in self._rates:
                variable.assign(value)
        if "steps_per_epoch" in differ:
            state["steps"] = 0
        self._slowed = max(self._slowed, state["slowed"])
        scale_learning_rates(game, 0.5**self._slowed, since_saved=0.5 ** (self._slowed - state["slowed"]))

    def restore_callbacks(self, callbacks: Sequence[keras.callbacks.Callback]) -> None:
        """Restores the state of the other callbacks from the checkpoint."""
        self._watched = state_.Watched([callback for callback in callbacks if callback is not self])
        if self._state is not None:
            self._watched.restore(self._state["callbacks"], self._arrays)

    def roll_back(self, game: keras.Model, error: FloatingPointError) -> bool:
        """Returns whether training returns to the newest checkpoint, with half the learning rates."""
        if self._slowed >= self.rollbacks or checkpoints.newest(self.path, self._first_epoch) is None:
            return False
        self._slowed, self._rolling_back = self._slowed + 1, True
        print(f"{error}\nRolling back ({self._slowed} of {self.rollbacks}), with half the learning rates.", flush=True)
        return True

    def release(self) -> None:
        """Restores the handlers of signals."""
        self._signals.release()

    def _check_folder(self):
        place = next(place for place in (self.path, *self.path.absolute().parents) if os.path.lexists(place))
        if not place.is_dir() or not os.access(place, os.W_OK):
            given = f"path={str(self.path)!r}, where {str(place)!r} is not one"
            raise OSError(f"`path` must be a folder that can be written. Received: {given}")
        files.remove_leftovers(self.path)

    def looks_every(self) -> int | None:
        """Returns `every`, if it is a number of steps."""
        return self.every if isinstance(self.every, int) else None

    # -- Called by Keras ----------------------------------------------------------------------------------------------

    def on_train_begin(self, logs=None):
        """Installs handlers for Ctrl-C, SIGTERM and SIGHUP."""
        self._epoch = 0
        if not workers.are_several(self.model.distribute_strategy):  # a worker cannot stop without the others
            self._signals.listen()

    def on_epoch_begin(self, epoch, logs=None):
        """Restores the running means of an unfinished epoch."""
        self._epoch = epoch
        if self._state is not None and self._state["steps"]:
            logs = np.asarray(self._state["logs"], "float64")
            if logs.shape == tuple(self.model.training_logs.sums.shape):  # otherwise the objective is another one
                self.model.training_logs.sums.assign(logs)
        self._state = None

    def on_train_batch_end(self, batch, logs=None):
        """Writes a checkpoint after each `every` steps, or after a signal."""
        steps = batch + 1
        if self._course.steps is not None and steps >= self._course.steps:
            return  # `on_epoch_end` follows
        if self._course.kind != BY_EPOCHS and (self._signals.came is not None or self._is_time()):
            self._write(self._epoch, steps)
        if self._signals.came is not None:
            self._stop()

    def on_epoch_end(self, epoch, logs=None):
        """Writes a checkpoint if one is due, the epoch is the best so far, or after a signal."""
        value = None if self.monitor is None else float((logs or {}).get(self.monitor, math.nan))
        better = value is not None and (self._best is None or (value < self._best[1]) == (self.mode == "min"))
        better = better and not math.isnan(value)
        if self.monitor not in (None, *(logs or {})):
            known = f"`monitor` must be one of {sorted(logs or {})}"
            warnings.warn(f"{known}. Received: monitor={self.monitor!r}", stacklevel=2)
        ends = self.model.stop_training or self._signals.came is not None
        if better or ends or self.every == "epoch" or self._is_time():
            self._write(epoch + 1, 0, value if better else None)
        if self._signals.came is not None:
            self._stop()

    def on_train_end(self, logs=None):
        """Ends a rollback."""
        self._rolling_back = False

    def _is_time(self):
        return self.every != "epoch" and int(self.model.step.numpy()) // self.every > self._saved // self.every

    def _write(self, epoch, steps, best=None):
        check_all(self.model)
        step = int(self.model.step.numpy())
        if best is not None:
            self._best = [checkpoints.name(self.path, step), best]
        callbacks, arrays = self._watched.state()
        state = {
            "step": step,
            "epoch": epoch,
            "first_epoch": self._first_epoch,
            "steps": steps,
            "stopped": bool(self.model.stop_training),
            "logs": np.asarray(self.model.training_logs.sums.value).tolist(),
            "slowed": self._slowed,
            "best": self._best,
            "callbacks": callbacks,
            "signature": self._signature,
            "execution": execution.describe(self.model),
        }
        checkpoints.write(self.path, self.model, state, arrays)
        self._saved = step
        checkpoints.prune(self.path, self.keep, self._best[0] if self._best else None)

    def _stop(self):
        say(
            f"Stopped after step {int(self.model.step.numpy()):,}; the last checkpoint is of step {self._saved:,}. "
            f"The same program resumes: {shlex.join(word for word in sys.argv if word != '--overwrite')}",
            sys.stdout,
        )
        raise self._signals.ending()
