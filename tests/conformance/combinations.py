"""What is combined with what, found from the registries: objectives, penalties, augmentations, precision, XLA.

A new objective or augmentation is among the levels by itself, with its default arguments, and with players that give
what it reads. `tests/conformance/test_combinations.py` plays each objective with all penalties at once (`together`) and
each objective and each penalty under XLA (`compiled`); with `--nightly` also any two levels by themselves (`pairwise`).
`benchmarks/combinations.py` plays all combinations.
"""

import functools
import itertools
import math
from collections.abc import Sequence
from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf

from keras_gan import GAN, augmentations, latents, networks, objectives
from keras_gan.noise import Noise
from keras_gan.play.round import Round

SHAPE, CLASSES, BATCH, WEIGHT = (8, 8, 3), 4, 8, 0.1
CODES = latents.Codes(4, (10,), 2)  # of the default `MutualInformation`
HEADS = {"class_logits": CLASSES, "code": 14}
APART = ("swapped", "reconstruction")  # another objective, in other roles; it reads pictures, in tests/networks
# At p = 0, the default, nothing would happen; all of its transforms take three times as long to compile.
SETTINGS = {"adaptive": {"policy": "blit", "p": 0.5, "every": 1}}


class Combination(NamedTuple):
    """One level of each axis. `every` is 2 for a lazy penalty; `penalty` may name several, joined by " + "."""

    objective: str
    penalty: str | None
    every: int
    augmentation: str | None
    precision: str
    jit_compile: bool

    def __str__(self):
        return "-".join(map(str, self))

    @property
    def terms(self) -> list[objectives.Objective]:
        """The penalties, those lazy that may be if `every` is 2."""
        names = [] if self.penalty is None else self.penalty.split(" + ")
        lazy = [{"every": self.every} if self.every > 1 and may_be_lazy(name) else {} for name in names]
        return [objectives.KNOWN[name](**options) for name, options in zip(names, lazy, strict=True)]

    @property
    def whole(self) -> objectives.Objective:
        """What both players minimise."""
        return sum((WEIGHT * term for term in self.terms), start=objectives.KNOWN[self.objective]())

    @property
    def augmented(self) -> augmentations.Augmentation | None:
        """A new augmentation."""
        name = self.augmentation
        return None if name is None else augmentations.KNOWN[name](**SETTINGS.get(name, {}))


class Levels(NamedTuple):
    """The levels of the axes, cheap ones first."""

    objectives: list[str]
    penalties: list[str]
    augmentations: list[str | None]
    precisions: tuple[str, str] = ("float32", "mixed_bfloat16")


@functools.cache
def levels() -> Levels:
    """What is registered, sorted into axes."""
    known = {name: each for name, each in objectives.KNOWN.items() if not issubclass(each, objectives.NamedTerm)}
    for name in APART:
        known.pop(name)
    adversarial = [name for name, each in known.items() if is_adversarial(each())]
    terms = [name for name in known if name not in adversarial]
    return Levels(adversarial, terms, [None, *sorted(augmentations.KNOWN, reverse=True)])


def combinations() -> list[Combination]:
    """All of them, cheap levels first."""
    names = [None, *levels().penalties]
    penalties = [(name, every) for every in (1, 2) for name in names if every == 1 or may_be_lazy(name)]
    rest = itertools.product(levels().augmentations, levels().precisions)
    rows = itertools.product((False, True), rest, penalties, levels().objectives)
    return [Combination(objective, *penalty, *others, jit) for jit, others, penalty, objective in rows]


def together() -> list[Combination]:
    """Each objective with all penalties at once, in 16 bits, where dtypes can clash; each augmentation lazy and not."""
    penalties, others = " + ".join(levels().penalties), itertools.product((1, 2), reversed(levels().augmentations))
    rows = zip(levels().objectives, itertools.chain(others, itertools.repeat((1, None))), strict=False)
    return [Combination(name, penalties, *other, "mixed_bfloat16", False) for name, other in rows]


def compiled() -> list[Combination]:
    """Each objective and each penalty once under XLA; each augmentation in both precisions."""
    others = itertools.product(levels().precisions, reversed(levels().augmentations))
    turns = itertools.zip_longest(levels().objectives, [None, *levels().penalties], others)
    rows = []
    for i, (name, penalty, other) in enumerate(turns):
        precision, augmentation = other or ("float32", None)
        every = 2 if i % 2 and may_be_lazy(penalty) else 1
        rows.append(Combination(name or "hinge", penalty, every, augmentation, precision, jit_compile=True))
    return rows


def may_be_lazy(penalty: str | None) -> bool:
    """True if the penalty takes `every`."""
    return penalty is not None and "every" in objectives.KNOWN[penalty]().get_config()


def pairwise(rows: Sequence[tuple]) -> list[tuple]:
    """A few of `rows` in which any two levels of different axes meet, if they meet in any row at all.

    Greedy: always the first row among those with the most pairs that have not met yet.
    """
    numbers = {}
    bits = [sum(1 << numbers.setdefault(pair, len(numbers)) for pair in pairs(row)) for row in rows]
    left, chosen = (1 << len(numbers)) - 1, []
    while left:
        best = max(range(len(rows)), key=lambda i: (bits[i] & left).bit_count())
        left &= ~bits[best]
        chosen.append(rows[best])
    return chosen


def pairs(row: tuple) -> list[tuple]:
    """Any two of the row's (axis, level)."""
    return list(itertools.combinations(enumerate(row), 2))


# -- What an objective reads ------------------------------------------------------------------------------------------


class Asked(dict):
    """A discriminator's output that remembers which parts were asked for."""

    def __init__(self, parts: dict):
        super().__init__(parts)
        self.names = set()

    def __contains__(self, name):
        self.names.add(name)
        return super().__contains__(name)


def parts_read(objective: objectives.Objective, player: str) -> set[str]:
    """The parts of the discriminator's output that a player's loss looks at; penalties stand aside."""
    sizes = {"output": CLASSES if objective.critic_term else 1, "features": 3, **HEADS}
    output = Asked({name: tf.ones((2, size)) for name, size in sizes.items()})
    model, given = asking()
    getattr(objective.bound(model, model), f"{player}_loss")(Round(real_output=output, fake_output=output, **given))
    return output.names


@functools.cache
def asking() -> tuple[keras.Model, dict]:
    """A player, and what a round has beside outputs, to find out what an objective reads."""
    labels, z = tf.zeros((2,), tf.int32), CODES.draw(2, Noise((0, "parts")))
    given = {"real_labels": labels, "fake_labels": labels, "latents": z, "prior": CODES, "training": False}
    return keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)]), given


def is_adversarial(objective: objectives.Objective) -> bool:
    """True if both players' losses look at the verdict: a game by itself. Everything else is added to one."""
    return all("output" in parts_read(objective, player) for player in ("discriminator", "generator"))


# -- The game ---------------------------------------------------------------------------------------------------------


def agree(combination: Combination, run_eagerly: bool = False) -> GAN:
    """The compiled game of a combination, with players that give what its objective reads."""
    keras.utils.set_random_seed(0)
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(combination.precision)
    try:
        z = CODES if combination.whole.reads_latents else latents.Normal(4)
        generator = networks.mlp_generator(z.dim, SHAPE, hidden=(4,), activation="tanh", output_activation="tanh")
        game = GAN(generator, discriminator(combination.whole), z, seed=0)
    finally:
        keras.config.set_dtype_policy(before)
    optimizers = [keras.optimizers.SGD(0.01) for _ in range(2)]  # a fifth faster to compile than Adam
    options = {"augmentation": combination.augmented, "jit_compile": combination.jit_compile}
    game.compile(combination.whole, *optimizers, **options, run_eagerly=run_eagerly)
    return game


def discriminator(objective: objectives.Objective) -> keras.Model:
    """A small one that says what the objective reads: a score, an energy or an embedding, and the parts beside it."""
    wanted = {"output"}.union(*(parts_read(objective, player) for player in objective.players))
    if objective.critic_term or objective.reads_logits:
        inputs = keras.Input(SHAPE)
        hidden = keras.layers.Dense(8, "tanh")(keras.layers.Flatten()(inputs))
        verdict = keras.layers.Dense(CLASSES if objective.critic_term else 1)(hidden)
        parts = {"output": verdict, "features": hidden}
    else:
        energy = networks.autoencoder_discriminator(SHAPE, code=3, hidden=(8,), activation="tanh")
        inputs, parts = energy.input, energy.output
    parts |= {name: keras.layers.Dense(HEADS[name])(parts["features"]) for name in wanted & set(HEADS)}
    said = {name: parts[name] for name in sorted(wanted)}
    return keras.Model(inputs, said if len(said) > 1 else said["output"])


@functools.cache
def examples() -> tf.data.Dataset:
    """Two batches of pictures and labels."""
    draw = np.random.default_rng(0)
    pictures = draw.uniform(-1, 1, (2 * BATCH, *SHAPE)).astype("float32")
    return tf.data.Dataset.from_tensor_slices((pictures, draw.integers(0, CLASSES, 2 * BATCH))).batch(BATCH, True)


def play(game: GAN, combination: Combination) -> list[str]:
    """Two steps of `fit`, and what is wrong after them: nothing, if all is well."""
    matrices = [v for player in (game.discriminator, game.generator) for v in player.trainable_variables if v.ndim > 1]
    before = [matrix.numpy() for matrix in matrices]
    history = game.fit(examples(), verbose=0).history
    wrong = [f"{v.path} stands still" for v, old in zip(matrices, before, strict=True) if np.all(v.numpy() == old)]
    kept = [*game.variables, *game.generator_optimizer.variables, *game.discriminator_optimizer.variables]
    wrong += [f"{v.path} is not finite" for v in kept if not np.all(np.isfinite(v.numpy()))]
    return wrong + wrong_logs({name: value for name, [value] in history.items()}, combination)


def wrong_logs(logs: dict[str, float], combination: Combination) -> list[str]:
    """Where the logs are not the documented ones, not finite, or not a loss and the sum that it is."""
    first, terms = objectives.KNOWN[combination.objective](), combination.terms
    weights = {first: 1.0, **dict.fromkeys(terms, WEIGHT)} if terms else {}
    sums = {p[0]: {f"{p[0]}_{each.name}": w for each, w in weights.items() if p in each.players} for p in first.players}
    learned = {} if combination.augmented is None else combination.augmented.logs()
    names = {"d_loss", "g_loss", "d_real", "d_fake"}.union(learned, *sums.values())
    if set(logs) != names:
        return [f"the logs are {sorted(logs)}, not {sorted(names)}"]
    wrong = [f"{name} is {value}" for name, value in logs.items() if not math.isfinite(value)]
    for player, terms in sums.items():
        loss, total = logs[f"{player}_loss"], sum(weight * logs[name] for name, weight in terms.items())
        if terms and not math.isclose(loss, total, rel_tol=1e-4, abs_tol=1e-5):
            wrong.append(f"{player}_loss is {loss}, the sum of its terms {total}")
    return wrong
