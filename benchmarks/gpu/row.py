"""A process that plays a game in several ways, one after the other: `python -m benchmarks.gpu.row`."""

import gc
import os
import statistics
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "1")

import keras
import tensorflow as tf

from benchmarks.gpu.ways import PRESETS, SIDE, STEPS
from benchmarks.networks import side as networks
from benchmarks.steps import side as steps_side
from benchmarks.steps.child import serve
from benchmarks.steps.games import GAMES, Side
from keras_gan import presets


def play(name: str, policy: str, xla: bool, seconds: float) -> dict:
    """Times at least three epochs, and as many as take so many seconds."""
    tf.config.experimental.enable_tensor_float_32_execution(policy == "tf32")
    _forget_memory()
    began = time.perf_counter()
    game, data, batch = _make(name, "mixed_bfloat16" if policy == "bfloat16" else "float32", xla)
    built, stopwatch = time.perf_counter() - began, steps_side.Stopwatch()
    game.fit(**data, verbose=0, callbacks=[stopwatch])
    first = built + stopwatch.first_ended - stopwatch.began
    times, began = [], time.perf_counter()
    while len(times) < 3 or time.perf_counter() - began < seconds:
        game.fit(**data, verbose=0, callbacks=[stopwatch])
        times.append(stopwatch.milliseconds)
    step = statistics.median(times)
    gflop = _operations(name, game, batch) / 1e9
    return {
        "batch": batch,
        "step_ms": _short(step),
        "images_per_second": _short(1000 * batch * game.discriminator_steps / step),
        "gflop_per_step": _short(gflop),
        "tflop_per_second": _short(gflop / step),
        "first_step_seconds": round(first, 1),
        "steps_per_call": game.execution.steps,
        "epochs": len(times),
        **_memory(),
    }


def _make(name, policy, xla):
    if name in PRESETS:
        keras.utils.set_random_seed(0)
        batch = presets.get(PRESETS[name]).batch_size
        game = networks.build(PRESETS[name], SIDE, policy, xla)
        count = STEPS[name] * batch * game.discriminator_steps
        return game, networks.data_of(PRESETS[name], count, SIDE, batch), batch
    found, side = GAMES[name], Side("keras_gan", policy=policy, jit=xla)
    return steps_side.make_model(found, side), steps_side.make_data(found, side, STEPS[name]), found.batch


def _operations(name, game, batch):
    if name in PRESETS:
        return networks.flop(game, SIDE, batch, labelled=False)
    return steps_side.needed_operations(GAMES[name], Side("keras_gan"), game)


def _has_gpu():
    return bool(tf.config.list_physical_devices("GPU"))


def _forget_memory():
    gc.collect()
    if _has_gpu():
        tf.config.experimental.reset_memory_stats("GPU:0")


def _memory():
    if not _has_gpu():
        return {}
    return {"gpu_memory_mb": round(tf.config.experimental.get_memory_info("GPU:0")["peak"] / 2**20)}


def _short(number):
    return float(f"{number:.4g}")


def facts() -> dict:
    """Returns what the record says of this process."""
    built = tf.sysconfig.get_build_info()
    gpus = [tf.config.experimental.get_device_details(gpu) for gpu in tf.config.list_physical_devices("GPU")]
    versions = {"tensorflow": tf.__version__, "keras": keras.__version__}
    versions |= {name: built[f"{name}_version"] for name in ("cuda", "cudnn") if f"{name}_version" in built}
    return {"gpus": [{key: str(value) for key, value in gpu.items()} for gpu in gpus], "versions": versions}


if __name__ == "__main__":
    for device in tf.config.list_physical_devices("GPU"):
        tf.config.experimental.set_memory_growth(device, True)
    serve({"play": play, "facts": facts})
