"""One side of one game in TensorFlow, in a process of its own: `python -m benchmarks.steps.side GAME SIDE STEPS`."""

import json
import os
import resource
import sys
import time
from unittest import mock

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "1")

import keras
import numpy as np
import tensorflow as tf

from benchmarks.steps.child import serve
from benchmarks.steps.count import operations
from benchmarks.steps.games import GAMES, Game, Side
from keras_gan import GAN
from keras_gan.callbacks import StepCallback
from keras_gan.data.pipeline import batches
from keras_gan.game.execution import FEWEST_COMPILED
from keras_gan.game.optimizers import default_optimizer


class Stopwatch(StepCallback):
    """Times the steps of one call of `fit` but for the first execution, with which the data's buffers are filled."""

    def looks_every(self):
        """Calls are as many steps as without it."""

    def on_epoch_begin(self, epoch, logs=None):
        self.first, self.began = None, time.perf_counter()

    def on_train_batch_end(self, batch, logs=None):
        self.last = batch
        if self.first is None:
            _wait(logs)
            self.first, self.first_ended = batch, time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        _wait(logs)
        self.ended = time.perf_counter()

    @property
    def milliseconds(self) -> float:
        """Milliseconds a step; of the whole epoch if it is one execution."""
        if self.last == self.first:
            return 1000 * (self.ended - self.began) / (self.last + 1)
        return 1000 * (self.ended - self.first_ended) / (self.last - self.first)


def _wait(logs):
    for value in logs.values():  # a GPU works on while Python is here
        np.asarray(value)


def make_model(game: Game, side: Side) -> keras.Model:
    """Returns the compiled model of a side. All sides of a game begin with the same weights."""
    keras.config.set_dtype_policy(side.policy)
    keras.utils.set_random_seed(0)
    generator, discriminator = game.players()
    k = game.discriminator_steps
    jit = {} if side.jit is None else {"jit_compile": side.jit}
    if side.kind == "guide":
        model = game.guide(generator, discriminator, game.latents, k)
        model.compile(default_optimizer(), default_optimizer(), **jit)
        return model
    model = GAN(generator, discriminator, game.latents, seed=0)
    model.compile(
        game.objective,
        discriminator_steps=k,
        reuse_fakes=side.reuse_fakes,
        steps_per_execution=1 if side.one_at_a_time else "auto",
        **jit,
    )
    return model


def make_data(game: Game, side: Side, steps: int) -> dict:
    """Makes the data of `fit`: enough examples for so many steps."""
    if side.kind == "keras_gan" and side.our_data:
        return {"x": batches(game.sample(steps * game.batch * game.discriminator_steps), game.batch)}
    if side.kind == "keras_gan":
        return {"x": game.sample(steps * game.batch * game.discriminator_steps), "batch_size": game.batch}
    examples = game.sample(steps * game.batch)
    if side.our_data:
        return {"x": batches(examples, game.batch), "shuffle": False}
    return {"x": tf.data.Dataset.from_tensor_slices(examples).shuffle(1024).batch(game.batch), "shuffle": False}


def traced(game: Game, side: Side, model: keras.Model) -> tf.types.experimental.ConcreteFunction:
    """Returns one step, whose operations can be counted."""
    stacked = game.discriminator_steps if side.kind == "keras_gan" else 1
    shape = (game.batch, *([stacked] if stacked > 1 else []), *game.example_shape)
    return tf.function(model.train_step, autograph=False).get_concrete_function(tf.TensorSpec(shape))


def needed_operations(game: Game, side: Side, model: keras.Model) -> int:
    """Returns those of a step by Keras's layers: what narrow.py computes in their place multiplies by zeros too."""
    with mock.patch.dict("keras_gan.kernels.rules.LAYERS", clear=True):
        return operations(traced(game, side, model))


class Player:
    """The model of a side and its data; answers the commands of `benchmarks.steps`."""

    def __init__(self, game: Game, side: Side, steps: int):
        self.game, self.side, self.data = game, side, make_data(game, side, steps)
        self.memory_before = _memory()

    def start(self) -> float:
        """Returns seconds until the first step is over, and its networks made before it."""
        began = time.perf_counter()
        self.model = make_model(self.game, self.side)
        stopwatch = Stopwatch()
        self.model.fit(**self.data, verbose=0, callbacks=[stopwatch])
        return stopwatch.first_ended - began

    def epoch(self) -> float:
        """Returns milliseconds per step."""
        self.warm_up()
        stopwatch, began = Stopwatch(), time.perf_counter()
        self.model.fit(**self.data, verbose=0, callbacks=[stopwatch])
        if self.side.whole:
            return 1000 * (time.perf_counter() - began) / (stopwatch.last + 1)
        return stopwatch.milliseconds

    def warm_up(self) -> None:
        """Plays until XLA compiles the steps of a call, where it will."""
        chosen = self.side.kind == "keras_gan" and self.game.dense and not self.side.one_at_a_time
        while chosen and int(self.model.step.numpy()) < FEWEST_COMPILED:
            self.model.fit(**self.data, verbose=0)

    def facts(self) -> dict:
        """Returns the time and memory that it needed."""
        memory = {"memory_mb": _memory(), "memory_before_mb": self.memory_before}
        if tf.config.list_physical_devices("GPU"):
            memory["gpu_memory_mb"] = round(tf.config.experimental.get_memory_info("GPU:0")["peak"] / 2**20)
        return {**memory, "operations": needed_operations(self.game, self.side, self.model)}


def _memory():
    """Returns the most memory this process had so far, in MiB."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


if __name__ == "__main__":
    for gpu in tf.config.list_physical_devices("GPU"):
        tf.config.experimental.set_memory_growth(gpu, True)
    told_game, told_side, told_steps = sys.argv[1:]
    player = Player(GAMES[told_game], Side(**json.loads(told_side)), int(told_steps))
    serve({"start": player.start, "epoch": player.epoch, "facts": player.facts})
