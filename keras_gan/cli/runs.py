"""Treatment of a run folder by `keras-gan train`: begin, resume, lengthen or replace the run."""

import contextlib
import csv
import enum
import io
import itertools
import json
import os
import pathlib
import re
from collections.abc import Iterator

import keras
import numpy as np

from keras_gan import callbacks, report
from keras_gan.callbacks import state as state_
from keras_gan.cli import models, run_files
from keras_gan.cli.config import TrainConfig, is_name
from keras_gan.cli.run_files import CHECKPOINTS, EXPORTING, EXTENDING, FINISHED
from keras_gan.data.course import Course
from keras_gan.export import layout
from keras_gan.game import Game
from keras_gan.game.optimizers import innermost
from keras_gan.ground import checkpoints, files, internals


class Way(enum.Enum):
    """Ways to treat a run folder."""

    BEGIN_OR_RESUME = "begin, or resume where the run was stopped"
    LONGER = "continue a run of fewer epochs"
    REPLACE = "remove the run, and begin"
    FINISHED = "nothing: this run is whole"


def choose(config: TrainConfig, steps: int, strict: bool, overwrite: bool) -> Way:
    """Chooses how the run folder of a configuration is treated.

    Args:
        config: The configuration, resolved.
        steps: Steps per epoch.
        strict: False lets a run that has not finished continue with other flags.
        overwrite: Whether another run may be replaced.

    Raises:
        ValueError: If the folder holds another run that must not be continued or replaced, or files with the names of a
            run's that no run wrote.
    """
    run_dir = pathlib.Path(config.run_dir)
    taken = run_files.taken(run_dir)
    if not taken:
        return Way.BEGIN_OR_RESUME
    if (saved := run_files.read_config(run_dir)) is None:
        return _refuse(run_dir, f"{', '.join(taken)} and no config.json of a run", "another --run_dir")
    differences = config.differences(saved)
    if not differences:
        is_whole = FINISHED in taken and _steps(run_dir) in (None, config.epochs * steps)
        return (Way.REPLACE if overwrite else Way.FINISHED) if is_whole else Way.BEGIN_OR_RESUME
    if overwrite:
        return Way.REPLACE
    epochs = saved.get("epochs")
    if isinstance(epochs, int) and epochs < config.epochs and not config.differences(saved | {"epochs": config.epochs}):
        return Way.LONGER
    if FINISHED in taken:
        return _refuse(run_dir, f"a finished run with {differences}", "--overwrite, which removes that run")
    if strict:
        ways = "--nostrict, which continues that run with these flags, or --overwrite, which removes it"
        return _refuse(run_dir, f"a run with {differences}", ways)
    print(f"{run_dir} holds a run with other flags, which continues with these: {differences}")
    return Way.BEGIN_OR_RESUME


def _refuse(run_dir, holds, ways):
    raise ValueError(
        f"`run_dir` must be new, or hold a run with these flags: choose another name, such as --name={_free(run_dir)}, "
        f"or give {ways}. Received: run_dir={str(run_dir)!r}, which holds {holds}"
    )


def _free(run_dir):
    """Returns the first name NAME_2, NAME_3, ... that no folder beside `run_dir` has."""
    name = re.sub(r"_\d+$", "", run_dir.name)
    name = name if is_name(name) else "run"
    return next(free for n in itertools.count(2) if not run_dir.with_name(free := f"{name}_{n}").exists())


def _steps(run_dir):
    steps = files.read_json(run_dir / FINISHED).get("steps")
    return steps if isinstance(steps, int) else None


@contextlib.contextmanager
def claimed(config: TrainConfig) -> Iterator[None]:
    """Locks the run folder while the block runs, so that no other process trains there; of several workers the chief.

    Raises:
        ValueError: If another process trains there.
    """
    with contextlib.ExitStack() as stack:
        if files.is_chief():
            try:
                stack.enter_context(files.claimed(pathlib.Path(config.run_dir, run_files.RUNNING)))
            except BlockingIOError:
                raise ValueError(
                    "`run_dir` must be a folder that no other process trains in: wait, stop that process, or choose "
                    f"another --name. Received: run_dir={config.run_dir!r}"
                ) from None
        yield


def check_again(config: TrainConfig, steps: int, way: Way) -> None:
    """Checks that no other process has trained in the run folder between `choose` and `claimed`.

    Raises:
        ValueError: If the folder must now be treated differently.
    """
    if way is not Way.REPLACE and choose(config, steps, strict=True, overwrite=False) is not way:
        raise ValueError(
            "`run_dir` must not be used by another process while this command starts: run the command again. "
            f"Received: run_dir={config.run_dir!r}, where another process has trained"
        )


def check_export_dir(config: TrainConfig, way: Way) -> None:
    """Checks that a run to be replaced does not share its export folder with another run.

    Raises:
        ValueError: If the run is to be replaced, and the folder holds versions of another run.
    """
    others = _other_runs(config)
    if others and way is Way.REPLACE:
        raise ValueError(
            "`export_dir` must not hold versions of another run if --overwrite is given: choose another "
            f"--export_dir, or another --name. Received: export_dir={config.export_dir!r}, which holds a version of "
            f"{', '.join(sorted(others))}"
        )


def print_other_versions(config: TrainConfig) -> None:
    """Prints a note if the export folder, which a server may serve, holds versions of another run."""
    if others := _other_runs(config):
        print(
            f"{config.export_dir} holds versions of {', '.join(sorted(others))}: this run will be exported as version "
            f"{layout.next_version(config.export_dir)}. Another --export_dir keeps the runs apart."
        )


def _other_runs(config):
    found = layout.versions(config.export_dir)
    others = {_run_of(config, version) for version in found} - {None}
    return {other for other in others if os.path.abspath(other) != os.path.abspath(config.run_dir)}


def _run_of(config, version):
    run_dir = run_files.config_of(pathlib.Path(config.export_dir, str(version))).get("run_dir")
    return run_dir if isinstance(run_dir, str) else None


def replace(config: TrainConfig) -> None:
    """Removes the files of a run from its folder, and prints what is removed."""
    run_dir = pathlib.Path(config.run_dir)
    removed = "a run that has not finished"
    if (run_dir / FINISHED).is_file():
        steps = _steps(run_dir)
        removed = "a finished run" if steps is None else f"a finished run of {steps:,} steps"
    count = len(checkpoints.list_checkpoints(run_dir / CHECKPOINTS))
    versions = ", ".join(map(str, layout.versions(config.export_dir)))
    kept = f"{config.export_dir} keeps its versions: {versions}." if versions else f"{config.export_dir} is empty."
    print(f"--overwrite removes {run_dir}: {removed}, {count} checkpoint{'s' * (count != 1)}. {kept}", flush=True)
    run_files.remove(run_dir)


def begin_longer(config: TrainConfig, dataset, steps: int) -> None:
    """Turns a run of fewer epochs into one that has not finished: its end becomes a checkpoint to continue from.

    If the process is killed at any moment, the same command resumes the run.
    """
    run_dir = pathlib.Path(config.run_dir)
    if (run_dir / FINISHED).is_file():
        checkpoints.clear(run_dir / CHECKPOINTS)
        game = models.load(str(run_dir), Game)
        step = int(game.step.numpy())
        known, arrays = _callbacks(run_dir, game)
        state = {
            "step": step,
            "epoch": step // steps,
            "steps": 0,
            "stopped": False,
            "logs": np.zeros(game.training_logs.sums.shape).tolist(),
            "slowed": 0,
            "best": None,
            "callbacks": known,
            "signature": state_.signature(game, Course(dataset, game.discriminator_steps)),
        }
        checkpoints.write(run_dir / CHECKPOINTS, game, state, arrays)
    if (step := _newest_step(run_dir)) >= 0:
        files.write_text(run_dir / EXTENDING, json.dumps({"step": step}) + "\n")


def is_lengthened(config: TrainConfig) -> bool:
    """Returns whether the newest checkpoint is still that of the shorter run, with its learning rate schedule."""
    note = pathlib.Path(config.run_dir, EXTENDING)
    return note.is_file() and _newest_step(config.run_dir) <= int(files.read_json(note).get("step", -1))


def describe_schedule(config: TrainConfig, game: keras.Model, steps: int) -> str:
    """Describes how the learning rates of a lengthened run continue."""
    done, total = _newest_step(config.run_dir), config.epochs * steps
    continued = f"Training continues from step {done:,} to {total:,}."
    side = next(side for side in game.sides if side != "discriminator")
    rate = internals.learning_rate(innermost(game.optimizers[side]))
    if not config.preset.optimizer_of(side).falls:
        return continued
    rates = " and ".join(f"{config.rate_of(side):g}" for side in reversed(game.sides))
    return (
        f"{continued} The cosine decay of the learning rates to 0 now takes {total:,} steps, and they continue at "
        f"{float(rate(done)) / rate.initial_learning_rate:.1%} of {rates}."
    )


def _newest_step(run_dir):
    found = checkpoints.list_checkpoints(pathlib.Path(run_dir, CHECKPOINTS))
    return int(found[-1].name.split("-")[1]) if found else -1


def _callbacks(run_dir, game):
    """Restores the callbacks of a finished run from their files."""
    path, known = run_dir / "history.csv", {}
    text = files.read_text(path) if path.is_file() else ""
    history, plot = keras.callbacks.History(), callbacks.LossPlot(run_dir / "curves.png")
    rows = list(csv.DictReader(io.StringIO(text)))
    history.epoch = list(range(len(rows)))
    columns = {name: [row[name] for row in rows] for name in (rows[0] if rows else {}) if name != "epoch"}
    history.history = {name: list(map(float, texts)) for name, texts in columns.items() if "NA" not in texts}
    plot.history = history.history
    if (run_dir / "doctor.json").is_file():
        known = files.read_json(run_dir / "doctor.json")
    doctor = callbacks.Doctor(None)
    doctor.examinations, doctor.findings = known.get("examinations", []), known.get("findings", [])
    for callback in (history, plot, doctor):
        callback.set_model(game)  # as in a run; the model is not part of a callback's state
    state, arrays = state_.Watched([history, plot, doctor]).state()
    seconds = files.read_json(run_dir / FINISHED).get("seconds", 0.0)
    return {**state, "CSVLogger.0": {"(file)": text}, "Progress.0": {"seconds": seconds, "sessions": 1}}, arrays


def finish(run_dir: pathlib.Path) -> None:
    """Writes the page of a run, and removes the files that only resuming needs."""
    report.write(run_dir)
    for name in (EXPORTING, EXTENDING):
        (run_dir / name).unlink(missing_ok=True)
    checkpoints.clear(run_dir / CHECKPOINTS)  # gan.keras is the last one


def print_finished(run_dir: pathlib.Path) -> None:
    """Prints that the run has already finished."""
    if files.is_chief() and checkpoints.list_checkpoints(run_dir / CHECKPOINTS):  # it ended before it was cleaned up
        finish(run_dir)
    print(f"{run_dir} holds this run, finished. More --epochs train it further; another --name trains a new run.")
