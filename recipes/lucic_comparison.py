"""Are GANs created equal? Five objectives, three seeds, the same processor time each, on MNIST and Fashion-MNIST.

    TFDS_DATA_DIR=... python -m recipes.lucic_comparison                          # 15 runs of ten minutes of one core
    TFDS_DATA_DIR=... python -m recipes.lucic_comparison --dataset=fashion_mnist
    python -m recipes.lucic_comparison --smoke                                    # some seconds, nothing is kept

Lucic et al., 2018 (https://arxiv.org/abs/1711.10337): with a budget that is large enough most objectives reach similar
distances. Their figures are the best of 100 samples of hyperparameters by Inception's features, and not to be compared
with those here; their minimax GAN, WGAN and BEGAN are left out. Here each objective is a preset of `keras_gan.presets`,
with the objective, optimizers and moves of its paper, and what its `deviations` say; convolutional players have one
width, batches 64 pictures, and the generator an average of decay 0.999; nothing is tuned. `dcgan` is non-saturating,
`lsgan` least squares, `wgan_gp` Wasserstein with a gradient penalty and five moves of the critic, `dragan`
non-saturating with a penalty around real pictures, and `gan` relativistic with penalties at both sides and a rate that
falls to 0. The measure is that of `recipes.comparison`. A `_spread` is the standard deviation over seeds.

The committed runs had 300 seconds each. At equal cost the objectives are far from equal, and but for `dcgan` and
`lsgan` the differences are several times those of seeds. `gan` is nearest on both data sets; its networks (two more
dense layers in the generator, one in the discriminator), rate and reused fakes were chosen here, on these data sets by
such distances, while the others have their papers' settings, so that this says what a user gets and not that its loss
alone is better. Of the others, `dragan` is best on digits and third on Fashion-MNIST, where `dcgan` and `lsgan` are
before it; `wgan_gp`, whose five moves of the critic leave a quarter to a third of the steps of these, is last on both.
With one small budget, half of the ten minutes, and nothing tuned, this neither repeats the paper's conclusion nor
refutes it.
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
