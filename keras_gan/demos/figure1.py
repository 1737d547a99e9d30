"""Figure 1 of the 2014 paper, played: a generator on a line, its discriminator, and the optimum of each by theory.

p_data is a Gaussian, z is uniform, and G begins as a map to a Gaussian beside p_data. The four stages are those of the
figure: (a) D is hardly trained, (b) D alone is trained to its optimum, (c) G alone follows the gradient of D, (d) both
play until p_g = p_data and D = 1/2.
"""

import dataclasses
import statistics
from collections.abc import Iterator

import keras
import numpy as np
import tensorflow as tf

from keras_gan import data, latents, networks, theory
from keras_gan.game import GAN

P_DATA = data.gaussian_mixture_1d(means=(0.0,), scales=0.5)
START = statistics.NormalDist(1.1, 0.5)
X = np.linspace(-2.5, 3.5, 301)
ARROWS = np.linspace(-0.98, 0.98, 19)
BATCH_SIZE = 512
WARM_UP = 1000


@dataclasses.dataclass(frozen=True)
class Phase:
    """A stage or a part of it: the learning rates of both players, the number of frames, and the steps per frame."""

    stage: str
    discriminator_rate: float
    generator_rate: float
    frames: int
    steps: int


TITLES = {
    "a": "(a) D is hardly trained",
    "b": "(b) D alone is trained: D = D*",
    "c": "(c) G alone follows D uphill",
    "d": "(d) both play to the end: D = 1/2",
}
PHASES = (
    Phase("a", 2e-3, 0.0, frames=4, steps=1),
    Phase("b", 2e-3, 0.0, frames=12, steps=12),
    Phase("c", 0.0, 5e-4, frames=10, steps=1),
    Phase("d", 2e-3, 2e-4, frames=16, steps=12),
    Phase("d", 2e-3, 2e-4, frames=16, steps=80),
)


@dataclasses.dataclass(frozen=True)
class Moment:
    """The state of the game at one moment.

    Args:
        stage: `"a"` to `"d"`.
        x: The grid, (n,) float64.
        p_data: The data's density at `x`, (n,) float64.
        p_g: The generator's density at `x`, (n,) float64.
        D: The discriminator's probability at `x`, (n,) float64.
        z: Some latents, (k,).
        G: The generator's outputs for `z`, (k,).
    """

    stage: str
    x: np.ndarray
    p_data: np.ndarray
    p_g: np.ndarray
    D: np.ndarray
    z: np.ndarray
    G: np.ndarray

    @property
    def optimal(self) -> np.ndarray:
        """D* = p_data / (p_data + p_g)."""
        return theory.optimal_discriminator(self.p_data, self.p_g)

    @property
    def value(self) -> float:
        """V(D, G)."""
        return theory.value_function(self.p_data, self.p_g, self.D, self.x)

    @property
    def criterion(self) -> float:
        """max_D V(D, G) = -log 4 + 2 JSD."""
        return theory.generator_criterion(self.p_data, self.p_g, self.x)

    @property
    def js_divergence(self) -> float:
        """JSD(p_data || p_g)."""
        return theory.js_divergence(self.p_data, self.p_g, self.x)


def game(seed: int = 0) -> GAN:
    """Returns the compiled GAN, whose generator maps z ~ U[-1, 1) to the Gaussian `START`."""
    keras.utils.set_random_seed(seed)
    z = keras.Input((1,))
    normal = keras.ops.erfinv(0.9999 * z) * 2**0.5  # without it, the net does not fit the Gaussian's tails
    dense = networks.mlp_generator(1, (1,), hidden=(32, 32), activation="tanh")
    generator = keras.Model(z, dense(normal), name="generator")
    levels = np.linspace(0, 1, 1025)[1::2, None]
    target = np.vectorize(START.inv_cdf)(levels)
    schedule = keras.optimizers.schedules.CosineDecay(1e-2, WARM_UP)
    generator.compile(keras.optimizers.Adam(schedule), "mse", steps_per_execution=100)
    pairs = tf.data.Dataset.from_tensors((2 * levels - 1, target)).repeat()
    generator.fit(pairs, steps_per_epoch=WARM_UP, shuffle=False, verbose=0)

    discriminator = networks.mlp_discriminator((1,), hidden=(32, 32), activation="tanh")
    gan = GAN(generator, discriminator, latents.Uniform(1), seed=seed)
    gan.compile(
        objective="minimax",
        generator_optimizer=keras.optimizers.Adam(beta_1=0.0, beta_2=0.99),
        discriminator_optimizer=keras.optimizers.Adam(beta_1=0.5, beta_2=0.99),
        discriminator_steps=4,  # D stays near its optimum, so that V(D, G) stays near -log 4 + 2 JSD
        jit_compile=True,
    )
    return gan


def play(gan: GAN, frames: int | None = None) -> Iterator[Moment]:
    """Plays the four stages, and yields a moment after each frame; the paper shows the last moment of each stage.

    Args:
        gan: The GAN of `game`.
        frames: Maximum number of frames per phase, of one step each, for a quick run; None plays to the end.
    """
    batches = P_DATA.dataset(BATCH_SIZE).repeat()
    for phase in PHASES:
        count = phase.frames if frames is None else min(frames, phase.frames)
        for frame in range(count):
            decay = (1 + np.cos(np.pi * frame / count)) / 2 if phase is PHASES[-1] else 1.0  # to rates of 0
            gan.discriminator_optimizer.learning_rate = phase.discriminator_rate * decay
            gan.generator_optimizer.learning_rate = phase.generator_rate * decay
            steps = phase.steps if frames is None else 1
            gan.fit(batches, steps_per_epoch=steps, epochs=1, verbose=0)
            yield look(gan, phase.stage)


def look(gan: GAN, stage: str) -> Moment:
    """Returns the state of the game; p_g is a histogram of G at 100,000 equally spaced z, without random draws."""
    z = np.linspace(-1, 1, 200_001)[1::2, None].astype("float32")
    width = X[1] - X[0]
    edges = np.append(X - width / 2, X[-1] + width / 2)
    p_g = np.histogram(gan.generator(z), edges, density=True)[0]
    p_data = P_DATA.density(X[:, None])
    D = keras.ops.sigmoid(gan.discriminator(X[:, None])[:, 0])
    G = gan.generator(ARROWS[:, None])[:, 0]
    return Moment(stage, X, p_data, p_g, np.asarray(D, "float64"), ARROWS, np.asarray(G, "float64"))


def stages(moments: list[Moment]) -> list[Moment]:
    """Returns the last moment of each stage, in order."""
    return list({moment.stage: moment for moment in moments}.values())


def table(moments: list[Moment]) -> str:
    """Returns a table of the stages: V, its maximum over D, JSD, and the distance of D from D* where there is mass."""
    lines = [f"{'':34} V(D, G)  -log 4 + 2 JSD      JSD  max |D - D*|"]
    for moment in stages(moments):
        there = moment.p_data + moment.p_g > 0.1
        gap = np.max(np.abs(moment.D - moment.optimal)[there])
        numbers = f"{moment.value:7.4f} {moment.criterion:16.4f} {moment.js_divergence:8.5f} {gap:13.3f}"
        lines.append(f"{TITLES[moment.stage]:34} {numbers}")
    return "\n".join(lines)
