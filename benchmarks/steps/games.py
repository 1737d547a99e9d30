"""Games that are timed: six of them, and the sides that play each."""

import dataclasses
from collections.abc import Callable

import keras
import numpy as np
from keras import layers

from benchmarks.steps import guide
from keras_gan import data, networks

Players = tuple[keras.Model, keras.Model]


@dataclasses.dataclass(frozen=True)
class Game:
    """Two networks, what they play and on what.

    Attributes:
        title: For the record.
        latents: The number of latent dimensions.
        batch: Examples per batch.
        steps: Steps of one timed epoch, for some seconds of it on two cores.
        players: Makes a generator and a discriminator.
        sample: Makes so many real examples, an array.
        objective: What this library is told.
        guide: What plays it by hand.
        discriminator_steps: k, the discriminator's moves per step.
        low_precision: Whether the game is timed in bfloat16 on a CPU too.
        dense: Whether `"auto"` makes many steps per call, so that one at a time is timed beside it.
    """

    title: str
    latents: int
    batch: int
    steps: int
    players: Callable[[], Players]
    sample: Callable[[int], np.ndarray]
    objective: str
    guide: type[guide.Guide]
    discriminator_steps: int = 1
    low_precision: bool = False
    dense: bool = False

    @property
    def example_shape(self) -> tuple[int, ...]:
        """The shape of one example."""
        return self.sample(1).shape[1:]


def wider(factor: float, *units: int) -> tuple[int, ...]:
    """Multiplies units or channels of hidden layers by a factor."""
    return tuple(round(factor * each) for each in units)


def ring_players(width: float = 1) -> Players:
    hidden = wider(width, 128, 128)
    return networks.mlp_generator(2, (2,), hidden=hidden), networks.mlp_discriminator((2,), hidden=hidden)


def mlp_players(width: float = 1) -> Players:
    small, large = wider(width, 256, 512)
    generator = networks.mlp_generator(64, (784,), hidden=(small, large), output_activation="sigmoid")
    return generator, networks.mlp_discriminator((784,), hidden=(large, small))


def guide_players(width: float = 1) -> Players:
    """Returns those of the Keras guide to custom training steps. The last layers stay float32 in every precision."""
    small, large = wider(width, 64, 128)
    discriminator = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(small, 3, strides=2, padding="same"),
            layers.LeakyReLU(negative_slope=0.2),
            layers.Conv2D(large, 3, strides=2, padding="same"),
            layers.LeakyReLU(negative_slope=0.2),
            layers.GlobalMaxPooling2D(),
            layers.Dense(1, dtype="float32"),
        ]
    )
    generator = keras.Sequential(
        [
            keras.Input((128,)),
            layers.Dense(7 * 7 * large),
            layers.LeakyReLU(negative_slope=0.2),
            layers.Reshape((7, 7, large)),
            layers.Conv2DTranspose(large, 4, strides=2, padding="same"),
            layers.LeakyReLU(negative_slope=0.2),
            layers.Conv2DTranspose(large, 4, strides=2, padding="same"),
            layers.LeakyReLU(negative_slope=0.2),
            layers.Conv2D(1, 7, padding="same"),
            layers.Activation("sigmoid", dtype="float32"),
        ]
    )
    return generator, discriminator


def resnet_players() -> Players:
    shape = (32, 32, 3)
    return networks.resnet_generator(128, shape, filters=64), networks.resnet_discriminator(shape, filters=64)


def layer_norm_players() -> Players:
    shape = (28, 28, 1)
    return networks.dcgan_generator(64, shape), networks.dcgan_discriminator(shape, normalization="layer")


def points(count: int) -> np.ndarray:
    return np.asarray(data.ring().sample(count, seed=0), "float32")


def pictures(*shape: int) -> Callable[[int], np.ndarray]:
    """Makes pictures of noise in [0, 1], float32: what they show costs no time."""

    def sample(count):
        return np.random.default_rng(0).integers(0, 256, (count, *shape), "uint8").astype("float32") / 255

    return sample


GAMES = {
    "ring": Game(
        title="ring, MLP 2x128, batch 256",
        latents=2,
        batch=256,
        steps=512,
        players=ring_players,
        sample=points,
        objective="non_saturating",
        guide=guide.Guide,
        low_precision=True,
        dense=True,
    ),
    "mlp": Game(
        title="MNIST MLP, 64-256-512-784 and 784-512-256-1, batch 64",
        latents=64,
        batch=64,
        steps=320,
        players=mlp_players,
        sample=pictures(784),
        objective="non_saturating",
        guide=guide.Guide,
        low_precision=True,
        dense=True,
    ),
    "dcgan": Game(
        title="the Keras guide's DCGAN, 28x28x1, batch 64",
        latents=128,
        batch=64,
        steps=30,
        players=guide_players,
        sample=pictures(28, 28, 1),
        objective="non_saturating",
        guide=guide.Guide,
        low_precision=True,
    ),
    "sngan": Game(
        title="SNGAN ResNet, 32x32x3, 64 filters, hinge, batch 32",
        latents=128,
        batch=32,
        steps=12,
        players=resnet_players,
        sample=pictures(32, 32, 3),
        objective="hinge",
        guide=guide.HingeGuide,
    ),
    "wgan_gp": Game(
        title="WGAN-GP, DCGAN 28x28x1 with layer norm, 32 filters, 5 critic steps, batch 64",
        latents=64,
        batch=64,
        steps=12,
        players=layer_norm_players,
        sample=pictures(28, 28, 1),
        objective="wasserstein + 10 * gradient_penalty",
        guide=guide.GradientPenaltyGuide,
        discriminator_steps=5,
    ),
    "r1_r2": Game(
        title="relativistic + R1 + R2, the guide's DCGAN, 28x28x1, batch 64",
        latents=128,
        batch=64,
        steps=15,
        players=guide_players,
        sample=pictures(28, 28, 1),
        objective="relativistic_paired + r1 + r2",
        guide=guide.RelativisticGuide,
    ),
}


@dataclasses.dataclass(frozen=True)
class Side:
    """Who plays, and how.

    Attributes:
        kind: `"guide"`, `"keras_gan"` or `"torch"`.
        our_data: A pipeline of this library is read, by the guide instead of its own, by this library instead of an
            array, as its README does.
        reuse_fakes: The generator's move looks at the fakes of the discriminator's.
        policy: Keras's dtype policy of the players.
        jit: XLA, or `torch.compile`; None is the default of who plays.
        one_at_a_time: `steps_per_execution` is 1, and not `"auto"`, its default.
        whole: The time of a whole `fit` of one epoch counts, with what happens before its first step.
    """

    kind: str
    our_data: bool = False
    reuse_fakes: bool = False
    policy: str = "float32"
    jit: bool | None = None
    one_at_a_time: bool = False
    whole: bool = False

    @property
    def name(self) -> str:
        """For the record: `"keras_gan bfloat16 reuse_fakes"`."""
        parts = [self.policy.removeprefix("mixed_")] if self.policy != "float32" else []
        parts += ["reuse_fakes"] * self.reuse_fakes + ["our data"] * self.our_data
        parts += ["one at a time"] * self.one_at_a_time + ["fit again and again"] * self.whole
        return " ".join([self.kind, *parts, *([("compile" if self.kind == "torch" else "XLA")] * bool(self.jit))])


def get_sides(game: Game, device: str) -> list[Side]:
    """Returns the sides of a game; the first one is what the others are compared with."""
    ours = [Side("keras_gan"), Side("keras_gan", reuse_fakes=True)]
    users = [Side("keras_gan", our_data=True), Side("keras_gan", whole=True)]
    if device == "gpu":
        kinds = [Side("guide"), *ours]
        policies = ("float32", "mixed_bfloat16", "mixed_float16")
        every = [dataclasses.replace(s, policy=p, jit=j) for p in policies for j in (False, True) for s in kinds]
        # By hand, float16 needs a loss scale that the guide does not have.
        sides = [side for side in every if (side.kind, side.policy) != ("guide", "mixed_float16")]
    else:
        low = [Side("keras_gan", policy="mixed_bfloat16", reuse_fakes=True)] * game.low_precision
        single = [Side("keras_gan", one_at_a_time=True)] * game.dense
        sides = [Side("guide"), Side("guide", our_data=True), *single, *users, *ours, *low]
    return [*sides, Side("torch"), Side("torch", jit=True), Side("torch", jit=True, reuse_fakes=True)]
