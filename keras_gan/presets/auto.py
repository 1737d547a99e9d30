"""`--model=auto`: the preset for a set of pictures, by a fixed rule."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from keras_gan.presets import few

VERY_FEW = 500  # pictures, below which a preset made for a hundred is chosen
WIDE = {"r3gan": 256, "fastgan": 64}  # on a GPU


@dataclasses.dataclass(frozen=True)
class Choice:
    """A preset, and the reasons for it.

    Attributes:
        model: The name of the preset.
        settings: The settings that differ from its defaults.
        reasons: The reasons, one line each.
    """

    model: str
    settings: Mapping[str, Any]
    reasons: tuple[str, ...]


def choose(count: int, size: tuple[int, int], gpu: bool, labels: bool = False) -> Choice:
    """Returns the preset for a number of pictures of a size.

    | pictures | on a CPU | on a GPU |
    | --- | --- | --- |
    | below 16 pixels per side | gan | gan |
    | fewer than 500, players without labels | fastgan | fastgan, of width 64 |
    | fewer than 10,000 | gan, with ADA | r3gan, of width 256, with ADA |
    | more | gan | r3gan, of width 256 |

    `recipes/cifar10_few.py` compares them on a CPU, and `recipes/fastgan_faces.py` has a hundred pictures. The choices
    for a GPU follow the papers, at a third of r3gan's width, and were not measured.

    Args:
        count: The number of pictures, at least 1.
        size: Their (height, width).
        gpu: Whether there is a GPU.
        labels: Whether the players take labels, as with `--conditional`, which fastgan does not support. Labels of
            pictures alone do not count.

    >>> choose(2_000, (32, 32), gpu=False).model, choose(100, (32, 32), gpu=False).model
    ('gan', 'fastgan')
    """
    where = "on a GPU" if gpu else "on a CPU"
    pixels = f"{size[0]}x{size[1]} pixels"
    if min(size) < few.SMALL:
        return Choice("gan", {}, (f"{pixels}: too small for convolutions, so dense players",))
    if count < VERY_FEW and not labels:
        settings = {"width": WIDE["fastgan"]} if gpu else {}
        return Choice("fastgan", settings, (f"{count:,} pictures: fastgan is made for few", *_wide(settings, gpu)))
    if not gpu:
        reason = f"{count:,} pictures of {pixels} {where}: gan gave the lowest kernel distance in equal time"
        return Choice("gan", {}, (reason, *_augmented(count)))
    settings = {"width": WIDE["r3gan"]}
    reason = f"{count:,} pictures of {pixels} {where}: r3gan, as its paper has the lowest distances"
    return Choice("r3gan", settings, (reason, *_wide(settings, gpu), *_augmented(count)))


def _augmented(count):
    return (f"fewer than {few.FEW:,} pictures: the discriminator is augmented",) if count < few.FEW else ()


def _wide(settings, gpu):
    return (f"a GPU is fast enough for a width of {settings['width']}",) if gpu else ()
