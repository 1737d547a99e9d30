"""A BiGAN of a ring of Gaussians: the encoder learns the latents of a point without pairs.

python examples/bigan.py            # about a minute on 2 cores
python examples/bigan.py --smoke
"""

import keras
import numpy as np
from absl import app, flags

from keras_gan import data, latents, networks
from keras_gan.models import BiGAN

SMOKE = flags.DEFINE_boolean("smoke", False, "A few steps only.")
OUT = flags.DEFINE_string("out", "runs/bigan", "Where the model goes.")

CODE, HIDDEN = 2, (128, 128)


def discriminator():
    """Judges points with their codes."""
    x, z = keras.Input((2,)), keras.Input((CODE,))
    y = keras.layers.Concatenate()([x, z])
    for width in HIDDEN:
        y = keras.layers.LeakyReLU(0.2)(keras.layers.Dense(width)(y))
    return keras.Model([x, z], keras.layers.Dense(1)(y), name="discriminator")


def main(argv):
    del argv
    keras.utils.set_random_seed(0)
    steps, epochs = (20, 2) if SMOKE.value else (10_000, 10)
    ring = data.ring()

    game = BiGAN(
        networks.mlp_generator(CODE, (2,), hidden=HIDDEN),
        networks.mlp_generator(2, (CODE,), hidden=HIDDEN, name="encoder"),
        discriminator(),
        latents=latents.Uniform(CODE),
        seed=0,
        ema=0.99,
    )
    rate = keras.optimizers.schedules.CosineDecay(1e-3, steps)
    game.compile(
        "swapped(relativistic_paired) + 0.05 * (r1 + r2)",
        generator_optimizer=keras.optimizers.Adam(rate, 0.0, 0.99),
        discriminator_optimizer=keras.optimizers.Adam(rate, 0.0, 0.99),
        jit_compile=True,  # a small dense game: XLA wins on a CPU too
        steps_per_execution=10,
    )
    game.fit(ring.dataset(batch_size=256).repeat(), steps_per_epoch=steps // epochs, epochs=epochs, verbose=2)

    points = ring.sample(2000)
    back = game.make("back", real=points)
    ratio, other = np.linalg.norm(points - back, axis=1), np.linalg.norm(points[::-1] - back, axis=1)
    game.save(f"{OUT.value}/bigan.keras")
    print(
        f"|x - G(E(x))| is {ratio.mean() / other.mean():.2f} of the distance to another point. The model: {OUT.value}"
    )


if __name__ == "__main__":
    app.run(main)
