"""Anomaly detection by a BiGAN that is trained on nine of the ten digits of MNIST.

    TFDS_DATA_DIR=... python -m recipes.bigan_anomaly

Paper: Zenati et al., 2018 (https://arxiv.org/abs/1802.06222).

Each digit in turn is left out of training. Its test digits are then the anomalies among the 10,000 test digits, and
`area` is the area under the ROC curve of the anomaly score, as the mean over the ten digits. The score is
`layers.AnomalyScore` with the features of the discriminator's last hidden layer.

Settings: players and objective of `recipes.bigan_mnist`, with four differences. Players are updated in turn. Codes have
12 numbers, so that they cannot describe everything; generator and encoder also minimise the distance of G(E(x)) to x;
features have a weight of 0.9 in the score, where the paper gives 0.1 to the discriminator.

Measures: `_of_reconstruction`, `_of_features` and `_of_score` are the areas of |x - G(E(x))|, of the distance of
features and of -D(x, E(x)) alone. The last one is at chance level: it follows the amount of ink. `_of_components` is
the area of the squared reconstruction error of 20 principal components of the same training digits, the best number of
2, 5, 10, 20, 30, 40, 50, 60, 80, 100, 150, 200 and 300 for the mean area of *test* digits. Code size, objective and
weight were chosen by the areas of two or three of the ten digits, in short runs. The paper reports areas under the
precision-recall curve, which cannot be compared.

Result (one seed): a mean area of 0.742, where principal components have 0.707. Without 1 it is 0.41, below chance;
principal components have 0.37 there.
"""

import keras
import numpy as np
from absl import app, flags
from matplotlib.figure import Figure

from keras_gan import data, images, latents
from keras_gan.ground import plots
from keras_gan.models import BiGAN
from keras_gan.networks import with_features
from recipes import Record

SEED = flags.DEFINE_integer("seed", 0, "The seed of data, weights and training.")
STEPS = flags.DEFINE_integer("steps", 500, "Training steps for each digit.", lower_bound=1)
WEIGHT = flags.DEFINE_float("weight", 0.9, "Weight of the discriminator's part in the anomaly score.")
OBJECTIVE = flags.DEFINE_string(
    "objective",
    "swapped(relativistic_paired) + 3 * (r1 + r2) + 100 * distance(back, real, norm=2)",
    "Objective.",
)

PIXELS, CODE, WIDTH, BATCH, RATE, DECAY, EMA, COMPONENTS = 784, 12, 256, 128, 1e-3, 2.5e-5, 0.995, 20
layers = keras.layers


def maker(inputs: int, outputs: int, activation: str, name: str) -> keras.Model:
    """Returns two hidden layers, the second one normalized."""
    x = start = keras.Input((inputs,))
    x = layers.LeakyReLU(0.2)(layers.Dense(WIDTH)(x))
    x = layers.BatchNormalization(momentum=0.9, scale=False)(layers.Dense(WIDTH)(x))
    x = layers.Dense(outputs)(layers.LeakyReLU(0.2)(x))
    return keras.Model(start, layers.Activation(activation, dtype="float32")(x), name=name)


def discriminator() -> keras.Model:
    """Judges pictures with their codes, and shows its last hidden layer."""
    x, z = keras.Input((PIXELS,)), keras.Input((CODE,))
    y = layers.Concatenate()([x, z])
    for i in range(2):
        y = layers.LeakyReLU(0.2, name=f"hidden_{i + 1}")(layers.Dense(WIDTH)(y))
    return with_features(keras.Model([x, z], layers.Dense(1)(y), name="discriminator"), "hidden_2")


def digits(split: str) -> tuple[np.ndarray, np.ndarray]:
    pictures = data.read("mnist", split)
    return images.from_uint8(pictures.images.reshape(-1, PIXELS), (0, 1)), pictures.labels


def untrained() -> BiGAN:
    keras.utils.set_random_seed(SEED.value)
    makers = maker(CODE, PIXELS, "sigmoid", "generator"), maker(PIXELS, CODE, "linear", "encoder")
    options = {"anomaly_weight": WEIGHT.value, "seed": SEED.value, "ema": EMA}
    game = BiGAN(*makers, discriminator(), latents.Uniform(CODE), **options)
    rates = {f"{side}_optimizer": optimizer() for side in game.sides}
    game.compile(OBJECTIVE.value, **rates, reuse_fakes=True, steps_per_execution=8, jit_compile=True)
    return game


def train(game: BiGAN, start: list[np.ndarray], x: np.ndarray) -> None:
    """Trains a game on some digits from the state that it had at first: to compile it takes as long as to train it."""
    for variable, value in zip((*game.variables, *game.optimizer.variables), start, strict=True):
        variable.assign(value)
    game.fit(data.batches(x, BATCH, seed=SEED.value).repeat(), steps_per_epoch=STEPS.value, verbose=2)


def optimizer() -> keras.optimizers.Optimizer:
    rate = keras.optimizers.schedules.CosineDecay(RATE, STEPS.value)
    return keras.optimizers.AdamW(rate, weight_decay=DECAY, beta_1=0.0, beta_2=0.99)


def components_error(x: np.ndarray, test: np.ndarray) -> np.ndarray:
    """Returns the squared error of what principal components of `x` reconstruct of the test digits."""
    mean = x.mean(axis=0)
    _, vectors = np.linalg.eigh((x - mean).T @ (x - mean))
    kept = vectors[:, -COMPONENTS:]
    return ((test - mean - (test - mean) @ kept @ kept.T) ** 2).sum(axis=1)


def area(scores: np.ndarray, strange: np.ndarray) -> float:
    """Returns the area under the ROC curve: the chance that a strange example has a larger score than another one."""
    order = np.sort(scores[~strange])
    below, equal = (np.searchsorted(order, scores[strange], side=side) for side in ("left", "right"))
    return float((below + equal).mean() / (2 * len(order)))


def show(scores: list[np.ndarray], labels: np.ndarray, areas: list[float], path) -> None:
    """Draws the histograms of scores for each digit that was left out, and both areas."""
    figure = Figure(figsize=(12, 5), dpi=90, layout="tight")
    for digit, each in enumerate(scores):
        axes = figure.add_subplot(2, 5, digit + 1, title=f"without {digit}: {areas[digit]:.2f}", yticks=[])
        bins = np.linspace(*np.quantile(each, [0.001, 0.999]), 50)
        axes.hist(each[labels != digit], bins, density=True, color=plots.REAL, label="the other nine")
        axes.hist(
            each[labels == digit], bins, density=True, histtype="step", linewidth=2, color=plots.FAKE, label=digit
        )
        axes.legend(frameon=False, fontsize=8)
    images.save_png(path, plots.pixels(figure))


def main(argv):
    del argv
    (x, y), (test, labels) = digits("train"), digits("test")
    settings = {
        "objective": OBJECTIVE.value,
        "code": CODE,
        "width": WIDTH,
        "batch": BATCH,
        "steps": STEPS.value,
        "ema": EMA,
    }
    optimizers = f"AdamW(CosineDecay({RATE}), weight_decay={DECAY}, beta_1=0, beta_2=0.99)"
    record = Record(__file__, SEED.value, **settings, optimizers=optimizers, weight=WEIGHT.value)
    game = untrained()
    start = [variable.numpy() for variable in (*game.variables, *game.optimizer.variables)]
    scores, areas = [], {"": [], "_of_reconstruction": [], "_of_features": [], "_of_score": [], "_of_components": []}
    for digit in range(10):
        known, strange = x[y != digit], labels == digit
        train(game, start, known)
        scores.append(game.anomaly_score(test))
        residual = np.abs(test - game.make("back", real=test)).sum(axis=1)
        said = scores[-1] - (1 - WEIGHT.value) * residual, -game.make("judged.output", real=test)[:, 0]
        found = scores[-1], residual, *said, components_error(known, test)
        for each, numbers in zip(found, areas.values(), strict=True):
            numbers.append(area(each, strange))
        print(digit, {name: round(numbers[-1], 4) for name, numbers in areas.items()}, flush=True)
    record.stop()
    numbers = {f"area{name}": np.mean(found) for name, found in areas.items()}
    print(numbers)
    for name in ("", "_of_components"):
        numbers |= {f"area{name}_without_{digit}": each for digit, each in enumerate(areas[name])}
    show(scores, labels, areas[""], record.picture)
    record.write(numbers, {"area": f"> {numbers['area_of_components']:.4g}"})


if __name__ == "__main__":
    app.run(main)
