"""Defaults for few pictures: an augmentation of what the discriminator sees, so that it cannot know them by heart."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import keras_gan

if TYPE_CHECKING:
    from keras_gan.augmentations import Augmentation

FEW = 10_000  # pictures, below which a discriminator of a default run is augmented
SMALL = 16  # pixels per side, below which there is little to turn, and convolutions have nothing to halve
NAMES = ("none", "ada", "diffaugment")
TOGETHER = 4  # examples that share a standard deviation in StyleGAN2: of larger batches a multiple of it
ADAPTED = 100_000  # pictures after which p could have gone from 0 to 1: a run of few pictures is short


def default(own: str | None, count: int, size: tuple[int, int]) -> str:
    """Returns the augmentation of a run that is given none.

    Args:
        own: The preset's, whatever the number of pictures; `"auto"` for `"ada"` below 10,000 pictures of at least 16
            pixels per side; or None of a game that takes none.
        count: The number of pictures.
        size: Their (height, width).

    >>> default("auto", 2_000, (32, 32)), default("auto", 50_000, (32, 32)), default("auto", 1_437, (8, 8))
    ('ada', 'none', 'none')
    """
    if own == "auto":
        return "ada" if count < FEW and min(size) >= SMALL else "none"
    return own or "none"


def batch_size(own: int, counts: Sequence[int], moves: int = 1, together: int = TOGETHER) -> int:
    """Returns the examples of a batch of a run that is given no number.

    Args:
        own: The preset's number.
        counts: How many pictures each set has that a batch takes some of. An epoch goes through the largest once.
        moves: Moves of the discriminator per step, each on a batch of its own.
        together: How many examples are judged together.

    Returns:
        `own`, or of fewer pictures as many as there are for each move; a multiple of `together`, from that on.

    >>> batch_size(64, [1_000]), batch_size(64, [43]), batch_size(64, [43], moves=5), batch_size(64, [43, 3])
    (64, 40, 8, 3)
    """
    most = max(1, min(min(counts), max(counts) // moves))
    if own <= most:
        return own
    return most - most % together if most > together else most


def make(augmentation: "Augmentation | str | None", shape: Sequence[int]) -> "Augmentation | None":
    """Returns the augmentation of a name, for pictures of a shape; what `augmentations.get` takes is passed on to it.

    `ada` is the paper's, whose p can go from 0 to 1 in 100,000 pictures; it turns by 90 degrees only what is square.
    `diffaugment` is colour and translation.
    """
    room = keras_gan.augmentations
    if augmentation in (None, "none"):
        return None
    if isinstance(augmentation, str) and augmentation == "ada":
        turned = shape[0] == shape[1]
        return room.AdaptiveAugmentation("blit,geometric,color" if turned else "geometric,color", examples=ADAPTED)
    if isinstance(augmentation, str) and augmentation == "diffaugment":
        return room.DiffAugment("color,translation")
    return room.get(augmentation)
