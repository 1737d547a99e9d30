"""Pictures: ranges, grids, PNG and GIF."""

import os
from collections.abc import Sequence

import numpy as np
from PIL import Image

from keras_gan.arguments import check_count, check_range
from keras_gan.files import atomic, open_regular

MOST_PIXELS = 2**29


def to_uint8(images, value_range: tuple[float, float] = (-1.0, 1.0)) -> np.ndarray:
    """Maps `value_range` to 0..255, rounded and clipped. Any shape in, the same shape out, uint8.

    >>> to_uint8([-1.0, 0.0, 1.0]).tolist(), to_uint8([0.0, 1.0], (0.0, 1.0)).tolist()
    ([0, 128, 255], [0, 255])
    """
    low, high = check_range("value_range", value_range)
    return np.clip(np.round((np.asarray(images, "float32") - low) * (255 / (high - low))), 0, 255).astype("uint8")


def from_uint8(images) -> np.ndarray:
    """Maps 0..255 to [-1, 1]: x -> x / 127.5 - 1. Any shape in, the same shape out, float32.

    >>> from_uint8([0, 255]).tolist()
    [-1.0, 1.0]
    """
    return np.asarray(images, "float32") / 127.5 - 1


def grid(
    images,
    columns: int | None = None,
    padding: int = 2,
    scale: int = 1,
    value_range: tuple[float, float] = (-1.0, 1.0),
) -> np.ndarray:
    """Lays images out in rows, first to last.

    Args:
        images: (N, height, width, channels) with 1 or 3 channels: uint8, or floats in `value_range`.
        columns: How many stand in a row. Defaults to the square root of N, rounded up.
        padding: Pixels of white around each image.
        scale: Each pixel becomes a square of `scale` x `scale` pixels: 8x8 digits want 4 or more.
        value_range: What becomes black and white, for floats.

    Returns:
        (H, W, channels) uint8.

    Raises:
        ValueError: If `images` is not a non-empty batch of images with 1 or 3 channels.

    >>> grid(np.zeros((10, 28, 28, 1), "uint8"), columns=5).shape
    (62, 152, 1)
    """
    images = np.asarray(images)
    if images.ndim != 4 or images.shape[-1] not in (1, 3) or not len(images):
        raise ValueError(
            "`images` must be a non-empty batch (N, height, width, channels) with 1 or 3 channels. "
            f"Received: images.shape={images.shape}"
        )
    if images.dtype != np.uint8 and not np.issubdtype(images.dtype, np.floating):
        raise ValueError(f"`images` must be uint8 or floats. Received: images.dtype={images.dtype}")
    for name, value, least in (("columns", columns, 1), ("padding", padding, 0), ("scale", scale, 1)):
        if value is not None:
            check_count(name, value, least=least)
    if images.dtype != np.uint8:
        images = to_uint8(images, value_range)
    count, height, width, channels = images.shape
    columns = min(count, columns or int(np.ceil(np.sqrt(count))))
    rows = -(-count // columns)
    pixels = (rows * (height * scale + padding) + padding) * (columns * (width * scale + padding) + padding)
    if pixels > MOST_PIXELS:
        raise ValueError(
            f"The grid must have at most {MOST_PIXELS:,} pixels. Received: {count} images of {height} x {width}, "
            f"scale={scale}, padding={padding}: {pixels:,} pixels"
        )
    images = images.repeat(scale, axis=1).repeat(scale, axis=2)
    height, width = height * scale + padding, width * scale + padding
    sheet = np.full((rows * height + padding, columns * width + padding, channels), 255, "uint8")
    for i, image in enumerate(images):
        top, left = (i // columns) * height + padding, (i % columns) * width + padding
        sheet[top : top + height - padding, left : left + width - padding] = image
    return sheet


def _picture(array: np.ndarray) -> Image.Image:
    return Image.fromarray(array[..., 0] if array.shape[-1] == 1 else array)


def save_png(path: str | os.PathLike, image: np.ndarray) -> None:
    """Writes one (height, width, 1, 3 or 4) uint8 image as PNG, atomically.

    Raises:
        ValueError: If `image` is something else.
    """
    image = np.asarray(image)
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[-1] not in (1, 3, 4) or not image.size:
        raise ValueError(
            "`image` must be uint8, (height, width, channels) with 1, 3 or 4 channels. "
            f"Received: image.dtype={image.dtype}, image.shape={image.shape}"
        )
    with atomic(path) as part:
        _picture(image).save(part, format="PNG")


def save_gif(path: str | os.PathLike, frames: Sequence[str | os.PathLike], milliseconds: int = 200) -> None:
    """Writes an endless GIF of the PNG files `frames`, in order, atomically; the last frame stays for two seconds.

    Raises:
        ValueError: If `frames` is empty, or holds what is no picture.
    """
    if not frames:
        raise ValueError("`frames` must name at least one picture. Received: frames=[]")
    pictures = []
    for frame in frames:
        try:
            with open_regular(frame) as file, Image.open(file) as picture:
                pictures.append(picture.convert("RGB").quantize(64, method=Image.Quantize.MEDIANCUT))
        except (OSError, ValueError, SyntaxError) as error:  # Pillow raises all three
            raise ValueError(f"`frames` must name pictures. Received: {str(frame)!r}: {error}") from error
    durations = [milliseconds] * (len(pictures) - 1) + [2000]
    with atomic(path) as part:
        pictures[0].save(part, format="GIF", save_all=True, append_images=pictures[1:], duration=durations, loop=0)
