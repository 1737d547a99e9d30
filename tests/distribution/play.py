"""One small game for all devices: `play.py FOLDER [HOW STEP]` plays it as the worker of `TF_CONFIG`.

HOW is `dies`, after a step, or `stops`: then another game goes on in the same process.
"""

import contextlib
import os
import pathlib
import sys

import keras
import numpy as np
import tensorflow as tf

from keras_gan import GAN, callbacks, layers, networks
from keras_gan.ground import workers

POINTS = np.random.default_rng(0).normal(size=(96, 2)).astype("float32")
BATCH, EPOCHS, STEPS = 8, 2, 6  # an epoch has 12 batches, two a step


def make(
    objective="non_saturating + gradient_penalty",
    minibatch=False,
    optimizer=keras.optimizers.SGD,
    norm="batch",
    **options,
):
    """A game with batch normalization, an average, and two moves of the discriminator per step."""
    keras.utils.set_random_seed(3)
    generator = networks.mlp_generator(3, (2,), hidden=(4,), normalization=norm)
    minibatch = [layers.MinibatchDiscrimination(3, 2), layers.MinibatchStandardDeviation(4)] if minibatch else []
    dense = [keras.layers.Dense(4, "leaky_relu"), *minibatch, keras.layers.Dense(1)]
    gan = GAN(generator, keras.Sequential([keras.Input((2,)), *dense]), 3, seed=0, ema=0.9)
    gan.compile(objective, optimizer(0.02), optimizer(0.02), **{"discriminator_steps": 2, **options})
    return gan


def state(gan):
    """All that a game is: weights, averages, both optimizers, the step."""
    return [v.numpy() for v in [*gan.variables, *gan.optimizer.variables] if "seed_generator" not in v.path]


def fit(gan, folder, more=()):
    """The history of a run that checkpoints every fourth step."""
    resume = callbacks.Resume(folder / "checkpoints", every=4)
    return gan.fit(POINTS, batch_size=BATCH, epochs=EPOCHS, verbose=0, callbacks=[*more, resume]).history


class StoppedError(Exception):
    """A run that ended before its end."""


class End(keras.callbacks.Callback):
    """Ends the process after a step, as a machine does that loses power, or the run alone."""

    def __init__(self, how, step):
        super().__init__()
        self.how, self.step = how, int(step)

    def on_train_batch_end(self, batch, logs=None):
        if int(self.model.step.numpy()) == self.step:
            if self.how == "dies":
                os._exit(9)
            raise StoppedError


def main(folder, *end):
    strategy = tf.distribute.MultiWorkerMirroredStrategy()
    own = folder / f"worker-{strategy.cluster_resolver.task_id}"

    def play(*more):
        with strategy.scope():
            gan = make()
        return gan, fit(gan, folder, [callbacks.SampleGrid(own / "samples", every=STEPS, num_samples=4), *more])

    if end:
        with contextlib.suppress(StoppedError):
            play(End(*end))
    gan, history = play()
    loss = gan.evaluate(POINTS[:13], batch_size=4, verbose=0)  # of the last batch one worker gets nothing
    gan.save(own / "gan.keras")
    workers.check_same(strategy, "The end", 0)
    np.savez(folder / f"state-{strategy.cluster_resolver.task_id}.npz", *state(gan))
    np.savez(folder / f"logs-{strategy.cluster_resolver.task_id}.npz", evaluation=loss, **history)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), *sys.argv[2:])
