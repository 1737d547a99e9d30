"""CycleGAN: unpaired translation of light pictures into dark ones and back.

python examples/cycle_gan.py       # some minutes on 2 cores
python examples/cycle_gan.py --a=path/to/horses --b=path/to/zebras --image_size=64 --epochs=100
python examples/cycle_gan.py --smoke
"""

import keras
import numpy as np
from absl import app, flags

from keras_gan import data, images
from keras_gan.models import CycleGAN
from keras_gan.networks import patch_discriminator, resnet_translator

SMOKE = flags.DEFINE_boolean("smoke", False, "A few steps only.")
A = flags.DEFINE_string("a", None, "A folder of pictures; without it, shapes that the example draws.")
B = flags.DEFINE_string("b", None, "A folder of other pictures.")
SIZE = flags.DEFINE_integer("image_size", 28, "Pictures are cut around their centre and scaled to this side.")
EPOCHS = flags.DEFINE_integer("epochs", 10, "Passes over the pictures.")
OUT = flags.DEFINE_string("out", "runs/cycle_gan", "Where the pictures and the model go.")


def shapes(count: int, seed: int) -> np.ndarray:
    """Draws light discs and rings on a dark ground, (count, 28, 28, 1)."""
    rng = np.random.default_rng(seed)
    x, y = rng.uniform(8, 20, (2, count, 1, 1))
    radius, rows = rng.uniform(3, 8, (count, 1, 1)), np.arange(28)
    distance = np.hypot(rows[:, None] - y, rows[None] - x)
    inner = np.where(rng.random((count, 1, 1)) < 0.5, 0, radius - 2)
    return (255 * ((distance < radius) & (distance >= inner))[..., None]).astype("uint8")


def main(argv):
    del argv
    keras.utils.set_random_seed(0)
    count, epochs = (64, 1) if SMOKE.value else (4096, EPOCHS.value)
    if A.value and B.value:
        a, b = (data.read(f"folder:{folder}", image_size=SIZE.value).images for folder in (A.value, B.value))
    else:
        a, b = shapes(count, seed=0), 255 - shapes(count, seed=1)  # other shapes: there are no pairs
    shape, width = a.shape[1:], 4 if SMOKE.value else 16

    game = CycleGAN(
        resnet_translator(shape, width=width, name="g_ab"),
        resnet_translator(shape, width=width, name="g_ba"),
        patch_discriminator(shape, width=2 * width, name="d_a"),
        patch_discriminator(shape, width=2 * width, name="d_b"),
        seed=0,
    )
    game.compile()
    game.fit(data.unpaired(a=a, b=b, batch_size=16), epochs=epochs, verbose=2)

    real_a, real_b = (images.from_uint8(each[:8]) for each in (a, b))
    columns = [real_a, game.make("fake_b", a=real_a), game.make("back_a", a=real_a)]
    columns += [real_b, game.make("fake_a", b=real_b), game.make("back_b", b=real_b)]
    images.save_png(f"{OUT.value}/pictures.png", images.grid(np.concatenate(columns), columns=8))
    game.save(f"{OUT.value}/game.keras")
    print("Pictures, translations and the way back, and the model:", OUT.value)


if __name__ == "__main__":
    app.run(main)
