"""A game on a line: p_data, p_g, and the discriminator beside the optimal one, D* = p_data / (p_data + p_g).

    python examples/gaussian_1d.py     # half a minute on 2 cores
    python examples/gaussian_1d.py --smoke

Goodfellow et al., 2014, figure 1 and proposition 1.
"""

import keras
import numpy as np
from absl import app, flags
from matplotlib.figure import Figure

from keras_gan import GAN, callbacks, data, images, networks
from keras_gan.ground import plots

SMOKE = flags.DEFINE_boolean("smoke", False, "A few steps only.")
OUT = flags.DEFINE_string("out", "runs/gaussian_1d", "Where the pictures go.")


def main(argv):
    del argv
    keras.utils.set_random_seed(0)
    steps, epochs = (20, 2) if SMOKE.value else (4000, 10)
    mixture = data.gaussian_mixture_1d(means=(-1.5, 1.5), scales=0.5)

    gan = GAN(
        networks.mlp_generator(1, (1,), hidden=(64, 64)),
        networks.mlp_discriminator((1,), hidden=(64, 64)),
        latents=1,
        seed=0,
        ema=0.99,
    )
    gan.compile(
        objective="non_saturating + 0.1 * r1",
        generator_optimizer=keras.optimizers.Adam(1e-3, beta_1=0.0, beta_2=0.99),
        discriminator_optimizer=keras.optimizers.Adam(2e-3, beta_1=0.0, beta_2=0.99),
        jit_compile=True,
        steps_per_execution=10,
    )
    gan.fit(
        mixture.dataset(batch_size=256).repeat(),
        steps_per_epoch=steps // epochs,
        epochs=epochs,
        callbacks=[callbacks.SampleGrid(OUT.value, real=mixture.sample(5000))],
    )

    x = np.linspace(-4, 4, 401)[:, None].astype("float32")
    counts, edges = np.histogram(gan.generate(50_000, seed=1), bins=160, range=(-4, 4), density=True)
    p_g = np.interp(x[:, 0], (edges[:-1] + edges[1:]) / 2, counts)
    p_data = mixture.density(x)
    optimal = p_data / np.maximum(p_data + p_g, 1e-9)
    learned = keras.ops.sigmoid(gan.discriminator(x)[:, 0])

    figure = Figure(figsize=(7, 4), dpi=110, layout="tight")
    axes = figure.add_subplot(xlabel="x")
    axes.plot(x, p_data, "k:", label="p_data")
    axes.plot(x, p_g, color=plots.FAKE, label="p_g")
    axes.plot(x, learned, "b--", label="D")
    axes.plot(x, optimal, color=plots.REAL, label="D* = p_data / (p_data + p_g)")
    axes.legend(frameon=False)
    images.save_png(f"{OUT.value}/picture.png", plots.pixels(figure))
    mean = float(np.mean(learned[p_data > 0.05]))
    print(f"mean of D on the data: {mean:.3f} (0.5 at the optimum). {OUT.value}/picture.png")


if __name__ == "__main__":
    app.run(main)
