"""Runs that are killed again and again, against the same runs left alone: is what comes out the same, to the bit?

    python -m benchmarks.kills                                  # writes benchmarks/kills.json: 200 kills
    python -m benchmarks.kills --kills=2 --scenarios=plain --out=kills.json

Each run is a process that is ended by SIGKILL: at a random step, after a random time, or between two writes (before
the n-th flush, move or removal); or, within a file, by the system, which ends a process by SIGXFSZ where a file of its
own grows beyond n bytes, whatever writes it. The same program is then started again, and killed again, until `kills` of
them are spent; the last one may finish. Its weights, averages, both optimizers' variables, pools, augmentation and
history are compared with those of a run that nobody killed.
"""

import json
import os
import pathlib
import resource
import shutil
import signal
import tempfile
import time
import traceback

import keras
import numpy as np
from absl import app, flags

from benchmarks import commit
from keras_gan import GAN, augmentations, callbacks, cli, data, networks
from keras_gan.replay import FakePool

KILLS = flags.DEFINE_integer("kills", 200, "Number of kills.", lower_bound=1)
SCENARIOS = flags.DEFINE_list("scenarios", None, "Scenarios to run. Default: all.")
SEED = flags.DEFINE_integer("seed", 0, "The seed of the moments of the kills.")
OUT = flags.DEFINE_string("out", str(pathlib.Path(__file__).with_suffix(".json")), "File of the record.")


def plain(folder):
    """Returns a game of points."""
    gan = GAN(networks.mlp_generator(2, (2,), hidden=(16,)), networks.mlp_discriminator((2,), hidden=(16,)), 2, seed=1)
    gan.compile("non_saturating", *[keras.optimizers.Adam(cosine(60)) for _ in range(2)])
    return fit(gan, data.ring().sample(200, 0), folder, every=7, batch_size=10, epochs=3)


def critic(folder):
    """Makes a game of 5 critic steps and an averaged generator."""
    generator = networks.mlp_generator(2, (2,), hidden=(16,), normalization="batch")
    gan = GAN(generator, networks.mlp_discriminator((2,), hidden=(16,)), 2, seed=2, ema=0.9)
    gan.compile("wasserstein + 10 * gradient_penalty", discriminator_steps=5)
    return fit(gan, data.ring().sample(500, 0), folder, every="epoch", batch_size=5, epochs=3)


def pictures(folder):
    """Makes a game of adaptive augmentation, a pool, 3 steps per execution, mixed_bfloat16, an averaged generator."""
    keras.config.set_dtype_policy("mixed_bfloat16")
    generator = networks.dcgan_generator(4, (8, 8, 1), filters=4)
    gan = GAN(generator, networks.dcgan_discriminator((8, 8, 1), filters=4), 4, seed=3, ema=0.9)
    ada = augmentations.AdaptiveAugmentation(examples=500, every=2)
    gan.compile("non_saturating + 0.1 * r1", augmentation=ada, replay=FakePool(32), steps_per_execution=3)
    images = np.random.default_rng(0).uniform(-1, 1, (160, 8, 8, 1)).astype("float32")
    return fit(gan, images, folder, every=6, batch_size=8, epochs=3)


def command(folder):
    """Runs `keras-gan train`, as a user starts it."""
    sizes = ["--epochs=3", "--batch_size=64", "--width=16", "--latent_dim=4"]
    code = cli.main(["train", f"--run_dir={folder}/run", f"--export_dir={folder}/saved", *sizes])
    if code:
        raise SystemExit(code)
    versions = [path.name for path in pathlib.Path(f"{folder}/saved").iterdir() if path.is_dir()]
    history = pathlib.Path(f"{folder}/run/history.csv").read_text(encoding="utf-8") + f"versions {versions}"
    return keras.models.load_model(f"{folder}/run/gan.keras"), history


RUNS = {"plain": (plain, 60), "critic": (critic, 60), "pictures": (pictures, 60), "command": (command, 66)}


def cosine(steps):
    return keras.optimizers.schedules.CosineDecay(1e-3, steps)


def fit(gan, x, folder, *, every, batch_size, epochs):
    resume = callbacks.Resume(f"{folder}/checkpoints", every=every)
    history = gan.fit(x, batch_size=batch_size, epochs=epochs, verbose=0, callbacks=[resume])
    return gan, json.dumps(history.history)


def process(scenario, folder, kill):
    """Runs one process: plays, is perhaps killed, or leaves what came out in `folder/end.npz`."""
    keras.utils.set_random_seed(0)
    kind, moment = kill
    if kind == "step":
        last = callbacks.Resume  # which is called after all others
        last.on_train_batch_end = killing(last.on_train_batch_end, lambda resume: resume.model.step, moment)
    elif kind == "write":
        for name in ("fsync", "replace", "unlink", "rmdir"):
            setattr(os, name, counting(getattr(os, name), moment))
    elif kind == "byte":
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)  # Python ignores it, and would see an error
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(moment), int(moment)))
    gan, history = RUNS[scenario][0](folder)
    variables = [variable.numpy().astype("float64") for variable in (*gan.variables, *gan.optimizer.variables)]
    with open(f"{folder}/end.npz", "wb") as file:
        np.savez(file, *variables, history=np.array(history))
    os.rename(f"{folder}/end.npz", f"{folder}/whole.npz")


def killing(function, step, moment):
    def instead(self, *args, **kwargs):
        function(self, *args, **kwargs)
        if int(step(self).numpy()) >= moment:
            os.kill(os.getpid(), signal.SIGKILL)

    return instead


CALLS = []


def counting(function, moment):
    def instead(*args, **kwargs):
        CALLS.append(function)
        if len(CALLS) >= moment:
            os.kill(os.getpid(), signal.SIGKILL)
        return function(*args, **kwargs)

    return instead


def start(scenario, folder, kill):
    """Forks a process and waits for its end. True if it was killed, False if it finished."""
    child = os.fork()
    if not child:
        quiet = os.open(f"{folder}/out.txt", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        try:
            process(scenario, folder, kill)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    if kill[0] == "time":
        time.sleep(kill[1])
        os.kill(child, signal.SIGKILL)  # of one that has finished nothing comes: it waits to be asked
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if status not in (0, -signal.SIGKILL, -signal.SIGXFSZ):
        raise RuntimeError(pathlib.Path(f"{folder}/out.txt").read_text(encoding="utf-8"))
    return status != 0


def chain(scenario, kills, numbers, folder):
    """Plays a run that is left alone, and others that are killed until `kills` are spent: how many ended otherwise."""
    steps = RUNS[scenario][1]
    whole = folder / f"{scenario}-whole"
    whole.mkdir()
    began = time.monotonic()
    start(scenario, whole, ("none", 0))
    seconds = time.monotonic() - began
    largest = max(path.stat().st_size for path in whole.rglob("*.keras"))
    spent, runs, resumed, differ, kinds = 0, 0, 0, 0, {"step": 0, "time": 0, "write": 0, "byte": 0}
    while spent < kills:
        torn = folder / f"{scenario}-{runs}"
        torn.mkdir()
        for _ in range(1000):
            kind = numbers.choice(list(kinds)) if spent < kills else "none"
            most = {"step": steps, "time": seconds, "write": 80, "byte": largest - 1, "none": 0}[kind]
            moment = numbers.uniform(0.3, 1) * most if kind == "time" else numbers.integers(1, most + 1) if most else 0
            if not start(scenario, torn, (kind, moment)):
                break
            spent += 1
            kinds[kind] += 1
        runs += 1
        resumed += (torn / "out.txt").read_text(encoding="utf-8").count("Resuming from")
        differ += not same(whole / "whole.npz", torn / "whole.npz")
        shutil.rmtree(torn)
    return {"scenario": scenario, "kills": spent, **kinds, "runs": runs, "resumed": resumed, "differ": differ}


def same(one, other):
    """Returns whether two runs left the same variables and the same history, to the bit."""
    with np.load(one) as a, np.load(other) as b:
        return a.files == b.files and all(np.array_equal(a[name], b[name]) for name in a.files)


def main(argv):
    del argv
    names = SCENARIOS.value or list(RUNS)
    for name in names:
        if name not in RUNS:
            raise app.UsageError(f"`scenarios` must name some of {list(RUNS)}. Received: {name!r}")
    numbers = np.random.default_rng(SEED.value)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for i, name in enumerate(names):
            share = KILLS.value * (i + 1) // len(names) - KILLS.value * i // len(names)
            rows.append(chain(name, share, numbers, pathlib.Path(folder)))
            print(json.dumps(rows[-1]), flush=True)
    record = {
        "command": f"python -m benchmarks.kills --kills={KILLS.value} --seed={SEED.value}",
        "commit": commit(),
        "scenarios": rows,
    }
    pathlib.Path(OUT.value).write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    print("Written:", OUT.value)


if __name__ == "__main__":
    app.run(main)
