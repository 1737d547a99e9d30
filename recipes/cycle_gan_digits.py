"""A CycleGAN between digits and what is made of them: does it find the way back without having seen a pair?

    TFDS_DATA_DIR=... python -m recipes.cycle_gan_digits --map=negative
    TFDS_DATA_DIR=... python -m recipes.cycle_gan_digits --map=edges

Zhu et al., 2017 (https://arxiv.org/abs/1703.10593): its networks at 28 pixels, its objective and pool of 50 past
fakes, Adam with a rate that falls linearly to 0. `a` is one half of MNIST's training digits; `b` the other half, as
negatives or as edges (Sobel's gradient beyond 200 of 255), so that no digit is on both sides.

The number: how often a classifier of MNIST, trained on real digits alone, knows the digit in G_ba(b) of the test
digits; beside it how often it knows it in b as it is, and in the true digits.
"""

import keras
import numpy as np
from absl import app, flags

from keras_gan import data, images, metrics
from keras_gan.models import CycleGAN
from keras_gan.networks import patch_discriminator, resnet_translator
from recipes import Record

MAP = flags.DEFINE_enum("map", "negative", ["negative", "edges"], "What is made of the digits.")
SEED = flags.DEFINE_integer("seed", 0, "Of all.")
STEPS = flags.DEFINE_integer("steps", 800, "How many.", lower_bound=1)

SHAPE = (28, 28, 1)
MAPS = {"negative": lambda digits: 255 - digits, "edges": lambda digits: images.to_uint8(data.Edges()(digits).numpy())}
REQUIRED = {"negative": 0.97, "edges": 0.85}
SETTINGS = {
    "negative": {"rate": 2e-4, "cycle": 10.0, "identity": 0.0},
    # an exact way back from fakes is not asked for: which pixels are edges hangs on single grey values
    "edges": {"rate": 4e-4, "cycle": 2.0, "identity": 0.25},
}
TRANSLATOR = {"width": 16, "blocks": 2}
JUDGE = {"width": 32, "depth": 2, "normalization": None}  # normalised, it would not see how thick strokes are
BATCH = 16


def optimizer(rate: float) -> keras.optimizers.Optimizer:
    schedule = keras.optimizers.schedules.PolynomialDecay(rate, STEPS.value, 0.0)
    return keras.optimizers.Adam(schedule, beta_1=0.5)


def halves(digits: np.ndarray, change) -> tuple[np.ndarray, np.ndarray]:
    """Digits, and what is made of other ones."""
    order = np.random.default_rng(SEED.value).permutation(len(digits))
    first, second = np.split(digits[order], 2)
    return first, change(second)


def main(argv):
    del argv
    keras.utils.set_random_seed(SEED.value)
    change, settings = MAPS[MAP.value], SETTINGS[MAP.value]
    train, test = data.read("mnist"), data.read("mnist", "test")
    a, b = halves(train.images, change)
    pairs = data.unpaired(a=a, b=b, batch_size=BATCH, seed=SEED.value)
    options = {"translator": TRANSLATOR, "judge": JUDGE, "batch": BATCH, "steps": STEPS.value, **settings}
    record = Record(__file__, SEED.value, name=MAP.value, **options)
    game = CycleGAN(
        *(resnet_translator(SHAPE, **TRANSLATOR) for _ in range(2)),
        *(patch_discriminator(SHAPE, **JUDGE) for _ in range(2)),
        cycle=settings["cycle"],
        identity=settings["identity"],
        seed=SEED.value,
    )
    game.compile(
        generator_optimizer=optimizer(settings["rate"]),
        discriminator_optimizer=optimizer(settings["rate"]),
        reuse_fakes=True,  # both sides learn from the same translations
    )
    game.fit(pairs.repeat(), steps_per_epoch=max(1, STEPS.value // 10), epochs=min(10, STEPS.value), verbose=2)
    record.stop()

    true, given = (images.from_uint8(each) for each in (test.images, change(test.images)))
    made = game.make("fake_a", b=given)
    classifier = metrics.digits_cnn(train, test)
    numbers = {
        "accuracy": accuracy(classifier, made, test.labels),
        "accuracy_of_b": accuracy(classifier, given, test.labels),
        "accuracy_of_real": accuracy(classifier, true, test.labels),
        "distance_to_truth": np.abs(made - true).mean() / 2,  # in the range from black to white
        "distance_of_b": np.abs(given - true).mean() / 2,
    }
    show(game, true[:16], given[:16], record.picture)
    record.write(numbers, {"accuracy": f">= {REQUIRED[MAP.value]}"})


def accuracy(classifier: metrics.ModelExtractor, pictures: np.ndarray, labels: np.ndarray) -> float:
    return float((classifier.all_probabilities(pictures).argmax(axis=-1) == labels).mean())


def show(game: CycleGAN, a: np.ndarray, b: np.ndarray, path) -> None:
    """Columns of b, its translation, its way back and the truth; then of a, its translation and its way back."""
    columns = [b, game.make("fake_a", b=b), game.make("back_b", b=b), a]
    columns += [a, game.make("fake_b", a=a), game.make("back_a", a=a), b]
    rows = np.stack(columns, axis=1).reshape(-1, *SHAPE)
    images.save_png(path, images.grid(rows, columns=len(columns)))


if __name__ == "__main__":
    app.run(main)
