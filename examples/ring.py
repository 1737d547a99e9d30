"""Mode coverage: a GAN of eight Gaussians on a ring.

python examples/ring.py            # about a minute on 2 cores
python examples/ring.py --smoke
"""

import keras
import numpy as np
from absl import app, flags

from keras_gan import GAN, callbacks, data, networks

SMOKE = flags.DEFINE_boolean("smoke", False, "A few steps only.")
OUT = flags.DEFINE_string("out", "runs/ring", "Where the pictures go.")


def main(argv):
    del argv
    keras.utils.set_random_seed(0)
    steps, epochs = (20, 2) if SMOKE.value else (10_000, 10)
    ring = data.ring()

    gan = GAN(
        networks.mlp_generator(2, (2,), hidden=(128, 128, 128)),
        networks.mlp_discriminator((2,), hidden=(128, 128, 128)),
        latents=2,
        seed=0,
    )
    gan.compile(
        objective="relativistic_paired + 0.05 * r1 + 0.05 * r2",
        generator_optimizer=keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(1e-3, steps), 0.0, 0.99),
        discriminator_optimizer=keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(1e-3, steps), 0.0, 0.99),
        jit_compile=True,  # a small dense game: XLA wins on a CPU too
        steps_per_execution=10,
    )
    gan.fit(
        ring.dataset(batch_size=256).repeat(),
        steps_per_epoch=steps // epochs,
        epochs=epochs,
        callbacks=[
            callbacks.SampleGrid(OUT.value, real=ring.sample(2000)),
            callbacks.LossPlot(f"{OUT.value}/curves.png"),
        ],
    )

    points = gan.generate(2500, seed=1)
    distances = np.linalg.norm(points[:, None] - ring.modes, axis=-1)
    good = distances.min(axis=1) < 3 * ring.scales[0]
    modes = len(np.unique(distances.argmin(axis=1)[good]))
    print(f"{modes} of 8 modes, {good.mean():.1%} of the points within 3 sigma of one. Pictures: {OUT.value}")


if __name__ == "__main__":
    app.run(main)
