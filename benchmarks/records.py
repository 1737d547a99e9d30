"""Training on more pictures than fit in memory: how fast they are read, in how much memory, and whether it resumes.

    python -m benchmarks.records                    # writes benchmarks/records.json: about 25 minutes of one core
    python -m benchmarks.records --count=2000 --out=benchmarks/records_steps.json   # the steps, without 20 GB
    python -m benchmarks.records --smoke            # some hundred small pictures, to see that it runs

100,000 pictures of 256x256 are drawn and written as JPEG files, a folder of classes as a user has it (2 GB). Then
`keras_gan.data.prepare` writes them as records of JPEG and of raw bytes (20 GB). Everything goes into --work, which
needs 26 GB and is removed at the end. Each measurement is a process of its own, which tells how much memory it had:

- the records are read in a random order, after the system was told to forget the files, in batches of 64;
- a DCGAN of 256x256 pictures is trained on them and on some pictures in memory, in turn;
- another process trains a small one, is ended by SIGKILL, and the same program goes on: the weights at the end are
  compared with those of a process that nobody stopped.
"""

import json
import os
import pathlib
import resource
import shutil
import signal
import subprocess
import sys
import time

import keras
import numpy as np
from absl import app, flags
from PIL import Image

from benchmarks import commit
from keras_gan import GAN, callbacks, data, networks

COUNT = flags.DEFINE_integer("count", 100_000, "Number of pictures.", lower_bound=100)
SIDE = flags.DEFINE_integer("side", 256, "Side of a picture, in pixels.", lower_bound=16)
SMOKE = flags.DEFINE_boolean("smoke", False, "Use 300 pictures of 32x32.")
WORK = flags.DEFINE_string("work", "records-benchmark", "New folder for the data.")
OUT = flags.DEFINE_string("out", str(pathlib.Path(__file__).with_suffix(".json")), "File of the record.")
CHILD = flags.DEFINE_string("child", None, "Task of a child process; set by the benchmark.")

CLASSES, BATCH, STEPS, ROUNDS, READ = 10, 16, 6, 4, 200  # READ: batches of 64
END, KILLED_AT = 12, 7  # steps of the run that is killed


def draw(folder, count, side):
    """Writes pictures of a smooth random field with noise: about 17 kB each as JPEG of 256x256."""
    numbers = np.random.default_rng(0)
    field = numbers.integers(0, 256, (40, 40, 3), dtype="uint8")
    field = np.asarray(Image.fromarray(field).resize((8 * side, 8 * side), Image.Resampling.BICUBIC), "int16")
    field = (field + numbers.normal(0, 6, field.shape)).clip(0, 255).astype("uint8")
    for label in range(CLASSES):
        (folder / f"class-{label}").mkdir(parents=True)
    for i in range(count):
        top, left = numbers.integers(0, 7 * side, 2)
        picture = Image.fromarray(field[top : top + side, left : left + side])
        picture.save(folder / f"class-{i % CLASSES}" / f"{i:06d}.jpg", quality=90)


def forget(folder):
    """Tells the system to drop what it keeps of the files in memory."""
    for path in folder.rglob("*"):
        if path.is_file():
            with open(path, "rb") as file:
                os.fsync(file.fileno())
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def prepare(work, encoding):
    """Writes the records of the folder."""
    began = time.monotonic()
    pictures = data.prepare(work / "folder", work / encoding, encoding=encoding)
    return {
        "pictures": len(pictures.images),
        "seconds": round(time.monotonic() - began, 1),
        "GB": round(sum(path.stat().st_size for path in (work / encoding).iterdir()) / 1e9, 2),
    }


def read(work, encoding):
    """Reads batches of records in a random order, and nothing else."""
    pictures = data.read(f"records:{work / encoding}")
    forget(work / encoding)
    count = min(READ, len(pictures.images) // 64)
    batches = iter(pictures.dataset(64, seed=1))
    next(batches)
    began = time.monotonic()
    for _ in range(count - 1):
        next(batches)
    seconds = time.monotonic() - began
    return {"batches": count - 1, "images_per_second": round(64 * (count - 1) / seconds)}


def game(shape, filters, seed=0):
    """Returns a DCGAN for pictures of a shape."""
    keras.utils.set_random_seed(seed)
    generator = networks.dcgan_generator(64, shape, filters=filters)
    gan = GAN(generator, networks.dcgan_discriminator(shape, filters=filters), 64, seed=seed)
    gan.compile("non_saturating")
    return gan


class Clock(keras.callbacks.Callback):
    """Notes when each step ends."""

    def __init__(self):
        super().__init__()
        self.times = []

    def on_train_batch_end(self, batch, logs=None):
        """Notes the time."""
        self.times.append(time.monotonic())


def train(work, _):
    """Trains one GAN in turn on records and on pictures in memory: each has its share of what else the machine does."""
    kinds = {encoding: data.read(f"records:{work / encoding}") for encoding in ("jpeg", "raw")}
    kinds["memory"] = data.Pictures(kinds["raw"].images[: BATCH * STEPS])
    gan, seconds = game(kinds["memory"].image_shape, 8), {kind: [] for kind in kinds}
    for round in range(ROUNDS):
        for kind in list(kinds)[round % 3 :] + list(kinds)[: round % 3]:
            if kind != "memory":
                forget(work / kind)
            clock, dataset = Clock(), kinds[kind].dataset(BATCH, seed=1)
            gan.fit(dataset, epochs=1, steps_per_epoch=STEPS, verbose=0, callbacks=[clock])
            seconds[kind] += np.diff(clock.times).tolist()
    medians = {kind: float(np.median(each)) for kind, each in seconds.items()}
    return {
        "seconds_per_step": {kind: round(each, 3) for kind, each in medians.items()},
        "over_memory": {kind: round(medians[kind] / medians["memory"], 3) for kind in ("jpeg", "raw")},
        "steps_of_each": len(seconds["memory"]),
    }


class Kill(keras.callbacks.Callback):
    """Ends the process by SIGKILL after a step."""

    def on_train_batch_end(self, batch, logs=None):
        """Ends the process."""
        if int(self.model.step.numpy()) == KILLED_AT:
            os.kill(os.getpid(), signal.SIGKILL)


def run(work, kind):
    """Returns a small run, with checkpoints: `whole`, `killed` or `resumed`."""
    pictures = data.read(f"records:{work / 'jpeg'}")
    gan, folder = game(pictures.image_shape, 4), work / ("whole" if kind == "whole" else "torn")
    resume = callbacks.Resume(folder, every=5)
    listed = [resume, Kill()] if kind == "killed" else [resume]
    gan.fit(pictures.dataset(8, seed=2), epochs=2, steps_per_epoch=END // 2, verbose=0, callbacks=listed)
    weights = np.concatenate([variable.numpy().ravel().astype("float64") for variable in gan.variables])
    np.save(work / f"{kind}.npy", weights, allow_pickle=False)
    return {"step": int(gan.step.numpy())}


JOBS = {"prepare": prepare, "read": read, "train": train, "run": run}


def child(work, what):
    """Does one thing and prints what came out, with the largest resident memory."""
    job, _, argument = what.partition(":")
    baseline = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    row = JOBS[job](work, argument)
    row |= {"GB_resident": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20, 2)}
    print(json.dumps(row | {"GB_resident_imported": round(baseline / 2**20, 2)}), flush=True)


def start(work, what, killed=False):
    """Runs one kind of start in a process of its own, and returns its report."""
    command = [sys.executable, "-m", "benchmarks.records", f"--child={what}", f"--work={work}"]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if killed:
        return {"status": done.returncode}
    done.check_returncode()
    row = json.loads(done.stdout.strip().rsplit("\n", 1)[-1])
    print(what, json.dumps(row), flush=True)
    return row


def measure(work, count, side):
    """Returns all measurements, as rows."""
    draw(work / "folder", count, side)
    rows = {}
    for encoding in ("jpeg", "raw"):
        rows[f"prepare:{encoding}"] = start(work, f"prepare:{encoding}")
    for what in ("read:jpeg", "read:raw", "train", "run:whole"):
        rows[what] = start(work, what)
    status = start(work, "run:killed", killed=True)["status"]
    rows["run:resumed"] = start(work, "run:resumed")
    whole, resumed = (np.load(work / f"{kind}.npy", allow_pickle=False) for kind in ("whole", "resumed"))
    rows["resume"] = {
        "killed_by": signal.Signals(-status).name if status < 0 else f"nothing: it ended with {status}",
        "killed_at_step": KILLED_AT,
        "weights_that_differ": int((whole != resumed).sum()),
        "largest_difference": float(np.abs(whole - resumed).max()),
    }
    print("resume", json.dumps(rows["resume"]), flush=True)
    return rows


def main(argv):
    del argv
    work = pathlib.Path(WORK.value)
    if CHILD.value:
        child(work, CHILD.value)
        return
    count, side = (300, 32) if SMOKE.value else (COUNT.value, SIDE.value)
    work.mkdir(parents=True)  # a new one, as it is removed
    try:
        rows = measure(work, count, side)
    finally:
        shutil.rmtree(work)
    record = {
        "command": "python -m benchmarks.records"
        + (" --smoke" if SMOKE.value else f" --count={count} --side={side}")
        + (f" --out={OUT.value}" if flags.FLAGS["out"].present else ""),
        "commit": commit(),
        "cores": len(os.sched_getaffinity(0)),
        "batch_of_training": BATCH,
        "rows": rows,
    }
    pathlib.Path(OUT.value).write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    print("Written:", OUT.value)


if __name__ == "__main__":
    app.run(main)
