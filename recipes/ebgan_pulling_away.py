"""Energy-based GANs on MNIST, over a small grid of networks and margins, with and without the pulling-away term.

    TFDS_DATA_DIR=... python -m recipes.ebgan_pulling_away            # 16 runs, some minutes of one core
    python -m recipes.ebgan_pulling_away --smoke                      # some seconds, no record

Paper: Zhao et al., 2017 (https://arxiv.org/abs/1609.03126), section 4.1. Its grid has 512 pairs of dense networks and a
margin of 10, and compares EBGAN with GAN. This grid has one or two hidden layers and two widths, the same for both
players, and two margins of the mean error per pixel, and compares EBGAN with and without the term, of which the paper
shows samples on MNIST (figure 4), without numbers.

Settings: the weight of the term is the paper's 0.1; 64 normal latents; a code of a quarter of the width; batch
normalization in the generator; Adam of 1e-3, beta_1 0.5.

Measures, as means over the grid, `_of_plain` and `_of_pulling_away`; `_of_real` are those of training digits:

- `score`: the paper's, E KL(p(y) || p(y | x)) of a digit classifier, with probabilities of at least 1e-7.
- `coverage`: the share of 5,000 test digits that have a sample nearer than their fifth nearest test digit, in features.
- `class_kl`: the divergence of the samples' classes from equal shares.
- The Frechet distance in features of the classifier.
- `pairs_won`: the number of settings whose score is higher with the term.

Result: with one seed and 3,000 steps per run, five epochs, no effect is seen: the mean score differs by -0.13, with a
standard error of 0.11 over the eight settings. It is higher with the term only in the two settings of two layers of 256
units (by 0.22 and 0.27), the nearest to the paper's networks, where more digits are covered too.
"""

import itertools

import keras
import numpy as np
from absl import app, flags

from keras_gan import GAN, data, images, networks
from keras_gan.ground import plots
from keras_gan.metrics import Extractor
from keras_gan.metrics.functional import density_coverage, frechet_distance_of_features
from recipes import Record, runs

SEED = flags.DEFINE_integer("seed", 0, "The seed of data, weights and training.")
STEPS = flags.DEFINE_integer("steps", 3_000, "Training steps per run.", lower_bound=1)
WORK = flags.DEFINE_string("work", None, "Folder of finished runs and checkpoints. Default: a folder in runs/.")
SMOKE = flags.DEFINE_boolean("smoke", False, "Run a few steps of small players on noise.")

LAYERS, WIDTHS, MARGINS, WEIGHTS = (1, 2), (128, 256), (0.3, 1.0), {"plain": 0.0, "pulling_away": 0.1}
LATENTS, SHAPE, BATCH, RATE, COUNT, EACH = 64, (28, 28, 1), 100, 1e-3, 5_000, 500
PUBLISHED = {"pulling_away": "Meant against samples that are alike (section 2.4); samples of MNIST in figure 4."}


def build(depth: int, width: int, margin: float, weight: float) -> GAN:
    keras.utils.set_random_seed(SEED.value)
    hidden = (width,) * depth
    generator = networks.mlp_generator(LATENTS, SHAPE, hidden=hidden, normalization="batch", output_activation="tanh")
    judge = networks.autoencoder_discriminator(SHAPE, code=max(4, width // 4), hidden=hidden)
    gan = GAN(generator, judge, LATENTS, seed=SEED.value)
    objective = f"energy_margin(margin={margin})" + (f" + {weight} * pulling_away" if weight else "")
    gan.compile(objective, *(keras.optimizers.Adam(RATE, beta_1=0.5) for _ in range(2)), **runs.pace(SMOKE.value))
    return gan


class Measure:
    """Measures of pictures in [-1, 1], beside test pictures."""

    def __init__(self, classifier: Extractor, test: np.ndarray):
        self.classifier, self.real = classifier, classifier.features(test)

    def __call__(self, made: np.ndarray) -> dict[str, float]:
        features, p = self.classifier.features(made), np.clip(self.classifier.all_probabilities(made), 1e-7, 1)
        mean = p.mean(axis=0)
        shares = np.bincount(p.argmax(axis=1), minlength=len(mean)) / len(p)
        known = shares[shares > 0]
        return {
            "score": float((mean * np.log(mean / p)).sum(axis=1).mean()),
            "coverage": float(density_coverage(self.real, features).coverage),
            "class_kl": float((known * np.log(known * len(mean))).sum()),
            "frechet_distance": float(frechet_distance_of_features(self.real, features)),
        }


def table(found: list[dict], real: dict[str, float]) -> dict[str, float]:
    """Returns the means over the grid of both kinds, those of real digits, and how often the term scores higher."""
    numbers = {f"{name}_of_real": value for name, value in real.items()}
    for kind, name in itertools.product(WEIGHTS, real):
        numbers[f"{name}_of_{kind}"] = float(np.mean([run[name] for run in found if run["kind"] == kind]))
    scores = [[run["score"] for run in found if run["kind"] == kind] for kind in WEIGHTS]
    won = sum(b > a for a, b in zip(*scores, strict=True))
    return numbers | {"pairs_won": won, "score_gain": numbers["score_of_pulling_away"] - numbers["score_of_plain"]}


def main(argv):
    del argv
    work = runs.folder(WORK.value, f"ebgan_pulling_away_{SEED.value}", SMOKE.value)
    pictures, test, classifier = runs.judge("mnist", SMOKE.value)
    grid = [(1, 8, 1.0)] if SMOKE.value else list(itertools.product(LAYERS, WIDTHS, MARGINS))
    each, count = (1, 64) if SMOKE.value else (min(EACH, STEPS.value), COUNT)
    epochs = 1 if SMOKE.value else max(1, STEPS.value // each)
    settings = {
        "grid": {"layers": LAYERS, "widths": WIDTHS, "margins": MARGINS},
        "steps": each * epochs,
        "batch": BATCH,
    }
    record = Record(__file__, SEED.value, None, work if SMOKE.value else None, **settings, weight=0.1, rate=RATE)
    alike, real = (images.from_uint8(each.images[:count]) for each in (pictures, test))
    measure, finished = Measure(classifier, real), runs.Runs(work / "runs.json")
    batches = data.batches(images.from_uint8(pictures.images), BATCH, seed=SEED.value)

    def play(place, *setting):
        gan = build(*setting)
        clock = runs.train(gan, batches, place, epochs=epochs, steps=each)
        made = gan.generate(count, seed=1)
        images.save_png(place / "samples.png", images.grid(made[:20], columns=10))
        keras.backend.clear_session()
        return {**measure(made), **clock.seconds}

    found = []
    for depth, width, margin in grid:
        for kind, weight in WEIGHTS.items():
            place = work / f"{kind}_{depth}_{width}_{margin:g}_{each * epochs}"
            names = {"kind": kind, "layers": depth, "width": width, "margin": margin, "steps": each * epochs}
            found.append(finished.once(lambda: play(place, depth, width, margin, weight), **names))  # noqa: B023
    record.stop(*(sum(run[name] for run in found) for name in ("wall", "processor")))
    scores = {kind: [run["score"] for run in found if run["kind"] == kind] for kind in WEIGHTS}
    covered = {kind: [run["coverage"] for run in found if run["kind"] == kind] for kind in WEIGHTS}
    images.save_png(record.picture, plots.curves({"score": scores, "coverage": covered}, "setting of the grid"))
    numbers = table(found, measure(alike))
    record.write(numbers, {"score_gain": "> 0"}, PUBLISHED, runs=found)


if __name__ == "__main__":
    app.run(main)
