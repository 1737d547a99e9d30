"""A variational autoencoder of digits: the ELBO in nats, and samples of the decoder.

TFDS_DATA_DIR=... python examples/vae.py --dataset=mnist     # some minutes on 2 cores
python examples/vae.py                                       # the embedded digits, of 8x8 pixels
python examples/vae.py --smoke
"""

import math
import pathlib

import keras
import numpy as np
from absl import app, flags

from keras_gan import data, images
from keras_gan.models import VAE

SMOKE = flags.DEFINE_boolean("smoke", False, "A few steps on the embedded digits, which need no network.")
DATASET = flags.DEFINE_string("dataset", "digits", "The pictures: what `keras_gan.data.read` knows.")
OUT = flags.DEFINE_string("out", "runs/vae", "Where the picture and the model go.")

CODE, WIDTH = 16, 256


def network(inputs, outputs, name):
    layers = keras.layers
    hidden = [layers.Dense(width, "relu") for width in (WIDTH, WIDTH)]
    stack = [layers.Flatten(), *hidden, layers.Dense(math.prod(outputs)), layers.Reshape(outputs)]
    return keras.Sequential([keras.Input(inputs), *stack], name=name)


def main(argv):
    del argv
    keras.utils.set_random_seed(0)
    name = "digits" if SMOKE.value else DATASET.value
    pictures, test = data.read(name), data.read(name, "test")
    shape = pictures.image_shape

    vae = VAE(network(shape, (2 * CODE,), "encoder"), network((CODE,), shape, "decoder"), dim=CODE, seed=0)
    vae.compile()
    vae.fit(pictures.dataset(64, value_range=(0, 1)), epochs=1 if SMOKE.value else 20, verbose=2)
    found = vae.evaluate(test.dataset(64, shuffle=False, value_range=(0, 1)), verbose=0, return_dict=True)

    real = images.from_uint8(test.images[:10], (0, 1))
    rows = [real, vae.make("decoded", real=real, seed=1), vae.make("fake", n=20, seed=1)]
    pathlib.Path(OUT.value).mkdir(parents=True, exist_ok=True)
    sheet = images.grid(np.concatenate(rows), columns=10, scale=max(1, 28 // shape[0]), value_range=(0, 1))
    images.save_png(f"{OUT.value}/digits.png", sheet)
    vae.save(f"{OUT.value}/vae.keras")
    print(f"At most {found['g_loss']:.1f} nats per picture. Test digits, what becomes of them, new ones: {OUT.value}")


if __name__ == "__main__":
    app.run(main)
