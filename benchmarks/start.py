"""Measures what happens before the first step: imports, the first `fit`, later ones, opened data sets, requests.

    python -m benchmarks.start                      # writes benchmarks/start.json: some minutes
    python -m benchmarks.start --smoke              # each part once, nothing written

Imports and programs are processes of their own, in turn; the processor's seconds are compared, as the machine may be
shared. Calls in one process are in turn too, and medians count. A `fit` is compared with Keras's own of a model of two
layers on the same data: what counts is the time beyond that of the epoch's steps, which a longer `fit` tells.
"""

import json
import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile
import time

from absl import app, flags

from benchmarks import commit

SMOKE = flags.DEFINE_boolean("smoke", False, "Time each part once and write no record.")
TIMES = flags.DEFINE_integer("times", 7, "Process starts and timings per call.", lower_bound=1)
OUT = flags.DEFINE_string("out", str(pathlib.Path(__file__).with_suffix(".json")), "File of the record.")

IMPORTS = ("tensorflow", "keras", "keras_gan")
PROGRAMS = (["--dataset=digits", "--epochs=1"], ["--dataset=digits", "--epochs=1", "--network=mlp"])  # 22 steps
STEPS, BATCH, LONGER = 8, 16, 11  # of a `fit`, and the epochs of the longer one
ROUNDS, CALLS = 40, 25  # of requests: 1,000 of each kind
SIZES = (1, 2, 3, 4, 5, 9, 17, 100, 257)


def imports(times):
    """Returns seconds until a module is imported, on the processor and by the clock, beside TensorFlow's."""
    seconds = {name: [] for name in IMPORTS}
    for _ in range(times + 1):  # the first one compiles to byte code
        for name in IMPORTS:
            began, before = time.perf_counter(), _processor()
            subprocess.run([sys.executable, "-c", f"import {name}"], check=True, stderr=subprocess.DEVNULL)
            seconds[name].append((_processor() - before, time.perf_counter() - began))
    rows = []
    for name, found in seconds.items():
        processor, clock = (statistics.median(each) for each in zip(*found[1:], strict=True))
        ratios = [mine[0] / theirs[0] for mine, theirs in zip(found[1:], seconds["tensorflow"][1:], strict=True)]
        row = {"import": name, "processor_seconds": processor, "clock_seconds": clock}
        rows.append({**row, "over_tensorflow": statistics.median(ratios)})
    return rows


def _processor():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def programs(times):
    """Returns seconds from a command to its first line on progress, which comes with the first call of steps."""
    rows = []
    for flags_given in PROGRAMS:
        seconds = []
        for _ in range(times):
            with tempfile.TemporaryDirectory() as folder:
                line, clock = _first_line([*flags_given, f"--run_dir={folder}/run"])
            seconds.append(clock)
        rows.append({"flags": " ".join(flags_given), "first_line": line, "clock_seconds": statistics.median(seconds)})
    return rows


def _first_line(arguments):
    began = time.perf_counter()
    command = [sys.executable, "-m", "keras_gan.cli", "train", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as program:
        for line in program.stdout:
            if line.startswith("step "):
                seconds = time.perf_counter() - began
                program.kill()
                return " ".join(line.split()[:4]), seconds
    raise RuntimeError(f"`keras-gan train {' '.join(arguments)}` ended with code {program.returncode}, before a step")


def fits(times):
    """Returns milliseconds of a `fit` of one epoch beyond its steps, when the data was seen before, beside Keras's."""
    import keras
    import tensorflow as tf

    from keras_gan.data import batches

    points = _points()
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(8), keras.layers.Dense(2)])
    model.compile("adam", "mse")
    pairs = tf.data.Dataset.from_tensor_slices((points, points)).batch(BATCH)
    kinds = {
        "Keras, data set": (model, {"x": pairs}),
        "array": (_gan(), {"x": points, "batch_size": BATCH}),
        "pipeline": (_gan(), {"x": batches(points, BATCH)}),
        "data set": (_gan(), {"x": tf.data.Dataset.from_tensor_slices(points).batch(BATCH)}),
    }
    found = {kind: {1: [], LONGER: []} for kind in kinds}
    for _ in range(times + 2):
        for kind, (fitted, data) in kinds.items():
            for epochs, seconds in found[kind].items():
                began = time.perf_counter()
                fitted.fit(**data, epochs=epochs, verbose=0)
                seconds.append(time.perf_counter() - began)
    rows = []
    for kind, seconds in found.items():
        one, longer = (1000 * statistics.median(each[2:]) for each in seconds.values())
        epoch = (longer - one) / (LONGER - 1)
        rows.append({"data": kind, "fit_ms": one, "epoch_ms": epoch, "beyond_ms": one - epoch})
    return [{**row, "beyond_keras_ms": row["beyond_ms"] - rows[0]["beyond_ms"]} for row in rows]


def openings():
    """Counts how often a generator is opened before step 1, and in all, in a first and a second `fit`."""
    import keras
    import tensorflow as tf

    points, opened, gan = _points(), [], _gan()

    def generate():
        opened.append(True)
        yield from points.reshape(STEPS, BATCH, 2)

    def data():
        return tf.data.Dataset.from_generator(generate, output_signature=tf.TensorSpec((None, 2)))

    class Watcher(keras.callbacks.Callback):
        before = None

        def on_train_batch_end(self, batch, logs=None):
            self.before = len(opened) if self.before is None else self.before

    rows = []
    for kind, made, options in (
        ("unknown length", data(), {}),
        ("shuffled", data().shuffle(4), {}),
        ("endless", data().repeat(), {"steps_per_epoch": STEPS // 2}),
        ("validated", data(), {"validation_data": data()}),
    ):
        row = {"data": kind}
        for when in ("first", "second"):
            opened.clear()
            watcher = Watcher()
            gan.fit(made, verbose=0, callbacks=[watcher], **options)
            row |= {f"{when}_before_step_1": watcher.before, f"{when}_in_all": len(opened)}
        rows.append(row)
    return rows


def requests(rounds):
    """Measures microseconds of `generate(1)` beside a `tf.function` of the same generator; how often graphs are traced.

    A bare call draws standard normal latents of a seed and makes 4 examples, as many as `generate` makes at least, so
    that they are those of a longer request. Of a conditional generator both are given a label.
    """
    return [_requests(kind, labels, rounds) for kind, labels in (("plain", None), ("a label", 10))]


def _requests(kind, labels, rounds):
    import tensorflow as tf

    gan = _gan((128, 128), dim=64, labels=labels)

    @tf.function(autograph=False)
    def bare(seed, *label):
        latents = tf.random.stateless_normal((4, 64), tf.stack([0, seed]), alg="philox")
        return gan.generator([latents, tf.repeat(label[0], 4)] if label else latents)

    def of_library(i):
        return gan.generate(1, labels and i % labels, seed=i)

    def by_hand(i):
        label = () if labels is None else (tf.constant([i % labels]),)
        return bare(tf.constant(i), *label).numpy()[:1]

    calls = {"generate": of_library, "bare": by_hand}
    found = {name: [] for name in calls}
    for i in range(rounds + 1):
        for name, call in calls.items():
            began = time.perf_counter()
            for j in range(CALLS):
                call(CALLS * i + j)
            found[name].append(1e6 * (time.perf_counter() - began) / CALLS)
    times = {f"{name}_us": statistics.median(each[1:]) for name, each in found.items()}
    ratios = [mine / theirs for mine, theirs in zip(found["generate"][1:], found["bare"][1:], strict=True)]
    for n in SIZES:
        gan.generate(n)
    traced = (gan._graphs.first, gan._graphs.all)
    traces = sum(function.experimental_get_tracing_count() for function in traced)
    return {"request": kind, **times, "ratio": statistics.median(ratios), "sizes": SIZES, "traces": traces}


def _points():
    import numpy as np

    return np.random.default_rng(0).normal(size=(STEPS * BATCH, 2)).astype("float32")


def _gan(hidden=(8,), dim=4, labels=None):
    from keras_gan import GAN, networks

    generator, discriminator = (
        networks.mlp_generator(dim, (2,), hidden=hidden, labels=labels),
        networks.mlp_discriminator((2,), hidden=hidden, labels=labels),
    )
    gan = GAN(generator, discriminator, dim, labels=labels, seed=0)
    gan.compile()
    return gan


def rounded(value):
    """Returns a record's part with three digits of its numbers."""
    if isinstance(value, dict):
        return {name: rounded(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(each) for each in value]
    return float(f"{value:.3g}") if isinstance(value, float) else value


def main(argv):
    del argv
    times = 1 if SMOKE.value else TIMES.value
    record = {"command": "python -m benchmarks.start", "commit": commit(), "times": times}
    parts = {
        "imports": lambda: imports(times),
        "programs": lambda: programs(min(times, 3)),
        "fits": lambda: fits(2 * times),
        "openings": openings,
        "requests": lambda: requests(2 if SMOKE.value else ROUNDS),
    }
    for name, part in parts.items():
        record[name] = rounded(part())
        print(json.dumps({name: record[name]}, indent=1), flush=True)
    if not SMOKE.value:
        pathlib.Path(OUT.value).write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    app.run(main)
