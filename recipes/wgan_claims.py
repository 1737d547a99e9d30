"""Two claims of Wasserstein GAN on MNIST: the critic's loss follows sample quality; no normalization is needed.

    TFDS_DATA_DIR=... python -m recipes.wgan_claims            # six runs, an hour or two of one core
    python -m recipes.wgan_claims --smoke                      # some seconds, no record

Paper: Arjovsky et al., 2017 (https://arxiv.org/abs/1701.07875), figures 3 to 7. The estimate of the Wasserstein
distance falls while samples improve, that of the Jensen-Shannon divergence does not follow them; WGAN trains without
normalization.

As in the paper:

- `wgan`: algorithm 1, with weights of the critic clipped to 0.01, five critic updates per step, RMSprop of 5e-5 (rho
  0.99, epsilon 1e-16 under the root, about 1e-8 outside of it), batches of 64.
- `gan`: the non-saturating game with one update per player, Adam of 2e-4, beta_1 0.5.
- Networks: DCGAN's with batch normalization (figures 3 to 5). `wgan_plain` and `gan_plain`: no normalization in the
  generator (figure 6). `wgan_dense` and `gan_dense`: a generator of four dense layers of 512 rectified units without
  normalization (figures 3, 4 and 7).

Different from it:

- Data: MNIST, and 32 filters at the largest map. Convolutions have biases and Keras's initializers.
- The generator without normalization keeps DCGAN's numbers of filters; the paper's has the same number in each layer.
- The critic does not get 100 updates in the first 25 steps and at every 500th, as in the paper's program.

Measures: `rank_correlation_of_wgan` is Spearman's correlation between the mean Wasserstein estimate of an epoch (minus
the critic's loss) and the Frechet distance at its end, between 5,000 samples and 5,000 test digits, in the features of
a digit classifier. `rank_correlation_of_gan` is that of the Jensen-Shannon estimate, log 2 minus half of the
discriminator's loss. Both leave out the first epochs, `--skip`, in which the critic has not learned yet. All runs have
equally many generator steps.

Result (one seed): the Wasserstein estimate follows quality closely, with a rank correlation of 0.998 with normalization
and 0.996 without. The Jensen-Shannon estimate follows it loosely, with 0.65 and 0.79, where the paper's rises or stays.
WGAN trains without normalization; so does GAN here, unlike in the paper, and with convolutions its samples are better
after as many steps: 60 with normalization and 81 without, where WGAN has 83 and 109. With dense layers the correlations
are 0.88 and 0.32. All samples of GAN are alike there, while those of WGAN improve slowly until the end; the estimate of
GAN rises, as in the paper.
"""

import math

import keras
import numpy as np
from absl import app, flags

from keras_gan import GAN, constraints, images, networks
from keras_gan.ground import plots
from keras_gan.metrics.functional import frechet_distance_of_features
from recipes import Record, runs

SEED = flags.DEFINE_integer("seed", 0, "The seed of data, weights and training.")
STEPS = flags.DEFINE_integer("steps", 10_000, "Generator steps per run.", lower_bound=1)
SKIP = flags.DEFINE_integer("skip", 2, "Epochs at the start that are left out of the correlation.", lower_bound=0)
WORK = flags.DEFINE_string("work", None, "Folder of checkpoints. Default: a folder in runs/.")
SMOKE = flags.DEFINE_boolean("smoke", False, "Run a few steps of small players on noise.")

WAYS = {f"{game}{network}": (game, network) for network in ("", "_plain", "_dense") for game in ("wgan", "gan")}
LATENTS, SHAPE, BATCH, WIDTH, WIDE, EACH, COUNT = 100, (28, 28, 1), 64, 32, 512, 200, 5_000
PUBLISHED = {
    "wgan": "The estimate falls as the samples become better (figure 3).",
    "gan": "The estimate rises or stays while the samples become better (figure 4).",
    "wgan_plain": "Digits, or rooms there, without normalization (figure 6).",
    "gan_plain": "Fails (figure 6).",
    "wgan_dense": "Rooms of lower quality than those of convolutions (figure 7).",
    "gan_dense": "Worse, and alike each other (figure 7).",
}
ESTIMATES = {  # of a divergence, by the discriminator's loss
    "wgan": lambda loss: -loss,
    "gan": lambda loss: math.log(2) - loss / 2,
}


def build(way: str) -> GAN:
    keras.utils.set_random_seed(SEED.value)
    game, network = WAYS[way]
    filters = 2 if SMOKE.value else WIDTH
    maker = generator(network, filters)
    judge = networks.dcgan_discriminator(SHAPE, filters=filters, hidden=0, normalization="batch")
    gan, pace = GAN(maker, judge, LATENTS, seed=SEED.value), runs.pace(SMOKE.value, dense=False)
    if game == "wgan":
        optimizers = [keras.optimizers.RMSprop(5e-5, rho=0.99, epsilon=1e-16) for _ in range(2)]
        clip, moves = constraints.ClipWeights(0.01), 1 if SMOKE.value else 5
        gan.compile("wasserstein", *optimizers, discriminator_steps=moves, discriminator_constraint=clip, **pace)
    else:
        gan.compile("non_saturating", *(keras.optimizers.Adam(2e-4, beta_1=0.5) for _ in range(2)), **pace)
    return gan


def generator(network: str, filters: int) -> keras.Model:
    if network == "_dense":
        return networks.mlp_generator(LATENTS, SHAPE, hidden=4 * (WIDE,), output_activation="tanh")
    normalization = None if network == "_plain" else "batch"
    return networks.dcgan_generator(LATENTS, SHAPE, filters=filters, normalization=normalization)


def rank_correlation(a: list[float], b: list[float]) -> float:
    """Computes Spearman's correlation, of numbers that all differ."""
    ranks = [np.argsort(np.argsort(each)) for each in (a, b)]
    return float(np.corrcoef(*ranks)[0, 1])


def estimates(way: str, rows: list[dict]) -> list[float]:
    """Returns the estimate of the divergence at each row of a run's curve."""
    game, _ = WAYS[way]
    return [ESTIMATES[game](row["d_loss"]) for row in rows]


def show(curves: dict[str, list[dict]], samples: dict[str, np.ndarray], path) -> None:
    """Draws a row a run: its samples, the estimates and the distances."""
    columns = [[], []]
    for way, rows in curves.items():
        panels = {
            f"{way}: estimate": {"divergence": estimates(way, rows)},
            "Frechet distance": {"of samples": [row["frechet_distance"] for row in rows]},
        }
        columns[0].append(images.grid(samples[way], columns=10))
        columns[1].append(plots.curves(panels))
    images.save_png(path, images.grid(images.beside([np.stack(each) for each in columns]), columns=2)[::2, ::2, :1])


def main(argv):
    del argv
    work = runs.folder(WORK.value, f"wgan_claims_{SEED.value}", SMOKE.value)
    pictures, test, classifier = runs.judge("mnist", SMOKE.value)
    steps, epochs, count = (1, 2, 64) if SMOKE.value else (EACH, max(2, STEPS.value // EACH), COUNT)
    settings = {"steps": steps * epochs, "batch": BATCH, "width": WIDTH, "skip": SKIP.value, "latents": LATENTS}
    settings |= {"wgan": "RMSprop(5e-5, rho=0.99, epsilon=1e-16), weights clipped to 0.01, 5 moves of the critic"}
    settings |= {"gan": "Adam(2e-4, beta_1=0.5)"}
    record = Record(__file__, SEED.value, str(SEED.value), work if SMOKE.value else None, **settings)
    real, alike = (classifier.features(images.from_uint8(each.images[:count])) for each in (test, pictures))

    def measure(gan):
        made = classifier.features(gan.generate(count, seed=1))
        return {"frechet_distance": frechet_distance_of_features(real, made)}

    curves, samples, clocks = {}, {}, []
    for way in ["wgan"] if SMOKE.value else WAYS:
        gan, curve = build(way), runs.Curve(measure, keeps=("d_loss",))
        batches = pictures.dataset(8 if SMOKE.value else BATCH, seed=SEED.value)
        clocks.append(runs.train(gan, batches, work / way, epochs=epochs, steps=steps, callbacks=(curve,)))
        curves[way], samples[way] = curve.rows, gan.generate(40, seed=2)
        keras.backend.clear_session()
    record.stop(*(sum(clock.seconds[name] for clock in clocks) for name in ("wall", "processor")))

    numbers = {"frechet_distance_of_real": frechet_distance_of_features(real, alike)}
    for way, rows in curves.items():
        compared = rows[min(SKIP.value, len(rows) - 2) :]
        distances = [row["frechet_distance"] for row in compared]
        numbers[f"rank_correlation_of_{way}"] = rank_correlation(estimates(way, compared), distances)
        numbers[f"frechet_distance_of_{way}"] = distances[-1]
    show(curves, samples, record.picture)
    record.write(numbers, {"rank_correlation_of_wgan": ">= 0.9"}, PUBLISHED, curves=curves)


if __name__ == "__main__":
    app.run(main)
