"""Comparisons at equal cost: several ways to train, with several seeds each, for the same processor time."""

import pathlib
import time
from collections.abc import Callable, Iterable

import keras
import numpy as np
from matplotlib.figure import Figure

from keras_gan import GAN, data, images
from keras_gan.ground.plots import FAKE, REAL, pixels
from keras_gan.metrics import Extractor, functional
from recipes import Record, runs

BATCH, WARM, TIMED, EACH, COUNT = 64, 5, 40, 100, 10_000
Build = Callable[[str, int, int], GAN]  # way, seed, steps -> the compiled game


class Comparison:
    """Some ways to train on pictures, and how far the samples are from the test pictures.

    The first steps of each way are timed, without tracing, and give the number of steps of its runs, so that rates
    that fall reach their end with the time. The time of the runs then differs by up to a fifth. The distance is
    Frechet's, of 10,000 samples to the test pictures in the features of a classifier of the pictures, with as many
    training pictures in their place beside it. What is finished is kept in `runs.json` of the folder, and a run
    that was stopped goes on.

    Args:
        build: Makes the game of a way, by its seed and the steps that it will have.
        pictures: Those to train on.
        test: Those to compare with.
        classifier: Its features are compared.
        work: The folder.
        seconds: Of the processor, for each run; 0 for a step of each.
        count: Samples and pictures that are compared, at most.
    """

    def __init__(
        self,
        build: Build,
        pictures: data.Pictures,
        test: data.Pictures,
        classifier: Extractor,
        work: pathlib.Path,
        seconds: float,
        count: int = COUNT,
    ):
        self.build, self.pictures, self.classifier, self.work = build, pictures, classifier, work
        self.seconds, self.count, self.runs = seconds, count, runs.Runs(work / "runs.json")
        self.test = self.features(images.from_uint8(test.images[:count]))
        self.real = functional.frechet_distance_of_features(
            self.test, self.features(images.from_uint8(pictures.images[:count]))
        )

    def features(self, pictures: np.ndarray) -> np.ndarray:
        return self.classifier.features(pictures)

    def play(self, ways: Iterable[str], seeds: int) -> list[dict]:
        """Returns the runs of these ways, seed after seed: `way`, `seed`, `frechet_distance`, `steps`, `processor`."""
        pairs = [(way, seed) for seed in range(seeds) for way in ways]
        return [
            self.runs.once(lambda: self._run(way, seed), way=way, seed=seed, seconds=self.seconds)  # noqa: B023
            for way, seed in pairs
        ]

    def batches(self, game: GAN, seed: int):
        return self.pictures.dataset(BATCH, seed=seed, value_range=game.value_range)

    def _run(self, way, seed):
        steps = self.runs.once(lambda: {"steps": self._count_steps(way)}, timed=way, seconds=self.seconds)["steps"]
        keras.backend.clear_session()
        game, each = self.build(way, seed, steps), min(EACH, steps)
        place = self.work / f"{way}_{seed}"
        clock = runs.train(game, self.batches(game, seed), place, epochs=steps // each, steps=each)
        made = game.generate(self.count, seed=1)
        distance = functional.frechet_distance_of_features(self.test, self.features(made))
        images.save_png(place / "samples.png", images.grid(made[:40], columns=10, value_range=game.value_range))
        return {"frechet_distance": round(distance, 4), "steps": steps, **clock.seconds}

    def _count_steps(self, way):
        """Returns how many steps of a way the time is enough for, in hundreds; one if there is none."""
        if not self.seconds:
            return 1
        game = self.build(way, 0, TIMED)
        batches = self.batches(game, 0)
        game.fit(batches, steps_per_epoch=WARM, epochs=1, verbose=0)
        began = time.process_time()
        game.fit(batches, steps_per_epoch=TIMED, epochs=1, verbose=0)
        return EACH * max(1, round(self.seconds / (time.process_time() - began) * TIMED / EACH))


def write(
    file: str,
    build: Build,
    ways: list[str],
    published: dict[str, float | str],
    seconds: float,
    seeds: int,
    work: str | None,
    dataset: str = "mnist",
    name: str | None = None,
    smoke: str | None = None,
    **settings,
) -> None:
    """Plays the ways of a recipe, and writes its record and picture.

    Args:
        file: The recipe's `__file__`.
        build: Makes the game of a way.
        ways: Their names.
        published: As `Record.write` takes it.
        seconds: Of one core, for each run.
        seeds: How many, from 0 on.
        work: The folder of finished runs; None for one under runs/.
        dataset: What is learned.
        name: What follows the recipe's name in those of the files.
        smoke: The one way that is played for a step, on noise, and not kept; None for a run that counts.
        settings: What else is kept in the record.
    """
    recipe = pathlib.Path(file).stem
    place = runs.folder(work, "_".join([recipe, *[name] * (name is not None), f"{seconds:g}"]), bool(smoke))
    record = Record(
        file, 0, name, place if smoke else None, **{"seconds": seconds, "seeds": seeds, "batch": BATCH, **settings}
    )
    if smoke:
        ways, seeds, seconds = [smoke], 1, 0
    compared = Comparison(build, *runs.judge(dataset, bool(smoke)), place, seconds, 64 if smoke else COUNT)
    found = compared.play(ways, seeds)
    record.stop(**{clock: sum(run[clock] for run in found) for clock in ("wall", "processor")})
    images.save_png(record.picture, plot(found, compared.real))
    record.write(numbers(found, compared.real), {}, published, runs=found)


def numbers(found: list[dict], real: float) -> dict[str, float]:
    """Computes each way's mean distance and steps; of several seeds also the standard deviation and the best."""
    values = {"frechet_distance_of_real": real}
    for way in _ways(found):
        mine = [run for run in found if run["way"] == way]
        distances = [run["frechet_distance"] for run in mine]
        values[way] = float(np.mean(distances))
        if len(mine) > 1:
            values |= {f"{way}_spread": float(np.std(distances, ddof=1)), f"{way}_best": min(distances)}
        values[f"{way}_steps"] = mine[0]["steps"]
    return values


def table(record: dict) -> str:
    """Returns the ways of a record as a table in Markdown, the least distance first; an empty text if there are none.

    Args:
        record: What `write` has written, or another record of a recipe.
    """
    ways, values = _ways(record.get("runs", ())), record["numbers"]
    if not ways:
        return ""
    seeds = record["settings"]["seeds"]
    distance = "Frechet distance" + f", mean ± standard deviation of {seeds} seeds" * (seeds > 1)
    lines = [f"| way | {distance} | steps | processor time |", "| --- | --- | --- | --- |"]
    lines += [f"| real pictures | {values['frechet_distance_of_real']:.1f} | | |"]
    for way in sorted(ways, key=values.get):
        spread = f" ± {values[f'{way}_spread']:.1f}" if seeds > 1 else ""
        seconds = np.mean([run["processor"] for run in record["runs"] if run.get("way") == way])
        lines.append(f"| `{way}` | {values[way]:.1f}{spread} | {values[f'{way}_steps']:,.0f} | {seconds:.0f} s |")
    return "\n".join(lines)


def _ways(found):
    return list(dict.fromkeys(run["way"] for run in found if "way" in run))


def plot(found: list[dict], real: float) -> np.ndarray:
    """Returns the distances of all runs, a line a way, the best mean first, with that of real pictures."""
    of = {way: [run["frechet_distance"] for run in found if run["way"] == way] for way in _ways(found)}
    order = sorted(of, key=lambda way: np.mean(of[way]), reverse=True)
    figure = Figure(figsize=(7, 1 + 0.35 * len(order)), dpi=100, layout="tight")
    axes = figure.add_subplot(xscale="log", xlabel="Frechet distance")
    for place, way in enumerate(order):
        axes.plot(of[way], [place] * len(of[way]), "o", color=FAKE, alpha=0.7)
        axes.plot(np.mean(of[way]), place, "|", color="black", markersize=14)
    axes.axvline(real, color=REAL, linestyle="--", label="real pictures")
    axes.set_yticks(range(len(order)), order)
    axes.legend(frameon=False)
    return pixels(figure)
