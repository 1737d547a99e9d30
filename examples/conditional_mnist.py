"""A conditional GAN of MNIST: both players receive the label, and the generator makes the requested digit.

TFDS_DATA_DIR=... python examples/conditional_mnist.py
python examples/conditional_mnist.py --smoke     # digits of 8x8 pixels, a few steps
"""

import keras
import numpy as np
from absl import app, flags

from keras_gan import GAN, callbacks, data, images, networks

SMOKE = flags.DEFINE_boolean("smoke", False, "A few steps on the embedded digits, which need no network.")
OUT = flags.DEFINE_string("out", "runs/conditional_mnist", "Where everything goes.")


def main(argv):
    del argv
    keras.utils.set_random_seed(0)
    pictures = data.read("digits" if SMOKE.value else "mnist")
    epochs = 1 if SMOKE.value else 6
    dataset = pictures.dataset(batch_size=64, labels=True)
    steps = epochs * len(dataset)

    gan = GAN(
        networks.dcgan_generator(64, pictures.image_shape, labels=10),
        networks.dcgan_discriminator(pictures.image_shape, labels=10),
        latents=64,
        labels=10,
        seed=0,
        ema=0.999,
    )
    gan.compile(
        objective="relativistic_paired + 5 * r1 + 5 * r2",
        generator_optimizer=keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(1e-3, steps), 0.0, 0.99),
        discriminator_optimizer=keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(1e-3, steps), 0.0, 0.99),
    )
    gan.fit(dataset, epochs=epochs, callbacks=[callbacks.SampleGrid(f"{OUT.value}/samples")])

    year = [1, 4, 0, 6, 2, 6, 6, 1]
    layout = {"scale": 2, "value_range": gan.value_range}
    number = images.grid(gan.generate(len(year), labels=year, seed=0), columns=len(year), **layout)
    images.save_png(f"{OUT.value}/number.png", number)
    table = gan.generate(100, labels=np.arange(100) % 10, seed=0)
    images.save_png(f"{OUT.value}/table.png", images.grid(table, columns=10, **layout))
    print(f"The number {''.join(map(str, year))}: {OUT.value}/number.png, ten of each digit: {OUT.value}/table.png")


if __name__ == "__main__":
    app.run(main)
