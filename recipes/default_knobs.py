"""Ablation of the default GAN on MNIST: each setting is changed alone, at equal cost.

    TFDS_DATA_DIR=... python -m recipes.default_knobs         # fourteen runs of three minutes of one core per seed
    python -m recipes.default_knobs --smoke                   # some seconds, no record

`default` is `keras_gan.presets.get("gan")`: DCGAN's networks with two more dense layers before the smallest map of the
generator, the relativistic loss with penalties of weight 5 on both gradients, Adam of rate 0.002 that decays to 0,
reused fakes, and a moving average of the generator. The other runs change one setting:

- `rate_0.001`, `rate_0.004`: the learning rate.
- `penalties_1`, `penalties_20`: the weight of the penalties.
- `dense_0`, `dense_1`, `dense_3`: the number of dense layers in the generator.
- `wide_maker`: a generator of twice the width.
- `wide_judge`: a last hidden layer of 256 units in the discriminator, in place of 128.
- `fresh_fakes`: separate fakes for each player.
- `no_average`: no moving average.
- `bfloat16`: mixed precision, for processors that support it.
- `earlier`: the former default, with rate 0.001, no dense layers and fresh fakes.

The measure is that of `recipes.comparison`. Conditional training is measured in `recipes.default_runs`.

Result: there is one seed, so small differences are noise; the standard deviation over three seeds is 0.5 in
`recipes.lucic_comparison`. Without the higher rate, the reused fakes or the dense layers the distance increases by 0.9,
1.1 and 1.8; without all three by 14.2, three quarters of the former default's distance. Twice the rate, or twice the
generator's width (which halves the steps), more than doubles the distance, to 12.1 and 12.0. Without the moving average
it increases by 2.7. One dense layer and the wider discriminator are as good as the default.
"""

import dataclasses

import keras
from absl import app, flags

from keras_gan import GAN, presets
from keras_gan.presets.two_players import TwoPlayers
from recipes import comparison

SECONDS = flags.DEFINE_float("seconds", 180, "Seconds of training on one core, per run.", lower_bound=0)
KNOBS = flags.DEFINE_list(
    "knobs", None, "Knobs to run. Default: all, as the record needs; finished runs are not repeated."
)
SEEDS = flags.DEFINE_integer("seeds", 1, "Number of seeds, from 0 on.", lower_bound=1)
WORK = flags.DEFINE_string("work", None, "Folder of finished runs and checkpoints. Default: a folder in runs/.")
SMOKE = flags.DEFINE_boolean("smoke", False, "Run a few steps of small players on noise.")

SHAPE = (28, 28, 1)
LOSS = "relativistic_paired + {0} * r1 + {0} * r2"
SLOW = {"generator_lr": 1e-3, "discriminator_lr": 1e-3}


class WideMaker(TwoPlayers):
    """Two players, the generator of twice the width."""

    def generator(self, plan, latents):
        return super().generator(dataclasses.replace(plan, width=2 * plan.width), latents)


PLAYERS = {"earlier": TwoPlayers(), "wide_maker": WideMaker(mapping=2), "wide_judge": TwoPlayers(hidden=256, mapping=2)}
PLAYERS |= {f"dense_{count}": TwoPlayers(mapping=count) for count in (0, 1, 3)}
OPTIONS = {  # what `build` is given
    "default": {},
    "earlier": {**SLOW, "reuse_fakes": False},
    "rate_0.001": SLOW,
    "rate_0.004": {"generator_lr": 4e-3, "discriminator_lr": 4e-3},
    "penalties_1": {"objective": LOSS.format(1)},
    "penalties_20": {"objective": LOSS.format(20)},
    "dense_0": {},
    "dense_1": {},
    "dense_3": {},
    "wide_judge": {},
    "wide_maker": {},
    "fresh_fakes": {"reuse_fakes": False},
    "no_average": {"ema": 0.0},
    "bfloat16": {},
}


def build(way: str, seed: int, steps: int) -> GAN:
    small = {"width": 2, "run_eagerly": True} if SMOKE.value else {"jit_compile": False}
    preset = presets.get("gan")
    preset = dataclasses.replace(preset, make=PLAYERS.get(way, preset.make))
    policy = keras.config.dtype_policy()
    try:
        keras.config.set_dtype_policy("mixed_bfloat16" if way == "bfloat16" else policy)
        return preset.build(SHAPE, seed=seed, steps=steps, **small, **OPTIONS[way])
    finally:
        keras.config.set_dtype_policy(policy)


def main(argv):
    del argv
    published = {"knobs": "No number: the default is this project's own."}
    budget = {"seconds": SECONDS.value, "seeds": SEEDS.value, "work": WORK.value}
    comparison.write(
        __file__, build, KNOBS.value or list(OPTIONS), published, **budget, smoke="dense_1" if SMOKE.value else None
    )


if __name__ == "__main__":
    app.run(main)
