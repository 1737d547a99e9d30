"""SRGAN: pictures of twice the size, in two phases: the squared error alone, then adversarial training.

python examples/super_resolution.py         # about two minutes of a core
python examples/super_resolution.py --folder=path/to/pictures --image_size=64 --epochs=100
python examples/super_resolution.py --smoke
"""

import keras
import numpy as np
import tensorflow as tf
from absl import app, flags

from keras_gan import data, images
from keras_gan.models import SRGAN
from keras_gan.networks import srgan_discriminator, srresnet

SMOKE = flags.DEFINE_boolean("smoke", False, "A few steps only.")
FOLDER = flags.DEFINE_string("folder", None, "A folder of pictures; without it, scikit-learn's digits.")
SIZE = flags.DEFINE_integer("image_size", 64, "Pictures of a folder are cut around their centre and scaled to this.")
EPOCHS = flags.DEFINE_integer("epochs", 20, "Passes over the pictures in each of the phases.")
OUT = flags.DEFINE_string("out", "runs/super_resolution", "Where the pictures and the model go.")


def main(argv):
    del argv
    keras.utils.set_random_seed(0)
    found = data.read(f"folder:{FOLDER.value}", image_size=SIZE.value) if FOLDER.value else data.read("digits")
    train, test = found.images[8:], found.images[:8]
    epochs, width, blocks = (1, 4, 1) if SMOKE.value else (EPOCHS.value, 32, 4)
    train = train[:64] if SMOKE.value else train
    pairs = data.paired(low=data.Small(2), high=train, batch_size=min(16, len(train)))  # `low` is made of `high`

    _, height, wide, channels = train.shape
    generator = srresnet((height // 2, wide // 2, channels), factor=2, width=width, blocks=blocks)
    game = SRGAN(generator, srgan_discriminator((height, wide, channels), width=width, hidden=8 * width), seed=0)
    game.compile(game.pretraining(), moves="generator")  # the discriminator rests
    game.fit(pairs, epochs=epochs, verbose=2)
    low = data.Small(2)(test).numpy()
    before = game.make("restored", low=low)
    game.compile()
    game.fit(pairs, epochs=epochs, verbose=2)

    blurred = np.clip(tf.image.resize(low, (height, wide), "bicubic"), -1, 1)
    truth = images.from_uint8(test)
    rows = {"bicubic": blurred, "the first phase": before, "the game": game.make("restored", low=low)}
    for name, made in rows.items():
        print(f"{name}: {10 * np.log10(4 / np.mean((made - truth) ** 2)):.1f} dB")  # of numbers from -1 to 1
    grid = images.grid(np.concatenate([*rows.values(), truth]), columns=8, scale=max(1, 64 // height))
    images.save_png(f"{OUT.value}/pictures.png", grid)
    game.save(f"{OUT.value}/game.keras")
    print(f"Rows: {', '.join(rows)}, the truth. They and the model are in {OUT.value}")


if __name__ == "__main__":
    app.run(main)
