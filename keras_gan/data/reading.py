"""Reading of the user's pictures, of any kind and turned by their EXIF orientation, and of their properties."""

import contextlib
import dataclasses
import itertools
import pathlib
import warnings
from collections.abc import Iterator, Sequence

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from keras_gan.data.archives import Member
from keras_gan.data.pictures import STATED, depth, find_ends, fit

DARK = 64  # of 255, which 14 bits of 16 do not reach
NEARLY_ALL = 0.99  # share of a picture's values that are compared with `DARK`, as few pixels may be faulty
MOST_PIXELS = 80_000_000  # of one picture: a small file may claim any number
UNREADABLE = (OSError, ValueError, SyntaxError)
ORIENTATION = 0x0112  # the tag of EXIF
SIDEWAYS = (5, 6, 7, 8)  # its values for pictures whose width and height are exchanged
KINDS = {"P": "palette", "CMYK": "CMYK", "YCbCr": "YCbCr", "LAB": "Lab", "HSV": "HSV", "1": "one bit"}


@dataclasses.dataclass(frozen=True)
class Seen:
    """The properties of a picture before it was cropped and scaled.

    Attributes:
        size: (height, width), upright; for joined pictures that of one.
        kinds: Descriptions of its special properties, such as a palette.
        fits: Whether it already had the final size.
    """

    size: tuple[int, int]
    kinds: tuple[str, ...]
    fits: bool


@contextlib.contextmanager
def large_ones_are_refused() -> Iterator[None]:
    """Silences Pillow's warning of large pictures, as `read_picture` raises an error for smaller ones already.

    The warnings of the whole process change: with the block in the main thread, other threads may read the pictures.
    """
    with warnings.catch_warnings(action="ignore", category=Image.DecompressionBombWarning):
        yield


def find_whites(found: Sequence[pathlib.Path | Member]) -> dict[str, tuple[float, float]]:
    """Finds the values of black and white in pictures of more than 8 bits, by `depth`: the same for all of a kind.

    Warns:
        UserWarning: If they are not those of the kind, or most pictures are nearly black.
    """
    extremes, upper = {}, []
    for file in found:
        with contextlib.suppress(*UNREADABLE), _open(file) as picture:
            kind = depth(picture)
            if kind is None and ";16" in str(picture.tile):
                upper.append(np.quantile(np.asarray(picture.convert("RGB")), NEARLY_ALL))
            if kind is not None:
                values = np.asarray(picture, "float32")
                if np.isfinite(values).all():  # otherwise `read_picture` refuses it
                    known = values.min(), values.max(), file, np.quantile(values, NEARLY_ALL)
                    extremes.setdefault(kind, []).append(known)
    if upper and np.median(upper) < DARK:
        text = f"of which only the upper 8 bits are read: {NEARLY_ALL:.0%} of the values of most are at most"
        warnings.warn(f"The colour pictures have 16 bits, {text} {np.median(upper):.0f} of 255", stacklevel=3)
    ends = {}
    for kind, pairs in extremes.items():
        darkest, brightest = min(pairs, key=lambda each: each[0]), max(pairs, key=lambda each: each[1])
        low, high = ends[kind] = find_ends(darkest[0], brightest[1])
        usual = np.median([nearly_all for *_, nearly_all in pairs])
        dark = usual - low < DARK / 255 * (high - low)
        if dark or (low, high) != STATED[kind]:
            least, most, file, _ = darkest if low < 0 else brightest
            text = f"{kind} pictures are read as if {low:g} were black and {high:g} white, as {file.name} has values "
            text += f"from {least:g} to {most:g}"
            if dark:
                text += f", though {NEARLY_ALL:.0%} of the values of most pictures are at most {usual:g}, nearly "
                text += "black: correct faulty pixels, or scale the pictures"
            warnings.warn(text, stacklevel=3)
    return ends


@contextlib.contextmanager
def _open(file):
    if not file.is_file():  # a pipe would never end
        raise OSError("not a file")
    # Pillow maps some TIFFs of a path into memory, and then neither turns them nor finds their orientation
    with file.open() if isinstance(file, Member) else file.open("rb") as content:
        try:
            picture = Image.open(content)
        except Image.DecompressionBombError as error:  # both of Pillow's limits are higher
            raise ValueError(f"more than {MOST_PIXELS:,} pixels") from error
        except UnidentifiedImageError as error:  # its text names the file, or an address in memory
            raise ValueError("not a picture, or of an unknown kind") from error
        if picture.width * picture.height > MOST_PIXELS:
            raise ValueError(f"{picture.width} x {picture.height} pixels, more than {MOST_PIXELS:,}")
        yield picture


def read_picture(
    file: pathlib.Path | Member,
    size: tuple[int, int] | None,
    ends: dict[str, tuple[float, float]],
    joined: bool = False,
    alpha: bool = False,
) -> tuple[np.ndarray, Seen]:
    """Reads one picture, turned by its EXIF orientation.

    Args:
        file: The file.
        size: (height, width) to crop and scale to; None keeps the picture's own.
        ends: The output of `find_whites`.
        joined: Whether the picture is two pictures side by side.
        alpha: Whether the opacity becomes a fourth channel; otherwise transparency is laid on white.

    Returns:
        (height, width, channels) uint8, with one channel if it is grey, otherwise three, or four with `alpha`; and its
        previous properties.

    Raises:
        OSError, ValueError, SyntaxError: If the picture cannot be read.
    """
    with _open(file) as picture:
        kinds = tuple(_kinds(picture, alpha))  # reading a TIFF removes its orientation
        kind, turned = depth(picture), ImageOps.exif_transpose(picture)
        if kind is not None and not np.isfinite(np.asarray(picture, "float32")).all():
            raise ValueError("numbers that are not finite")
        sides = _halves(turned) if joined else [turned]
        channels = 4 if alpha else 1 if is_grey(turned) else 3
        made = [fit(side, size, channels, ends.get(kind)) for side in sides]
        own = sides[0].height, sides[0].width
        return np.concatenate(made, axis=1), Seen(own, kinds, size in (None, own))


def is_grey(picture: Image.Image) -> bool:
    """Returns whether a picture has no colour by its mode."""
    return depth(picture) is not None or picture.mode in ("1", "L", "LA")


def upright_size(file: pathlib.Path | Member) -> tuple[int, int] | None:
    """Returns the (height, width) that a picture has once it is turned, by its header; None if it cannot be read."""
    try:
        with _open(file) as picture:
            is_turned = picture.getexif().get(ORIENTATION, 1) in SIDEWAYS
            return picture.size if is_turned else picture.size[::-1]
    except UNREADABLE:
        return None


def has_colour(file: pathlib.Path | Member) -> bool:
    """Returns whether a file is a picture that has colour by its mode, which is in its header."""
    try:
        with _open(file) as picture:
            return not is_grey(picture)
    except UNREADABLE:
        return False  # it will be skipped


def _kinds(picture, alpha):
    """Yields descriptions of the special properties of a picture."""
    if picture.getexif().get(ORIENTATION, 1) != 1:
        yield "turned as EXIF says"
    if picture.has_transparency_data and not alpha:
        yield "laid on white"
    if picture.mode in KINDS:
        yield KINDS[picture.mode]
    if depth(picture) is not None:
        yield "of more than 8 bits"
    if _has_more(picture):
        yield "first of several pages or frames"


def _has_more(picture):
    """Returns whether a file has further pages or frames; the second picture of a camera's JPEG is a preview."""
    try:
        return picture.format != "MPO" and getattr(picture, "is_animated", False)
    except Exception:  # whatever Pillow raises for a damaged second page, where the first one was read
        return True


def _halves(picture):
    """Returns the left and the right picture of two that are side by side."""
    if picture.width % 2:
        raise ValueError(f"{picture.width} pixels wide, an odd number, so not two pictures side by side")
    middle = picture.width // 2
    ends = (0, middle, picture.width)
    return [picture.crop((left, 0, right, picture.height)) for left, right in itertools.pairwise(ends)]
