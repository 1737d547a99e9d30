"""How many modes does a GAN find? The ring of 8 and the grid of 25 Gaussians, by recipe and seed.

    python -m benchmarks.modes                                                # until benchmarks/modes.json holds all
    python -m benchmarks.modes --recipes=non_saturating --games=ring --seeds=1
    python -m benchmarks.modes --recipes="non_saturating long" --seeds=1      # with as many steps as the paper: an hour

The protocol of the PacGAN paper: 2,500 samples; a sample is of high quality within 3 standard deviations of the nearest
mode; a mode counts with at least one such sample. Beside it, over 25,000 samples: the KL divergence of the modes'
shares to uniform, and the standard deviation of each mode over its true one (of the high-quality samples, as measured
on real points in the same way). Runs are processes of one thread each. Those that the record holds already are not
repeated.
"""

import concurrent.futures
import dataclasses
import json
import multiprocessing
import os
import pathlib
import time

import numpy as np
from absl import app, flags

from benchmarks import commit

GAMES = flags.DEFINE_list("games", ["ring", "grid"], "Games to run.")
CHOSEN = flags.DEFINE_multi_string("recipes", None, "Recipe to run; may be repeated. Default: all that are not long.")
SEEDS = flags.DEFINE_integer("seeds", 5, "Number of seeds, from 0 on.", lower_bound=1)
PROCESSES = flags.DEFINE_integer("processes", os.cpu_count(), "Runs in parallel.", lower_bound=1)
OUT = flags.DEFINE_string("out", str(pathlib.Path(__file__).with_suffix(".json")), "File of the record.")

HIDDEN = (128, 128, 128)
SHORT, LONG = 6_000, 400_000  # steps; the paper has 400 epochs of 1,000 steps


@dataclasses.dataclass(frozen=True)
class Recipe:
    """A game's objective, or several in turn, and what is special of its networks.

    Attributes:
        stages: Pairs of an objective and its number of steps. The learning rates fall to 0 in the last.
        dim: The number of latent dimensions.
        rates: The learning rates of generator and discriminator.
        outputs: The width of the discriminator's output.
        packing: As of `GAN`.
        autoencoder: The discriminator is one.
        waves: If not 0: half of the discriminator's first layer are sines, with normal frequencies of this standard
            deviation, as leaky ReLUs alone are too smooth to see how wide a mode is.
        reuse_fakes: As of `GAN.compile`.
        policy: Keras's dtype policy of both networks.
    """

    stages: tuple[tuple[str, int], ...]
    dim: int = 2
    rates: tuple[float, float] = (1e-3, 1e-3)
    outputs: int = 1
    packing: int = 1
    autoencoder: bool = False
    waves: float = 0.0
    reuse_fakes: bool = False
    policy: str = "float32"


def plain(objective, steps=SHORT, **options):
    return dict.fromkeys(("ring", "grid"), Recipe(((objective, steps),), **options))


EBGAN, MMD = "energy_margin(margin=1) + 0.1 * pulling_away", "maximum_mean_discrepancy + 0.1 * gradient_penalty"
ON_WAVES = Recipe((("relativistic_paired + 0.002 * (r1 + r2)", 20_000),), waves=3.0)

RECIPES = {
    "non_saturating": plain("non_saturating"),
    "non_saturating packed 2": plain("non_saturating", packing=2),
    "wasserstein + gradient penalty": plain("wasserstein + 0.1 * gradient_penalty"),
    "relativistic_paired + r1 + r2": plain("relativistic_paired + 0.05 * (r1 + r2)"),
    "ebgan + pulling_away": plain(EBGAN, autoencoder=True),
    "mmd": plain(MMD, outputs=8),
    "relativistic_paired + r1 + r2 on waves": {
        "ring": ON_WAVES,
        "grid": Recipe(
            (("relativistic_paired + 0.05 * (r1 + r2)", 9_000), ("relativistic_paired + 0.008 * (r1 + r2)", 11_000)),
            dim=4,
            rates=(1.5e-3, 1e-3),
            waves=2.0,
        ),
    },
    "on waves, reuse_fakes": {"ring": dataclasses.replace(ON_WAVES, reuse_fakes=True)},
    "on waves, mixed_bfloat16": {"ring": dataclasses.replace(ON_WAVES, policy="mixed_bfloat16")},
    "on waves, mixed_bfloat16, reuse_fakes": {
        "ring": dataclasses.replace(ON_WAVES, policy="mixed_bfloat16", reuse_fakes=True)
    },
    "on waves, mixed_float16": {"ring": dataclasses.replace(ON_WAVES, policy="mixed_float16")},
    "non_saturating long": plain("non_saturating", LONG),
    "non_saturating packed 2 long": plain("non_saturating", LONG, packing=2),
    "ebgan + pulling_away long": plain(EBGAN, LONG, autoencoder=True),
    "mmd long": plain(MMD, LONG, outputs=8),
}


def make_discriminator(recipe: Recipe):
    """Builds 3 hidden layers of 128."""
    import keras

    from keras_gan import networks

    layers = keras.layers
    if recipe.autoencoder:
        return networks.autoencoder_discriminator((2,), code=1, hidden=HIDDEN[:2])
    if not recipe.waves:
        body = networks.mlp_discriminator((2,), hidden=HIDDEN, packing=recipe.packing)
        return keras.Model(body.inputs[0], layers.Dense(recipe.outputs)(body.layers[-2].output))
    x = keras.Input((2,))
    uniform, normal = keras.initializers.RandomUniform, keras.initializers.RandomNormal
    waves = layers.Dense(HIDDEN[0], keras.ops.sin, True, normal(stddev=recipe.waves), uniform(-np.pi, np.pi))(x)
    lines = layers.LeakyReLU(0.2)(layers.Dense(HIDDEN[0], bias_initializer=uniform(-1, 1))(x))
    y = layers.Concatenate()([waves, lines])
    for width in HIDDEN[1:]:
        y = layers.LeakyReLU(0.2)(layers.Dense(width)(y))
    return keras.Model(x, layers.Dense(recipe.outputs, dtype="float32")(y))


def train(game: str, name: str, seed: int) -> dict:
    """Returns one run, in a process of its own, and its scores."""
    import keras
    import tensorflow as tf

    from keras_gan import GAN, data, networks

    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    began = time.monotonic()
    keras.utils.set_random_seed(seed)
    recipe, mixture = RECIPES[name][game], getattr(data, game)()
    keras.config.set_dtype_policy(recipe.policy)
    discriminator = make_discriminator(recipe)
    generator = networks.mlp_generator(recipe.dim, (2,), hidden=HIDDEN)
    gan = GAN(generator, discriminator, recipe.dim, seed=seed, ema=0.999, packing=recipe.packing)
    batches = mixture.dataset(batch_size=256, seed=seed)
    for objective, steps in recipe.stages:
        last = objective == recipe.stages[-1][0]
        rates = [keras.optimizers.schedules.CosineDecay(rate, steps) if last else rate for rate in recipe.rates]
        optimizers = [keras.optimizers.Adam(rate, beta_1=0.0, beta_2=0.99) for rate in rates]
        options = {"reuse_fakes": recipe.reuse_fakes, "jit_compile": True, "steps_per_execution": 50}
        gan.compile(objective, *optimizers, **options)
        gan.fit(batches, steps_per_epoch=steps, verbose=0)
    scores = score(gan.generate(25_000, seed=1), mixture)
    return {"game": game, "recipe": name, "seed": seed, "seconds": round(time.monotonic() - began), **scores}


def score(points, mixture) -> dict:
    """Measures modes and high quality of the first 2,500 points; balance and spread of all of them."""
    nearest, distances = assign(points, mixture)
    good = distances < 3
    first = slice(0, 2500)
    shares = np.bincount(nearest[good], minlength=len(mixture.modes)) / max(good.sum(), 1)
    real = spreads(mixture.sample(25_000, seed=2), mixture)
    ratios = spreads(points, mixture) / real
    return {
        "modes": len(np.unique(nearest[first][good[first]])),
        "high_quality": round(float(good[first].mean()), 4),
        "kl": round(float(np.sum(shares[shares > 0] * np.log(shares[shares > 0] * len(shares)))), 4),
        "spreads": [None if np.isnan(ratio) else round(float(ratio), 3) for ratio in ratios],
    }


def assign(points, mixture):
    """Finds the nearest mode of each point, and the distance to it in standard deviations."""
    distances = np.linalg.norm(points[:, None].astype("float64") - mixture.modes, axis=-1) / mixture.scales
    return distances.argmin(axis=1), distances.min(axis=1)


def spreads(points, mixture):
    """Computes the standard deviation of each mode's high-quality points around their mean; NaN of fewer than 10."""
    nearest, distances = assign(points, mixture)
    groups = [points[(nearest == k) & (distances < 3)].astype("float64") for k in range(len(mixture.modes))]
    return np.array([np.sqrt(g.var(axis=0).mean()) if len(g) >= 10 else np.nan for g in groups])


def table(runs) -> list[dict]:
    """Computes means over the seeds, a row a game and recipe; of a mode's spread the least and the greatest of them."""
    rows = []
    for game, recipe in sorted({(run["game"], run["recipe"]) for run in runs}):
        mine = [run for run in runs if (run["game"], run["recipe"]) == (game, recipe)]
        mean = {name: round(float(np.mean([run[name] for run in mine])), 4) for name in ("modes", "high_quality", "kl")}
        spread = np.array([run["spreads"] for run in mine], "float64")
        means = [np.mean(mode[np.isfinite(mode)]) for mode in spread.T if np.isfinite(mode).any()]
        rows.append(
            {"game": game, "recipe": recipe, "seeds": len(mine), **mean}
            | {"modes_std": round(float(np.std([run["modes"] for run in mine])), 2)}
            | {"spread_min": round(float(min(means)), 3), "spread_max": round(float(max(means)), 3)}
            | {"spread_min_of_all_seeds": float(np.nanmin(spread)), "spread_max_of_all_seeds": float(np.nanmax(spread))}
        )
    return rows


def main(argv):
    del argv
    names = CHOSEN.value or [name for name in RECIPES if not name.endswith(" long")]
    for name in names:
        if name not in RECIPES:
            raise app.UsageError(f"`recipes` must name some of {list(RECIPES)}. Received: {name!r}")
    pairs = [(game, name) for game in GAMES.value for name in names if game in RECIPES[name]]
    jobs = [(*pair, seed) for seed in range(SEEDS.value) for pair in pairs]
    context = multiprocessing.get_context("spawn")
    out = pathlib.Path(OUT.value)
    runs = json.loads(out.read_text(encoding="utf-8"))["runs"] if out.exists() else []
    done = {(run["game"], run["recipe"], run["seed"]) for run in runs}
    with concurrent.futures.ProcessPoolExecutor(PROCESSES.value, mp_context=context, max_tasks_per_child=1) as pool:
        for future in concurrent.futures.as_completed([pool.submit(train, *job) for job in jobs if job not in done]):
            runs.append({**future.result(), "commit": commit()})
            print(json.dumps(runs[-1]), flush=True)
            runs.sort(key=lambda run: (run["game"], list(RECIPES).index(run["recipe"]), run["seed"]))
            record = {"command": "python -m benchmarks.modes", "table": table(runs), "runs": runs}
            out.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    for row in table(runs):
        print(json.dumps(row))
    print("Written:", out)


if __name__ == "__main__":
    app.run(main)
