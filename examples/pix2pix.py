"""Pix2Pix: pictures from their outlines, learned from pairs.

python examples/pix2pix.py         # some minutes on 2 cores
python examples/pix2pix.py --folder=path/to/pictures --image_size=64 --epochs=100
python examples/pix2pix.py --smoke
"""

import keras
import numpy as np
from absl import app, flags

from keras_gan import data, images
from keras_gan.models import Pix2Pix
from keras_gan.networks import patch_discriminator, unet_generator

SMOKE = flags.DEFINE_boolean("smoke", False, "A few steps only.")
FOLDER = flags.DEFINE_string("folder", None, "A folder of pictures; without it, discs that the example draws.")
SIZE = flags.DEFINE_integer("image_size", 32, "Pictures are cut around their centre and scaled to this side.")
EPOCHS = flags.DEFINE_integer("epochs", 10, "Passes over the pictures.")
OUT = flags.DEFINE_string("out", "runs/pix2pix", "Where the pictures and the model go.")


def discs(count: int) -> np.ndarray:
    """Draws discs, coloured by their size, with a light from above: (count, 32, 32, 3)."""
    rng = np.random.default_rng(0)
    x, y = rng.uniform(10, 22, (2, count, 1, 1))
    radius, rows = rng.uniform(4, 10, (count, 1, 1)), np.arange(32)
    inside = np.hypot(rows[:, None] - y, rows[None] - x) < radius
    light = np.clip(1 - (rows[:, None] - y + radius) / (4 * radius), 0, 1) * inside
    large = (radius - 4) / 6
    return (255 * np.stack([light * large, light * 0.5, light * (1 - large)], axis=-1)).astype("uint8")


def main(argv):
    del argv
    keras.utils.set_random_seed(0)
    count, epochs = (64, 1) if SMOKE.value else (4096, EPOCHS.value)
    b = data.read(f"folder:{FOLDER.value}", image_size=SIZE.value).images if FOLDER.value else discs(count)
    shape, width = b.shape[1:], 4 if SMOKE.value else 32
    pairs = data.paired(a="edges", b=b, batch_size=min(16, len(b)))  # `a` is made of `b`

    game = Pix2Pix(
        unet_generator((*shape[:2], 1), channels=shape[2], width=width),
        patch_discriminator([(*shape[:2], 1), shape], width=width, inputs=2, normalization="batch"),
        seed=0,
    )
    game.compile()
    game.fit(pairs, epochs=epochs, verbose=2)

    true = b[:8]
    edges = data.Edges()(true).numpy()
    rows = [np.repeat(edges, shape[2], axis=-1), game.make("fake_b", a=edges), images.from_uint8(true)]
    images.save_png(f"{OUT.value}/pictures.png", images.grid(np.concatenate(rows), columns=8))
    game.save(f"{OUT.value}/game.keras")
    print("Edges, what was made of them and the truth, and the model:", OUT.value)


if __name__ == "__main__":
    app.run(main)
