"""Writes the page of numbers from the committed records when the site is built: no number is typed.

A section is a record, how its rows are found, and which columns are shown and drawn.
"""

import html
import json
import pathlib
from collections.abc import Callable, Iterable
from typing import NamedTuple

ROOT = pathlib.Path(__file__).parents[2]
WIDTH, ROW, LETTER, MOST = 720, 22, 7, 42  # of a plot, of a bar and of a letter, in pixels; letters of a name


class Section(NamedTuple):
    """What is shown of a record."""

    record: str  # a file in benchmarks/
    title: str
    text: str
    rows: Callable[[dict], Iterable[dict]]
    columns: dict[str, str]  # key of a row -> title
    drawn: str  # the key of the numbers that are drawn


def steps(record: dict) -> Iterable[dict]:
    """Every side of every game of a record of steps, without the one that the others are compared with."""
    for game in record["cpu"]["games"].values():
        for row in game["rows"]:
            if row["side"] != "guide":
                yield {**row, "name": f"{game['title'].partition(', ')[0]}: {row['side']}"}


def networks(record: dict) -> Iterable[dict]:
    """The pairs of a record of networks."""
    for row in record["cpu"]["pairs"]["pairs"]:
        yield {**row, "name": f"{row['network']}, {row['side']}x{row['side']}, batch {row['batch']}"}


def modes(game: str) -> Callable[[dict], Iterable[dict]]:
    """The recipes of one game of the record of modes."""
    return lambda record: [{**row, "name": row["recipe"]} for row in record["table"] if row["game"] == game]


def kernels(record: dict) -> Iterable[dict]:
    """Every kernel, by game and side."""
    for game in record.values():
        for side, found in game["sides"].items():
            for row in found["kernels"]:
                yield {**row, "name": f"{game['title'].partition(', ')[0]}, {side}: {row['kernel']}"}


def calls(record: dict) -> Iterable[dict]:
    """Every game of a record of calls."""
    for row in record["rows"]:
        yield {**row["ms"], "name": f"{row['side']}x{row['side']}, {row['filters']} filters, batch {row['batch']}"}


def tables(record: dict) -> Iterable[dict]:
    """What rows of each side are worth, and real ones: means over the seeds."""
    seeds = record["seeds"]
    for side in record["means"]:
        names = [name for name, value in seeds[0][side].items() if isinstance(value, int | float)]
        yield {"name": side} | {name: sum(each[side][name] for each in seeds) / len(seeds) for name in names}
    yield {"name": "real", "f1": sum(each["f1_of_real"] for each in seeds) / len(seeds)}


def recipes() -> Iterable[dict]:
    """What the records of recipes had to reach, and what they reached."""
    for path in sorted((ROOT / "recipes").glob("*.json")):
        record = json.loads(path.read_text(encoding="utf-8"))
        for name, required in record.get("required", {}).items():
            yield {
                "name": path.stem,
                "number": name.replace("_", " "),
                "reached": record["numbers"].get(name),
                "required": required,
                "seconds": record["training_seconds"]["processor"],
            }


def read(name: str, key: str = "name") -> Callable[[dict], Iterable[dict]]:
    """The rows that a record lists under a name, called by one of their columns."""
    return lambda record: [{**row, "name": row[key]} for row in record[name]]


SECTIONS = [
    Section(
        "best_checkpoint.json",
        "Epochs of a short run",
        "The Frechet distance on the test digits after each epoch. `ModelCheckpoint` and `Resume(monitor=...)` keep "
        "the epoch with the lowest one.",
        lambda record: [
            {"name": f"epoch {i + 1}", "distance": value}
            for i, value in enumerate(record["frechet_by_epoch"])
            if (i + 1) % 4 == 0 or i == 0 or i + 1 == record["best_epoch"]
        ],
        {"distance": "Frechet distance"},
        "distance",
    ),
    Section(
        "steps.json",
        "The time of a training step",
        "In turn with hand-written code in the style of the Keras guide; the plot shows the time of a step over "
        "that of the guide: below 1 is faster.",
        steps,
        {"ms": "ms", "ratio_median": "over the guide", "ratio_min": "least", "ratio_max": "greatest"},
        "ratio_median",
    ),
    Section(
        "networks.json",
        "Networks of today",
        "A step on one core, in turn with the same network written with Keras's own layers. Below 1 is faster than "
        "plain Keras.",
        networks,
        {"ms": "ms", "plain_ms": "plain Keras, ms", "ratio_median": "ratio", "weights": "weights"},
        "ratio_median",
    ),
    Section(
        "layers.json",
        "Layers beside Keras's own",
        "How many times as long Keras takes for the output, its gradient and the gradient of that.",
        read("rows", "what"),
        {"ms": "ms", "keras_ms": "Keras, ms", "keras_over_ours": "Keras over ours"},
        "keras_over_ours",
    ),
    Section(
        "kernels.json",
        "Where the time of a step goes",
        "One operation at a time, on one thread; the plot shows milliseconds.",
        kernels,
        {"calls": "calls", "ms": "ms", "lost_ms": "lost, ms", "share_of_peak": "share of the peak"},
        "ms",
    ),
    Section(
        "calls.json",
        "Steps per call",
        "Milliseconds a step of small convolutional players by how many steps one call from Python runs; the plot is "
        "of `auto`.",
        calls,
        {"1": "1", "4": "4", "16": "16", "auto": "auto"},
        "auto",
    ),
    Section(
        "modes.json",
        "Modes: a ring of 8 Gaussians",
        "2,500 samples; the plot shows the share of high quality, within 3 standard deviations of a mode.",
        modes("ring"),
        {"modes": "modes", "modes_std": "±", "high_quality": "high quality", "kl": "KL"},
        "high_quality",
    ),
    Section(
        "modes.json",
        "Modes: a grid of 25 Gaussians",
        "The same for the grid.",
        modes("grid"),
        {"modes": "modes", "modes_std": "±", "high_quality": "high quality", "kl": "KL"},
        "high_quality",
    ),
    Section(
        "tables.json",
        "Rows of a table",
        "Classifiers trained on generated rows of the adult census and tested on real ones: this library, the `ctgan` "
        "package, and training on real rows. The plot shows F1: higher is better.",
        tables,
        {"f1": "F1", "accuracy": "accuracy", "share_difference": "greatest difference of a share, points"},
        "f1",
    ),
    Section(
        "workers.json",
        "Two workers",
        "Two processes of one core each, talking over loopback; the plot shows milliseconds per step.",
        read("games", "game"),
        {"ms_alone": "apart, ms", "ms_of_two": "together, ms", "megabytes_sent_by_each": "MB sent by each"},
        "ms_of_two",
    ),
    Section(
        "kills.json",
        "Killed and resumed",
        "Training processes killed at random places, then resumed, compared to the bit with a run that was left alone. "
        "The plot shows how often a run resumed from a checkpoint.",
        read("scenarios", "scenario"),
        {"kills": "kills", "runs": "runs", "resumed": "resumed", "differ": "runs that differ"},
        "resumed",
    ),
]


def shown(value) -> str:
    """A value of a cell, with at most four digits after the point.

    >>> shown(0.45614914), shown(22793), shown(None)
    ('0.4561', '22,793', '')
    """
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:,.4f}".rstrip("0").rstrip(".")
    return f"{value:,}" if isinstance(value, int) else str(value).replace("|", "\\|")


def table(rows: list[dict], columns: dict[str, str]) -> str:
    """A table in Markdown, numbers on the right."""
    lines = [f"| | {' | '.join(columns.values())} |", "| --- |" + " ---: |" * len(columns)]
    lines += [f"| {shown(row['name'])} | {' | '.join(shown(row.get(key)) for key in columns)} |" for row in rows]
    return "\n".join(lines)


def bars(rows: list[dict], key: str, title: str) -> str:
    """A plot of bars from 0 in SVG, in the colours of the page."""
    values = [(row["name"], row[key]) for row in rows if row.get(key) is not None]
    left = 12 + LETTER * min(MOST, max(len(name) for name, _ in values))
    scale = (WIDTH - left - 80) / max(max(value for _, value in values), 1e-9)
    size = f"0 0 {WIDTH} {ROW * len(values) + 4}"
    lines = [f'<div class="wide"><svg class="plot" viewBox="{size}" role="img" aria-label="{html.escape(title)}">']
    for i, (name, value) in enumerate(values):
        y, width = ROW * i + 4, max(scale * value, 1)
        cut = name if len(name) <= MOST else f"{name[: MOST - 1]}…"
        lines += [
            f'<text class="ink" x="{left - 8}" y="{y + 13}" text-anchor="end">{html.escape(cut)}</text>',
            f'<rect class="fill" x="{left}" y="{y}" width="{width:.1f}" height="{ROW - 6}" rx="2"/>',
            f'<text class="ink" x="{left + width + 6:.1f}" y="{y + 13}">{shown(value)}</text>',
        ]
    return "\n".join([*lines, "</svg>", "</div>"])


def section(each: Section) -> str:
    """A section of the page."""
    record = json.loads((ROOT / "benchmarks" / each.record).read_text(encoding="utf-8"))
    rows = list(each.rows(record))
    command = record.get("command") or f"python -m benchmarks.{pathlib.Path(each.record).stem}"
    return "\n\n".join([
        f"## {each.title}",
        each.text,
        bars(rows, each.drawn, f"{each.title}: {each.columns[each.drawn]}"),
        table(rows, each.columns),
        f"[{each.record}](../benchmarks/{each.record}), by `{command}`.",
    ])  # fmt: skip


def page() -> str:
    """The page of numbers, in Markdown."""
    columns = {"number": "number", "reached": "reached", "required": "required", "seconds": "processor time, s"}
    return "\n\n".join([
        "# Numbers",
        "Made from the committed records when this site is built. What they mean, how they were measured and what "
        "was not run is in [the page of the benchmarks](../benchmarks/README.md). Times are of 2 shared cores without "
        "a GPU: trust ratios, not single times.",
        *map(section, SECTIONS),
        "## Recipes",
        "What the record of each recipe in [recipes](../recipes) had to reach. [Models](models.md) has the pictures.",
        table(list(recipes()), columns),
    ]) + "\n"  # fmt: skip


def on_files(files, config):
    """Adds the page."""
    from mkdocs.structure.files import File

    files.append(File.generated(config, "numbers.md", content=page()))
    return files
