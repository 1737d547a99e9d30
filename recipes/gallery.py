"""Writes docs/models.md from the presets and from the records of recipes.

    python -m recipes.gallery

No number is typed by hand; a test compares the file with the output of this module.
"""

import functools
import html
import json
import pathlib
import re

from keras_gan import presets
from keras_gan.presets import gans
from keras_gan.presets.preset import Preset

ROOT = pathlib.Path(__file__).parents[1]
PAGE = ROOT / "docs" / "models.md"
SHORT = "gan_presets"  # the recipe of short runs of recipes of GAN
MOST = 20  # numbers of a record that are shown
ALSO = {"ctgan_adult": ("f1_of_real", "f1_of_gaussian", "f1_by_ctgan")}  # shown with those that have a requirement
WIDTH = 280  # pixels of a picture on the page

LEGEND = (  # for both pages
    "Names of numbers are those of the records, with spaces for underscores: `kid of samples pixels` is the key "
    "`kid_of_samples_pixels`. The end of a name says what was measured in place of the samples: `of real`, real data; "
    "`untrained`, the model before training; `as given`, pictures before translation; `of gaussian`, rows or windows "
    "of a simple baseline. `of a draw` is the standard deviation between draws of samples. `pixels` and `random "
    "features` are extractors. Other names are explained by the docstring of the recipe."
)

MNIST, FEW, EDGES, ANIMALS, TABLE, SERIES = (
    "--dataset=mnist",
    "--dataset=mnist --labelled=100",
    "--a=edges --dataset=fashion_mnist",
    "--a=folder:horses --b=folder:zebras --image_size=64",
    "--dataset=table:people.csv --label=income",
    "--dataset=series:stock.csv --window=24",
)
ROWS = {  # preset -> what it does, and the data of a command
    "gan": ("pictures from noise, with the default settings of this library", MNIST),
    "dcgan": ("convolutional players, batch normalization", MNIST),
    "lsgan": ("least squares in place of logarithms", MNIST),
    "wgan": ("a critic of clipped weights", MNIST),
    "wgan_gp": ("a critic whose gradient has norm 1", MNIST),
    "sngan": ("spectral normalization, hinge loss, residual players", MNIST),
    "sagan": ("the same with self-attention, and two learning rates", MNIST),
    "dragan": ("a penalty on the gradient around real examples", MNIST),
    "bgan": ("boundary-seeking: the generator aims at scores between real and fake", MNIST),
    "infogan": ("interpretable codes, which the discriminator recovers from pictures", MNIST),
    "cgan": ("pictures of a given class", MNIST),
    "acgan": ("pictures of a given class; the discriminator also classifies", MNIST),
    "sgan": ("a classifier from few labels", FEW),
    "ebgan": ("the score is the reconstruction error of an autoencoder", MNIST),
    "began": ("the same, with the errors of real and fake kept in balance", MNIST),
    "r3gan": ("a relativistic loss and two penalties, residual players", MNIST),
    "stylegan2": ("pictures from styles, to which a network maps noise", "--dataset=folder:faces --image_size=64"),
    "fastgan": (
        "pictures from a hundred examples; the discriminator also reconstructs them",
        "--dataset=folder:faces --image_size=64",
    ),
    "biggan": ("pictures of a given class, by large residual players", MNIST),
    "vae": ("an autoencoder whose codes are normal; generates, reconstructs, encodes", MNIST),
    "bigan": ("a generator and its inverse; encodes, scores anomalies", MNIST),
    "vae_gan": ("a VAE that compares pictures in a discriminator's hidden layer", MNIST),
    "aae": ("an autoencoder whose codes a discriminator cannot tell from a prior", MNIST),
    "semi_supervised_aae": ("the same with a code for the class, from few labels", FEW),
    "cogan": ("pairs of pictures of two domains, trained without pairs", "--a=mnist --b=fashion_mnist"),
    "pixel_da": (
        "a classifier of unlabelled pictures, from labelled pictures of another domain",
        "--a=mnist --b=folder:house_numbers --image_size=32",
    ),
    "star_gan": (
        "one translator between many domains, the classes of a data set",
        "--dataset=folder:faces --image_size=64",
    ),
    "srgan": ("pictures of twice the size", "--dataset=fashion_mnist"),
    "context_encoder": ("the missing middle of pictures", "--dataset=fashion_mnist"),
    "ccgan": ("missing parts of pictures, and a classifier from few labels", FEW),
    "pix2pix": ("pictures translated into others, trained on pairs", EDGES),
    "cycle_gan": ("two domains translated into each other and back, without pairs", ANIMALS),
    "disco_gan": ("the same with logarithmic losses", ANIMALS),
    "dual_gan": ("the same with Wasserstein critics", ANIMALS),
    "cut": ("one domain translated into another, by contrasting patches; half as many networks", ANIMALS),
    "ctgan": ("rows of a table, also for a given category of a column", TABLE),
    "tvae": ("rows of a table, by an autoencoder", TABLE),
    "series": ("windows of a series, by dense players and the loss of R3GAN", SERIES),
    "wavegan": ("windows of a series or of sound, by convolutions along time", SERIES),
    "rcgan": ("windows of a series, also of a given class, by recurrent players", SERIES),
}


def page() -> str:
    """Returns the text of docs/models.md."""
    families = [preset for preset in presets.PRESETS.values() if preset not in gans.PRESETS]
    parts = [
        "# Models\n",
        "Every model is a preset: `keras-gan train --model=NAME` trains it on your data, and "
        '`keras_gan.presets.build("NAME", shape=(28, 28, 1))` returns the compiled game. For models of tables the '
        'shape is `data.Table("people.csv").schema`, for those of series `data.Windows("stock.csv", 24).schema`.\n',
        "Each model below is shown with the records of its recipes in [recipes/](../recipes): the numbers of the "
        "committed run and the processor time of training. A number in bold has a requirement, which follows in "
        "parentheses. This page is written by `python -m recipes.gallery`.\n",
        f"{LEGEND}\n",
        f"{table()}\n",
        "## Families\n",
        *(_family(preset) for preset in families),
        "## Recipes of `GAN`\n",
        "These are one class with the networks, objectives and optimizers of different papers. Networks are narrower "
        "than the papers', for small machines, which `width=` changes, and weights have Keras's initializers. The "
        f"numbers are from short runs on digits by `python -m recipes.{SHORT}`. They show that each model trains, not "
        "which one is best.\n",
        _recipes(),
    ]
    return "\n".join(parts)


def _family(preset):
    what, data = ROWS[preset.name]
    lines = [
        f"### {preset.title}\n",
        f"{_paper(preset)}: {what}.{_but(preset)}\n",
        f"```sh\nkeras-gan train --model={preset.name} {data}\n```\n",
    ]
    rows = [_row(record) for record in _found(preset)]
    if not rows:
        return "\n".join([*lines, "No record yet.\n"])
    return "\n".join([*lines, "| picture | numbers | processor time | command |\n| --- | --- | --- | --- |", *rows, ""])


def _found(preset):
    found = {stem: record for stem, record in records().items() if "published" not in record}  # those are of papers
    return [record for stem, record in found.items() if preset_of(stem) == preset.name]


def _row(record):
    return f"| {picture(record)} | {numbers(record)} | {seconds(record)} | `{record['command']}` |"


def picture(record: dict) -> str:
    """Returns the picture of a record, for the page."""
    return f'<img src="../recipes/{record["picture"]}" width="{WIDTH}">'


def numbers(record: dict) -> str:
    """Returns its numbers, a line each; of many those with a requirement or in `ALSO`, and how many more there are."""
    found, required = record["numbers"], record["required"]
    named = {*required, *ALSO.get(record["command"].split()[2].removeprefix("recipes."), ())}
    shown = {name: value for name, value in found.items() if len(found) <= MOST or name in named}
    more = [f"{len(found) - len(shown)} more in the record"] if len(shown) < len(found) else []
    return "<br>".join([*(_number(name, value, required.get(name)) for name, value in shown.items()), *more])


def seconds(record: dict) -> str:
    """Returns its processor time."""
    return f"{record['training_seconds']['processor']:,} s"


def _number(name, value, required):
    """Returns a number; one with a requirement in bold, with the requirement and whether it was missed."""
    if required is None:
        return f"{words(name)} {value:g}"
    fails = "" if holds(value, required) else ", missed"
    return f"**{words(name)} {value:g}** ({html.escape(required)}{fails})"


def holds(value: float, required: str) -> bool:
    """Returns whether a number is what a record requires, such as `">= 0.9"`.

    >>> holds(0.95, ">= 0.9"), holds(3.0, "< 2")
    (True, False)
    """
    relation, bound = re.fullmatch(r"(<=|>=|<|>)\s*([-+\d.e]+)", required).groups()
    bound = float(bound)
    return {"<=": value <= bound, ">=": value >= bound, "<": value < bound, ">": value > bound}[relation]


def _recipes():
    heads = ("picture", "model", "objective", "optimizers", "moves of D", "numbers", "processor time")
    lines = [f"| {' | '.join(heads)} |", "| --- " * len(heads) + "|"]
    return "\n".join([*lines, *map(_recipe, gans.PRESETS)]) + "\n"


def _recipe(preset):
    sides = {str(preset.optimizer_of(side)) for side in ("generator", "discriminator")}
    optimizers = " and ".join(
        f"{side[0].upper()} {preset.optimizer_of(side)}" for side in ("discriminator", "generator")
    )
    found = _found(preset)
    cells = (
        "<br>".join(picture(record) for record in found),
        f"`{preset.name}`, {_paper(preset)}: {ROWS[preset.name][0]}.{_but(preset)}",
        f"`{preset.defaults((28, 28))['objective']}`",
        sides.pop() if len(sides) == 1 else optimizers,
        str(preset.discriminator_steps),
        "<br>".join(numbers(record) for record in found) or "no record yet",
        "<br>".join(seconds(record) for record in found),
    )
    return f"| {' | '.join(cells)} |"


def _paper(preset: Preset):
    return preset.title if preset.paper is None else f"[{preset.title}](https://arxiv.org/abs/{preset.paper})"


def _but(preset):
    return f" {preset.deviations}" if preset.deviations else ""


def words(name: str) -> str:
    """Returns a name as words."""
    return name.replace("_", " ")


@functools.cache
def records() -> dict[str, dict]:
    """Returns the committed records by the names of their files."""
    found = sorted((ROOT / "recipes").glob("*.json"))
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in found}


def preset_of(stem: str) -> str | None:
    """Returns the preset that a record is of: the one with the longest name in that of its file; None if there is none.

    >>> preset_of("vae_gan_mnist"), preset_of("digit_translation_disco_gan_edges")
    ('vae_gan', 'disco_gan')
    """
    names = [name for name in presets.names() if f"_{name}_" in f"_{stem.removeprefix(SHORT)}_"]
    return max(names, key=len, default=None)


def table() -> str:
    """Returns a line for each model."""
    lines = ["| model | what it makes or does | to try it |", "| --- | --- | --- |"]
    for preset in presets.PRESETS.values():
        what, data = ROWS[preset.name]
        lines.append(f"| {_paper(preset)} | {what} | `keras-gan train --model={preset.name} {data}` |")
    return "\n".join(lines)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
