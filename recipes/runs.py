"""Long runs: training that resumes after a stop, with its clock, its curve, and the list of finished runs."""

import json
import os
import pathlib
import tempfile
import time
from collections.abc import Callable

import keras
import numpy as np

from keras_gan import Game, data, metrics
from keras_gan.callbacks import Resume
from keras_gan.ground import files


class Clock(keras.callbacks.Callback):
    """Counts the seconds of training, those before a stop too. What other callbacks take is left out.

    Attributes:
        wall: Seconds.
        processor: Seconds of all cores.
    """

    def __init__(self):
        super().__init__()
        self.wall, self.processor = 0.0, 0.0

    def on_train_batch_begin(self, batch, logs=None):
        self._marks = [time.monotonic(), time.process_time()]

    def on_train_batch_end(self, batch, logs=None):
        wall, processor = time.monotonic() - self._marks[0], time.process_time() - self._marks[1]
        self.wall, self.processor = self.wall + wall, self.processor + processor

    @property
    def seconds(self) -> dict[str, float]:
        """The arguments of `Record.stop`."""
        return {"wall": self.wall, "processor": self.processor}


class Curve(keras.callbacks.Callback):
    """Measures a game at the ends of epochs, and remembers it when a run resumes.

    Args:
        measure: Takes the game, and gives numbers by name.
        every: How many epochs are between two measures.
        keeps: The names of losses and other logs of the epoch that are kept beside them.

    Attributes:
        rows: The measures in their order, a dict each, with `epoch` and `step`.
    """

    def __init__(self, measure: Callable[[Game], dict[str, float]], every: int = 1, keeps: tuple[str, ...] = ()):
        super().__init__()
        self.measure, self.every, self.keeps, self.rows = measure, every, keeps, []

    def on_epoch_end(self, epoch, logs=None):
        if (epoch + 1) % self.every:
            return
        numbers = {**{name: logs[name] for name in self.keeps}, **self.measure(self.model)}
        place = {"epoch": epoch + 1, "step": int(self.model.step.numpy())}
        self.rows.append(place | {name: float(f"{value:.5g}") for name, value in numbers.items()})
        print(self.rows[-1], flush=True)


class Runs:
    """The finished runs of a comparison, in a file: those that it holds are not run again.

    Args:
        path: The file, JSON.
    """

    def __init__(self, path: str | os.PathLike):
        self.path = pathlib.Path(path)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.all = json.loads(self.path.read_text(encoding="utf-8")) if self.path.exists() else []

    def once(self, run: Callable[[], dict[str, float]], **names) -> dict:
        """Returns the result of a run of these names, which is run if there is none."""
        found = next((each for each in self.all if names.items() <= each.items()), None)
        if found is None:
            found = {**names, **run()}
            self.all.append(found)
            with files.atomic(self.path) as part:
                part.write_text(json.dumps(self.all, indent=1), encoding="utf-8")
            print(found, flush=True)
        return found


def folder(work: str | None, name: str, smoke: bool = False) -> pathlib.Path:
    """Returns the folder that a run goes on from: `work` if it is given, a new one to try it, else one under `runs`."""
    return pathlib.Path(work or (tempfile.mkdtemp() if smoke else f"runs/{name}"))


def pace(smoke: bool, dense: bool = True) -> dict:
    """Returns how `compile` is to run steps: without a graph to try it, else fast on a CPU."""
    if smoke:
        return {"run_eagerly": True}
    return {"jit_compile": True, "steps_per_execution": 50} if dense else {"jit_compile": False}


def judge(dataset: str, smoke: bool = False) -> tuple[data.Pictures, data.Pictures, metrics.Extractor]:
    """Reads training and test pictures, and a classifier that measures; for a smoke run noise, and a guesser."""
    if not smoke:
        pictures, test = data.read(dataset), data.read(dataset, "test")
        return pictures, test, metrics.digits_cnn(pictures, test)
    rng = np.random.default_rng(0)
    noise = rng.integers(256, size=(2, 128, 28, 28, 1), dtype="uint8")
    pictures, test = (data.Pictures(each, rng.integers(10, size=128)) for each in noise)
    x = keras.Input((28, 28, 1))
    features = keras.layers.AveragePooling2D(14, name="features")(x)
    y = keras.layers.Dense(10, "softmax")(keras.layers.Flatten()(features))
    return pictures, test, metrics.ModelExtractor(keras.Model(x, y), features="features", classifies=True)


def train(
    game: Game,
    batches,
    work: pathlib.Path,
    *,
    epochs: int,
    steps: int,
    callbacks: tuple = (),
) -> Clock:
    """Trains a compiled game, or goes on where it was stopped, and gives the clock.

    Args:
        game: The game.
        batches: Its data.
        work: The folder of the run; checkpoints go to `checkpoints` in it.
        epochs: How many.
        steps: Steps per epoch, after each of which there is a checkpoint.
        callbacks: Others, such as a `Curve`.
    """
    clock = Clock()
    last = Resume(work / "checkpoints", keep=1)
    game.fit(batches, steps_per_epoch=steps, epochs=epochs, verbose=2, callbacks=[clock, *callbacks, last])
    return clock
