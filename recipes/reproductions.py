"""Writes docs/reproductions.md from the records of recipes that have published numbers to compare with.

    python -m recipes.reproductions

No number of a run is typed by hand; a test compares the file with what this would write.
"""

import ast
import html
import json
import re

import numpy as np

from recipes import comparison, gallery

PAGE = gallery.ROOT / "docs" / "reproductions.md"
SEED = re.compile(r" --seed=\d+")

NOT_REPEATED = """## Not repeated

Published tables without a run here, and the cost of one:

- [PacGAN](https://arxiv.org/abs/1712.04086)'s ring of 8 and grid of 25 Gaussians: 6.3 ± 0.5 and 17.3 ± 0.8 modes for
  GAN, 7.9 ± 0.1 and 23.8 ± 0.7 for packs of two. PacGAN's networks and length, 400,000 steps, were not run: they take
  half an hour of one core per seed with the smaller networks of [benchmarks](../benchmarks/README.md#modes-modesjson),
  and each number is the mean of ten seeds. In the short runs there, GAN finds more modes than the paper's, and on the
  grid fewer of its samples are of high quality.
- [Bińkowski et al., 2018](https://arxiv.org/abs/1801.01401), on MNIST: an Inception score of 9.11 and a Frechet
  distance of 4.2 in the features of LeNet, after 50,000 steps. The run takes 2.7e15 floating-point operations, six
  times as many as 250 epochs of `goodfellow_mnist`.
- [SNGAN](https://arxiv.org/abs/1802.05957) on CIFAR-10: a Frechet distance of 16.77 and an Inception score of 7.97 by
  [mimicry](https://github.com/kwotsin/mimicry) after 100,000 steps. It needs a GPU and Inception's weights.
"""


def found() -> list[dict]:
    """Returns the committed records that have published numbers to compare with."""
    return [record for record in gallery.records().values() if "published" in record]


def page(records: list[dict]) -> str:
    """Returns the text of docs/reproductions.md."""
    parts = [
        "# Published tables, repeated\n",
        "Runs that repeat papers, with their networks, objectives, optimizers, data and measures except for the "
        "differences that each section names, and the default runs of this project. The tables show the numbers of the "
        "committed runs, the requirements of this project, the published numbers, and the processor time of training. "
        "Runs take minutes to hours, and resume after a stop. The recipes are in [recipes/](../recipes); those "
        "without a section here, most of which have nothing published to compare with, are on [Models](models.md). "
        "This page is written by `python -m recipes.reproductions`.\n",
        f"{gallery.LEGEND}\n",
        "All numbers with a requirement of this project. Where one is met, the published number is not therefore "
        "repeated: measures, networks or lengths can differ, as the section of the recipe says.\n",
        f"{requirements(records)}\n",
    ]
    for recipe in sorted({_recipe(record) for record in records}):
        mine = [record for record in records if _recipe(record) == recipe]
        parts += [f"## [{recipe}](../recipes/{recipe}.py)\n", f"{_subject(recipe)}\n", *_runs(mine)]
        tables = {each["command"]: comparison.table(each) for each in mine}
        parts += [f"`{command}`:\n\n{table}\n" for command, table in tables.items() if table]
    return "\n".join([*parts, NOT_REPEATED])


def requirements(records: list[dict]) -> str:
    """Returns a table of all numbers with a requirement, one line for all seeds with the same settings."""
    groups = {}
    for record in records:
        settings = json.dumps(record["settings"], sort_keys=True)
        for name, required in record["required"].items():
            same = groups.setdefault((SEED.sub("", record["command"]), name, required), {})
            same.setdefault(settings, []).append(record)
    lines = _heads("run", "number", "required", "published", "here", "met")
    for (command, name, required), same in groups.items():
        for settings, mine in same.items():
            values = [record["numbers"][name] for record in mine]
            held = sum(gallery.holds(value, required) for value in values)
            seeds = f"{held} of {len(mine)} seeds" if 0 < held < len(mine) else "yes" if held else "no"
            mean = f", mean {np.mean(values):.4g}" if len(mine) > 1 else ""
            here = ", ".join(f"{value:g}" for value in values) + mean
            published = _value(mine[0]["published"].get(name, ""))
            run = "<br>".join([f"`{command}`", *_differing(settings, same)])
            cells = (run, gallery.words(name), html.escape(required), published, here, seeds)
            lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _differing(settings, all_settings):
    """Returns the settings, as JSON, that are not the same in all runs of a command, as texts."""
    mine, *each = map(json.loads, (settings, *all_settings))
    return [f"{gallery.words(key)}: {value}" for key, value in mine.items() if any(x.get(key) != value for x in each)]


def _recipe(record):
    return record["command"].split()[2].removeprefix("recipes.")


def _subject(recipe):
    """Returns a recipe's docstring as Markdown, without its commands."""
    source = (gallery.ROOT / "recipes" / f"{recipe}.py").read_text(encoding="utf-8")
    paragraphs = ast.get_docstring(ast.parse(source)).split("\n\n")
    text = "\n\n".join(each for each in paragraphs if not each.startswith(" "))
    text = re.sub(
        r"(?m)^(Papers?|Source|Settings|Measures?|Requirements|Result(?:,? [^:\n]*)?|Different from [^:\n]*"
        r"|As in [^:\n]*):",
        r"**\1:**",
        text,
    )
    return re.sub(r"https?://[^\s,)]+", r"<\g<0>>", text)


def _runs(records):
    """Returns a table of the runs, under what was published where that is the same for all."""
    published = [_published(record) for record in records]
    shared = len(set(published)) == 1
    lines = _heads("run", "numbers", *["published"] * (not shared), "processor time")
    for record, text in zip(records, published, strict=True):
        run = f"{gallery.picture(record)}<br>`{record['command']}`"
        numbers = "in the table below" if comparison.table(record) else gallery.numbers(record)
        cells = (run, numbers, *["<br>".join(text)] * (not shared), gallery.seconds(record))
        lines.append(f"| {' | '.join(cells)} |")
    above = ["Published:\n", *(f"- {text}" for text in published[0]), ""] if shared else []
    return [*above, "\n".join(lines) + "\n"]


def _published(record):
    return tuple(
        f"{gallery.words(name)}{':' * isinstance(value, str)} {_value(value)}"
        for name, value in record["published"].items()
    )


def _value(value):
    return value if isinstance(value, str) else f"{value:g}"


def _heads(*names):
    return [f"| {' | '.join(names)} |", "| --- " * len(names) + "|"]


if __name__ == "__main__":
    PAGE.write_text(page(found()), encoding="utf-8")
