"""Which files of a folder, or of a zip, are pictures."""

import collections
import dataclasses
import os
import pathlib
import warnings

from keras_gan.data import archives
from keras_gan.data.archives import Member
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
MOST_STRAYS = 0.1  # of all pictures, above the folders of classes


@dataclasses.dataclass(frozen=True)
class Found:
    """The pictures of a folder, by their suffix, in the order of their names.

    Attributes:
        root: The folder; of a zip the path in it, which is empty.
        files: The pictures.
        passed: What else lies there -> how many: hidden pictures, links, and other kinds of files by their suffix.
        inside: All files, where it is a zip.
    """

    root: pathlib.PurePath
    files: list[pathlib.Path] | list[Member]
    passed: dict[str, int]
    inside: tuple[Member, ...] = ()

    @property
    def names(self) -> list[str]:
        """The path of each picture below the folder."""
        return [self.name(file) for file in self.files]

    def name(self, file: pathlib.PurePath) -> str:
        """The path of a picture below the folder."""
        return file.relative_to(self.root).as_posix()


def find(path: pathlib.Path) -> Found:
    """Finds the files below a folder, or in a zip, that are pictures by their suffix, but for those that are hidden."""
    inside = tuple(archives.members(path)) if archives.is_archive(path) else ()
    root, (everything, links) = pathlib.PurePosixPath(), (inside, [])
    if not inside:
        root, (everything, links) = path, _walk(path)
    found, hidden, others = [], collections.Counter(), collections.Counter()
    for file in everything:
        index = next((part for part in file.relative_to(root).parts if _is_hidden(part)), None)
        if not file.name.lower().endswith(SUFFIXES):
            others[file.suffix.lower() or "no suffix"] += index is None
        elif index is not None:
            hidden[index] += 1
        else:
            found.append(file)
    if hidden:
        shown = ", ".join(f"{count} in {name}" if count > 1 else name for name, count in sorted(hidden.items())[:10])
        warnings.warn(f"Skipped {counted(hidden.total(), 'hidden picture')}: {shown}", stacklevel=3)
    if links:
        shown = ", ".join(sorted(links)[:10])
        warnings.warn(
            f"Skipped {counted(len(links), 'link')} to folders, which are not followed: {shown}", stacklevel=3
        )
    passed = {"hidden": hidden.total(), "links to folders": len(links), **dict(others.most_common())}
    return Found(root, sorted(found), {what: count for what, count in passed.items() if count}, inside)


def _walk(root):
    """All files below a folder, and the links to other ones, which are not followed."""
    files, links = [], []
    for folder, folders, names in os.walk(root):
        links += [os.path.relpath(os.path.join(folder, name), root) for name in folders if _is_link(folder, name)]
        files += [pathlib.Path(folder, name) for name in names]
    return files, links


def _is_link(folder, name):
    return not _is_hidden(name) and os.path.islink(os.path.join(folder, name))


def _is_hidden(name):
    return name.startswith((".", "@")) or name.lower() in INDEXES


def without_strays(found: Found) -> Found:
    """The pictures in the classes' folders, where few others lie beside these."""
    strays = [file for file in found.files if file.parent == found.root]
    if not strays or len(strays) == len(found.files):
        return found
    shown = ", ".join(file.name for file in strays[:5]) + (", ..." if len(strays) > 5 else "")
    if len(strays) > MOST_STRAYS * len(found.files):
        warnings.warn(
            f"No classes: {len(strays)} of {len(found.files)} pictures lie in no subfolder: {shown}", stacklevel=3
        )
        return found
    warnings.warn(f"Skipped {counted(len(strays), 'picture')} beside the classes' folders: {shown}", stacklevel=3)
    files, passed = [file for file in found.files if file.parent != found.root], {"beside the classes": len(strays)}
    return dataclasses.replace(found, files=files, passed=passed | found.passed)
