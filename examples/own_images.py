"""A GAN of your own pictures: any folder, mixed sizes, grey or colour.

python examples/own_images.py --folder=path/to/pictures --image_size=64
python examples/own_images.py --smoke            # pictures that the example makes
"""

import pathlib
import tempfile

import keras
import numpy as np
from absl import app, flags
from PIL import Image, ImageDraw

from keras_gan import GAN, callbacks, data, networks

SMOKE = flags.DEFINE_boolean("smoke", False, "A few steps on pictures of coloured circles.")
FOLDER = flags.DEFINE_string("folder", None, "A folder of pictures.")
SIZE = flags.DEFINE_integer("image_size", 64, "Pictures are cut around their centre and scaled to this side.")
EPOCHS = flags.DEFINE_integer("epochs", 100, "Passes over the pictures.")
OUT = flags.DEFINE_string("out", "runs/own_images", "Where everything goes.")


def circles(folder: pathlib.Path, count: int = 64) -> str:
    generator = np.random.default_rng(0)
    for i in range(count):
        width, height = (int(side) for side in generator.integers(40, 90, 2))
        picture = Image.new("RGB", (width, height), tuple(int(c) for c in generator.integers(0, 256, 3)))
        colour = tuple(int(c) for c in generator.integers(0, 256, 3))
        ImageDraw.Draw(picture).ellipse((10, 10, width - 10, height - 10), fill=colour)
        picture.save(folder / f"{i:03d}.png")
    return str(folder)


def main(argv):
    del argv
    keras.utils.set_random_seed(0)
    folder = circles(pathlib.Path(tempfile.mkdtemp())) if SMOKE.value else FOLDER.value
    if folder is None:
        raise app.UsageError("--folder must name a folder of pictures, or --smoke be given.")
    size, epochs = (32, 1) if SMOKE.value else (SIZE.value, EPOCHS.value)
    pictures = data.read(f"folder:{folder}", image_size=size)
    print(f"{len(pictures.images)} pictures of {pictures.image_shape}, {len(pictures.skipped)} files skipped")
    dataset = pictures.dataset(batch_size=min(32, len(pictures.images)))
    steps = epochs * len(dataset)

    gan = GAN(
        networks.dcgan_generator(128, pictures.image_shape),
        networks.dcgan_discriminator(pictures.image_shape),
        latents=128,
        seed=0,
        ema=0.999,
    )
    gan.compile(
        objective="relativistic_paired + 5 * r1 + 5 * r2",
        generator_optimizer=keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(5e-4, steps), 0.0, 0.99),
        discriminator_optimizer=keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(5e-4, steps), 0.0, 0.99),
    )
    gan.fit(dataset, epochs=epochs, callbacks=[callbacks.SampleGrid(f"{OUT.value}/samples", columns=8)])
    gan.save(f"{OUT.value}/gan.keras")
    print("Samples and the model:", OUT.value)


if __name__ == "__main__":
    app.run(main)
