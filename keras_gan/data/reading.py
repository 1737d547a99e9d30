"""One picture of the user's: of any kind, turned as its camera says, and what was seen of it."""

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

DARK = 64  # of 255: 14 of 16 bits
MOST_PIXELS = 80_000_000  # of one picture: a small file may claim any number
UNREADABLE = (OSError, ValueError, SyntaxError)
ORIENTATION = 0x0112  # the tag of EXIF
KINDS = {"P": "palette", "CMYK": "CMYK", "YCbCr": "YCbCr", "LAB": "Lab", "HSV": "HSV", "1": "one bit"}


@dataclasses.dataclass(frozen=True)
class Seen:
    """The properties of a picture before it was cut and scaled.

    Attributes:
        size: (height, width), upright; of joined pictures that of one.
        kinds: What was done besides, in words.
        fits: Whether it had the size that it was brought to.
    """

    size: tuple[int, int]
    kinds: tuple[str, ...]
    fits: bool


@contextlib.contextmanager
def large_ones_are_refused() -> Iterator[None]:
    """Lets pictures be opened whose pixels Pillow would warn of: `read_picture` refuses fewer ones.

    It changes the warnings of the whole process: a block in the main thread may have its pictures read in others.
    """
    with warnings.catch_warnings(action="ignore", category=Image.DecompressionBombWarning):
        yield


def find_whites(found: Sequence[pathlib.Path | Member]) -> dict[str, tuple[float, float]]:
    """Finds black and white of the pictures of more than 8 bits, by `depth`: the same for all of a kind."""
    extremes, upper = {}, []
    for file in found:
        with contextlib.suppress(*UNREADABLE), _open(file) as picture:
            kind = depth(picture)
            if kind is None and ";16" in str(picture.tile):
                upper.append(np.asarray(picture.convert("RGB")).max())
            if kind is not None:
                values = np.asarray(picture, "float32")
                if np.isfinite(values).all():  # else `read_picture` refuses it
                    extremes.setdefault(kind, []).append((values.min(), values.max(), file))
    if upper and max(upper) < DARK:
        text = "of which only the upper 8 bits are read: their largest value is"
        warnings.warn(f"The colour pictures have 16 bits, {text} {max(upper)} of 255", stacklevel=3)
    ends = {}
    for kind, pairs in extremes.items():
        darkest, brightest = min(pairs, key=lambda each: each[0]), max(pairs, key=lambda each: each[1])
        low, high = ends[kind] = find_ends(darkest[0], brightest[1])
        if (low, high) != STATED[kind]:
            least, most, file = darkest if low < 0 else brightest
            text = f"{kind} pictures are read as if {low:g} were black and {high:g} white"
            warnings.warn(f"{text}, as {file.name} has values from {least:g} to {most:g}", stacklevel=3)
    return ends


@contextlib.contextmanager
def _open(file):
    if not file.is_file():  # a pipe would never end
        raise OSError("not a file")
    try:
        opened = Image.open(file.open() if isinstance(file, Member) else file)
    except Image.DecompressionBombError as error:  # both limits of Pillow's own are higher
        raise ValueError(f"more than {MOST_PIXELS:,} pixels") from error
    except UnidentifiedImageError as error:  # whose text names the file, or where a zip's lies in memory
        raise ValueError("no picture, or of a kind that is not known") from error
    with opened as picture:
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
    """Reads one picture, turned as its camera says.

    Args:
        file: The file.
        size: (height, width) to cut and scale to; None keeps its own.
        ends: What `find_whites` gave.
        joined: It is two side by side.
        alpha: Whether it gets a fourth channel, of how opaque it is; else what is transparent is laid on white.

    Returns:
        (height, width, channels) uint8, with one channel if it is grey, else three, or four with `alpha`; and what it
        was before.

    Raises:
        OSError, ValueError, SyntaxError: If it cannot be read.
    """
    with _open(file) as picture:
        kind, turned = depth(picture), ImageOps.exif_transpose(picture)
        if kind is not None and not np.isfinite(np.asarray(picture, "float32")).all():
            raise ValueError("numbers that are not finite")
        sides = _halves(turned) if joined else [turned]
        channels = 4 if alpha else 1 if is_grey(turned) else 3
        made = [fit(side, size, channels, ends.get(kind)) for side in sides]
        own = sides[0].height, sides[0].width
        return np.concatenate(made, axis=1), Seen(own, tuple(_kinds(picture, alpha)), size in (None, own))


def is_grey(picture: Image.Image) -> bool:
    """Returns whether a picture has no colour by its mode."""
    return depth(picture) is not None or picture.mode in ("1", "L", "LA")


def has_colour(file: pathlib.Path | Member) -> bool:
    """Returns whether a file is a picture that has colour by its mode, which its first bytes tell."""
    try:
        with _open(file) as picture:
            return not is_grey(picture)
    except UNREADABLE:
        return False  # it will be skipped


def _kinds(picture, alpha):
    """Lists what is special about a picture, in words."""
    if picture.getexif().get(ORIENTATION, 1) != 1:
        yield "turned as EXIF says"
    if picture.has_transparency_data and not alpha:
        yield "laid on white"
    if picture.mode in KINDS:
        yield KINDS[picture.mode]
    if depth(picture) is not None:
        yield "of more than 8 bits"


def _halves(picture):
    """Returns the left and the right picture of two that are side by side."""
    if picture.width % 2:
        raise ValueError(f"{picture.width} pixels wide, which are no two pictures side by side")
    middle = picture.width // 2
    ends = (0, middle, picture.width)
    return [picture.crop((left, 0, right, picture.height)) for left, right in itertools.pairwise(ends)]
