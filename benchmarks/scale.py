"""The cost of a step against the batch size, the width of the layers and the size of the data.

    python -m benchmarks.scale            # writes benchmarks/scale.json: some minutes of one core
    python -m benchmarks.scale --smoke    # two points per axis of the ring, nothing written

One thread, no XLA. One of the three numbers changes at a time, the others stay at the game's own; all points of a game
are played in turn, an epoch each, again and again. Medians count, of milliseconds of the processor, as the machine may
be shared, and of the clock beside them. To each axis t = a + b x^k is fitted, and to all of a game's batches and widths
t = overhead + FLOP / speed. FLOP are those of matrix products and convolutions, counted in the graph of a step by
Keras's layers; they are proportional to the batch.
"""

import dataclasses
import functools
import json
import os
import pathlib
import time

import numpy as np
import tensorflow as tf
from absl import app, flags

from benchmarks import commit
from benchmarks.steps.games import GAMES, Side
from benchmarks.steps.side import Stopwatch, make_model, needed_operations
from keras_gan.game.execution import CALL, MOST_STEPS

SMOKE = flags.DEFINE_boolean("smoke", False, "Time two points per axis and write no record.")
TRIES = flags.DEFINE_integer("tries", 5, "Timings per point.", lower_bound=1)
OUT = flags.DEFINE_string("out", str(pathlib.Path(__file__).with_suffix(".json")), "File of the record.")

BATCHES, WIDTHS = (16, 32, 64, 128, 256, 512, 1024), (0.5, 1, 2, 4)
SIZES = {"ring": (10**3, 10**4, 10**5, 10**6), "mlp": (10**3, 10**4, 10**5), "dcgan": (10**3, 10**4, 10**5)}
AXES = ("batch", "width", "examples")
OURS, CALLS = Side("keras_gan", jit=False), 2  # calls of an epoch that are timed, after the first one


class Clocks(Stopwatch):
    """Also the processor's time, of the same steps."""

    def looks_every(self):
        """Calls are as many steps as without it."""

    def on_epoch_begin(self, epoch, logs=None):
        super().on_epoch_begin(epoch, logs)
        self.processor_first = None

    def on_train_batch_end(self, batch, logs=None):
        super().on_train_batch_end(batch, logs)
        if self.processor_first is None:
            self.processor_first = time.process_time()

    def on_epoch_end(self, epoch, logs=None):
        super().on_epoch_end(epoch, logs)
        self.processor_last = time.process_time()

    @property
    def processor(self) -> float:
        """Milliseconds a step on the processor."""
        return 1000 * (self.processor_last - self.processor_first) / (self.last - self.first)


@dataclasses.dataclass
class Point:
    """A game with one of its numbers changed, and what was measured of it.

    Attributes:
        name: The game's.
        axis: What changes: `"batch"`, `"width"` or `"examples"`.
        x: Its value.
    """

    name: str
    axis: str
    x: float

    def prepare(self) -> None:
        """Makes the model and the data."""
        own = GAMES[self.name]
        batch, width, examples = (self.x if self.axis == axis else None for axis in AXES)
        self.game = dataclasses.replace(
            own, batch=batch or own.batch, players=functools.partial(own.players, width=width or 1)
        )
        self.model = make_model(self.game, OURS)
        self.operations = needed_operations(self.game, OURS, self.model)
        call = 2 ** int(np.log2(np.clip(CALL / self.operations, 1, MOST_STEPS))) if own.dense else 1
        self.steps = (1 + CALLS) * call
        self.data = self.game.sample(examples or self.game.batch * self.steps)
        self.found = []

    def play(self) -> None:
        """Times an epoch."""
        clocks, began = Clocks(), time.perf_counter()
        self.model.fit(
            self.data,
            batch_size=self.game.batch,
            steps_per_epoch=self.steps,
            verbose=0,
            callbacks=[clocks],
        )
        whole = 1000 * (time.perf_counter() - began)
        self.found.append((clocks.milliseconds, clocks.processor, whole - self.steps * clocks.milliseconds))

    def row(self) -> dict:
        """Returns its row of the record."""
        clock, processor, beyond = np.median(self.found, axis=0)
        return {
            "game": self.name,
            "axis": self.axis,
            "x": self.x,
            "gflop": _digits(self.operations / 1e9),
            "processor_ms": _digits(processor),
            "clock_ms": _digits(clock),
            "gflop_per_second": _digits(self.operations / 1e6 / processor),
            "steps_a_call": self.model.execution.steps,
            "fit_beyond_steps_ms": _digits(beyond),
        }


def power(x: np.ndarray, t: np.ndarray) -> tuple[float, float, float]:
    """Fits a, b >= 0 and k in [0, 3] of t = a + b x^k, with the least squares of relative errors.

    >>> x = np.array([1.0, 2.0, 4.0, 8.0])
    >>> [round(float(each), 2) for each in power(x, 3 + 0.5 * x**2)]
    [3.0, 0.5, 2.0]
    """
    fits = [(*linear(x**k, t), k) for k in np.linspace(0.01, 3, 300)]
    return min(fits, key=lambda fit: np.sum(((fit[0] + fit[1] * x ** fit[2]) / t - 1) ** 2))


def linear(x: np.ndarray, t: np.ndarray) -> tuple[float, float]:
    """Fits a and b >= 0 of t = a + b x, with the least squares of relative errors.

    >>> [round(float(each), 6) for each in linear(np.array([1.0, 2.0, 3.0]), np.array([2.0, 1.0, 0.5]))]
    [0.666667, 0.0]
    """
    columns = np.stack([1 / t, x / t], axis=1)
    both = np.linalg.lstsq(columns, np.ones_like(t), rcond=None)[0]
    single = columns.sum(0) / np.square(columns).sum(0)
    fits = [both] if (both >= 0).all() else [(single[0], 0.0), (0.0, single[1])]
    return tuple(min(fits, key=lambda fit: np.sum((columns @ np.array(fit) - 1) ** 2)))


def slope(x: np.ndarray, t: np.ndarray) -> float:
    """Returns the slope of log t over log x."""
    return float(np.polyfit(np.log(x), np.log(t), 1)[0])


def exponents(points: list[Point]) -> dict:
    """Fits one axis of one game: to the medians, and the least and the greatest exponent of a single try."""
    x = np.array([float(point.x) for point in points])
    tries = np.array([[found[1] for found in point.found] for point in points])
    medians = np.median(tries, axis=1)
    a, b, k = power(x, medians)
    single = [power(x, t)[2] for t in tries.T]
    slopes = [slope(x, t) for t in tries.T]
    return {
        "game": points[0].name,
        "axis": points[0].axis,
        "a_ms": _digits(a),
        "b_ms": _digits(b),
        "k": _digits(k),
        "k_of_a_try": [_digits(min(single)), _digits(max(single))],
        "slope": _digits(slope(x, medians)),
        "slope_of_a_try": [_digits(min(slopes)), _digits(max(slopes))],
        "slope_of_the_last_two": _digits(slope(x[-2:], medians[-2:])),
    }


def overhead(points: list[Point]) -> dict:
    """Fits a step's time before its operations, their speed, and how many of them take as long as that time."""
    gflop = np.array([point.operations / 1e9 for point in points])
    a, b = linear(gflop, np.array([np.median([found[1] for found in point.found]) for point in points]))
    half = {"overhead_ms": _digits(a), "gflop_per_second": _digits(1000 / b), "gflop_of_equal_shares": _digits(a / b)}
    return {"game": points[0].name, **half}


def _digits(value):
    return float(f"{value:.3g}")


def measure(names, batches, widths, sizes, tries):
    """Returns rows and fits of the record."""
    rows, fits, overheads = [], [], []
    for name in names:
        values = dict(zip(AXES, (batches, widths, sizes[name]), strict=True))
        axes = {axis: [Point(name, axis, x) for x in values[axis]] for axis in AXES}
        points = [point for each in axes.values() for point in each]
        for point in points:
            point.prepare()
        for _ in range(1 + tries):
            for point in points:
                point.play()
        for point in points:
            del point.found[0]  # Keras's seed, set for each model, makes TensorFlow prepare every function again
        rows += [point.row() for point in points]
        fits += [exponents(each) for each in axes.values()]
        overheads.append(overhead([*axes["batch"], *axes["width"]]))
        print(json.dumps({"rows": rows[-len(points) :], "fits": fits[-3:], "overheads": overheads[-1:]}), flush=True)
    return {"fits": fits, "overheads": overheads, "rows": rows}


def main(argv):
    del argv
    if SMOKE.value:
        measure(["ring"], (16, 32), (0.5, 1), {"ring": (1000, 2000)}, 1)
        return
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    loads = [round(os.getloadavg()[0], 1)]
    found = measure(list(SIZES), BATCHES, WIDTHS, SIZES, TRIES.value)
    record = {
        "command": f"python -m benchmarks.scale --tries={TRIES.value}",
        "commit": commit(),
        "cores": len(os.sched_getaffinity(0)),
        "threads": 1,
        "load_before_and_after": [*loads, round(os.getloadavg()[0], 1)],
        "processor_seconds": round(time.process_time()),
        **found,
    }
    temporary = pathlib.Path(f"{OUT.value}.part")
    temporary.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    temporary.replace(OUT.value)


if __name__ == "__main__":
    app.run(main)
