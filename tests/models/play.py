"""A CycleGAN and a VAE that several tests play; `play.py KIND FOLDER STEP` is killed after a step."""

import os
import pathlib
import signal
import sys

import keras
import numpy as np

from keras_gan import Game, Match, callbacks, data, networks
from keras_gan.models import VAE, CycleGAN

RNG = np.random.default_rng(0)
A, B = RNG.normal(size=(40, 2)).astype("float32"), RNG.normal(2, 0.5, size=(30, 2)).astype("float32")
BITS = RNG.integers(0, 2, (40, 4)).astype("float32")
BATCH, STEPS, EPOCHS = 8, 5, 2  # an epoch has 5 batches


def maker(inputs=2, outputs=2, **options):
    return networks.mlp_generator(inputs, (outputs,), hidden=(4,), **options)


def judge():
    return networks.mlp_discriminator((2,), hidden=(4,))


def cycle(ema=0.9, pool=16, normalization="batch", optimizer=None, **options):
    """Two domains of points, with pools and averages."""
    keras.utils.set_random_seed(3)
    makers = (maker(normalization=normalization) for _ in range(2))
    game = CycleGAN(*makers, judge(), judge(), pool=pool, ema=ema, seed=5)
    game.compile(**optimizers(game, optimizer), **options)
    return game


def vae(ema=0.9, optimizer=None, **options):
    """Examples of four bits, and codes of three numbers."""
    keras.utils.set_random_seed(3)
    game = VAE(maker(4, 6), maker(3, 4), dim=3, ema=ema, seed=5)
    game.compile(**optimizers(game, optimizer), **options)
    return game


def augmented(augmentation, **options):
    """Pictures of 2 x 2 pixels: one match of two has an augmentation, the other judges two examples at a time."""
    keras.utils.set_random_seed(3)
    makers = {f"g_{each}": networks.mlp_generator(2, (2, 2, 1), hidden=(4,), output_activation="tanh") for each in "ab"}
    judges = {f"d_{each}": networks.mlp_discriminator((2, 2, i + 1), hidden=(4,)) for i, each in enumerate("ab")}
    game = Game(
        players={**makers, **judges},
        draws={"z": 2},
        values={"fake_a": "g_a(z)", "fake_b": "g_b(z)"},
        matches={
            "a": Match("d_a", "a", "fake_a", augmentation=augmentation),
            "b": Match("d_b", "b", "fake_b", packing=2),
        },
        seed=5,
    )
    game.compile("non_saturating", **options)
    return game


def optimizers(game, make):
    return {} if make is None else {f"{side}_optimizer": make() for side in game.sides}


MAKE = {"cycle_gan": cycle, "vae": vae}
PARTS = {"cycle_gan": {"a": A, "b": B}, "vae": {"real": BITS}}


def source(kind, batch_size=BATCH):
    """What `fit` is given: batches by their addresses."""
    return data.unpaired(**PARTS[kind], batch_size=batch_size, seed=1)


def state(game):
    """All that a game is: weights, averages, pools, what objectives remember, optimizers, the step.

    The state of seeds is none of it: each move sets it from its address.
    """
    variables = [v for v in game.variables if not v.path.endswith("seed_generator_state")]
    return [v.numpy() for v in [*variables, *game.optimizer.variables]]


def assert_same(one, other, **tolerances):
    """Compares two states: to the bit, unless told otherwise."""
    for a, b in zip(one, other, strict=True):
        assert np.all(np.isfinite(a))
        np.testing.assert_allclose(a, b, **{"rtol": 0, "atol": 0, **tolerances})


class Stop(keras.callbacks.Callback):
    """Ends a run after a step, as a kill would: nothing is written any more."""

    def __init__(self, step):
        super().__init__()
        self.step = step

    def on_train_batch_end(self, batch, logs=None):
        if int(self.model.step.numpy()) == self.step:
            self.end()

    def end(self):
        raise RuntimeError("stopped")


class Kill(Stop):
    """Ends the process after a step, as the system does that needs its memory."""

    def end(self):
        os.kill(os.getpid(), signal.SIGKILL)


def fit(game, kind, folder, more=()):
    """A run that checkpoints every third step."""
    resume = callbacks.Resume(pathlib.Path(folder) / "checkpoints", every=3)
    return game.fit(source(kind), epochs=EPOCHS, verbose=0, callbacks=[*more, resume]).history


if __name__ == "__main__":
    kind, folder, step = sys.argv[1:]
    fit(MAKE[kind](), kind, folder, [Kill(int(step))])
