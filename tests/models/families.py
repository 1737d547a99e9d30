"""A tiny game of each model, compiled, with its data: what `test_families.py` plays."""

import dataclasses
import functools
from collections.abc import Callable, Mapping

import keras
import numpy as np

from keras_gan import Game, data, networks, presets
from keras_gan.models import (
    AAE,
    CCGAN,
    CTGAN,
    CUT,
    SRGAN,
    TVAE,
    VAEGAN,
    BiGAN,
    CoGAN,
    ContextEncoder,
    DiscoGAN,
    DualGAN,
    Pix2Pix,
    PixelDA,
    SemiSupervisedAAE,
    SeriesGAN,
    StarGAN,
    StyleGAN2,
)
from tests.models import play


@dataclasses.dataclass(frozen=True)
class Family:
    """How a model is tried.

    Attributes:
        make: Returns a compiled game, the same at each call.
        data: Returns what `fit` takes: 3 to 5 batches per epoch, found again by the step.
        made: The name of a value that no random number changes, apart from the draws it is made of.
        given: The parts of the data that it is made of; none if all of it is drawn.
    """

    make: Callable[[], Game]
    data: Callable[[], object]
    made: str
    given: Mapping[str, np.ndarray] = dataclasses.field(default_factory=dict)


def points():
    return data.batches(play.A, play.BATCH, seed=1)


def pairs_judge(a=2, b=2):
    """A discriminator of pairs of a and b numbers."""
    x, y = keras.Input((a,)), keras.Input((b,))
    hidden = keras.layers.Dense(4, "relu")(keras.layers.Concatenate()([x, y]))
    return keras.Model([x, y], keras.layers.Dense(1)(hidden))


def bigan():
    keras.utils.set_random_seed(3)
    game = BiGAN(play.maker(3, 2), play.maker(2, 3), pairs_judge(2, 3), latents=3, ema=0.9, seed=5)
    game.compile()
    return game


def pix2pix():
    keras.utils.set_random_seed(3)
    game = Pix2Pix(play.maker(normalization="batch"), pairs_judge(), ema=0.9, seed=5)
    game.compile()
    return game


def two_way(model):
    keras.utils.set_random_seed(3)
    game = model(play.maker(), play.maker(), play.judge(), play.judge(), ema=0.9, seed=5)
    game.compile()
    return game


def cut():
    """Pictures of 4 x 4 pixels, whose hidden layer is compared at three places."""
    keras.utils.set_random_seed(3)
    image = keras.Input((4, 4, 1), name="inputs")
    hidden = keras.layers.Conv2D(3, 2, 2, activation="relu", name="hidden_1")(image)
    generator = keras.Model(image, keras.layers.Conv2DTranspose(1, 2, 2, activation="tanh")(hidden))
    judge = keras.Sequential([keras.Input((4, 4, 1)), keras.layers.Flatten(), keras.layers.Dense(1)])
    heads = networks.patch_heads(generator, ["hidden_1"], patches=3, units=4)
    game = CUT(generator, judge, heads, identity=0, ema=0.9, seed=5)
    game.compile()
    return game


PICTURES = play.RNG.uniform(-1, 1, (32, 4, 4, 1)).astype("float32")


def vae_gan():
    keras.utils.set_random_seed(3)
    game = VAEGAN(play.maker(2, 6), play.maker(3, 2), play.judge(), dim=3, layer="hidden_1", ema=0.9, seed=5)
    game.compile()
    return game


def aae():
    keras.utils.set_random_seed(3)
    game = AAE(play.maker(2, 3, normalization="batch"), play.maker(3, 2), judge(3), latents=3, ema=0.9, seed=5)
    game.compile()
    return game


def semi_supervised_aae():
    keras.utils.set_random_seed(3)
    encoder = networks.with_head(networks.mlp_encoder((2,), 2, hidden=(4,)), "hidden_1", 3, "class_logits")
    game = SemiSupervisedAAE(encoder, play.maker(5, 2), judge(2), judge(3), latents=2, classes=3, seed=5)
    game.compile()
    return game


def labelled():
    labels = np.arange(len(play.A)) % 4 - 1
    return data.batches((play.A, labels.astype("int32")), play.BATCH, seed=1)


def judge(inputs):
    return networks.mlp_discriminator((inputs,), hidden=(4,))


def told_maker(classes):
    """A generator of two numbers that is told a class."""
    x, c = keras.Input((2,)), keras.Input((), dtype="int32")
    told = keras.layers.Concatenate()([x, keras.ops.one_hot(c, classes)])
    return keras.Model([x, c], keras.layers.Dense(2)(keras.layers.Dense(4, "tanh")(told)))


def star_gan():
    keras.utils.set_random_seed(3)
    discriminator = networks.with_head(play.judge(), "hidden_1", 3, "class_logits")
    game = StarGAN(told_maker(3), discriminator, domains=3, ema=0.9, seed=5)
    game.compile(discriminator_steps=1)
    return game


def noisy_maker():
    """A generator of two numbers of two others and two latents."""
    x, z = keras.Input((2,)), keras.Input((2,))
    hidden = keras.layers.Dense(4, "tanh")(keras.layers.Concatenate()([x, z]))
    return keras.Model([x, z], keras.layers.Dense(2)(hidden))


def pixel_da():
    keras.utils.set_random_seed(3)
    game = PixelDA(noisy_maker(), play.judge(), play.maker(2, 3), latents=2, ema=0.9, seed=5)
    game.compile()
    return game


def cogan():
    keras.utils.set_random_seed(3)
    makers = networks.coupled_generators(play.maker(3, normalization="batch"))
    game = CoGAN(*makers, *networks.coupled_discriminators(play.judge()), latents=3, ema=0.9, seed=5)
    game.compile()
    return game


DOMAINS = np.arange(len(play.A), dtype="int32") % 3


def pictures_maker(inputs=(4, 4, 1), outputs=(4, 4, 1)):
    """A player that makes pictures of pictures."""
    size, layers = int(np.prod(outputs)), keras.layers
    return keras.Sequential(
        [keras.Input(inputs), layers.Flatten(), layers.Dense(size, "tanh"), layers.Reshape(outputs)]
    )


def pictures_judge(shape=(4, 4, 1)):
    return networks.mlp_discriminator(shape, hidden=(4,))


def srgan():
    keras.utils.set_random_seed(3)
    features = keras.Sequential([keras.Input((4, 4, 1)), keras.layers.Conv2D(2, 3, activation="relu", name="phi")])
    game = SRGAN(networks.srresnet((2, 2, 1), 2, width=2, blocks=0), pictures_judge(), features, ema=0.9, seed=5)
    game.compile()
    return game


def context_encoder():
    keras.utils.set_random_seed(3)
    game = ContextEncoder(pictures_maker(outputs=(2, 2, 1)), pictures_judge((2, 2, 1)), ema=0.9, seed=5)
    game.compile()
    return game


def ccgan():
    keras.utils.set_random_seed(3)
    judge = networks.with_head(pictures_judge(), "hidden_1", 3, "class_logits")
    game = CCGAN(pictures_maker(), judge, ema=0.9, seed=5)
    game.compile()
    return game


def with_labels():
    some = {"labelled": PICTURES[:9], "labels": np.arange(9) % 3}
    return data.unpaired(some, real=PICTURES, batch_size=play.BATCH, seed=1)


LARGER = np.pad(PICTURES, [(0, 0), (1, 1), (1, 1), (0, 0)])


def stylegan2():
    keras.utils.set_random_seed(3)
    shape, mapping = (6, 6, 1), networks.stylegan2_mapping(3, width=4, depth=1)
    synthesis = networks.stylegan2_synthesis(shape, style=4, width=2)
    game = StyleGAN2(mapping, synthesis, pictures_judge(shape), latents=3, gamma=0, ema=0.9, seed=5)
    game.compile()
    return game


PEOPLE = {
    "age": [20.5, None, 31.0, 44.5, 20.5, 58.0, 47.0, 33.5] * 5,
    "job": ["cook", "nurse", "cook", None, "cook"] * 8,
    "smokes": [True, False] * 20,
}


@functools.cache
def people():
    return data.Table(PEOPLE)


def ctgan():
    """Rows of a table with missing values, judged in pairs."""
    keras.utils.set_random_seed(3)
    schema = people().schema
    generator = networks.row_generator(3, schema.width, condition=5, hidden=(4,))
    judge = networks.row_discriminator(schema.width, condition=5, packing=2, hidden=(4,))
    game = CTGAN(generator, judge, schema, latents=3, packing=2, ema=0.9, seed=5)
    game.compile()
    return game


def tvae():
    keras.utils.set_random_seed(3)
    schema = people().schema
    encoder = networks.mlp_encoder((schema.width,), 6, hidden=(4,))
    game = TVAE(encoder, networks.row_decoder(3, schema.blocks, hidden=(4,)), schema, dim=3, ema=0.9, seed=5)
    game.compile()
    return game


@functools.cache
def windows():
    return data.Windows({"price": np.cumsum(play.A[:, 0]), "sold": np.arange(len(play.A)) % 3}, length=3, test=0)


def series_gan():
    """Windows of three moments of a price and a count."""
    keras.utils.set_random_seed(3)
    schema = windows().schema
    generator = networks.mlp_generator(3, schema.shape, hidden=(4,), output_activation="tanh")
    judge = networks.mlp_discriminator(schema.shape, hidden=(4,))
    game = SeriesGAN(generator, judge, schema, latents=3, ema=0.9, seed=5)
    game.compile()
    return game


def of_today(name):
    """A GAN of a preset's own networks, of 6x6 pictures."""
    labels = 3 if name == "biggan" else None
    options = {"objective": "relativistic_paired"} if name == "r3gan" else {}  # without a second gradient to trace
    options |= {"discriminator_steps": 1}
    return presets.build(name, (6, 6, 1), width=2, latent_dim=4, labels=labels, ema=0.9, seed=5, **options)


FAMILIES = {
    "vae": Family(play.vae, lambda: play.source("vae"), "fake"),
    "vae_gan": Family(vae_gan, points, "fake"),
    "aae": Family(aae, points, "decoded", {"real": play.A[:5]}),
    "semi_supervised_aae": Family(semi_supervised_aae, labelled, "classes", {"real": play.A[:5]}),
    "bigan": Family(bigan, points, "anomaly_score", {"real": play.A[:5]}),
    "pix2pix": Family(
        pix2pix, lambda: data.paired(a=play.A, b=play.A[::-1], batch_size=play.BATCH), "fake_b", {"a": play.A[:5]}
    ),
    "disco_gan": Family(lambda: two_way(DiscoGAN), lambda: play.source("cycle_gan"), "back_a", {"a": play.A[:5]}),
    "dual_gan": Family(lambda: two_way(DualGAN), lambda: play.source("cycle_gan"), "fake_b", {"a": play.A[:5]}),
    "cut": Family(
        cut,
        lambda: data.unpaired(a=PICTURES, b=-PICTURES, batch_size=play.BATCH),
        "fake_b",
        {"a": PICTURES[:5]},
    ),
    "stylegan2": Family(stylegan2, lambda: data.batches(LARGER, play.BATCH, seed=1), "fake"),
    "r3gan": Family(lambda: of_today("r3gan"), lambda: data.batches(LARGER, play.BATCH, seed=1), "fake"),
    "fastgan": Family(lambda: of_today("fastgan"), lambda: data.batches(LARGER, play.BATCH, seed=1), "fake"),
    "biggan": Family(
        lambda: of_today("biggan"),
        lambda: data.batches((LARGER, np.arange(len(LARGER)) % 3), play.BATCH, seed=1),
        "fake",
    ),
    "star_gan": Family(
        star_gan,
        lambda: data.unpaired({"real": play.A, "labels": DOMAINS}, batch_size=play.BATCH, seed=1),
        "fake",
        {"real": play.A[:5], "target": DOMAINS[1:6]},
    ),
    "pixel_da": Family(
        pixel_da,
        lambda: data.unpaired({"source": play.A, "labels": DOMAINS}, target=play.B, batch_size=play.BATCH, seed=1),
        "fake",
        {"source": play.A[:5]},
    ),
    "ctgan": Family(ctgan, lambda: people().conditioned(play.BATCH, seed=1), "encoded"),
    "tvae": Family(tvae, lambda: people().batches(play.BATCH, seed=1), "encoded"),
    "series_gan": Family(series_gan, lambda: data.batches(windows().train, play.BATCH, seed=1), "fake"),
    "cogan": Family(cogan, lambda: play.source("cycle_gan"), "fake_b"),
    "cycle_gan": Family(play.cycle, lambda: play.source("cycle_gan"), "fake_b", {"a": play.A[:5]}),
    "srgan": Family(
        srgan,
        lambda: data.paired(low="small", high=PICTURES, batch_size=play.BATCH),
        "restored",
        {"low": PICTURES[:5, ::2, ::2]},
    ),
    "context_encoder": Family(
        context_encoder, lambda: data.batches(PICTURES, play.BATCH, seed=1), "restored", {"real": PICTURES[:5]}
    ),
    "ccgan": Family(
        ccgan, with_labels, "restored", {"real": PICTURES[:5], "mask": (PICTURES[5:10] > 0).astype("float32")}
    ),
}
