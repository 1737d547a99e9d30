"""A process that plays a preset, or it and plain Keras in turn: `python -m benchmarks.networks.side`."""

import os
import resource
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "1")

import keras
import numpy as np
import tensorflow as tf

from benchmarks.networks import paper, plain_games
from benchmarks.steps.child import serve
from benchmarks.steps.count import operations
from benchmarks.steps.side import Stopwatch
from keras_gan import models, networks, presets

CLASSES = 10
LABELLED = ("biggan",)


def build(preset, side, policy="float32", jit="auto", **settings):
    """Returns the compiled game of a preset, of square pictures."""
    keras.config.set_dtype_policy(policy)
    labels = CLASSES if preset in LABELLED else None
    options = {"labels": labels, "jit_compile": jit, "steps_per_execution": "auto", "seed": 0}
    return presets.build(preset, (side, side, 3), **{**options, **settings})


def data_of(preset, count, side, batch):
    """Makes the data of `fit`: so many pictures of noise, as what they show costs no time."""
    rng = np.random.default_rng(0)
    pictures = rng.uniform(-1, 1, (count, side, side, 3)).astype("float32")
    labels = {"y": rng.integers(0, CLASSES, count).astype("int32")} if preset in LABELLED else {}
    return {"x": pictures, **labels, "batch_size": batch}


def flop(game, side, batch, labelled):
    """Counts operations of a step, on average over steps that take penalties and those that do not."""
    k = (game.discriminator_steps,) if game.discriminator_steps > 1 else ()
    spec = tf.TensorSpec((batch, *k, side, side, 3))
    spec = (spec, tf.TensorSpec((batch, *k), tf.int32)) if labelled else spec
    step = tf.function(game.train_step, autograph=False).get_concrete_function(spec)
    return operations(step, unknown=max(1, batch // 2))  # of the batch of which path lengths are taken


def play(preset: str, side: int, batch: int, policy: str, jit: bool | str, steps: int) -> dict:
    """Returns pictures per second, the most memory, and seconds to the first step."""
    before, began = _memory(), time.perf_counter()
    game = build(preset, side, policy, jit)
    built = time.perf_counter() - began
    k = game.discriminator_steps
    stopwatch = Stopwatch()
    game.fit(**data_of(preset, (steps + 1) * batch * k, side, batch), verbose=0, callbacks=[stopwatch])
    row = {
        "images_per_second": _short(1000 * batch * k / stopwatch.milliseconds),
        "step_ms": _short(stopwatch.milliseconds),
        "first_step_seconds": round(built + stopwatch.first_ended - stopwatch.began, 1),
        "memory_mb": _memory(),
        "memory_before_mb": before,
    }
    if tf.config.list_physical_devices("GPU"):
        row["gpu_memory_mb"] = round(tf.config.experimental.get_memory_info("GPU:0")["peak"] / 2**20)
    weights = sum(size_of(player) for player in game.players.values())
    gflop = flop(game, side, batch, preset in LABELLED) / 1e9 / (batch * k)
    return {**row, "weights": weights, "gflop_per_image": _short(gflop)}


def compare(preset: str, batch: int, steps: int, plain_steps: int, pairs: int) -> dict:
    """Returns a step of a preset of 32x32 pixels over one of the same network in plain Keras, epochs in turn."""
    ours = build(preset, 32)
    settings = presets.get(preset).defaults((32, 32))
    plain = plain_games.build(preset, settings["width"], settings["latent_dim"], CLASSES)
    weights = [sum(map(size_of, players)) for players in (_players(ours), _players(plain))]
    if weights[0] != weights[1]:
        raise RuntimeError(f"{preset}: {weights[0]} weights here and {weights[1]} in plain Keras: not the same network")
    theirs = data_of(preset, (plain_steps + 1) * batch, 32, batch)
    parts = (theirs["x"], theirs["y"]) if "y" in theirs else theirs["x"]
    dataset = tf.data.Dataset.from_tensor_slices(parts).shuffle(1024).batch(batch)
    sides = {
        "keras_gan": (ours, data_of(preset, (steps + 1) * batch * ours.discriminator_steps, 32, batch)),
        "plain": (plain, {"x": dataset, "shuffle": False}),
    }
    times = {name: [] for name in sides}
    for pair in range(pairs + 1):  # the first one traces
        for name in sorted(sides, reverse=bool(pair % 2)):
            game, data = sides[name]
            stopwatch = Stopwatch()
            game.fit(**data, verbose=0, callbacks=[stopwatch])
            times[name] += [stopwatch.milliseconds] if pair else []
    ratios = np.array(times["keras_gan"]) / np.array(times["plain"])
    return {
        "weights": weights[0],
        "ms": _short(float(np.median(times["keras_gan"]))),
        "plain_ms": _short(float(np.median(times["plain"]))),
        "ratio_median": round(float(np.median(ratios)), 3),
        "ratio_min": round(float(ratios.min()), 3),
        "ratio_max": round(float(ratios.max()), 3),
        "pairs": pairs,
    }


def published(side: int) -> float:
    """Returns GFLOP per picture of the StyleGAN2 that stylegan2-ada trains at a size by its defaults."""
    shape, widths = (side, side, 3), paper.widths(side)
    synthesis = networks.stylegan2_synthesis(shape, style=512, width=widths)
    discriminator = networks.stylegan2_discriminator(shape, width=widths)
    game = models.StyleGAN2(networks.stylegan2_mapping(512, width=512), synthesis, discriminator, 512)
    game.compile(check_gradients=False)
    return flop(game, side, 4, labelled=False) / 4e9


def facts() -> dict:
    """Returns what the record says of this process."""
    gpus = [tf.config.experimental.get_device_details(gpu) for gpu in tf.config.list_physical_devices("GPU")]
    names = [details.get("device_name", "unknown") for details in gpus]
    return {"gpus": names, "versions": {"tensorflow": tf.__version__, "keras": keras.__version__}}


def size_of(player) -> int:
    """Returns the number of a player's trainable weights."""
    return sum(int(np.prod(weight.shape)) for weight in player.trainable_variables)


def _players(game):
    if isinstance(game, plain_games.StyleGAN2):
        return [game.mapping, game.generator, game.discriminator]
    return game.players.values() if hasattr(game, "players") else [game.generator, game.discriminator]


def _memory():
    """Returns the most memory this process had so far, in MiB."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def _short(number):
    return float(f"{number:.4g}")


if __name__ == "__main__":
    for gpu in tf.config.list_physical_devices("GPU"):
        tf.config.experimental.set_memory_growth(gpu, True)
    serve({"play": play, "compare": compare, "published": published, "facts": facts})
