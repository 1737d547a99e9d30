"""Improved GAN: a classifier of MNIST from a hundred labels and 60,000 digits without labels.

    TFDS_DATA_DIR=... python -m recipes.improved_gan_mnist                          # four hours of one core
    TFDS_DATA_DIR=... python -m recipes.improved_gan_mnist --labels=20              # or 50, 200
    TFDS_DATA_DIR=... python -m recipes.improved_gan_mnist --baseline --epochs=20   # labels only: some minutes
    TFDS_DATA_DIR=... python -m recipes.improved_gan_mnist --generator=minibatch_discrimination
    python -m recipes.improved_gan_mnist --smoke                                    # some seconds, no record

Paper: Salimans et al., 2016 (https://arxiv.org/abs/1606.03498), sections 3.1, 5 and 6.1, table 1: errors of 10,000 test
digits, mean and standard deviation over 10 choices of the labelled digits: 93 +- 6.5 with 100 labels. The program
trains for 300 epochs.

As in the paper's program:

- Data: pixels in [0, 1]. A batch has 100 labelled digits, 100 without labels and 100 fakes. The labelled digits,
  equally many of each class, are chosen by the seed and repeated as often as needed.
- Generator: 100 latents, uniform in [0, 1]; two layers of 500 softplus units with batch normalization; weight
  normalization and a sigmoid at the output.
- Discriminator: layers of 1,000, 500, 250, 250 and 250 rectified units with weight normalization, Gaussian noise before
  each. It gives ten logits l; D(x) = Z / (Z + 1) with Z = sum_k exp l_k, so that its score is log Z. The lengths of the
  hidden layers' weights are set from 500 digits with noise at the start, and are not trained.
- Losses: cross-entropy of the labels and half of that of real against fake for the discriminator; feature matching, the
  distance of the mean features of the last hidden layer, for the generator.
- Optimizers: Adam of 3e-3, beta_1 0.5, with epsilon 1e-8 under the root.
- Measure: errors of a moving average of the weights, of decay 0.9999.

Different from it:

- The generator matches the features of the batch that the discriminator was just trained on, not of another one.
- Moving averages start at the weights, with a decay that rises to 0.9999. The program's start at 0, and its decay is
  constant.
- Runs ended before the program's 300 epochs: see the result.

`--baseline` trains the same network on the labels alone, with the same batches, noise and averages.
`--generator=minibatch_discrimination` trains the generator by -log D, and adds 100 minibatch kernels of 5 dimensions to
the discriminator. The paper shows its samples, which look better, and reports that it does not help the classifier. No
program of it is published for MNIST: those for other data have the loss E log(1 - D), three generator updates per step,
a smaller rate that decays, and kernels that are scaled by data.

Result: the runs with 50, 100 and 200 labels ended after 150 epochs. With 100 labels there are 90, 95 and 95 errors with
three seeds, which repeats the published 93 +- 6.5; with 200 labels there are 81, and 350 with 50. The supervised
baseline has 2,198 after 20 epochs. The published 221 +- 136 with 50 labels is not met, though 350 is within one
standard deviation: the errors fell little in the second half of that run. With 20 labels the run had 4,290 errors after
42 epochs, of the published 1677 +- 452: the errors fell slowly, and the program trains for 300. With minibatch
discrimination the generator had failed after 8 epochs, where all samples are alike, with 1,927 errors: the paper's
samples are not repeated.

Two details matter. With an epsilon of 1e-4 that is added after the root, as in Keras's Adam, small gradients hardly
change the generator in the first 1,000 steps while the discriminator learns: with seed 2 the generator failed. It also
failed in a trial without noise when the lengths are set.
"""

import keras
import numpy as np
from absl import app, flags

from keras_gan import Game, Match, data, images, latents
from keras_gan.ground import plots
from keras_gan.layers import (
    BatchNormalization,
    GaussianNoise,
    MinibatchDiscrimination,
    WeightNormalization,
    initialize_weight_normalization,
)
from keras_gan.objectives import CrossEntropy, FeatureMatching, NonSaturating, Players
from recipes import Record, runs

LABELS = flags.DEFINE_enum("labels", "100", ["20", "50", "100", "200"], "Number of labelled training digits.")
GENERATOR = flags.DEFINE_enum(
    "generator", "feature_matching", ["feature_matching", "minibatch_discrimination"], "Objective of the generator."
)
BASELINE = flags.DEFINE_boolean("baseline", False, "Learn from the labels only.")
SEED = flags.DEFINE_integer("seed", 0, "The seed of data, weights and training, and of the choice of labelled digits.")
EPOCHS = flags.DEFINE_integer("epochs", 300, "Training epochs, of 600 steps each.", lower_bound=1)
PRECISION = flags.DEFINE_enum("precision", "float32", ["float32", "mixed_bfloat16"], "Dtype policy of all layers.")
WORK = flags.DEFINE_string("work", None, "Folder of checkpoints. Default: a folder in runs/.")
SMOKE = flags.DEFINE_boolean("smoke", False, "Run a few steps of small players on small digits.")

LATENTS, BATCH, CLASSES, FIRST = 100, 100, 10, 500
RATE, BETA, EPSILON, AVERAGE = 3e-3, 0.5, 1e-8, 0.9999
PUBLISHED = {"20": (1677, 452), "50": (221, 136), "100": (93, 6.5), "200": (90, 4.2)}  # errors, standard deviation
REQUIRED = {"20": "<= 1677", "50": "<= 221", "100": "<= 100", "200": "<= 100"}
layers, normal = keras.layers, keras.initializers.RandomNormal


@keras.saving.register_keras_serializable("recipes")
class Adam(keras.optimizers.Adam):
    """The program's, whose epsilon is under the root, and beside the corrected second moment."""

    def update_step(self, gradient, variable, learning_rate):
        index, t = self._get_variable_index(variable), keras.ops.cast(self.iterations + 1, variable.dtype)
        first, second = self._momentums[index], self._velocities[index]
        self.assign_add(first, (gradient - first) * (1 - self.beta_1))
        self.assign_add(second, (gradient * gradient - second) * (1 - self.beta_2))
        root = keras.ops.sqrt(second / (1 - self.beta_2**t) + self.epsilon)
        self.assign_sub(variable, learning_rate / (1 - self.beta_1**t) * first / root)


def generator(pixels: int, width: int) -> keras.Model:
    """Builds two layers of softplus, normalized in the batch; the pixels' weights have length 1 at first."""
    z = y = keras.Input((LATENTS,))
    for _ in range(2):
        y = layers.Dense(width, use_bias=False)(y)
        y = layers.Activation("softplus")(BatchNormalization(momentum=0.9, epsilon=1e-6, scale=False)(y))
    last = WeightNormalization(layers.Dense(pixels, "sigmoid"), dtype="float32")
    model = keras.Model(z, last(y), name="generator")
    last.g.assign(np.ones(pixels))
    return model


def discriminator(x: np.ndarray, widths: tuple[int, ...], minibatch: bool) -> keras.Model:
    """Returns a classifier with noise before each layer; gives its logits, log Z, and the last hidden layer."""
    start = y = keras.Input(x.shape[1:])
    hidden = []
    for i, width in enumerate(widths):
        y = GaussianNoise(0.3 if i == 0 else 0.5)(y)
        hidden.append(WeightNormalization(layers.Dense(width, "relu", kernel_initializer=normal(stddev=0.1))))
        features = y = hidden[-1](y)
    y = GaussianNoise(0.5)(y)
    if minibatch:
        y = MinibatchDiscrimination(100, 5)(y)
    last = WeightNormalization(layers.Dense(CLASSES, kernel_initializer=normal(stddev=0.1)), dtype="float32")
    logits = last(y)
    outputs = {"output": keras.ops.logsumexp(logits, axis=1, keepdims=True), "class_logits": logits}
    model = keras.Model(start, {**outputs, "features": features}, name="discriminator")
    initialize_weight_normalization(model, x[:FIRST], training=True)
    for layer in hidden:
        layer.g.trainable = False
    return model


def optimizer() -> keras.optimizers.Optimizer:
    return Adam(RATE, beta_1=BETA, epsilon=EPSILON)


def game(x: np.ndarray) -> Game:
    """Returns the game of discriminator and generator, or the discriminator alone."""
    keras.utils.set_random_seed(SEED.value)
    keras.config.set_dtype_policy(PRECISION.value)
    matches_features = GENERATOR.value == "feature_matching"
    wide, widths = (8, (8, 8)) if SMOKE.value else (500, (1000, 500, 250, 250, 250))
    judge = discriminator(x, widths, not matches_features)
    known = {"known": "discriminator(labelled)"}
    options = {"shapes": {"labels": ()}, "ema": {"discriminator": AVERAGE}, "seed": SEED.value}
    objective = CrossEntropy("known.class_logits", "labels", side="discriminator")
    optimizers = {"discriminator_optimizer": optimizer()}
    if BASELINE.value:
        made = Game({"discriminator": judge}, known, sides={"discriminator": "discriminator"}, **options)
    else:
        made = Game(
            {"generator": generator(x.shape[1], wide), "discriminator": judge},
            {"fake": "generator(latents)", **known},
            Match("discriminator", "real", "fake"),
            draws={"latents": latents.Uniform(LATENTS, 0.0, 1.0)},
            value_range=(0, 1),
            **options,
        )
        learns_by = FeatureMatching() if matches_features else NonSaturating()
        objective += Players(discriminator=0.5 * NonSaturating(), generator=learns_by)
        optimizers["generator_optimizer"] = optimizer()
    pace = runs.pace(SMOKE.value, dense=False)  # XLA gains nothing: the layers are wide, and each has noise
    made.compile(objective, **optimizers, **pace)
    return made


def digits(split: str) -> tuple[np.ndarray, np.ndarray]:
    pictures = data.read("digits" if SMOKE.value else "mnist", split)
    x = images.from_uint8(pictures.images.reshape(len(pictures.images), -1), (0, 1))
    return x, pictures.labels.astype("int32")


def few(labels: np.ndarray, count: int) -> np.ndarray:
    """Returns the places of `count` examples, as many of each class, repeated until they fill a batch."""
    rng = np.random.default_rng(SEED.value)
    each = [rng.permutation(np.flatnonzero(labels == i))[: count // CLASSES] for i in range(CLASSES)]
    return np.tile(np.concatenate(each), max(1, BATCH // count))


def main(argv):
    del argv
    (x, y), (test, true) = digits("train"), digits("test")
    kind = "baseline" if BASELINE.value else GENERATOR.value
    name = "_".join([kind, LABELS.value, str(SEED.value), *[PRECISION.value] * (PRECISION.value != "float32")])
    work = runs.folder(WORK.value, f"improved_gan_mnist_{name}", SMOKE.value)
    steps, epochs = (2, 1) if SMOKE.value else (len(x) // BATCH, EPOCHS.value)
    settings = {"kind": kind, "labels": int(LABELS.value), "epochs": epochs, "batch": BATCH, "average": AVERAGE}
    settings |= {
        "optimizers": f"Adam({RATE}, beta_1={BETA}, epsilon={EPSILON} under the root)",
        "precision": PRECISION.value,
    }
    record = Record(__file__, SEED.value, name, work if SMOKE.value else None, **settings)

    def measure(game):
        options = {"labelled": test, "batch_size": BATCH}  # as in training, where examples of a batch see each other
        said = (game.make("known.class_logits", **options, use_ema=each) for each in (True, False))
        averaged, last = (float((logits.argmax(axis=1) != true).mean() * 10_000) for logits in said)
        return {"errors": averaged, "errors_of_last_weights": last}

    chosen = few(y, int(LABELS.value))
    parts = {} if BASELINE.value else {"real": x}
    known = {"labelled": x[chosen], "labels": y[chosen]}
    batches = data.unpaired(known, batch_size=BATCH, seed=SEED.value, **parts)
    curve = runs.Curve(measure, max(1, epochs // 50))
    played = game(x)
    record.stop(**runs.train(played, batches, work, epochs=epochs, steps=steps, callbacks=(curve,)).seconds)

    lines = {key: [row[key] for row in curve.rows] for key in ("errors", "errors_of_last_weights")}
    columns = [plots.curves({"errors of 10,000": lines}, x=[row["epoch"] for row in curve.rows])[None]]
    if not BASELINE.value:
        side = round(x.shape[1] ** 0.5)
        made = played.make("fake", n=100, seed=1).reshape(-1, side, side, 1)
        columns.insert(0, images.grid(made, columns=10, value_range=(0, 1))[None])
    images.save_png(record.picture, images.grid(images.beside(columns), columns=len(columns)))
    paper = kind == "feature_matching"
    required = {"errors": REQUIRED[LABELS.value]} if paper else {}
    named = "errors" if paper else "errors_by_feature_matching"
    published = dict(zip((named, "standard_deviation"), PUBLISHED[LABELS.value], strict=True))
    record.write(measure(played), required, published, curve=curve.rows)


if __name__ == "__main__":
    app.run(main)
