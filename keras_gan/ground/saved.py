"""Checks of the files that Keras saves."""

import os
import zipfile
from typing import BinaryIO

import h5py

from keras_gan.ground.files import open_regular

FIRST_BYTES = {".keras": b"PK\x03\x04", ".weights.h5": b"\x89HDF"}
SMALL, MOST_PACKED = 2**24, 100  # a part of a file beyond SMALL bytes may unpack to so many times its size


def check(path: str | os.PathLike, name: str) -> None:
    """Checks that a file is one that Keras saves, and is intact; remote files are not checked.

    Raises:
        ValueError: If the file is missing, another one, or damaged; the error shows the argument's `name`.
    """
    text = os.fspath(path) if isinstance(path, str | os.PathLike) else repr(path)
    if "://" in text:
        return
    suffix = next((suffix for suffix in FIRST_BYTES if text.endswith(suffix)), None)
    damage = "which is not one" if os.path.exists(text) else "no such file"
    if suffix is not None and os.path.isfile(text):
        damage = find_damage(text, suffix)
    if damage is not None:
        raise ValueError(f"`{name}` must name a .keras or a .weights.h5 file. Received: {name}={text!r}, {damage}")


def find_damage(path: str | os.PathLike, suffix: str = ".keras") -> str | None:
    """Describes the damage of a file, `"which is damaged: ..."` or `"which is not one"`; None if the file is intact.

    A `.keras` file has checksums, all of which are compared. A `.weights.h5` file has none: it is read to its end, and
    a changed number in it is not detected.

    Args:
        path: A regular file.
        suffix: `".keras"` or `".weights.h5"`.

    Raises:
        OSError: If the file cannot be opened.
    """
    with open_regular(path) as file:
        if file.read(4) != FIRST_BYTES[suffix]:
            return "which is not one"
        file.seek(0)
        try:
            (_check_zip if suffix == ".keras" else _check_h5)(file)
        except Exception as error:  # a damaged file may fail anywhere in what reads it
            return f"which is damaged: {str(error)[:200] or type(error).__name__}"
    return None


def _check_zip(file: BinaryIO) -> None:
    with zipfile.ZipFile(file) as archive:
        for part in archive.infolist():
            if part.file_size > max(SMALL, MOST_PACKED * part.compress_size):
                raise ValueError(
                    f"its part {part.filename!r} would unpack from {part.compress_size:,} to {part.file_size:,} bytes, "
                    "more than weights do"
                )
        broken = archive.testzip()
    if broken is not None:
        raise ValueError(f"its part {broken!r} is not what was written")


def _check_h5(file: BinaryIO) -> None:
    size = os.fstat(file.fileno()).st_size

    def read(_, item):
        if isinstance(item, h5py.Dataset):
            if item.nbytes > max(SMALL, MOST_PACKED * size):
                raise ValueError(f"its part {item.name!r} of {item.nbytes:,} bytes is more than such a file holds")
            item[()]

    with h5py.File(file, "r") as archive:
        archive.visititems(read)
