"""Every recipe of `GAN` in the table of presets, trained on MNIST for a short while: a record each.

    TFDS_DATA_DIR=... python -m recipes.gan_presets_mnist
    TFDS_DATA_DIR=... python -m recipes.gan_presets_mnist --presets=wgan_gp --steps=6000

Networks are narrow, so that each takes a minute or two of one core: this shows that a recipe learns, not which one is
best, and those with a small learning rate have hardly begun. Measured: the Frechet distance of 5,000 samples to test
digits, by the features of a classifier of MNIST, with training digits in their place beside it; of conditional recipes
how often the classifier sees the class that was asked for; of InfoGAN how often it sees the class that most examples of
a code have; of the semi-supervised one how many test digits the discriminator classifies rightly, of 1,000 labels.
"""

import keras
import numpy as np
from absl import app, flags

from keras_gan import GAN, data, images, metrics, presets
from keras_gan.metrics import functional
from keras_gan.presets.two_players import TwoPlayers
from recipes import Record

SEED = flags.DEFINE_integer("seed", 0, "Of all.")
STEPS = flags.DEFINE_integer("steps", 1_200, "How many.", lower_bound=1)
PRESETS = flags.DEFINE_list("presets", None, "Which. Default: all recipes of GAN.")

SHAPE, BATCH, CLASSES = (28, 28, 1), 64, 10
WIDTHS = {"dcgan": 16, "resnet": 16, "mlp": 256}
NETWORKS = {"ebgan": "mlp", "began": "mlp"}  # their discriminators are dense anyway
LABELLED, EMA = 1_000, 0.99  # an average, in place of a longer run with a smaller learning rate
COUNT, SHOWN = 5_000, 40


def train(name: str) -> GAN:
    """The trained game of a preset."""
    preset = presets.get(name)
    few = LABELLED if preset.parts.few else None
    parts = preset.parts.read(presets.Sources("mnist", labelled=few, seed=SEED.value))
    has_labels = preset.parts.labels == "required"
    batches = preset.parts.batches(parts, BATCH, SEED.value, labels=has_labels)
    network = NETWORKS.get(name, next(iter(preset.networks)))
    options = {"width": WIDTHS[network], "network": network, "labels": CLASSES if has_labels else None}
    game = preset.build(SHAPE, ema=EMA, steps=STEPS.value, seed=SEED.value, **options)
    game.fit(batches.repeat(), steps_per_epoch=STEPS.value, epochs=1, verbose=2)
    return game


def measure(name: str, game: GAN, classifier, real: np.ndarray, test: data.Pictures) -> tuple[dict, np.ndarray]:
    """The numbers of a trained game, and the samples for its row."""
    asked = np.arange(COUNT) % CLASSES
    labels = {"labels": asked} if game.takes_labels else {}
    made = game.generate(COUNT, seed=1, **labels)
    seen = classifier.all_probabilities(made).argmax(axis=-1)
    numbers = {"frechet_distance": functional.frechet_distance_of_features(real, classifier.features(made))}
    if labels:
        numbers["class"] = float((seen == asked).mean())
    if name == "infogan":
        rng = np.random.default_rng(1)
        codes = np.concatenate(
            [rng.normal(size=(COUNT, 62)), np.eye(CLASSES)[asked], rng.uniform(-1, 1, (COUNT, 2))], axis=1
        )
        made = game.make("fake", latents=codes.astype("float32"))
        seen = classifier.all_probabilities(made).argmax(axis=-1)
        numbers["code"] = float(
            np.mean([np.bincount(seen[asked == code]).max() / (asked == code).sum() for code in range(CLASSES)])
        )
    if name == "sgan":
        said = game.discriminator.predict(images.from_uint8(test.images), batch_size=500, verbose=0)["output"]
        numbers["accuracy"] = float((said.argmax(axis=-1) == test.labels).mean())
    return numbers, made[:SHOWN]


def main(argv):
    del argv
    digits, test = data.read("mnist"), data.read("mnist", "test")
    classifier = metrics.digits_cnn(digits, test)
    real, alike = (classifier.features(images.from_uint8(each.images[:COUNT])) for each in (test, digits))
    distance = functional.frechet_distance_of_features(real, alike)
    names = PRESETS.value or [name for name in presets.names() if isinstance(presets.get(name).make, TwoPlayers)]
    for name in names:
        record = Record(__file__, SEED.value, name, steps=STEPS.value, width=WIDTHS, batch=BATCH, ema=EMA)
        game = train(name)
        record.stop()
        numbers, samples = measure(name, game, classifier, real, test)
        images.save_png(record.picture, images.grid(samples, columns=10))
        bars = {"class": ">= 0.9", "accuracy": ">= 0.9"}
        required = {key: bar for key, bar in bars.items() if key in numbers}
        record.write({**numbers, "frechet_distance_of_training_digits": distance}, required)
        keras.backend.clear_session()


if __name__ == "__main__":
    app.run(main)
