"""Presets: every family of games, and every recipe of `GAN`, by the name that `keras-gan train --model=` takes."""

import difflib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from keras_gan.presets.families import PRESETS
from keras_gan.presets.optimizers import Optimizer, adam, rmsprop
from keras_gan.presets.parts import Parts, Sources
from keras_gan.presets.pictures import Domains, Enlarged, Examples, Pairs
from keras_gan.presets.preset import UPDATES, Plan, Preset
from keras_gan.presets.rows import Rows
from keras_gan.presets.windows import Windows

if TYPE_CHECKING:
    from keras_gan.data import Schema, SeriesSchema
    from keras_gan.game import Game

__all__ = [
    "PRESETS",
    "UPDATES",
    "Domains",
    "Enlarged",
    "Examples",
    "Optimizer",
    "Pairs",
    "Parts",
    "Plan",
    "Preset",
    "Rows",
    "Sources",
    "Windows",
    "adam",
    "build",
    "get",
    "names",
    "rmsprop",
]


def names() -> list[str]:
    """Returns the names of all presets.

    >>> {"dcgan", "wgan_gp", "vae", "cycle_gan"} <= set(names())
    True
    """
    return list(PRESETS)


def get(name: str) -> Preset:
    """Returns the preset of a name.

    Raises:
        ValueError: If there is no such preset; the text suggests similar names.

    Example:

    >>> preset = get("wgan_gp")
    >>> preset.objective, str(preset.optimizer), preset.discriminator_steps
    ('wasserstein + 10 * gradient_penalty', 'Adam(0.0001, beta_1=0, beta_2=0.9)', 5)
    """
    if not isinstance(name, str) or name not in PRESETS:
        raise ValueError(f"`name` must be {requirement(name)}. Received: name={name!r}")
    return PRESETS[name]


def requirement(name: str) -> str:
    """Returns a description of valid names of presets, those similar to `name` first.

    >>> requirement("wgan-gp").split(":")[0]
    'a preset; did you mean wgan_gp or wgan or gan? All are'
    """
    close = difflib.get_close_matches(str(name).lower().replace("-", "_"), PRESETS, 3)
    hint = f"; did you mean {' or '.join(close)}? All are" if close else ", one of"
    return f"a preset{hint}: {', '.join(PRESETS)}"


def build(
    preset: str, shape: "Sequence[int] | Schema | SeriesSchema | Mapping[str, Sequence[int]]", **settings
) -> "Game":
    """Returns the compiled game of a preset, for pictures of a shape, or for rows or windows of a schema.

    Args:
        preset: The preset's name.
        shape: (height, width, channels), or a dict of the shape of each part of the data; for rows of a table its
            schema, `data.Table(...).schema`, and for windows of a series `data.Windows(...).schema`.
        **settings: As for `Preset.build`, such as `width`, `labels`, `seed` or `objective`.

    Raises:
        ValueError: If there is no such preset, or a setting does not fit it.

    Example:

    >>> gan = build("dcgan", shape=(8, 8, 1), width=4, seed=0)
    >>> gan.generate(3, seed=1).shape
    (3, 8, 8, 1)
    """
    return get(preset).build(shape, **settings)
