"""MNIST, with the library's own networks: the same game as `keras-gan train --dataset=mnist`, in Python.

TFDS_DATA_DIR=... python examples/mnist_dcgan.py     # about eight minutes on 2 cores
python examples/mnist_dcgan.py --smoke               # digits of 8x8 pixels, a few steps
"""

import pathlib

import keras
from absl import app, flags

import keras_gan
from keras_gan import GAN, callbacks, data, networks

SMOKE = flags.DEFINE_boolean("smoke", False, "A few steps on the embedded digits, which need no network.")
OUT = flags.DEFINE_string("out", "runs/mnist_dcgan", "Where everything goes.")


def main(argv):
    del argv
    keras.utils.set_random_seed(0)
    pictures = data.read("digits" if SMOKE.value else "mnist")
    epochs = 1 if SMOKE.value else 10
    dataset = pictures.dataset(batch_size=64)
    steps = epochs * len(dataset)

    gan = GAN(
        networks.dcgan_generator(64, pictures.image_shape),
        networks.dcgan_discriminator(pictures.image_shape),
        latents=keras_gan.latents.Normal(64),
        seed=0,
        ema=0.999,
        name="mnist_dcgan",
    )
    gan.compile(
        objective="relativistic_paired + 5 * r1 + 5 * r2",
        generator_optimizer=keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(1e-3, steps), 0.0, 0.99),
        discriminator_optimizer=keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(1e-3, steps), 0.0, 0.99),
    )
    pathlib.Path(OUT.value).mkdir(parents=True, exist_ok=True)
    gan.fit(
        dataset,
        epochs=epochs,
        callbacks=[
            callbacks.SampleGrid(f"{OUT.value}/samples"),
            callbacks.LossPlot(f"{OUT.value}/curves.png"),
            callbacks.TerminateOnNonFinite(every=100),
            keras.callbacks.CSVLogger(f"{OUT.value}/history.csv"),
        ],
    )
    gan.save(f"{OUT.value}/gan.keras")
    print("Samples, curves and the model:", OUT.value)
    print("SavedModel:", gan.export(f"{OUT.value}/saved_model"))


if __name__ == "__main__":
    app.run(main)
