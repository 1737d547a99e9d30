"""The pictures in a folder or a zip of the user's, and the file that names their classes."""

import os
import pathlib
import warnings

from keras_gan.data import archives, finding
from keras_gan.data import labels as labels_
from keras_gan.data.finding import SUFFIXES, Found
from keras_gan.data.label_files import Label
from keras_gan.ground import files

PACKED = (".7z", ".bz2", ".gz", ".rar", ".tar", ".tbz2", ".tgz", ".txz", ".xz", ".zst")


def look(
    path: str | os.PathLike, labels: str | os.PathLike | None, name: str = "path"
) -> tuple[Found, dict[str, Label] | None]:
    """Finds the pictures of a folder or a zip, and the file that names their classes, if there is one.

    Raises:
        ValueError: If `path`, called `name` in errors, is neither, or `labels` lacks a picture.
    """
    found = finding.find(check_root(path, name))
    given = None if labels is None else labels_.read_labels(labels)
    found = _step_in(found, given, path)
    known, used = (given, "") if given is not None else labels_.find_labels(found.root, found.names, found.inside)
    if used:
        found = found.with_used(used)
    if known is None or not labels_.knows(known, found.names):
        found = finding.without_strays(found)
    if given is not None:
        labels_.check_known(given, found.names)
    return found, known


def check_root(path: str | os.PathLike, name: str = "path") -> pathlib.Path:
    """Returns the path of a folder or a zip.

    Raises:
        ValueError: If `path`, called `name` in the error, is neither.
    """
    root = files.expand(path, name)
    if root.is_dir() or archives.is_archive(root):
        return root
    received = "which does not exist" if not os.path.lexists(root) else "which is not a folder"
    if root.is_file():
        suffix = root.suffix.lower()
        received = "a file that is neither"
        if suffix == ".zip":
            received = "not a zip, or one whose end is missing" if root.stat().st_size else "an empty file"
        elif suffix in SUFFIXES:
            received = "one picture: give the folder that it lies in"
        elif suffix in PACKED:
            received = f"a {suffix} file: unpack it, or make a zip of it"
    at = "" if str(root) == str(path) else f", which is {root}"
    raise ValueError(
        f"`{name}` must be a folder of pictures, or a zip of them. Received: {name}={str(path)!r}{at}, {received}"
    )


def _step_in(found, given, path):
    """Returns the pictures of a zip with paths relative to its only folder, as the paths in its labels are.

    The pictures of a folder keep their paths: a warning tells the user which inner folder could be given instead.
    """
    inner = found
    while inner.only_folder and not labels_.label_files_in(inner.root, inner.inside):
        if given is not None and labels_.knows(given, inner.names):
            break
        inner = inner.step_in()
    if found.inside:
        return inner
    has_classes = all("/" in name for name in inner.names) or labels_.label_files_in(inner.root, ())
    if given is None and inner is not found and has_classes:
        text = f"All pictures lie in {found.only_folder}, which is taken as their only class"
        warnings.warn(f"{text}. For the classes below it give {inner.root} as `path`", stacklevel=4)
    return found
