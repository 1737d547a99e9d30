"""Sizes of the smallest maps, from which pictures are doubled and to which they are halved."""

from collections.abc import Sequence

import numpy as np

from keras_gan.ground.arguments import check_count, check_shape, is_integer

FEWEST, MOST = 3, 7  # sides of the smallest maps: a side of a picture is such a number, doubled several times


def smallest_map(image_shape: Sequence[int]) -> tuple[int, int, int]:
    """Finds the smallest map that doubles to a picture, with whole sides of at least 3 pixels.

    Args:
        image_shape: (height, width, channels). Each side is 3, 4, 5, 6 or 7 times a power of two, at least 6.

    Returns:
        `(height, width, n)` of the map from which n doublings make the picture.

    Raises:
        ValueError: If a side is another number; the text names the nearest valid ones.

    Example:

    >>> smallest_map((28, 28, 1)), smallest_map((96, 96, 3)), smallest_map((64, 32, 3)), smallest_map((256, 192, 3))
    ((7, 7, 2), (3, 3, 5), (8, 4, 3), (4, 3, 6))
    """
    if not isinstance(image_shape, Sequence) or len(image_shape) != 3:
        raise ValueError(f"`image_shape` must be (height, width, channels). Received: image_shape={image_shape!r}")
    if not is_integer(image_shape[2]) or image_shape[2] < 1:
        raise ValueError(f"`image_shape` must have at least 1 channel. Received: image_shape={tuple(image_shape)}")
    for side in image_shape[:2]:
        if not is_integer(side) or nearest_sides(side) != (side,):
            near = f" Nearest to {side}: {_listed(side)}." if is_integer(side) and side > 0 else ""
            raise ValueError(
                "`image_shape` must have sides of 3, 4, 5, 6 or 7 times a power of two, at least 6, such as 28, 32, "
                f"48, 64, 96 or 128.{near} Received: image_shape={tuple(image_shape)}"
            )
    height, width, n = *image_shape[:2], 0
    while height % 2 == width % 2 == 0 and min(height, width) >= 2 * FEWEST:
        height, width, n = height // 2, width // 2, n + 1
    return height, width, n


def stage_widths(width: int | Sequence[int], image_shape: Sequence[int], largest: int) -> list[int]:
    """Returns the number of feature maps at each size from the smallest map to the picture.

    Args:
        width: The number for maps whose longer side is at most `largest` pixels, halved with each doubling beyond. Or a
            list of one number for each size, the smallest map first.
        image_shape: (height, width, channels) of the picture.
        largest: See `width`.

    Raises:
        ValueError: If a width is not a positive integer, or the list has another length.

    Example:

    >>> stage_widths(768, (128, 128, 3), largest=32)
    [768, 768, 768, 768, 384, 192]
    """
    *_, doublings = smallest_map(image_shape)
    if not isinstance(width, int | np.integer):
        widths = check_shape("width", width)
        if len(widths) != doublings + 1:
            raise ValueError(
                f"`width` must be one number, or one for each of the {doublings + 1} stages. Received: width={width!r}"
            )
        return list(widths)
    check_count("width", width)
    sides = [max(image_shape[:2]) >> (doublings - stage) for stage in range(doublings + 1)]
    return [max(width * largest // max(side, largest), 1) for side in sides]


def nearest_sides(side: int) -> tuple[int, ...]:
    """Finds the valid sides of pictures nearest to a number: itself, if valid, otherwise the next below and above.

    >>> nearest_sides(100), nearest_sides(96), nearest_sides(3)
    ((96, 112), (96,), (6,))
    """
    n = max(max(side, 1).bit_length() - MOST.bit_length(), 1)  # 4 * 2^n is at most as great as the side
    sides = sorted({rest << i for rest in range(FEWEST, MOST + 1) for i in (n, n + 1)} | {2 * FEWEST})
    if side in sides:
        return (side,)
    below, above = [valid for valid in sides if valid < side], [valid for valid in sides if valid > side]
    return (*below[-1:], *above[:1])


def _listed(side):
    return " and ".join(map(str, nearest_sides(side)))
