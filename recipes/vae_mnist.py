"""A variational autoencoder of stochastically binarised MNIST: -ELBO on the 10,000 test digits, in nats.

    TFDS_DATA_DIR=... python -m recipes.vae_mnist

Papers: Kingma & Welling, 2014 (https://arxiv.org/abs/1312.6114), with one hidden layer; Burda et al., 2016
(https://arxiv.org/abs/1509.00519), with two, and with this binarisation.

Settings: 784-500-500-20 and back, Adam(1e-3), batches of 128. Each training batch is binarised again, a pixel being 1
with the probability of its grey value; the test digits are binarised once.

Result (one seed): -ELBO is 92.2 nats after 50 epochs, of which the divergence is 23.4. Burda et al. report a tighter
bound, by 5,000 samples per digit, with other numbers of units, so that their figures cannot be compared with it.
"""

import keras
import numpy as np
import tensorflow as tf
from absl import app, flags

from keras_gan import data, images
from keras_gan.models import VAE
from recipes import Record

EPOCHS = flags.DEFINE_integer("epochs", 50, "Training epochs.", lower_bound=1)
SEED = flags.DEFINE_integer("seed", 0, "The seed of data, weights and training.")

PIXELS, WIDTH, CODE, BATCH, RATE, EMA = 784, 500, 20, 128, 1e-3, 0.999


def coins(pixels, positions):
    """Binarises pixels. Which ones are 1 depends on the first two examples of the batch: on its place in the order."""
    draws = tf.random.stateless_uniform(tf.shape(pixels), positions[:2], alg="philox")
    return tf.cast(draws < pixels, "float32")


def digits(split: str, batch_size: int, shuffle: bool) -> tf.data.Dataset:
    pictures = data.read("mnist", split).images.reshape(-1, PIXELS)
    arrays = images.from_uint8(pictures, (0, 1)), np.arange(len(pictures))
    return data.batches(arrays, batch_size, shuffle=shuffle, seed=SEED.value, transform=coins)


def network(inputs: int, outputs: int, name: str) -> keras.Model:
    layers = [keras.layers.Dense(width, "relu") for width in (WIDTH, WIDTH)]
    return keras.Sequential([keras.Input((inputs,)), *layers, keras.layers.Dense(outputs)], name=name)


def show(vae: VAE, real: np.ndarray, path) -> None:
    """Draws rows of test digits, of what becomes of them, and of new digits."""
    rows = [real, vae.make("decoded", real=real, seed=1), vae.make("fake", n=2 * len(real), seed=1)]
    pictures = np.concatenate(rows).reshape(-1, 28, 28, 1)
    images.save_png(path, images.grid(pictures, columns=len(real), value_range=(0, 1)))


def main(argv):
    del argv
    keras.utils.set_random_seed(SEED.value)
    train, test = digits("train", BATCH, True), digits("test", 100, False)
    record = Record(__file__, SEED.value, epochs=EPOCHS.value, batch=BATCH, optimizer=f"Adam({RATE})", ema=EMA)

    vae = VAE(network(PIXELS, 2 * CODE, "encoder"), network(CODE, PIXELS, "decoder"), CODE, seed=SEED.value, ema=EMA)
    vae.compile(generator_optimizer=keras.optimizers.Adam(RATE))
    vae.fit(train, epochs=EPOCHS.value, verbose=2)
    record.stop()

    found = vae.evaluate(test, return_dict=True, verbose=0)
    code = {name: vae.make(f"code.{name}", real=_all(test)) for name in ("mean", "log_variance")}
    divergence = 0.5 * np.sum(code["mean"] ** 2 + np.exp(code["log_variance"]) - 1 - code["log_variance"], axis=1)
    numbers = {"negative_elbo": found["g_loss"], "divergence": float(divergence.mean())}
    show(vae, next(iter(test)).numpy()[:16], record.picture)
    record.write(numbers, {"negative_elbo": "<= 100"})


def _all(dataset):
    return np.concatenate([batch.numpy() for batch in dataset])


if __name__ == "__main__":
    app.run(main)
