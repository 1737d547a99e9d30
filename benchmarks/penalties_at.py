"""R1 before or after the adaptive augmentation: what it does to small pictures from little data.

    python -m benchmarks.penalties_at            # writes benchmarks/penalties_at.json: a minute and a half of one core

The 8x8 digits of scikit-learn, a small DCGAN, non-saturating loss with R1, adaptive augmentation whose p may go to 1 in
20,000 examples. The same seeds, batches and noise on both sides; the Frechet distance of the averaged generator to the
training digits on the features of a digit classifier, after each quarter of the steps.
"""

import json
import pathlib
import time

import keras
import numpy as np
import tensorflow as tf
from absl import app, flags

from benchmarks import commit
from keras_gan import GAN, augmentations, data, metrics, networks
from keras_gan.metrics.functional import frechet_distance_of_features

STEPS = flags.DEFINE_integer("steps", 1200, "Training steps per run.")
SEEDS = flags.DEFINE_list("seeds", ["0", "1"], "Seeds; both sides are run once with each.")
OUT = flags.DEFINE_string("out", str(pathlib.Path(__file__).with_suffix(".json")), "File of the record.")
OBJECTIVE, POLICY, EXAMPLES, BATCH = "non_saturating + r1", "blit,color", 20_000, 64


def play(place: str, seed: int, real: np.ndarray, distance) -> dict:
    """Returns one run: distances by steps, the last p of the augmentation and the mean of R1 in the last quarter."""
    keras.utils.set_random_seed(seed)
    generator = networks.dcgan_generator(16, (8, 8, 1), filters=16)
    gan = GAN(generator, networks.dcgan_discriminator((8, 8, 1), filters=16), 16, seed=seed, ema=0.995)
    ada = augmentations.AdaptiveAugmentation(POLICY, examples=EXAMPLES)
    gan.compile(OBJECTIVE, augmentation=ada, penalties_at=place)
    batches, found = data.batches(real, BATCH, seed=seed).repeat(), {}
    history = None
    for quarter in range(1, 5):
        history = gan.fit(batches, steps_per_epoch=STEPS.value // 4, verbose=0).history
        found[str(quarter * STEPS.value // 4)] = round(distance(gan), 3)
    r1, p = history["d_r1"][0], float(ada.p)
    return {"penalties_at": place, "seed": seed, "frechet": found, "r1": round(r1, 4), "ada_p": round(p, 3)}


def main(argv):
    del argv
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    began = time.process_time()
    train, test = (data.read("digits", split) for split in ("train", "test"))
    extractor = metrics.digits_cnn(train, test)
    real = train.images.astype("float32") / 127.5 - 1

    reference = extractor.features(real)

    def distance(gan):
        return frechet_distance_of_features(reference, extractor.features(gan.generate(4000, seed=0)))

    held_out = frechet_distance_of_features(reference, extractor.features(test.images.astype("float32") / 127.5 - 1))
    runs = [play(place, int(seed), real, distance) for seed in SEEDS.value for place in ("picture", "augmented")]
    record = {
        "command": "python -m benchmarks.penalties_at",
        "commit": commit(),
        "objective": OBJECTIVE,
        "augmentation": f"adaptive(policy={POLICY!r}, examples={EXAMPLES})",
        "accuracy_of_the_classifier": round(extractor.accuracy, 4),
        "frechet_of_the_test_digits": round(held_out, 3),
        "runs": runs,
        "processor_seconds": round(time.process_time() - began),
    }
    print(json.dumps(record, indent=2))
    pathlib.Path(OUT.value).write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    app.run(main)
