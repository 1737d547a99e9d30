"""Which knob of the default GAN gives what? Each is turned alone, at equal cost on MNIST.

    TFDS_DATA_DIR=... python -m recipes.default_knobs         # fourteen runs of three minutes of one core for each seed
    python -m recipes.default_knobs --smoke                   # some seconds, nothing is kept

`default` is `keras_gan.presets.get("gan")`: DCGAN's networks with two more dense layers before the smallest map of the
generator, the relativistic loss with penalties of weight 5 at both sides, Adam of rate 0.002 that falls to 0, reused
fakes, an average of the generator. The others differ from it in what their name says: `rate_0.001` and `rate_0.004`;
`penalties_1` and `penalties_20`; `dense_0`, `dense_1` or `dense_3` layers in place of the two; `wide_maker`, where the
generator is twice as wide; `wide_judge`, a last hidden layer of 256 in place of 128; `fresh_fakes` for each player;
`no_average`; `bfloat16`, for processors that have it. `earlier` is what the default was before: rate 0.001, no more
dense layers, fresh fakes. The measure is that of `recipes.comparison`. What classes give is in `recipes.default_runs`.

The committed run has one seed, so that small differences say nothing: those of three seeds have a standard deviation of
0.5 in `recipes.lucic_comparison`. Undoing the higher rate, the reused fakes or the dense layers costs 0.9, 1.1 and 1.8
of distance; undoing all three, 14.2, three quarters of the distance of what was before. Leaving out the average costs
2.7. One dense layer and a wider judge are as good as the default.
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
