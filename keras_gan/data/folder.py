"""The user's own pictures: a folder of any depth, of mixed sizes, grey or colour."""

import os
import pathlib
import warnings

import numpy as np
from PIL import Image, ImageOps

from keras_gan.data.pictures import Pictures, check_memory, fit, fit_in_words, get_size

SUFFIXES = (".bmp", ".gif", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp")
MOST_PIXELS = 80_000_000  # of one picture: a small file may claim any number
UNREADABLE = (OSError, ValueError, SyntaxError)


def read_folder(path: str | os.PathLike, image_size=None) -> Pictures:
    """Reads every picture below a folder, in the order of their names.

    Where all pictures stand in subfolders, the first level's names are the classes. If any picture has colour, all
    become RGB, else all are grey. A file that cannot be read is named in a warning and skipped.

    Args:
        path: The folder. Links to folders are not followed.
        image_size: A side or (height, width): each picture is cut around its centre and scaled to it. None keeps
            the pictures' own size, which must then be the same for all.

    Raises:
        ValueError: If there is no such folder, no readable picture in it, or the sizes differ and `image_size` is None.
    """
    root, size = pathlib.Path(path), get_size(image_size)
    if not root.is_dir():
        raise ValueError(f"`path` must be a folder of pictures. Received: path={str(path)!r}")
    files = sorted(
        pathlib.Path(folder, name)
        for folder, _, names in os.walk(root)
        for name in names
        if name.lower().endswith(SUFFIXES)
    )
    pictures, kept, skipped, resize = [], [], [], "none"
    for file in files:
        try:
            picture, fits = _read(file, size)
        except UNREADABLE as error:
            skipped.append(f"{file.relative_to(root)}: {error}")
            continue
        resize = resize if fits else fit_in_words(size)
        pictures.append(picture)
        kept.append(file)
        check_memory(len(pictures), picture.shape)
    if skipped:
        shown = "; ".join(skipped[:10]) + ("; ..." if len(skipped) > 10 else "")
        warnings.warn(f"Skipped {len(skipped)} of {len(files)} pictures that cannot be read: {shown}", stacklevel=2)
    if not pictures:
        raise ValueError(
            f"`path` must hold at least one readable picture ({', '.join(SUFFIXES)}). "
            f"Received: path={str(path)!r} with {len(files)} file{'s' * (len(files) != 1)} of these kinds"
            + (f", none readable: {skipped[0]}" if skipped else "")
        )
    channels = 3 if any(picture.shape[-1] == 3 for picture in pictures) else 1
    images = _stack(pictures, channels)
    labels, class_names = _classes([file.relative_to(root) for file in kept])
    return Pictures(images, labels, class_names, tuple(skipped), resize)


def _read(file, size):
    if not file.is_file():  # a pipe would never end
        raise OSError("not a file")
    try:
        with warnings.catch_warnings(action="ignore", category=Image.DecompressionBombWarning):
            opened = Image.open(file)
    except Image.DecompressionBombError as error:  # both limits of Pillow's own are higher
        raise ValueError(f"more than {MOST_PIXELS:,} pixels") from error
    with opened as picture:
        if picture.width * picture.height > MOST_PIXELS:
            raise ValueError(f"{picture.width} x {picture.height} pixels, more than {MOST_PIXELS:,}")
        picture = ImageOps.exif_transpose(picture)
        grey = picture.mode in ("1", "L", "LA", "I", "F") or picture.mode.startswith("I;")
        return fit(picture, size, 1 if grey else 3), size in (None, (picture.height, picture.width))


def _stack(pictures, channels):
    sizes = {picture.shape[:2] for picture in pictures}
    if len(sizes) > 1:
        shown = ", ".join(f"{h}x{w}" for h, w in sorted(sizes)[:5])
        raise ValueError(
            f"`image_size` must be given, as the pictures have {len(sizes)} different sizes. "
            f"Received: image_size=None, sizes {shown}"
        )
    return np.stack([np.broadcast_to(picture, (*picture.shape[:2], channels)) for picture in pictures])


def _classes(files):
    if any(len(file.parts) < 2 for file in files):
        return None, ()
    names = sorted({file.parts[0] for file in files})
    return np.array([names.index(file.parts[0]) for file in files], "int32"), tuple(names)
