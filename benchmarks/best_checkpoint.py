"""Does the metric that picks the best checkpoint pick it? A real run on the digits, with the Frechet distance.

    python -m benchmarks.best_checkpoint            # writes benchmarks/best_checkpoint.json: about a minute

A game with constant learning rates wanders, so its last epoch is not its best. After each epoch 360 samples
are compared with the 360 test digits, on the features of a digit classifier. `Resume` and Keras's `ModelCheckpoint`
keep the best epoch; both files are then loaded, evaluated again, and must give the value of the best epoch.
"""

import json
import pathlib
import tempfile

import keras
from absl import app, flags

from benchmarks import commit
from keras_gan import GAN, callbacks, data, metrics, networks

EPOCHS = flags.DEFINE_integer("epochs", 40, "Epochs of 22 steps.", lower_bound=2)
EXTRACTOR = flags.DEFINE_enum("extractor", "digits_cnn", ["digits_cnn", "pixels"], "Feature extractor of the metric.")
SEED = flags.DEFINE_integer("seed", 0, "The seed of the run.")
OUT = flags.DEFINE_string("out", str(pathlib.Path(__file__).with_suffix(".json")), "File of the record.")


def make_game(extractor, test):
    keras.utils.set_random_seed(SEED.value)
    generator = networks.mlp_generator(
        16, (8, 8, 1), hidden=(128, 128), normalization="batch", output_activation="tanh"
    )
    discriminator = networks.mlp_discriminator((8, 8, 1), hidden=(128, 128))
    gan = GAN(generator, discriminator, 16, seed=SEED.value)
    gan.compile(
        "non_saturating",
        keras.optimizers.Adam(2e-3, beta_1=0.5),
        keras.optimizers.Adam(2e-3, beta_1=0.5),
        metrics=[metrics.FrechetDistance(extractor, real=test)],
    )
    return gan


def main(argv):
    del argv
    train, test = data.read("digits", "train"), data.read("digits", "test")
    extractor = metrics.digits_cnn(train, test) if EXTRACTOR.value == "digits_cnn" else metrics.pixels()
    validation = test.dataset(120, shuffle=False)
    gan = make_game(extractor, test)
    folder = pathlib.Path(tempfile.mkdtemp())
    watched = {"monitor": "val_frechet_distance", "mode": "min"}
    resume = callbacks.Resume(folder / "resume", **watched)
    keep = keras.callbacks.ModelCheckpoint(str(folder / "best.keras"), save_best_only=True, **watched)
    dataset = train.dataset(64, seed=SEED.value)
    history = gan.fit(
        dataset, epochs=EPOCHS.value, validation_data=validation, verbose=2, callbacks=[keep, resume]
    ).history["val_frechet_distance"]

    best = min(range(len(history)), key=history.__getitem__)
    again = {}
    for name, file in (("Resume", resume.best / "gan.keras"), ("ModelCheckpoint", folder / "best.keras")):
        kept = make_game(extractor, test)
        kept.load_weights(file)
        value = kept.evaluate(validation, verbose=0, return_dict=True)["frechet_distance"]
        again[name] = {"step": int(kept.step.numpy()), "frechet_distance": round(float(value), 4)}
    record = {
        "command": "python -m benchmarks.best_checkpoint",
        "commit": commit(),
        "protocol": f"frechet{len(test.images)}_{extractor.name}, 360 test digits, 360 samples",
        "extractor_hash": extractor.hash(),
        "seed": SEED.value,
        "steps_an_epoch": len(dataset),
        "frechet_by_epoch": [round(float(value), 4) for value in history],
        "best_epoch": best + 1,
        "best": round(float(history[best]), 4),
        "last": round(float(history[-1]), 4),
        "kept": again,
        "the_best_was_kept": all(each["step"] == (best + 1) * len(dataset) for each in again.values()),
    }
    print(json.dumps(record, indent=2))
    pathlib.Path(OUT.value).write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    app.run(main)
