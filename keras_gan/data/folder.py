"""The user's own pictures: a folder of any depth, of mixed sizes, grey or colour."""

import collections
import contextlib
import itertools
import os
import pathlib
import warnings
from collections.abc import Iterator, Sequence

import numpy as np
from PIL import Image, ImageOps

from keras_gan.data.pictures import STATED, Pictures, depth, find_ends, fit, fit_in_words, get_size
from keras_gan.data.stored import check_memory
from keras_gan.ground import files
from keras_gan.ground.arguments import counted

SUFFIXES = (".bmp", ".gif", ".jfif", ".jpe", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp")
INDEXES = (  # folders that systems and viewers make beside pictures, besides hidden ones
    "$recycle.bin",
    "#recycle",
    "#snapshot",
    "__macosx",
    "__pycache__",
    "lost+found",
    "system volume information",
)
PARTS = {"dev", "eval", "test", "testing", "train", "training", "val", "valid", "validation"}
MOST_STRAYS = 0.1  # of all pictures, above the folders of classes
DARK = 64  # of 255: 14 of 16 bits
MOST_PIXELS = 80_000_000  # of one picture: a small file may claim any number
UNREADABLE = (OSError, ValueError, SyntaxError)


def read_folder(path: str | os.PathLike, image_size=None, joined: bool = False) -> Pictures:
    """Reads every picture below a folder, in the order of their names.

    Where the pictures stand in subfolders, the first level's names are the classes. If any picture has colour, all
    become RGB, else all are grey. White in pictures of 16 bits or of floats is the same for all of them: the least of
    1, 255, 1023, 4095, 16383 and 65535 that none exceeds.

    A warning names what is skipped: files that cannot be read, hidden folders and those of an index, such as
    `.ipynb_checkpoints`, `@eaDir` and `__MACOSX`, links to folders, and up to a tenth of the pictures that lie beside
    the classes' folders. If more lie there, there are no classes. Classes that are called as parts of a data set are,
    such as `train` and `test`, are warned of too.

    Args:
        path: The folder. Links to folders are not followed.
        image_size: A side or (height, width): each picture is cut around its centre and scaled to it. None keeps
            the pictures' own size, which must then be the same for all.
        joined: Each picture is two side by side, which are cut and scaled each for itself.

    Raises:
        ValueError: If there is no such folder, no readable picture in it, or the sizes differ and `image_size` is None.
    """
    root, size = files.check_path(path).expanduser(), get_size(image_size)
    if not root.is_dir():
        raise ValueError(f"`path` must be a folder of pictures. Received: path={str(path)!r}")
    found = without_strays(find(root), root)
    with large_ones_are_refused():
        ends = find_whites(found)
        pictures, kept, skipped, resize = [], [], [], "none"
        for file in found:
            try:
                picture, fits = read_picture(file, size, ends, joined)
            except UNREADABLE as error:
                skipped.append(f"{file.relative_to(root)}: {error}")
                continue
            resize = resize if fits else fit_in_words(size)
            pictures.append(picture)
            kept.append(file)
            check_memory(len(pictures), picture.shape)
    tell_skipped(path, skipped, len(found))
    channels = 3 if any(picture.shape[-1] == 3 for picture in pictures) else 1
    images = _stack(pictures, channels)
    labels, class_names = classes([file.relative_to(root) for file in kept])
    names = tuple(file.relative_to(root).as_posix() for file in kept)
    return Pictures(images, labels, class_names, tuple(skipped), resize, names)


def tell_skipped(path: str | os.PathLike, skipped: Sequence[str], count: int) -> None:
    """Warns of the pictures of a folder that cannot be read, of `count` in all.

    Raises:
        ValueError: If none can be read.
    """
    if skipped:
        shown = "; ".join(skipped[:10]) + ("; ..." if len(skipped) > 10 else "")
        warnings.warn(f"Skipped {len(skipped)} of {count} pictures that cannot be read: {shown}", stacklevel=3)
    if len(skipped) == count:
        raise ValueError(
            f"`path` must hold at least one readable picture ({', '.join(SUFFIXES)}). "
            f"Received: path={str(path)!r} with {count} file{'s' * (count != 1)} of these kinds"
            + (f", none readable: {skipped[0]}" if skipped else "")
        )


def find(root: pathlib.Path) -> list[pathlib.Path]:
    """The files below a folder that are pictures by their suffix, in order, but for those that are hidden."""
    found, hidden, links = [], collections.Counter(), []
    for folder, folders, names in os.walk(root):
        links += [os.path.relpath(os.path.join(folder, name), root) for name in folders if _is_link(folder, name)]
        for name in names:
            if name.lower().endswith(SUFFIXES):
                parts = pathlib.Path(folder, name).relative_to(root).parts
                index = next((part for part in parts if _is_hidden(part)), None)
                hidden[index] += index is not None
                if index is None:
                    found.append(pathlib.Path(folder, name))
    hidden = +hidden
    if hidden:
        shown = ", ".join(f"{count} in {name}" if count > 1 else name for name, count in sorted(hidden.items())[:10])
        warnings.warn(f"Skipped {counted(hidden.total(), 'hidden picture')}: {shown}", stacklevel=3)
    if links:
        shown = ", ".join(sorted(links)[:10])
        warnings.warn(
            f"Skipped {counted(len(links), 'link')} to folders, which are not followed: {shown}", stacklevel=3
        )
    return sorted(found)


def _is_link(folder, name):
    return not _is_hidden(name) and os.path.islink(os.path.join(folder, name))


def _is_hidden(name):
    return name.startswith((".", "@")) or name.lower() in INDEXES


def without_strays(found: list[pathlib.Path], root: pathlib.Path) -> list[pathlib.Path]:
    """The pictures in the classes' folders, where few others lie beside these."""
    strays = [file for file in found if file.parent == root]
    if not strays or len(strays) == len(found):
        return found
    shown = ", ".join(file.name for file in strays[:5]) + (", ..." if len(strays) > 5 else "")
    if len(strays) > MOST_STRAYS * len(found):
        warnings.warn(f"No classes: {len(strays)} of {len(found)} pictures lie in no subfolder: {shown}", stacklevel=3)
        return found
    warnings.warn(f"Skipped {counted(len(strays), 'picture')} beside the classes' folders: {shown}", stacklevel=3)
    return [file for file in found if file.parent != root]


@contextlib.contextmanager
def large_ones_are_refused() -> Iterator[None]:
    """Lets pictures be opened whose pixels Pillow would warn of: `read_picture` refuses fewer ones.

    It changes the warnings of the whole process: a block in the main thread may have its pictures read in others.
    """
    with warnings.catch_warnings(action="ignore", category=Image.DecompressionBombWarning):
        yield


def find_whites(found: Sequence[pathlib.Path]) -> dict[str, tuple[float, float]]:
    """What is black and white in the pictures of more than 8 bits, by `depth`: the same for all of a kind."""
    extremes, upper = {}, []
    for file in found:
        with contextlib.suppress(*UNREADABLE), _open(file) as picture:
            kind = depth(picture)
            if kind is None and ";16" in str(picture.tile):
                upper.append(np.asarray(picture.convert("RGB")).max())
            if kind is not None:
                values = np.nan_to_num(np.asarray(picture, "float32"))
                extremes.setdefault(kind, []).append((values.min(), values.max()))
    if upper and max(upper) < DARK:
        text = "of which only the upper 8 bits are read: their largest value is"
        warnings.warn(f"The colour pictures have 16 bits, {text} {max(upper)} of 255", stacklevel=3)
    ends = {}
    for kind, pairs in extremes.items():
        low, high = ends[kind] = find_ends(min(pair[0] for pair in pairs), max(pair[1] for pair in pairs))
        if (low, high) != STATED[kind]:
            warnings.warn(f"{kind} pictures are read as if {low:g} were black and {high:g} white", stacklevel=3)
    return ends


@contextlib.contextmanager
def _open(file):
    if not file.is_file():  # a pipe would never end
        raise OSError("not a file")
    try:
        opened = Image.open(file)
    except Image.DecompressionBombError as error:  # both limits of Pillow's own are higher
        raise ValueError(f"more than {MOST_PIXELS:,} pixels") from error
    with opened as picture:
        if picture.width * picture.height > MOST_PIXELS:
            raise ValueError(f"{picture.width} x {picture.height} pixels, more than {MOST_PIXELS:,}")
        yield picture


def read_picture(
    file: pathlib.Path,
    size: tuple[int, int] | None,
    ends: dict[str, tuple[float, float]],
    joined: bool = False,
) -> tuple[np.ndarray, bool]:
    """Reads one picture, turned as its camera says.

    Args:
        file: The file.
        size: (height, width) to cut and scale to; None keeps its own.
        ends: What `find_whites` gave.
        joined: It is two side by side.

    Returns:
        (height, width, channels) uint8, with one channel if it is grey, else three, and whether it had the size.

    Raises:
        OSError, ValueError, SyntaxError: If it cannot be read.
    """
    with _open(file) as picture:
        kind, turned = depth(picture), ImageOps.exif_transpose(picture)
        grey = kind is not None or turned.mode in ("1", "L", "LA")
        if kind is not None and not np.isfinite(np.asarray(picture, "float32")).all():
            raise ValueError("numbers that are not finite")
        sides = _halves(turned) if joined else [turned]
        made = [fit(side, size, 1 if grey else 3, ends.get(kind)) for side in sides]
        return np.concatenate(made, axis=1), size in (None, (sides[0].height, sides[0].width))


def _halves(picture):
    """The left and the right picture of two that stand side by side."""
    if picture.width % 2:
        raise ValueError(f"{picture.width} pixels wide, which are no two pictures side by side")
    middle = picture.width // 2
    ends = (0, middle, picture.width)
    return [picture.crop((left, 0, right, picture.height)) for left, right in itertools.pairwise(ends)]


def _stack(pictures, channels):
    sizes = {picture.shape[:2] for picture in pictures}
    if len(sizes) > 1:
        shown = ", ".join(f"{h}x{w}" for h, w in sorted(sizes)[:5])
        raise ValueError(
            f"`image_size` must be given, as the pictures have {len(sizes)} different sizes. "
            f"Received: image_size=None, sizes {shown}"
        )
    return np.stack([np.broadcast_to(picture, (*picture.shape[:2], channels)) for picture in pictures])


def classes(files: Sequence[pathlib.PurePath]) -> tuple[np.ndarray | None, tuple[str, ...]]:
    """The label of each file, (N,) int32, and the names of the classes: those of the first level's folders.

    Args:
        files: Below the folder of the pictures. Where one lies in no subfolder there are no labels.
    """
    if any(len(file.parts) < 2 for file in files):
        return None, ()
    names = sorted({file.parts[0] for file in files})
    if {name.lower() for name in names} <= PARTS:
        taken = f"The subfolders are taken as classes: {', '.join(names)}"
        warnings.warn(f"{taken}. If they are parts of a data set, give one of them as `path`", stacklevel=3)
    return np.array([names.index(file.parts[0]) for file in files], "int32"), tuple(names)
