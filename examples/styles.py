"""StarGAN: one generator translates digits into any of several styles.

python examples/styles.py       # some minutes on 2 cores
python examples/styles.py --smoke
"""

import keras
import numpy as np
from absl import app, flags

from keras_gan import data, images
from keras_gan.models import StarGAN
from keras_gan.networks import patch_discriminator, resnet_translator, with_head

SMOKE = flags.DEFINE_boolean("smoke", False, "A few steps only.")
EPOCHS = flags.DEFINE_integer("epochs", 30, "Passes over the digits.")
OUT = flags.DEFINE_string("out", "runs/styles", "Where the pictures and the model go.")

ORANGE = np.array([1.0, 0.6, 0.0])
STYLES = {
    "white": lambda digits: digits,
    "negative": lambda digits: 255 - digits,
    "orange": lambda digits: (digits * ORANGE).astype("uint8"),
}


def main(argv):
    del argv
    keras.utils.set_random_seed(0)
    digits = np.repeat(data.read("digits").images, 3, axis=-1)  # scikit-learn's, of 8x8 pixels: they need no network
    digits, epochs = (digits[:96], 1) if SMOKE.value else (digits, EPOCHS.value)
    pictures = [style(part) for style, part in zip(STYLES.values(), np.array_split(digits, len(STYLES)), strict=True)]
    labels = np.repeat(np.arange(len(STYLES)), [len(part) for part in pictures]).astype("int32")
    batches = data.Pictures(np.concatenate(pictures), labels).dataset(batch_size=16, labels=True)

    shape, width = digits.shape[1:], 4 if SMOKE.value else 16
    judge = patch_discriminator(shape, width=width, normalization=None)
    game = StarGAN(
        resnet_translator(shape, width=width, halvings=0, classes=len(STYLES), normalization="batch"),
        with_head(judge, "hidden_2", len(STYLES), "class_logits"),  # it also names the style
        domains=len(STYLES),
        seed=0,
    )
    game.compile(
        "least_squares + auxiliary_classifier(on_fake=False) + 10 * distance(back, real)",  # faster than the paper's
        discriminator_steps=1,
        generator_optimizer=keras.optimizers.Adam(5e-4, beta_1=0.5),
        discriminator_optimizer=keras.optimizers.Adam(5e-4, beta_1=0.5),
    )
    game.fit(batches, epochs=epochs, verbose=2)

    given = images.from_uint8(np.concatenate([part[:4] for part in pictures]))
    rows = [given]
    for style in range(len(STYLES)):
        rows.append(game.make("fake", real=given, target=np.full(len(given), style)))
    images.save_png(f"{OUT.value}/styles.png", images.grid(np.concatenate(rows), columns=len(given), scale=4))
    game.save(f"{OUT.value}/game.keras")
    print(f"Digits, and what they are as {', '.join(STYLES)}: {OUT.value}/styles.png")


if __name__ == "__main__":
    app.run(main)
