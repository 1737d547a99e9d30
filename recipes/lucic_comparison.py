"""Are GANs created equal? Five objectives, three seeds, the same processor time each, on MNIST and Fashion-MNIST.

    TFDS_DATA_DIR=... python -m recipes.lucic_comparison                          # 15 runs of ten minutes of one core
    TFDS_DATA_DIR=... python -m recipes.lucic_comparison --dataset=fashion_mnist
    python -m recipes.lucic_comparison --smoke                                    # some seconds, no record

Paper: Lucic et al., 2018 (https://arxiv.org/abs/1711.10337): with a large enough budget, most objectives reach similar
distances. Its figures are the best of 100 samples of hyperparameters, in the features of Inception, and cannot be
compared with the numbers here. Its minimax GAN, WGAN and BEGAN are left out, and its VAE, which is no `GAN`.

Settings: each objective is a preset of `keras_gan.presets` with the objective, optimizers and updates of its paper,
apart from its listed `deviations`. All players have the same width, batches have 64 pictures, the generator has a
moving average of decay 0.999. Nothing is tuned.

- `dcgan`: non-saturating.
- `lsgan`: least squares.
- `wgan_gp`: Wasserstein with a gradient penalty and five critic updates per step.
- `dragan`: non-saturating with a gradient penalty around real pictures.
- `gan`: relativistic with penalties on both gradients, and a learning rate that decays to 0.

The measure is that of `recipes.comparison`; `_spread` is the standard deviation over seeds.

Result, with 300 seconds per run: at equal cost the objectives differ, and except for `dcgan` and `lsgan` they differ by
several times the spread over seeds. `gan` is best on both data sets. Its networks (two more dense layers in the
generator, one in the discriminator), rate and reused fakes were chosen on these data sets by such distances, while the
others have the settings of their papers: this shows what a user gets, and not that its loss alone is better. Of the
others, `dragan` is best on digits and third on Fashion-MNIST, after `dcgan` and `lsgan`. `wgan_gp`, whose critic
updates leave it a quarter to a half of the steps, is last on both. With one small budget, half of the intended ten
minutes, and without tuning, this neither confirms nor refutes the paper.
"""

from absl import app, flags

from keras_gan import GAN, presets
from recipes import comparison

DATASET = flags.DEFINE_enum("dataset", "mnist", ["mnist", "fashion_mnist"], "Training data.")
WAYS = flags.DEFINE_list("objectives", ["dcgan", "lsgan", "wgan_gp", "dragan", "gan"], "Presets to compare.")
SECONDS = flags.DEFINE_float("seconds", 600, "Seconds of training on one core, per run.", lower_bound=0)
SEEDS = flags.DEFINE_integer("seeds", 3, "Number of seeds, from 0 on.", lower_bound=1)
WORK = flags.DEFINE_string("work", None, "Folder of finished runs and checkpoints. Default: a folder in runs/.")
SMOKE = flags.DEFINE_boolean("smoke", False, "Run a few steps of small players on noise.")

EMA, SHAPE = 0.999, (28, 28, 1)
PUBLISHED = {
    "mnist": {"dcgan": 6.8, "lsgan": 7.8, "wgan_gp": 20.3, "dragan": 7.6},
    "fashion_mnist": {"dcgan": 26.5, "lsgan": 30.7, "wgan_gp": 24.5, "dragan": 27.7},
}


def build(way: str, seed: int, steps: int) -> GAN:
    small = {"width": 2, "run_eagerly": True} if SMOKE.value else {"jit_compile": False}
    return presets.get(way).build(SHAPE, seed=seed, steps=steps, ema=EMA, **small)


def main(argv):
    del argv
    name, smoke = DATASET.value, "lsgan" if SMOKE.value else None
    published = {f"{way}_by_inception_tuned": value for way, value in PUBLISHED[name].items()}
    budget = {"seconds": SECONDS.value, "seeds": SEEDS.value, "work": WORK.value}
    comparison.write(__file__, build, WAYS.value, published, **budget, dataset=name, name=name, smoke=smoke, ema=EMA)


if __name__ == "__main__":
    app.run(main)
