"""Anomaly detection: a BiGAN of scikit-learn's digits, trained without one of them, scores that digit as anomalous.

python examples/anomaly.py            # about a minute on 2 cores
python examples/anomaly.py --digit=4  # another digit is left out
python examples/anomaly.py --smoke

Pictures of your own are read by `data.read("folder:good_parts", image_size=32)` in place of `data.read("digits")`.
"""

import keras
import numpy as np
from absl import app, flags

from keras_gan import data, images, latents, networks
from keras_gan.ground import plots
from keras_gan.models import BiGAN

SMOKE = flags.DEFINE_boolean("smoke", False, "A few steps only.")
DIGIT = flags.DEFINE_integer("digit", 0, "Which digit is left out.", lower_bound=0, upper_bound=9)
OUT = flags.DEFINE_string("out", "runs/anomaly", "Where the model and the histogram go.")

SHAPE, CODE, HIDDEN = (8, 8, 1), 16, (128, 128)


def main(argv):
    del argv
    keras.utils.set_random_seed(0)
    steps, epochs = (20, 2) if SMOKE.value else (6_000, 10)
    known, test = data.read("digits"), data.read("digits", "test")
    known = images.from_uint8(known.images[known.labels != DIGIT.value])
    test, strange = images.from_uint8(test.images), test.labels == DIGIT.value

    judge = networks.mlp_pair_discriminator(SHAPE, CODE, hidden=HIDDEN)
    game = BiGAN(
        networks.mlp_generator(CODE, SHAPE, hidden=HIDDEN, output_activation="tanh"),
        networks.mlp_encoder(SHAPE, CODE, hidden=HIDDEN),
        networks.with_features(judge, "hidden_2"),  # what the score compares beside the pictures
        latents=latents.Uniform(CODE),
        seed=0,
        ema=0.99,
    )
    rate = keras.optimizers.schedules.CosineDecay(1e-3, steps)
    game.compile(
        "swapped(relativistic_paired) + r1 + r2",
        generator_optimizer=keras.optimizers.Adam(rate, 0.0, 0.99),
        discriminator_optimizer=keras.optimizers.Adam(rate, 0.0, 0.99),
        jit_compile=True,  # a small dense game: XLA wins on a CPU too
        steps_per_execution=10,
    )
    batches = data.batches(known, 64, seed=0).repeat()
    game.fit(batches, steps_per_epoch=steps // epochs, epochs=epochs, verbose=2)

    scores = game.anomaly_score(test)
    larger = np.mean(scores[strange][:, None] > scores[~strange])  # the area under the ROC curve
    game.save(f"{OUT.value}/bigan.keras")
    game.export(f"{OUT.value}/served", "anomaly_score")
    kinds = (f"digit {DIGIT.value}, never seen", "the others")
    histogram = plots.histogram(scores[strange, None], scores[~strange, None], "anomaly scores", names=kinds)
    images.save_png(f"{OUT.value}/scores.png", histogram)
    print(f"A {DIGIT.value} is stranger than another digit in {larger:.0%} of pairs. The histogram: {OUT.value}")


if __name__ == "__main__":
    app.run(main)
