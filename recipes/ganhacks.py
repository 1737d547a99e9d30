"""The tips of "How to train a GAN", each applied alone to a plain DCGAN, at about equal cost on MNIST.

    TFDS_DATA_DIR=... python -m recipes.ganhacks              # 33 runs of three minutes of one core
    python -m recipes.ganhacks --smoke                        # some seconds, no record

Source: Chintala et al., 2016 (https://github.com/soumith/ganhacks); names begin with the number of the tip.

`plain` follows the tips that every network here follows: inputs in [-1, 1] and a tanh (1), the loss -log D (2), normal
latents (3), batch normalization with separate batches of real and fake (4), leaky rectifiers in the discriminator (5;
the tip means both players), DCGAN's networks (7), Adam (9).

Tips removed from `plain`: `2_minimax`, `3_uniform` latents, `4_without` normalization in the discriminator.

Tips added to `plain`:

- `6_soft_labels`: 0.7 to 1 for real examples (the tip: to 1.2), 0 to 0.3 for fakes.
- `6_flipped_labels`: one label in twenty.
- `8_replay`: half of the fakes from a pool of 1,024 earlier ones.
- `9_sgd`: for the discriminator, with a rate of 0.01 and momentum 0.9; the tip has no momentum.
- `13_noise`: on the discriminator's inputs, with a standard deviation that falls from 0.3 to 0. The tip also has noise
  in each layer of the generator.
- `14_more_moves`: two discriminator updates per generator update.
- `17_dropout`: 0.3 in the discriminator. The tip means the generator, where it would have to stay on for sampling.

Not included: tips without a parameter (10, 11), with labels (12, 16), and minibatch discrimination (15). The measure is
that of `recipes.comparison`; `_spread` is the standard deviation over seeds.

Result: two changes help at this size and cost: noise, with a distance of 64 where `plain` has 80 and real digits 1.7,
and no normalization in the discriminator, with 56, against the tip. Minimax in place of -log D fails with two of three
seeds. A second discriminator update costs more than it gains. The other changes are within the spread of `plain`. Seed
by seed, SGD (by 8 to 11), flipped labels (2 to 8), replay (0.3 to 9) and uniform latents (3 to 5) are better than
`plain`, soft labels (3 to 11) and dropout (8 to 12) worse. Costs are not equal, however: runs took 157 to 211 s,
`plain` 170 s on average, SGD 19 % more time and 12 % more steps, flipped labels 15 % more time and 17 % more steps.
"""

import dataclasses

import keras
from absl import app, flags

from keras_gan import GAN, augmentations, objectives, presets
from keras_gan.presets.two_players import TwoPlayers
from keras_gan.replay import FakePool
from recipes import comparison

SECONDS = flags.DEFINE_float("seconds", 180, "Seconds of training on one core, per run.", lower_bound=0)
SEEDS = flags.DEFINE_integer("seeds", 3, "Number of seeds, from 0 on.", lower_bound=1)
WORK = flags.DEFINE_string("work", None, "Folder of finished runs and checkpoints. Default: a folder in runs/.")
SMOKE = flags.DEFINE_boolean("smoke", False, "Run a few steps of small players on noise.")

EMA, SHAPE = 0.999, (28, 28, 1)
DCGAN = presets.get("dcgan")
MAKE = TwoPlayers("batch", hidden=0)
PLAYERS = {"3_uniform": DCGAN.make, "4_without": TwoPlayers(None, hidden=0)}
PLAYERS |= {"17_dropout": TwoPlayers("batch", hidden=0, dropout=0.3)}
OPTIONS = {  # what `build` is given, made anew for each game
    "plain": lambda steps: {},
    "2_minimax": lambda steps: {"objective": "minimax"},
    "3_uniform": lambda steps: {},
    "4_without": lambda steps: {},
    "6_soft_labels": lambda steps: {"objective": objectives.NonSaturating((0.0, 0.3), (0.0, 0.3))},
    "6_flipped_labels": lambda steps: {"objective": objectives.NonSaturating(label_flip=0.05)},
    "8_replay": lambda steps: {"replay": FakePool(1024, share=0.5)},
    "9_sgd": lambda steps: {"discriminator_optimizer": keras.optimizers.SGD(0.01, momentum=0.9)},
    "13_noise": lambda steps: {"augmentation": augmentations.InstanceNoise(0.3, decay_steps=max(1, steps))},
    "14_more_moves": lambda steps: {"discriminator_steps": 2},
    "17_dropout": lambda steps: {},
}


def build(way: str, seed: int, steps: int) -> GAN:
    small = {"width": 2, "run_eagerly": True} if SMOKE.value else {"jit_compile": False}
    preset = dataclasses.replace(DCGAN, make=PLAYERS.get(way, MAKE))
    return preset.build(SHAPE, seed=seed, ema=EMA, steps=steps, **small, **OPTIONS[way](steps))


def main(argv):
    del argv
    smoke = "17_dropout" if SMOKE.value else None
    published = {"tips": "No number: a list of what helped the authors in 2016."}
    budget = {"seconds": SECONDS.value, "seeds": SEEDS.value, "work": WORK.value}
    comparison.write(__file__, build, list(OPTIONS), published, **budget, smoke=smoke, ema=EMA)


if __name__ == "__main__":
    app.run(main)
