"""The sample grids over time on the page of a run, with a limited number of bytes."""

import base64
import dataclasses
import io
import pathlib
import re

import numpy as np
from PIL import Image

from keras_gan.images import read_rgb

MOST_FRAMES, MOST_PIXELS = 40, 1024
LAST_BYTES, OTHER_BYTES = 700_000, 2_300_000  # base64 makes 4 bytes of 3: all pictures take at most 4 MB
SHRINKING = ((1, 85), (1, 70), (1, 50), (2, 75), (2, 50), (4, 60), (8, 50), (16, 50))  # divisor, quality of a JPEG


@dataclasses.dataclass(frozen=True)
class Frame:
    """One picture of the page.

    Attributes:
        label: The moment of the picture, such as `"step 1,200"`.
        url: The picture as a data: URL.
        width: Maximum width on the page, in pixels, which shrunk pictures share with the others.
    """

    label: str
    url: str
    width: int


def read_frames(folder: pathlib.Path) -> list[Frame]:
    """Reads the sample grids of a run folder, at most 40, evenly over time.

    Small PNG files are kept. Other pictures become JPEGs, of the quality that their share of the bytes allows; the
    last picture, which the page shows first, has the largest share.

    Raises:
        ValueError: If a file is no picture.
    """
    found = [sorted((folder / "samples").glob(f"{kind}-*.png")) for kind in ("step", "epoch")]
    paths = ([path for path in each if path.is_file()] for each in (*found, [folder / "samples.png"]))
    paths = thin(next(filter(None, paths), []), MOST_FRAMES)
    shares = [OTHER_BYTES // max(1, len(paths) - 1)] * (len(paths) - 1) + [LAST_BYTES]
    return [read_frame(path, share) for path, share in zip(paths, shares, strict=False)]


def thin(values: list, most: int) -> list:
    """Returns at most `most` values of a list, evenly spaced, including the first and the last."""
    if len(values) <= most:
        return values
    return [values[i] for i in np.unique(np.linspace(0, len(values) - 1, most).round().astype(int))]


def read_frame(path: pathlib.Path, most: int = LAST_BYTES) -> Frame:
    """Reads one picture, encoded in at most `most` bytes; of a film that needs more bytes, its first frame.

    Raises:
        ValueError: If the file is no picture.
    """
    try:
        size = path.stat().st_size
        with Image.open(path) as picture:
            if getattr(picture, "is_animated", False) and size <= most:
                url = f"data:{Image.MIME[picture.format]};base64,{base64.b64encode(path.read_bytes()).decode()}"
                return Frame(_label(path), url, picture.width)
            too_wide = max(picture.size) > MOST_PIXELS
            picture.thumbnail((MOST_PIXELS, MOST_PIXELS))
            kind, data = _encode(picture, most, as_png=too_wide or size <= 2 * most)
            return Frame(_label(path), f"data:image/{kind};base64,{base64.b64encode(data).decode()}", picture.width)
    except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError) as error:
        raise ValueError(f"{path} must be a picture. Received: {error}") from error


def _label(path):
    found = re.fullmatch(r"(step|epoch)-(\d{1,18})", path.stem, re.ASCII)
    return f"{found[1]} {int(found[2]):,}" if found else "the end" if path.stem == "samples" else path.stem


def _encode(picture, most, as_png):
    """Returns the format and the bytes of the best encoding with at most `most` bytes, or of the smallest one."""
    data = _saved(picture, format="PNG", optimize=True) if as_png else None
    if data is not None and len(data) <= most:
        return "png", data
    picture = picture if picture.mode == "L" else read_rgb(picture)
    for divisor, quality in SHRINKING:
        size = [max(1, side // divisor) for side in picture.size]
        shrunk = picture if divisor == 1 else picture.resize(size, Image.Resampling.LANCZOS)
        data = _saved(shrunk, format="JPEG", quality=quality)
        if len(data) <= most:
            break
    return "jpeg", data


def _saved(picture, **options):
    part = io.BytesIO()
    picture.save(part, **options)
    return part.getvalue()
