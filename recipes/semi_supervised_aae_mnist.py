"""A semi-supervised adversarial autoencoder: a classifier of MNIST from a few labels and 60,000 digits without labels.

    TFDS_DATA_DIR=... python -m recipes.semi_supervised_aae_mnist --labels=100 --steps=2500
    TFDS_DATA_DIR=... python -m recipes.semi_supervised_aae_mnist --labels=1000

Paper: Makhzani et al., 2016 (https://arxiv.org/abs/1511.05644), section 5.

As in the paper: two hidden layers per player, a categorical code of ten classes and a style of ten numbers.

Different from it:

- The encoder is trained on noisy digits that are randomly rotated, sheared, scaled and shifted, and its code is decoded
  to the original digit. An example without a label thus keeps its class under these transformations.
- Networks: 500 units per hidden layer in encoder and decoder, in place of 1,000, and 256 in the discriminators.
- R1 on the discriminators, a moving average of the weights, and Adam with rates that decay to 0.

Measures: the accuracy on the 10,000 test digits; `nearest_accuracy` is that of the nearest labelled digit. The labelled
digits, equally many of each class, are chosen by the seed.

Result (one seed): with 100 labels the accuracy is 93.8 % after 2,500 steps, with 1,000 labels 97.7 % after 5,000; the
nearest labelled digit has 73.8 and 88.8 %. In trials the accuracy was lower without the transformations.
"""

import keras
import numpy as np
import tensorflow as tf
from absl import app, flags

from keras_gan import data, images, objectives
from keras_gan.models import SemiSupervisedAAE
from keras_gan.networks import mlp_discriminator, mlp_encoder, mlp_generator, with_head
from recipes import Record
from recipes.bent import Bent

LABELS = flags.DEFINE_integer("labels", 100, "Number of labelled training digits.", lower_bound=10)
SEED = flags.DEFINE_integer("seed", 0, "The seed of data, weights and training.")
STEPS = flags.DEFINE_integer("steps", 5_000, "Training steps.", lower_bound=1)
RATES = flags.DEFINE_list("rates", ["3e-4", "5e-4", "1e-3", "1e-3"], "Learning rates of the four sides.")
NOISE = flags.DEFINE_float("noise", 0.3, "Standard deviation of the noise on the encoder's input in training.")
BEND = flags.DEFINE_float("bend", 0.15, "Strength of the random rotation, shear and scaling of the encoder's input.")
MOVE = flags.DEFINE_float("move", 1.0, "Largest random shift of the encoder's input, in pixels.")
R1 = flags.DEFINE_float("r1", 0.1, "Weight of the R1 penalty.")

SIDE, STYLE, CLASSES, WIDTH, BATCH, LABELLED, EMA = 28, 10, 10, 500, 100, 50, 0.999
PIXELS, HIDDEN = SIDE**2, (WIDTH, WIDTH)


def encoder() -> keras.Model:
    """Sees bent and noisy digits in training, and has a head for the class."""
    plain = with_head(mlp_encoder((PIXELS,), STYLE, hidden=HIDDEN), "hidden_2", CLASSES, "class_logits")
    x = keras.Input((PIXELS,))
    bent = Bent(BEND.value, MOVE.value)(keras.layers.Reshape((SIDE, SIDE, 1))(x))
    seen = keras.layers.GaussianNoise(NOISE.value)(keras.layers.Reshape((PIXELS,))(bent))
    return keras.Model(x, plain(seen), name="encoder")


def digits(split: str) -> tuple[np.ndarray, np.ndarray]:
    pictures = data.read("mnist", split)
    return images.from_uint8(pictures.images.reshape(-1, PIXELS), (0, 1)), pictures.labels.astype("int32")


def few(labels: np.ndarray, count: int) -> np.ndarray:
    """Returns the places of `count` examples, as many of each class."""
    rng = np.random.default_rng(SEED.value)
    return np.concatenate([rng.permutation(np.flatnonzero(labels == i))[: count // CLASSES] for i in range(CLASSES)])


def joined(real, labelled, labels):
    """Returns a batch: digits without labels, then some with."""
    none = -tf.ones(len(real), labels.dtype)
    return tf.concat([real, labelled[:LABELLED]], axis=0), tf.concat([none, labels[:LABELLED]], axis=0)


def nearest_accuracy(known: np.ndarray, labels: np.ndarray, test: np.ndarray, true: np.ndarray) -> float:
    distances = (known**2).sum(axis=1) - 2 * test @ known.T
    return float((labels[distances.argmin(axis=1)] == true).mean())


def main(argv):
    del argv
    keras.utils.set_random_seed(SEED.value)
    (x, y), (test, true) = digits("train"), digits("test")
    chosen = few(y, LABELS.value)
    rates = dict(
        zip(("reconstruction", "discriminator", "generator", "classification"), map(float, RATES.value), strict=True)
    )
    settings = {"width": WIDTH, "style": STYLE, "batch": [BATCH, LABELLED], "steps": STEPS.value, "rates": rates}
    settings |= {"noise": NOISE.value, "bend": BEND.value, "move": MOVE.value, "r1": R1.value, "ema": EMA}
    settings |= {"optimizers": "Adam(CosineDecay(rate), beta_1=0.5)"}
    record = Record(__file__, SEED.value, str(LABELS.value), **settings)
    judges = (mlp_discriminator((n,), hidden=(256, 256)) for n in (STYLE, CLASSES))
    decoder = mlp_generator(STYLE + CLASSES, (PIXELS,), hidden=HIDDEN, output_activation="sigmoid", name="decoder")
    game = SemiSupervisedAAE(encoder(), decoder, *judges, STYLE, CLASSES, seed=SEED.value, ema=EMA)
    game.compile(
        game.default_objective + R1.value * objectives.R1(),
        jit_compile=True,
        steps_per_execution=8,
        **{
            f"{side}_optimizer": keras.optimizers.Adam(
                keras.optimizers.schedules.CosineDecay(rate, STEPS.value), beta_1=0.5
            )
            for side, rate in rates.items()
        },
    )
    together = {"labelled": x[chosen], "labels": y[chosen]}
    batches = data.unpaired(together, real=x, batch_size=BATCH, seed=SEED.value, transform=joined).repeat()
    each = max(1, STEPS.value // 10)
    watch = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: print("accuracy", accuracy(game, test, true), flush=True)
    )
    game.fit(batches, steps_per_epoch=each, epochs=10, verbose=2, callbacks=[watch])
    record.stop()

    numbers = {"accuracy": accuracy(game, test, true)}
    numbers["nearest_accuracy"] = nearest_accuracy(x[chosen], y[chosen], test, true)
    numbers["squared_error"] = float(np.mean((game.make("decoded", real=test) - test) ** 2))
    show(game, test[:10], record.picture)
    record.write(numbers, {"accuracy": ">= 0.9" if LABELS.value < 1000 else ">= 0.95"})


def accuracy(game: SemiSupervisedAAE, test: np.ndarray, true: np.ndarray) -> float:
    return float((game.make("classes", real=test).argmax(axis=1) == true).mean())


def show(game: SemiSupervisedAAE, test: np.ndarray, path) -> None:
    """Draws a row for each test digit: the digit, its reconstruction, and the ten digits in its style."""
    style, classes = (
        np.repeat(game.make("encoded.output", real=test), CLASSES, axis=0),
        np.eye(CLASSES, dtype="float32"),
    )
    made = game.make("fake", latents=style, one_hot=np.tile(classes, (len(test), 1))).reshape(len(test), CLASSES, -1)
    rows = np.concatenate([test[:, None], game.make("decoded", real=test)[:, None], made], axis=1)
    images.save_png(path, images.grid(rows.reshape(-1, 28, 28, 1), columns=CLASSES + 2, value_range=(0, 1)))


if __name__ == "__main__":
    app.run(main)
