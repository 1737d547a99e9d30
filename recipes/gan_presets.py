"""Every preset of `GAN`, trained briefly, with a record each.

    python -m recipes.gan_presets --presets=dcgan                          # half a minute: dense players, 8x8 digits
    TFDS_DATA_DIR=... python -m recipes.gan_presets --dataset=mnist --presets=dcgan,wgan_gp   # convolutional ones

The runs show that a preset trains, not which one is best: presets with a small learning rate have hardly begun.

Measures: the Frechet distance between samples and test digits, in the features of a classifier of the data;
`_of_training_digits` is that of training digits. For conditional presets, how often the classifier finds the requested
class; for InfoGAN, how often it finds the most frequent class of a code; for the semi-supervised preset, the accuracy
of the discriminator on test digits, from 10 labels per class.
"""

import keras
import numpy as np
from absl import app, flags

from keras_gan import GAN, data, images, metrics, presets
from keras_gan.metrics import functional
from keras_gan.presets.two_players import TwoPlayers
from recipes import Record

SEED = flags.DEFINE_integer("seed", 0, "The seed of data, weights and training.")
DATASET = flags.DEFINE_enum("dataset", "digits", ["digits", "mnist"], "Training data.")
STEPS = flags.DEFINE_integer("steps", 2_000, "Training steps.", lower_bound=1)
PRESETS = flags.DEFINE_list("presets", None, "Presets to run. Default: all presets of GAN.")

BATCH, CLASSES, LABELLED = 64, 10, 100
WIDTHS = {"dcgan": 16, "resnet": 16, "mlp": 128}
EMA = 0.99  # an average, in place of a longer run with a smaller learning rate
COUNT, SHOWN = 5_000, 40


def train(name: str) -> GAN:
    """Returns the trained game of a preset."""
    preset = presets.get(name)
    few = LABELLED if preset.parts.few else None
    parts = preset.parts.read(presets.Sources(DATASET.value, labelled=few, seed=SEED.value))
    has_labels = preset.parts.labels == "required"
    batches = preset.parts.batches(parts, BATCH, SEED.value, labels=has_labels)
    shape = parts["real"].image_shape
    network = preset.defaults(shape[:2])["network"]
    options = {"width": WIDTHS[network], "labels": CLASSES if has_labels else None}
    game = preset.build(shape, ema=EMA, steps=STEPS.value, seed=SEED.value, **options)
    game.fit(batches.repeat(), steps_per_epoch=STEPS.value, epochs=1, verbose=2)
    return game


def measure(name: str, game: GAN, classifier, real: np.ndarray, test: data.Pictures) -> tuple[dict, np.ndarray]:
    """Returns the numbers of a trained game, and the samples for its row."""
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
    digits, test = data.read(DATASET.value), data.read(DATASET.value, "test")
    classifier = metrics.digits_cnn(digits, test)
    real, alike = (classifier.features(images.from_uint8(each.images[:COUNT])) for each in (test, digits))
    distance = functional.frechet_distance_of_features(real, alike)
    names = PRESETS.value or [name for name in presets.names() if isinstance(presets.get(name).make, TwoPlayers)]
    for name in names:
        record = Record(
            __file__, SEED.value, f"{DATASET.value}_{name}", steps=STEPS.value, width=WIDTHS, batch=BATCH, ema=EMA
        )
        game = train(name)
        record.stop()
        numbers, samples = measure(name, game, classifier, real, test)
        scale = max(1, 28 // samples.shape[1])
        images.save_png(record.picture, images.grid(samples, columns=10, scale=scale))
        required = {"class": ">= 0.9"} if "class" in numbers else {}
        record.write({**numbers, "frechet_distance_of_training_digits": distance}, required)
        keras.backend.clear_session()


if __name__ == "__main__":
    app.run(main)
