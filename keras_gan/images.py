"""Pictures: ranges, grids, PNG and GIF."""

import io
import os
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from keras_gan.ground import notebook
from keras_gan.ground.arguments import check_count, check_range
from keras_gan.ground.files import atomic, open_regular

MOST_PIXELS = 2**29
CAPTION = 14  # height of the strip of captions, in pixels
CHANNELS = (1, 3, 4)  # grey, RGB, RGBA


def is_picture(shape: Sequence[int]) -> bool:
    """Returns whether an example of this shape is a picture: (height, width, channels), grey, RGB or RGBA.

    >>> [is_picture(shape) for shape in ((28, 28, 1), (64, 64, 4), (64, 64, 2), (784,))]
    [True, True, False, False]
    """
    return len(shape) == 3 and shape[-1] in CHANNELS


def to_uint8(images, value_range: tuple[float, float] = (-1.0, 1.0)) -> np.ndarray:
    """Maps `value_range` to 0..255, rounded and clipped. Any shape in, the same shape out, uint8.

    >>> to_uint8([-1.0, 0.0, 1.0]).tolist(), to_uint8([0.0, 1.0], (0.0, 1.0)).tolist()
    ([0, 128, 255], [0, 255])
    """
    low, high = check_range("value_range", value_range)
    return np.clip(np.round((np.asarray(images, "float32") - low) * (255 / (high - low))), 0, 255).astype("uint8")


def from_uint8(images, value_range: tuple[float, float] = (-1.0, 1.0)) -> np.ndarray:
    """Maps 0..255 to `value_range`, by default x -> x / 127.5 - 1. Any shape in, the same shape out, float32.

    >>> from_uint8([0, 255]).tolist(), from_uint8([0, 255], (0.0, 1.0)).tolist()
    ([-1.0, 1.0], [0.0, 1.0])
    """
    low, high = check_range("value_range", value_range)
    return np.asarray(images, "float32") / (255 / (high - low)) + low


def grid(
    images,
    columns: int | None = None,
    padding: int = 2,
    scale: int = 1,
    value_range: tuple[float, float] = (-1.0, 1.0),
) -> np.ndarray:
    """Arranges images in rows, from first to last.

    Args:
        images: (N, height, width, channels) with 1, 3 or 4 channels: uint8, or floats in `value_range`. The fourth
            channel is alpha, whose ends of `value_range` are transparent and opaque.
        columns: The number of images in a row. Defaults to the square root of N, rounded up.
        padding: Pixels of opaque white around each image.
        scale: Each pixel becomes a square of `scale` x `scale` pixels: use 4 or more for 8x8 digits.
        value_range: Values of black and white, for floats.

    Returns:
        (H, W, channels) uint8, with as many channels as `images`.

    Raises:
        ValueError: If `images` is not a non-empty batch of images with 1, 3 or 4 channels.

    >>> grid(np.zeros((10, 28, 28, 1), "uint8"), columns=5).shape
    (62, 152, 1)
    """
    images = np.asarray(images)
    if not is_picture(images.shape[1:]) or not len(images):
        raise ValueError(
            "`images` must be a non-empty batch (N, height, width, channels) with 1, 3 or 4 channels: grey, RGB or "
            f"RGBA. Received: images.shape={images.shape}"
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


def beside(columns: Sequence[np.ndarray]) -> np.ndarray:
    """Joins the pictures of several columns row by row for `grid`: N of each become len(columns) * N.

    Smaller pictures are enlarged by the greatest integer that fits the largest, and centred on white. Grey ones become
    RGB beside colours, and opaque beside RGBA.

    Args:
        columns: (N, height, width, channels) uint8 each, with 1, 3 or 4 channels.

    >>> beside([np.zeros((2, 4, 4, 1), "uint8"), np.zeros((2, 8, 9, 3), "uint8")]).shape
    (4, 8, 9, 3)
    """
    height, width, channels = (max(each.shape[axis] for each in columns) for axis in (1, 2, 3))
    return np.stack([_fitted(each, height, width, channels) for each in columns], axis=1).reshape(
        -1, height, width, channels
    )


def _fitted(images, height, width, channels):
    factor = min(height // images.shape[1], width // images.shape[2])
    images = images.repeat(factor, axis=1).repeat(factor, axis=2)
    if images.shape[-1] == 1 < channels:
        images = images.repeat(3, axis=-1)
    if images.shape[-1] == 3 < channels:
        images = np.concatenate([images, np.full_like(images[..., :1], 255)], axis=-1)
    sheet = np.full((len(images), height, width, channels), 255, "uint8")
    top, left = (height - images.shape[1]) // 2, (width - images.shape[2]) // 2
    sheet[:, top : top + images.shape[1], left : left + images.shape[2]] = images
    return sheet


def _picture(array: np.ndarray) -> Image.Image:
    return Image.fromarray(array[..., 0] if array.shape[-1] == 1 else array)


def on_white(images: np.ndarray) -> np.ndarray:
    """Lays RGBA pictures on white: (..., 4) uint8 -> (..., 3). Grey and RGB ones are returned unchanged.

    >>> on_white(np.array([[255, 0, 0, 255], [255, 0, 0, 0], [0, 0, 0, 51]], "uint8")).tolist()
    [[255, 0, 0], [255, 255, 255], [204, 204, 204]]
    """
    if images.shape[-1] != 4:
        return images
    alpha = images[..., 3:].astype("float32") / 255
    return np.round(images[..., :3] * alpha + 255 * (1 - alpha)).astype("uint8")


def read_rgb(picture: Image.Image) -> Image.Image:
    """Converts a Pillow picture of any mode to RGB, with transparent parts laid on white."""
    if picture.has_transparency_data:
        return Image.fromarray(on_white(np.asarray(picture.convert("RGBA"))))
    return picture.convert("RGB")


def _check_image(image):
    if image.dtype != np.uint8 or not is_picture(image.shape) or not image.size:
        raise ValueError(
            "`image` must be uint8, (height, width, channels) with 1, 3 or 4 channels. "
            f"Received: image.dtype={image.dtype}, image.shape={image.shape}"
        )


def save_png(path: str | os.PathLike, image: np.ndarray) -> None:
    """Writes one (height, width, 1, 3 or 4) uint8 image as PNG, atomically.

    Raises:
        ValueError: If `image` is something else.
    """
    image = np.asarray(image)
    _check_image(image)
    with atomic(path) as part:
        _picture(image).save(part, format="PNG")


def to_png(image: np.ndarray) -> bytes:
    """Returns one (height, width, 1, 3 or 4) uint8 image as the bytes of a PNG file.

    Raises:
        ValueError: If `image` is something else.

    >>> to_png(np.zeros((8, 8, 1), "uint8"))[:4]
    b'\x89PNG'
    """
    image, file = np.asarray(image), io.BytesIO()
    _check_image(image)
    _picture(image).save(file, format="PNG")
    return file.getvalue()


def show(image: np.ndarray) -> None:
    """Shows one (height, width, 1, 3 or 4) uint8 image below the cell of a notebook.

    Outside of a notebook it does nothing, so that a program may keep the call.

    Args:
        image: The picture, such as one from `grid`.

    Raises:
        ValueError: If `image` is something else.

    Example:

    >>> keras_gan.images.show(keras_gan.images.grid(np.zeros((16, 8, 8, 1)), scale=4))
    """
    notebook.Output().show(to_png(image))


def save_gif(path: str | os.PathLike, frames: Sequence[str | os.PathLike], milliseconds: int = 200) -> None:
    """Writes an endless GIF of the PNG files `frames`, in order, atomically; the last frame stays for two seconds.

    Transparent parts are laid on white.

    Raises:
        ValueError: If `frames` is empty, or a file is not a picture.
    """
    if not frames:
        raise ValueError("`frames` must name at least one picture. Received: frames=[]")
    pictures = []
    for frame in frames:
        try:
            with open_regular(frame) as file, Image.open(file) as picture:
                pictures.append(read_rgb(picture).quantize(64, method=Image.Quantize.MEDIANCUT))
        except (OSError, ValueError, SyntaxError) as error:  # Pillow raises all three
            raise ValueError(f"`frames` must name pictures. Received: {str(frame)!r}: {error}") from error
    durations = [milliseconds] * (len(pictures) - 1) + [2000]
    with atomic(path) as part:
        pictures[0].save(part, format="GIF", save_all=True, append_images=pictures[1:], duration=durations, loop=0)


FILMS = {".gif": "GIF", ".webp": "WEBP", ".png": "PNG"}


def check_film(path: str | os.PathLike, name: str = "path") -> str:
    """Returns the format of a film by the file's suffix; raises the error of `check_suffix`.

    >>> check_film("walk.webp")
    'WEBP'
    """
    return _check_suffix(path, name, FILMS)


def save_film(path: str | os.PathLike, frames: Sequence[np.ndarray], milliseconds: int = 50) -> None:
    """Writes pictures as an endless film, atomically: a GIF, an animated WebP or PNG, by the suffix.

    Args:
        path: A file that ends in .gif, .webp or .png.
        frames: (height, width, 1, 3 or 4) uint8 each. Transparent parts are laid on white.
        milliseconds: Duration of each frame, at least 1. Defaults to 50.

    Raises:
        ValueError: If there are no frames, a frame is something else, or the suffix is another one.

    Example:

    >>> frames = keras_gan.exploration.Space(gan).walk(seed=0)  # doctest: +SKIP
    >>> keras_gan.images.save_film("walk.gif", [keras_gan.images.grid(each) for each in frames])  # doctest: +SKIP
    """
    kind = check_film(path)
    if not len(frames):
        raise ValueError("`frames` must hold at least one picture. Received: frames=[]")
    check_count("milliseconds", milliseconds)
    for frame in frames:
        _check_image(np.asarray(frame))
    pictures = [_picture(on_white(np.asarray(frame))) for frame in frames]
    if kind == "GIF":
        pictures = [picture.convert("RGB").quantize(128, method=Image.Quantize.MEDIANCUT) for picture in pictures]
    options = {"save_all": True, "append_images": pictures[1:], "duration": milliseconds, "loop": 0}
    with atomic(path) as part:
        pictures[0].save(part, format=kind, **options)


FORMATS = {
    ".png": "PNG",
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".webp": "WEBP",
    ".bmp": "BMP",
    ".gif": "GIF",
    ".tif": "TIFF",
    ".tiff": "TIFF",
}


def check_suffix(path: str | os.PathLike, name: str = "path") -> str:
    """Returns the format of a picture by the file's suffix.

    Raises:
        ValueError: If the suffix is unknown; the error shows the argument's `name`.

    >>> check_suffix("grid.jpg")
    'JPEG'
    """
    return _check_suffix(path, name, FORMATS)


def _check_suffix(path, name, known):
    suffix = os.path.splitext(path)[1].lower()
    if suffix not in known:
        raise ValueError(f"`{name}` must end in one of {', '.join(known)}. Received: {name}={os.fspath(path)!r}")
    return known[suffix]


def save(path: str | os.PathLike, image: np.ndarray) -> None:
    """Writes one (height, width, 1, 3 or 4) uint8 image in the format of the path's suffix, atomically.

    Where the format has no transparency, the image is laid on white.

    Raises:
        ValueError: If `image` is something else, or the suffix is not in `FORMATS`.

    Example:

    >>> keras_gan.images.save("grid.jpg", keras_gan.images.grid(gan.generate(64)))  # doctest: +SKIP
    """
    kind, image = check_suffix(path), np.asarray(image)
    if kind == "PNG":
        save_png(path, image)
        return
    _check_image(image)
    picture = _picture(on_white(image) if kind in ("JPEG", "BMP", "GIF") else image)
    with atomic(path) as part:
        picture.save(part, format=kind, **({"quality": 95} if kind in ("JPEG", "WEBP") else {}))


def caption(sheet: np.ndarray, texts: Sequence[str], padding: int = 2) -> np.ndarray:
    """Writes a text over each column of a grid, in a strip above it; a text that is too long ends in "…".

    Args:
        sheet: (H, W, 1, 3 or 4) uint8, the output of `grid`.
        texts: One text per column.
        padding: The `padding` of the grid.

    Returns:
        (H + 14, W, channels) uint8.

    >>> caption(grid(np.zeros((2, 30, 30, 1), "uint8"), columns=2), ("cats", "dogs")).shape
    (48, 66, 1)
    """
    width, channels = sheet.shape[1:]
    column, font = (width - padding) // len(texts), ImageFont.load_default(10)
    strip = Image.new("L", (width, CAPTION), 255)
    drawn = ImageDraw.Draw(strip)
    for i, text in enumerate(texts):
        shown, end = text, len(text)
        while end and font.getlength(shown) > column - padding:
            end -= 1
            shown = f"{text[:end]}…"
        text = shown if end else ""
        drawn.text((padding + i * column, 1), text, fill=0, font=font)
    strip = np.broadcast_to(np.asarray(strip)[..., None], (CAPTION, width, channels)).copy()
    if channels == 4:
        strip[..., 3] = 255
    return np.concatenate([strip, sheet])
