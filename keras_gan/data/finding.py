"""Search for the pictures in a folder or a zip."""

import collections
import dataclasses
import os
import pathlib
import warnings

from keras_gan.data import archives
from keras_gan.data.archives import Member
from keras_gan.ground.arguments import counted

SUFFIXES = (".bmp", ".gif", ".jfif", ".jpe", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp")
INDEXES = (  # folders that systems and viewers make beside pictures, in addition to hidden ones
    "$recycle.bin",
    "#recycle",
    "#snapshot",
    "__macosx",
    "__pycache__",
    "lost+found",
    "system volume information",
)
MOST_STRAYS = 0.1  # the largest share of pictures outside of the classes' folders that is skipped


@dataclasses.dataclass(frozen=True)
class Found:
    """The pictures of a folder, by their suffix, in the order of their names.

    Attributes:
        root: The folder to which names are relative; for a zip the path in it, empty until `step_in`.
        files: The pictures.
        passed: Kind of skipped files -> number: hidden pictures, links, and other files by their suffix.
        inside: All files of a zip; () for a folder.
    """

    root: pathlib.PurePath
    files: list[pathlib.Path] | list[Member]
    passed: dict[str, int]
    inside: tuple[Member, ...] = ()

    @property
    def names(self) -> list[str]:
        """Path of each picture, relative to the folder."""
        return [self.name(file) for file in self.files]

    @property
    def only_folder(self) -> str:
        """The folder that all pictures lie in, if there is only one; otherwise ""."""
        tops = {file.relative_to(self.root).parts[:-1][:1] for file in self.files}
        return "".join(tops.pop()) if len(tops) == 1 else ""

    def name(self, file: pathlib.PurePath) -> str:
        """Returns the path of a picture relative to the folder, with bytes that are no text escaped."""
        return _as_text(file.relative_to(self.root).as_posix())

    def step_in(self) -> "Found":
        """Returns the same pictures, with paths relative to the folder that all of them lie in."""
        return dataclasses.replace(self, root=self.root / self.only_folder)

    def with_used(self, name: str) -> "Found":
        """Returns the same pictures, without counting the file `name` as skipped."""
        suffix = pathlib.PurePosixPath(name).suffix
        passed = {kind: count - (kind == suffix) for kind, count in self.passed.items()}
        return dataclasses.replace(self, passed={kind: count for kind, count in passed.items() if count})


def find(path: pathlib.Path) -> Found:
    """Finds the pictures below a folder, or in a zip, by their suffix, except for hidden ones."""
    root, inside, links, refused = path, (), [], {}
    if archives.is_archive(path):
        content = archives.content(path)
        root, everything, folders = pathlib.PurePosixPath(), content.files, content.folders
        inside = content.files
        refused = {why: list(filter(_is_picture, names)) for why, names in content.passed.items()}
    else:
        everything, folders, links = _walk(path)
    found, hidden, others = [], collections.Counter(), collections.Counter()
    for file in everything:
        index = next((part for part in file.relative_to(root).parts if _is_hidden(part)), None)
        if not _is_picture(file.name):
            others[file.suffix.lower() or "without a suffix"] += index is None
        elif index is not None:
            hidden[index] += 1
        else:
            found.append(file)
    if hidden:
        shown = [f"{count} in {name}" if count > 1 else name for name, count in sorted(hidden.items())]
        _warn(counted(hidden.total(), "hidden picture"), shown)
    if links:
        _warn(f"{counted(len(links), 'link')} to folders, which are not followed", sorted(links))
    for why, names in refused.items():
        if names:
            _warn(f"{counted(len(names), 'picture')} {why}", names)
    passed = {
        _plural(hidden.total(), "hidden picture"): hidden.total(),
        "links to folders" if len(links) > 1 else "link to a folder": len(links),
        **{why: len(names) for why, names in refused.items()},
        **_without_pictures(folders, found, root),
        **dict(others.most_common()),
    }
    return Found(root, sorted(found), {kind: count for kind, count in passed.items() if count}, inside)


def _warn(skipped, names):
    warnings.warn(f"Skipped {skipped}: {', '.join(names[:10])}", stacklevel=4)


def _plural(count, noun):
    return counted(count, noun).partition(" ")[2]


def _without_pictures(folders, found, root):
    """Returns a description of the folders without pictures at any depth -> their number."""
    seen = {root, *(parent for file in found for parent in file.parents)}
    names = [_as_text(each.name) for each in sorted(folders) if each not in seen and each.parent in seen]
    names = [name for name in names if not _is_hidden(name)]
    shown = ", ".join(names[:3]) + (", ..." if len(names) > 3 else "")
    return {f"{_plural(len(names), 'folder')} without pictures ({shown})": len(names)}


def _as_text(name):
    return name.encode("utf-8", "backslashreplace").decode()


def _is_picture(name):
    return name.lower().endswith(SUFFIXES)


def _walk(root):
    """Returns all files and folders below a folder, and the links to other folders, which are not followed."""
    files, below, links = [], [], []
    for folder, folders, names in os.walk(root):
        links += [os.path.relpath(os.path.join(folder, name), root) for name in folders if _is_link(folder, name)]
        below += [pathlib.Path(folder, name) for name in folders if not _is_link(folder, name)]
        files += [pathlib.Path(folder, name) for name in names]
    return files, below, links


def _is_link(folder, name):
    return not _is_hidden(name) and os.path.islink(os.path.join(folder, name))


def _is_hidden(name):
    return name.startswith((".", "@")) or name.lower() in INDEXES


def without_strays(found: Found) -> Found:
    """Leaves out the pictures that lie beside the classes' folders, if these are few."""
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
