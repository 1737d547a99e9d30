"""Every recipe of `GAN` in the table of presets, trained on MNIST for a short while: one row of the picture each.

    TFDS_DATA_DIR=... python -m recipes.gan_presets_mnist
    TFDS_DATA_DIR=... python -m recipes.gan_presets_mnist --presets=dcgan,wgan_gp --moves=9000

Networks are narrow, so that all of them take a quarter of an hour of one core. This shows that each recipe learns, not
which one is best: with so few moves those with a small learning rate or five moves of the discriminator a step have
hardly begun. Measured: the Frechet distance of 5,000 samples to test digits, by the features of a classifier of MNIST,
with training digits in their place beside it; of conditional recipes how often the classifier sees the class that was
asked for; of InfoGAN how often it sees the class that most examples of a code have; of the semi-supervised one how many
test digits the discriminator classifies rightly, of 1,000 labels.
"""

import time

import keras
import numpy as np
import tensorflow as tf
from absl import app, flags

from keras_gan import GAN, data, images, metrics, presets
from keras_gan.metrics import functional
from keras_gan.presets.two_players import TwoPlayers
from recipes import Record

SEED = flags.DEFINE_integer("seed", 0, "Of all.")
MOVES = flags.DEFINE_integer("moves", 2_400, "Moves of both players together.", lower_bound=2)
PRESETS = flags.DEFINE_list("presets", None, "Which. Default: all recipes of GAN.")

SHAPE, BATCH, CLASSES = (28, 28, 1), 64, 10
WIDTHS = {"dcgan": 16, "resnet": 16, "mlp": 256}
NETWORKS = {"ebgan": "mlp", "began": "mlp"}  # their discriminators are dense anyway
LABELLED = 1_000
COUNT, SHOWN = 5_000, 20


def batches(name: str, digits: data.Pictures) -> tf.data.Dataset:
    """What a preset is trained on: labels where it takes them, few of them where it needs but few."""
    if name != "sgan":
        return digits.dataset(BATCH, labels=presets.get(name).parts.labels == "required", seed=SEED.value)
    few = np.random.default_rng(SEED.value).permutation(len(digits.images))[:LABELLED]
    known = {"x": images.from_uint8(digits.images[few]), "y": digits.labels[few]}

    def join(x, y, u):
        return tf.concat([x, u], 0), tf.concat([y, tf.fill(tf.shape(y), -1)], 0)

    return data.unpaired(known, u=digits, batch_size=BATCH // 2, seed=SEED.value, transform=join)


def train(name: str, digits: data.Pictures) -> GAN:
    """The trained game of a preset."""
    preset = presets.get(name)
    network = NETWORKS.get(name, next(iter(preset.networks)))
    steps = max(1, MOVES.value // (1 + preset.discriminator_steps))
    labels = CLASSES if preset.parts.labels == "required" else None
    options = {"width": WIDTHS[network], "network": network, "labels": labels, "steps": steps, "seed": SEED.value}
    game = preset.build(SHAPE, ema=0.99, **options)  # an average in place of a longer run
    game.fit(batches(name, digits).repeat(), steps_per_epoch=steps, epochs=1, verbose=2)
    return game


def measure(name: str, game: GAN, classifier, real: np.ndarray, test: data.Pictures) -> tuple[dict, np.ndarray]:
    """The numbers of a trained game, and the samples for its row."""
    asked = np.arange(COUNT) % CLASSES
    labels = {"labels": asked} if game.takes_labels else {}
    made = game.generate(COUNT, seed=1, **labels)
    seen = classifier.all_probabilities(made).argmax(axis=-1)
    numbers = {"frechet": functional.frechet_distance_of_features(real, classifier.features(made))}
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
    return {f"{name}_{key}": value for key, value in numbers.items()}, made[:SHOWN]


def main(argv):
    del argv
    digits, test = data.read("mnist"), data.read("mnist", "test")
    classifier = metrics.digits_cnn(digits, test)
    real, alike = (classifier.features(images.from_uint8(each.images[:COUNT])) for each in (test, digits))
    names = PRESETS.value or [name for name in presets.names() if isinstance(presets.get(name).make, TwoPlayers)]
    record = Record(__file__, SEED.value, presets=names, moves=MOVES.value, widths=WIDTHS, batch=BATCH)
    numbers, rows = {"real_frechet": functional.frechet_distance_of_features(real, alike)}, []
    for name in names:
        began = time.process_time()
        game = train(name, digits)
        seconds = time.process_time() - began
        found, row = measure(name, game, classifier, real, test)
        numbers |= {**found, f"{name}_seconds": seconds}
        print(found, flush=True)
        rows.append(row)
        keras.backend.clear_session()
    record.stop()
    images.save_png(record.picture, images.grid(np.concatenate(rows), columns=SHOWN))
    record.write(
        numbers, {name: ">= 0.9" for name in ("acgan_class", "cgan_class", "sgan_accuracy") if name in numbers}
    )


if __name__ == "__main__":
    app.run(main)
