"""How many modes does a GAN find? The ring of 8 and the grid of 25 Gaussians, by recipe and seed.

    python -m benchmarks.modes                                  # writes benchmarks/modes.json: 60 runs
    python -m benchmarks.modes --recipes=non_saturating --games=ring --seeds=1

The protocol of the PacGAN paper: 2,500 samples; a sample is of high quality within 3 standard deviations of the nearest
mode; a mode counts with at least one such sample. Beside it, over 25,000 samples: the KL divergence of the modes'
shares to uniform, and the least and greatest standard deviation of a mode over its true one (of the high-quality
samples, as measured on real points in the same way). Runs are processes of one thread each.
"""

import concurrent.futures
import json
import multiprocessing
import os
import pathlib
import subprocess
import time

import numpy as np
from absl import app, flags

GAMES = flags.DEFINE_list("games", ["ring", "grid"], "Which games.")
RECIPES = flags.DEFINE_list("recipes", None, "Which recipes; all of them if None.")
SEEDS = flags.DEFINE_integer("seeds", 5, "How many seeds, from 0 on.", lower_bound=1)
STEPS = flags.DEFINE_integer("steps", 20_000, "Updates of the generator.", lower_bound=100)
PROCESSES = flags.DEFINE_integer("processes", os.cpu_count(), "How many runs at a time.", lower_bound=1)
OUT = flags.DEFINE_string("out", str(pathlib.Path(__file__).with_suffix(".json")), "The record.")

# objective, width of the discriminator's output, packing, autoencoder
RECIPES_BY_NAME = {
    "non_saturating": ("non_saturating", 1, 1, False),
    "non_saturating, packed 2": ("non_saturating", 1, 2, False),
    "wasserstein + gradient penalty": ("wasserstein + 0.1 * gradient_penalty", 1, 1, False),
    "relativistic_paired + r1 + r2": ("relativistic_paired + 0.05 * (r1 + r2)", 1, 1, False),
    "ebgan + pulling_away": ("energy_margin(margin=1) + 0.1 * pulling_away", 1, 1, True),
    "mmd": ("maximum_mean_discrepancy + 0.1 * gradient_penalty", 8, 1, False),
}


def train(game: str, recipe: str, seed: int, steps: int) -> dict:
    """One run, in a process of its own, and its scores."""
    import keras
    import tensorflow as tf

    from keras_gan import GAN, data, networks

    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    began = time.monotonic()
    keras.utils.set_random_seed(seed)
    objective, outputs, packing, autoencoder = RECIPES_BY_NAME[recipe]
    mixture = getattr(data, game)()
    hidden = (128, 128, 128)
    if autoencoder:
        discriminator = networks.autoencoder_discriminator((2,), code=1, hidden=(128, 128))
    else:
        body = networks.mlp_discriminator((2,), hidden=hidden, packing=packing)
        discriminator = keras.Model(body.inputs[0], keras.layers.Dense(outputs)(body.layers[-2].output))
    gan = GAN(networks.mlp_generator(2, (2,), hidden=hidden), discriminator, 2, seed=seed, ema=0.999, packing=packing)
    rates = [keras.optimizers.schedules.CosineDecay(1e-3, steps) for _ in range(2)]
    optimizers = [keras.optimizers.Adam(rate, beta_1=0.0, beta_2=0.99) for rate in rates]
    gan.compile(objective, *optimizers, jit_compile=True, steps_per_execution=50)
    batches = mixture.dataset(batch_size=256, seed=seed)
    gan.fit(batches.repeat(), steps_per_epoch=steps, epochs=1, verbose=0)
    scores = score(gan.generate(25_000, seed=1), mixture)
    return {"game": game, "recipe": recipe, "seed": seed, "seconds": round(time.monotonic() - began), **scores}


def score(points, mixture) -> dict:
    """Modes and high quality of the first 2,500 points; balance and spread of all of them."""
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
        "spread_min": round(float(np.nanmin(ratios)), 3) if good.any() else None,
        "spread_max": round(float(np.nanmax(ratios)), 3) if good.any() else None,
    }


def assign(points, mixture):
    """Of each point the nearest mode, and the distance to it in standard deviations."""
    distances = np.linalg.norm(points[:, None].astype("float64") - mixture.modes, axis=-1) / mixture.scales
    return distances.argmin(axis=1), distances.min(axis=1)


def spreads(points, mixture):
    """The standard deviation of each mode's high-quality points around their mean; NaN where there are under 10."""
    nearest, distances = assign(points, mixture)
    groups = [points[(nearest == k) & (distances < 3)].astype("float64") for k in range(len(mixture.modes))]
    return np.array([np.sqrt(g.var(axis=0).mean()) if len(g) >= 10 else np.nan for g in groups])


def table(runs) -> list[dict]:
    """Means over the seeds, a row a game and recipe."""
    rows = []
    for game, recipe in sorted({(run["game"], run["recipe"]) for run in runs}):
        mine = [run for run in runs if (run["game"], run["recipe"]) == (game, recipe)]
        mean = {name: round(float(np.mean([run[name] for run in mine])), 4) for name in ("modes", "high_quality", "kl")}
        lows, highs = ([run[name] for run in mine if run[name]] for name in ("spread_min", "spread_max"))
        rows.append(
            {"game": game, "recipe": recipe, "seeds": len(mine), **mean}
            | {"modes_std": round(float(np.std([run["modes"] for run in mine])), 2)}
            | {"spread_min": min(lows, default=None), "spread_max": max(highs, default=None)}
        )
    return rows


def main(argv):
    del argv
    names = RECIPES.value or list(RECIPES_BY_NAME)
    for name in names:
        if name not in RECIPES_BY_NAME:
            raise app.UsageError(f"`recipes` must name some of {list(RECIPES_BY_NAME)}. Received: {name!r}")
    jobs = [(game, name, seed, STEPS.value) for seed in range(SEEDS.value) for game in GAMES.value for name in names]
    runs = []
    context = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(PROCESSES.value, mp_context=context, max_tasks_per_child=1) as pool:
        for future in concurrent.futures.as_completed([pool.submit(train, *job) for job in jobs]):
            runs.append(future.result())
            print(f"{len(runs)} of {len(jobs)}", json.dumps(runs[-1]), flush=True)
    runs.sort(key=lambda run: (run["game"], names.index(run["recipe"]), run["seed"]))
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    record = {
        "command": f"python -m benchmarks.modes --steps={STEPS.value} --seeds={SEEDS.value}",
        "commit": commit.stdout.strip(),
        "table": table(runs),
        "runs": runs,
    }
    pathlib.Path(OUT.value).write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    for row in record["table"]:
        print(json.dumps(row))
    print("Written:", OUT.value)


if __name__ == "__main__":
    app.run(main)
