"""Defaults for few pictures: an augmentation of the discriminator's inputs, so that it cannot memorize them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import keras_gan

if TYPE_CHECKING:
    from keras_gan.augmentations import Augmentation

FEW = 10_000  # pictures, below which a discriminator of a default run is augmented
SMALL = 16  # pixels per side, below which there is little to rotate, and nothing for convolutions to halve
NAMES = ("none", "ada", "diffaugment")
TOGETHER = 4  # examples that share a standard deviation in StyleGAN2: larger batches are multiples of it
ADAPTED = 100_000  # pictures after which p could have gone from 0 to 1: a run of few pictures is short


def default(own: str | None, count: int, size: tuple[int, int]) -> str:
    """Returns the default augmentation of a run.

    Args:
        own: The preset's augmentation for any number of pictures; `"auto"` for `"ada"` below 10,000 pictures of at
            least 16 pixels per side; or None for a game that takes none.
        count: The number of pictures.
        size: Their (height, width).

    >>> default("auto", 2_000, (32, 32)), default("auto", 50_000, (32, 32)), default("auto", 1_437, (8, 8))
    ('ada', 'none', 'none')
    """
    if own == "auto":
        return "ada" if count < FEW and min(size) >= SMALL else "none"
    return own or "none"


def batch_size(own: int, counts: Sequence[int], moves: int = 1, together: int = TOGETHER) -> int:
    """Returns the default batch size of a run.

    Args:
        own: The preset's batch size.
        counts: The number of pictures in each set that a batch draws from. An epoch is one pass over the largest.
        moves: Moves of the discriminator per step, each on a separate batch. Defaults to 1.
        together: Number of examples that are judged together. Defaults to 4.

    Returns:
        `own`, or for fewer pictures as many as there are for each move, rounded down to a multiple of `together` if
        there are more than that.

    >>> batch_size(64, [1_000]), batch_size(64, [43]), batch_size(64, [43], moves=5), batch_size(64, [43, 3])
    (64, 40, 8, 3)
    """
    most = max(1, min(min(counts), max(counts) // moves))
    if own <= most:
        return own
    return most - most % together if most > together else most


def make(augmentation: "Augmentation | str | None", shape: Sequence[int]) -> "Augmentation | None":
    """Returns the augmentation of a name, for pictures of a shape; other values are passed to `augmentations.get`.

    `ada` is the paper's, whose p can go from 0 to 1 in 100,000 pictures; it rotates only square pictures by 90 degrees.
    `diffaugment` is colour and translation.
    """
    room = keras_gan.augmentations
    if augmentation in (None, "none"):
        return None
    if isinstance(augmentation, str) and augmentation == "ada":
        is_square = shape[0] == shape[1]
        return room.AdaptiveAugmentation("blit,geometric,color" if is_square else "geometric,color", examples=ADAPTED)
    if isinstance(augmentation, str) and augmentation == "diffaugment":
        return room.DiffAugment("color,translation")
    return room.get(augmentation)
