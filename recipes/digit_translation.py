"""Unpaired translation between digits and their negatives or edges, by four models.

    TFDS_DATA_DIR=... python -m recipes.digit_translation --model=disco_gan --map=negative
    TFDS_DATA_DIR=... python -m recipes.digit_translation --model=cut --map=edges

Papers: CycleGAN (Zhu et al., 2017, https://arxiv.org/abs/1703.10593), DiscoGAN (Kim et al., 2017,
https://arxiv.org/abs/1703.05192), DualGAN (Yi et al., 2017, https://arxiv.org/abs/1704.02510) and CUT (Park et al.,
2020, https://arxiv.org/abs/2007.15651). None of them measures digits.

As in the papers: the objectives, and Adam with beta_1 0.5, or RMSprop for DualGAN.

Different from them: all models have the networks of CycleGAN at 28 pixels, with two residual blocks, translators of a
quarter of the width and discriminators of half of it. CUT's translator works at full resolution, without halving the
map. No discriminator is normalized, and their patches have 34 pixels. Batches have 16 pictures, rates decay linearly to
0 from the start, and the weights of the terms beside the adversarial loss are chosen for each map (`SETTINGS`).

Data: `b` is one half of MNIST's training digits; `a` are the negatives or the edges of the other half (Sobel's gradient
above 200 of 255), so that no digit is in both domains.

Measure: how often a classifier of real digits finds the right digit in the translation of test negatives or edges;
beside it the same for these pictures without translation (`accuracy_as_given`), and for real digits.

Result (one seed each): the four models find 97.1 to 98.9 % of the digits of negatives, and 23.0 % are found without
translation. On edges, DiscoGAN is no better than no translation (82.3 and 82.5 %); CycleGAN has 87.5 %, CUT 89.3 % and
DualGAN 90.7 %. The committed records of edges but CycleGAN's require 80 %, which DiscoGAN meets; the recipe now
requires more than without translation, which it would miss.
"""

import keras
import numpy as np
from absl import app, flags

from keras_gan import Game, data, images, metrics
from keras_gan.models import CUT, CycleGAN, DiscoGAN, DualGAN
from keras_gan.networks import patch_discriminator, patch_heads, resnet_translator
from recipes import Record

MODELS = {"cycle_gan": CycleGAN, "disco_gan": DiscoGAN, "dual_gan": DualGAN, "cut": CUT}
MODEL = flags.DEFINE_enum("model", "cycle_gan", MODELS, "The model.")
MAP = flags.DEFINE_enum("map", "negative", ["negative", "edges"], "The second domain: inverted digits, or their edges.")
SEED = flags.DEFINE_integer("seed", 0, "The seed of data, weights and training.")
STEPS = flags.DEFINE_integer("steps", None, "Training steps. Default: those of the setting.", lower_bound=1)

SHAPE = (28, 28, 1)
MAPS = {"negative": lambda digits: 255 - digits, "edges": lambda digits: images.to_uint8(data.Edges()(digits).numpy())}
SETTINGS = {  # steps, learning rate, required accuracy (default: more than without translation), the model's arguments
    ("cycle_gan", "negative"): {"steps": 800, "rate": 2e-4, "required": 0.97, "cycle": 10.0, "identity": 0.0},
    # an exact way back from fakes is not asked for: which pixels are edges hangs on single grey values
    ("cycle_gan", "edges"): {"steps": 800, "rate": 4e-4, "required": 0.85, "cycle": 2.0, "identity": 0.25},
    ("disco_gan", "negative"): {"steps": 400, "rate": 2e-4, "required": 0.95},
    ("disco_gan", "edges"): {"steps": 800, "rate": 4e-4},
    # the gradient of a critic has length 1 for a picture: 500 at 256 x 256 x 3 numbers is about 30 at 28 x 28
    ("dual_gan", "negative"): {"steps": 400, "rate": 2e-4, "required": 0.95, "reconstruction": 30.0},
    ("dual_gan", "edges"): {"steps": 600, "rate": 4e-4, "reconstruction": 6.0},
    # more contrast, and strokes stay dark while light pieces fill what is between them
    ("cut", "negative"): {"steps": 1000, "rate": 1e-3, "required": 0.95, "contrast": 0.05, "identity": 0.0},
    ("cut", "edges"): {"steps": 1000, "rate": 1e-3, "contrast": 0.2, "identity": 0.0},
}
TRANSLATOR = {"width": 16, "blocks": 2}
LOCAL = {"halvings": 0}  # a translator that sees less of a picture makes up less of it: CUT's, without a way back
JUDGE = {"width": 32, "patch": 34, "normalization": None}  # normalised, it would not see how thick strokes are
# Not the pictures themselves, as in the paper: a negative's pixels are no longer what they were, nor are an edge's.
HEADS = {"hidden": ["hidden_2", "hidden_3"], "patches": 64, "units": 64}
BATCH = 16


def make(model: str, translator: dict, heads: dict, options: dict, seed: int) -> Game:
    """Returns the game of a model, with the arguments of its translators, of its heads, if it has any, and its own."""
    count = 1 if model == "cut" else 2
    players = [resnet_translator(SHAPE, **translator) for _ in range(count)]
    players += [patch_discriminator(SHAPE, **JUDGE) for _ in range(count)]
    if model == "cut":
        players.append(patch_heads(players[0], **heads))
    return MODELS[model](*players, **options, seed=seed)


def optimizer(model: str, rate: float, steps: int) -> keras.optimizers.Optimizer:
    """Returns the optimizer of the model's paper, with a rate that falls to 0."""
    schedule = keras.optimizers.schedules.PolynomialDecay(rate, steps, 0.0)
    return keras.optimizers.RMSprop(schedule) if model == "dual_gan" else keras.optimizers.Adam(schedule, beta_1=0.5)


def halves(digits: np.ndarray, change) -> tuple[np.ndarray, np.ndarray]:
    """Returns one half of the digits, changed, and the other half."""
    order = np.random.default_rng(SEED.value).permutation(len(digits))
    first, second = np.split(digits[order], 2)
    return change(second), first


def main(argv):
    del argv
    keras.utils.set_random_seed(SEED.value)
    model, change = MODEL.value, MAPS[MAP.value]
    options = dict(SETTINGS[model, MAP.value])
    steps, rate, least = options.pop("steps"), options.pop("rate"), options.pop("required", None)
    steps, heads = STEPS.value or steps, HEADS if model == "cut" else {}
    translator = TRANSLATOR | (LOCAL if model == "cut" else {})
    train, test = data.read("mnist"), data.read("mnist", "test")
    a, b = halves(train.images, change)
    pairs = data.unpaired(a=a, b=b, batch_size=BATCH, seed=SEED.value)
    settings = {"translator": translator, "judge": JUDGE, "heads": heads, "batch": BATCH, "steps": steps, "rate": rate}
    record = Record(__file__, SEED.value, name=f"{model}_{MAP.value}", **settings, **options)
    game = make(model, translator, heads, options, SEED.value)
    optimizers = {f"{side}_optimizer": optimizer(model, rate, steps) for side in game.sides}
    game.compile(**optimizers, reuse_fakes=True)  # both sides learn from the same translations
    game.fit(pairs.repeat(), steps_per_epoch=max(1, steps // 10), epochs=min(10, steps), verbose=2)
    record.stop()

    true, given = (images.from_uint8(each) for each in (test.images, change(test.images)))
    made = game.make("fake_b", a=given)
    classifier = metrics.digits_cnn(train, test)
    numbers = {
        "accuracy": accuracy(classifier, made, test.labels),
        "accuracy_as_given": accuracy(classifier, given, test.labels),
        "accuracy_of_real": accuracy(classifier, true, test.labels),
        "distance_to_truth": np.abs(made - true).mean() / 2,  # in the range from black to white
        "distance_as_given": np.abs(given - true).mean() / 2,
    }
    show(game, given[:16], true[:16], record.picture)
    required = f">= {least}" if least else f"> {numbers['accuracy_as_given']:.4g}"
    record.write(numbers, {"accuracy": required})


def accuracy(classifier: metrics.ModelExtractor, pictures: np.ndarray, labels: np.ndarray) -> float:
    return float((classifier.all_probabilities(pictures).argmax(axis=-1) == labels).mean())


def show(game: Game, a: np.ndarray, b: np.ndarray, path) -> None:
    """Draws columns of a, its translation, its way back and the truth; then of b, its translation and its way back."""
    values = game.wiring.values
    columns = [a, *(game.make(name, a=a) for name in ("fake_b", "back_a") if name in values), b]
    columns += [b, *(game.make(name, b=b) for name in ("fake_a", "back_b") if name in values), a]
    rows = np.stack(columns, axis=1).reshape(-1, *SHAPE)
    images.save_png(path, images.grid(rows, columns=len(columns)))


if __name__ == "__main__":
    app.run(main)
