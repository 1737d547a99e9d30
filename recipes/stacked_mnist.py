"""Stacked MNIST: the modes of 1,000 triples of digits, with a discriminator of a quarter of the size.

    TFDS_DATA_DIR=... python -m recipes.stacked_mnist                                 # some hours of one core
    TFDS_DATA_DIR=... python -m recipes.stacked_mnist --objective=packed2
    TFDS_DATA_DIR=... python -m recipes.stacked_mnist --objective=relativistic
    python -m recipes.stacked_mnist --smoke                                           # some seconds, no record

Paper: PacGAN (Lin et al., 2018, https://arxiv.org/abs/1712.04086), with the networks of Unrolled GAN (Metz et al.,
2017, https://arxiv.org/abs/1611.02163): 78.5 +- 17.6 modes for a GAN and 484.5 +- 33.0 with packs of two, standard
errors of 50 runs, after 500,000 steps. R3GAN (Huang et al., 2024, https://arxiv.org/abs/2501.05441) reports 1,000 modes
and a divergence of 0.029 nats, with larger networks.

As in PacGAN's program:

- Data: three random training digits, one per colour; new triples in each step.
- Networks: a dense layer to 64 maps, transposed convolutions to 32, 16 and 8, and a convolution in the generator;
  convolutions of 2, 4 and 8 maps in the discriminator; batch normalization in both; 256 normal latents.
- Objective: non-saturating; the generator is trained on the fakes that the discriminator was just trained on.
- Optimizers: Adam of 1e-4 for the generator and 2e-4 for the discriminator, beta_1 0.5, beta_2 0.99; batches of 128
  packs.
- Measure: modes that a digit classifier, applied per colour, finds in 25,600 samples; `kl` is the divergence in nats of
  the shares of modes from equal shares. `_of_real` are the numbers of as many triples of test digits.

Different from it:

- Samples are made with moving averages of the batch statistics, where the program uses those of the batch.
- A pack is normalized as one batch, where the program normalizes each of its parts.
- The classifier is another one, with dropout.
- Runs have fewer steps: see the result.

`--objective=relativistic` is the objective of R3GAN with these networks: relativistic pairs with penalties R1 and R2 of
weight 10. Batch normalization does not fit penalties: the discriminator has none, and He initialization instead. In
trials it needed larger rates to keep up with the generator: Adam of 5e-4 and 5e-3 with beta_1 0. Samples are those of a
moving average of the generator, of decay 0.9995.

Result: all runs are much shorter than PacGAN's, and have one seed each, where the paper has the mean of 50. After
15,000 steps the plain game and that with packs of two both have 295 modes: the gain of packing is not repeated with
this budget, nor is the paper's number for the plain game, although 295 meets the requirement of 60. The samples of the
plain game do not look like digits yet, so that its number, between 130 and 253 at earlier measures, says little. With
packs of two there are 254 modes after 50,000 steps, 10 % of PacGAN's. The number changes by up to 289 from one measure
to the next, with 369 on average over the last ten measures and 543 at most, and misses 450; the samples are rough
digits in nearly one hue. The relativistic game finds 996 modes after 15,000 steps, with 964 to 986 at earlier measures,
and its samples look like digits. Its divergence is 0.53 nats, 18 times R3GAN's 0.029; real digits have 0.024.
"""

from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf
from absl import app, flags

from keras_gan import GAN, data, images, objectives
from keras_gan.ground import plots
from keras_gan.layers import BatchNormalization
from keras_gan.metrics.functional.modes import modes_of_counts
from recipes import Record, runs


class Way(NamedTuple):
    """How a game is played.

    Attributes:
        objective: A name.
        packing: How many triples the discriminator sees at once.
        rates: Of the generator's and the discriminator's Adam.
        beta_1: Of both.
        penalties: The weight of those on the gradients at real and fake triples, beside which the discriminator has no
            batch normalization. None for none.
        ema: The decay of the generator's average.
    """

    objective: str = "non_saturating"
    packing: int = 1
    rates: tuple[float, float] = (1e-4, 2e-4)
    beta_1: float = 0.5
    penalties: float | None = None
    ema: float | None = None


OBJECTIVES = {
    "non_saturating": Way(),
    "packed2": Way(packing=2),
    "relativistic": Way("relativistic_paired", 1, (5e-4, 5e-3), 0.0, 10.0, 0.9995),
}
OBJECTIVE = flags.DEFINE_enum("objective", "non_saturating", list(OBJECTIVES), "Objective, with or without packing.")
SEED = flags.DEFINE_integer("seed", 0, "The seed of data, weights and training.")
STEPS = flags.DEFINE_integer("steps", 500_000, "Training steps.", lower_bound=1)
WORK = flags.DEFINE_string("work", None, "Folder of checkpoints. Default: a folder in runs/.")
SMOKE = flags.DEFINE_boolean("smoke", False, "Run a few steps of small players on few digits.")

LATENTS, BATCH, SECOND, SAMPLES, EACH = 256, 128, 0.99, 25_600, 2_500
PLACES = 1_280_000  # in an epoch of the data; another order of them draws other triples
PUBLISHED = {
    "non_saturating": {"modes": 78.5},
    "packed2": {"modes": 484.5},
    "relativistic": {"modes": 1000.0, "kl": 0.029},
}
REQUIRED = {"non_saturating": ">= 60", "packed2": ">= 450", "relativistic": ">= 990"}
layers = keras.layers
START, NARROW = keras.initializers.RandomNormal(stddev=0.02), keras.initializers.TruncatedNormal(stddev=0.02)


def generator() -> keras.Model:
    """Maps of 4, 7, 14 and 28 pixels per side."""
    z = keras.Input((LATENTS,))
    y = layers.Reshape((4, 4, 64))(layers.Dense(4 * 4 * 64, kernel_initializer=START.clone())(z))
    y = layers.ReLU()(normalized(y))
    for i, maps in enumerate((32, 16, 8)):
        y = layers.Conv2DTranspose(maps, 3, 2, "same", kernel_initializer=START.clone())(y)
        y = y if i else layers.Cropping2D(((1, 0), (1, 0)))(y)  # 8 to 7, as TensorFlow pads
        y = layers.ReLU()(normalized(y))
    y = layers.Conv2D(3, 3, padding="same", kernel_initializer=NARROW.clone())(y)
    return keras.Model(z, layers.Activation("tanh", dtype="float32")(y), name="generator")


def discriminator(packing: int, normalizes: bool) -> keras.Model:
    """Returns a quarter of the widths that mirror the generator's."""
    x = y = keras.Input((28, 28, 3 * packing))
    for maps in (2, 4, 8):
        y = layers.Conv2D(maps, 3, 2, "same", kernel_initializer=NARROW.clone() if normalizes else "he_normal")(y)
        y = layers.LeakyReLU(0.3)(normalized(y) if normalizes else y)
    score = layers.Dense(1, kernel_initializer=START.clone(), dtype="float32")
    return keras.Model(x, score(layers.Flatten()(y)), name="discriminator")


def normalized(x: keras.KerasTensor) -> keras.KerasTensor:
    return BatchNormalization(momentum=0.9, epsilon=1e-5)(x)


def game(way: Way) -> GAN:
    keras.utils.set_random_seed(SEED.value)
    judge = discriminator(way.packing, normalizes=way.penalties is None)
    gan = GAN(generator(), judge, LATENTS, seed=SEED.value, packing=way.packing, ema=way.ema)
    objective = objectives.get(way.objective)
    if way.penalties:
        objective = objective + way.penalties * objectives.R1() + way.penalties * objectives.R2()
    optimizers = [keras.optimizers.Adam(rate, beta_1=way.beta_1, beta_2=SECOND, epsilon=1e-8) for rate in way.rates]
    gan.compile(objective, *optimizers, reuse_fakes=True, **runs.pace(SMOKE.value, dense=False))
    return gan


def stacked(pictures: data.Pictures, count: int) -> tf.data.Dataset:
    """Returns batches of triples of digits, as colours; the places of a batch in the data seed the triples."""
    digits = tf.constant(pictures.images[..., 0])

    def draw(places):
        shape = (tf.shape(places)[0], 3)
        drawn = tf.random.stateless_uniform(shape, places[:2], maxval=len(pictures.images), dtype=tf.int32)
        found = tf.transpose(tf.gather(digits, drawn), (0, 2, 3, 1))
        return tf.cast(found, tf.float32) / 127.5 - 1

    batch = BATCH * OBJECTIVES[OBJECTIVE.value].packing
    return data.batches(np.arange(count, dtype="int32"), batch, seed=SEED.value, transform=draw)


def modes_of(pictures: np.ndarray, classifier) -> dict[str, float]:
    """Returns how many of the thousand triples are there, and the divergence of their shares from equal ones."""
    digits = np.moveaxis(pictures, -1, 1).reshape(-1, 28, 28, 1)
    classes = classifier.all_probabilities(digits).argmax(axis=1).reshape(-1, 3)
    counts = np.bincount(classes @ [100, 10, 1], minlength=1000)
    found = modes_of_counts(counts, len(pictures), np.full(1000, 1e-3))
    return {"modes": found.modes, "kl": found.kl}


def main(argv):
    del argv
    way, name = OBJECTIVES[OBJECTIVE.value], f"{OBJECTIVE.value}_{SEED.value}"
    work = runs.folder(WORK.value, f"stacked_mnist_{name}", SMOKE.value)
    digits, test, classifier = runs.judge("mnist", SMOKE.value)
    each, epochs = (1, 1) if SMOKE.value else (min(EACH, STEPS.value), max(1, STEPS.value // EACH))
    settings = way._asdict() | {"beta_2": SECOND, "batch": BATCH * way.packing, "steps": each * epochs}
    record = Record(__file__, SEED.value, name, work if SMOKE.value else None, **settings, reuse_fakes=True)
    samples = 64 if SMOKE.value else SAMPLES

    def measure(gan):
        return modes_of(gan.generate(samples, seed=1), classifier)

    curve = runs.Curve(measure, max(1, epochs // 50), keeps=("d_loss", "g_loss"))
    gan, batches = game(way), stacked(digits, 1024 if SMOKE.value else PLACES)
    record.stop(**runs.train(gan, batches, work, epochs=epochs, steps=each, callbacks=(curve,)).seconds)

    triples = np.random.default_rng(1).integers(len(test.images), size=(samples, 3))
    real = modes_of(images.from_uint8(np.moveaxis(test.images[triples, :, :, 0], 1, -1)), classifier)
    numbers = measure(gan) | {f"{name}_of_real": value for name, value in real.items()}
    grid = images.grid(gan.generate(50, seed=2), columns=10)
    modes = {"modes of 1,000": {OBJECTIVE.value: [row["modes"] for row in curve.rows]}}
    lines = plots.curves(modes, "step", [row["step"] for row in curve.rows])
    images.save_png(record.picture, images.grid(images.beside([grid[None], lines[None]]), columns=2))
    record.write(numbers, {"modes": REQUIRED[OBJECTIVE.value]}, PUBLISHED[OBJECTIVE.value], curve=curve.rows)


if __name__ == "__main__":
    app.run(main)
