"""Classes of the pictures of a folder: by their folders, a CSV file, or StyleGAN's `dataset.json`."""

import os
import pathlib
import re
import warnings
from collections.abc import Mapping, Sequence

import numpy as np

from keras_gan.data import label_files
from keras_gan.data.archives import Member
from keras_gan.data.label_files import Label, UnusableError
from keras_gan.ground import files
from keras_gan.ground.arguments import counted

FILES = ("labels.csv", "dataset.json")  # which are looked for in the folder itself
PARTS = {"dev", "eval", "test", "testing", "train", "training", "val", "valid", "validation"}
WHOLE = re.compile(r"-?\d{1,4000}")  # what Python reads as an integer


def read_labels(path: str | os.PathLike) -> dict[str, Label]:
    """Reads the class of each picture, by its path relative to the folder, from a `dataset.json` or a CSV file.

    A CSV file may come from a spreadsheet: with commas, semicolons or tabs, with a byte order mark of UTF-8 or UTF-16,
    with further columns, and with `File` for `file`.

    Raises:
        ValueError: If `path` is neither, or does not name one class for each of its pictures.
    """
    try:
        return label_files.read(files.expand(path, "labels"))
    except UnusableError as error:
        received = f"labels={str(path)!r}, {error.received}"
        raise ValueError(f"`labels` must {error.must}. Received: {received}") from error


def find_labels(
    root: pathlib.PurePath, names: Sequence[str], inside: Sequence[Member]
) -> tuple[dict[str, Label] | None, str]:
    """Reads a `labels.csv` or a `dataset.json` in the folder itself, if it lists all pictures.

    A warning says why an existing file is not used, except for a `dataset.json` whose labels are null.

    Args:
        root: The folder.
        names: Paths of the pictures, relative to the folder.
        inside: All files of the zip, where the folder is in one.

    Returns:
        The labels as from `read_labels`, and the file's name; None and "" if no file is used.
    """
    found, taken = None, ""
    for name, file in label_files_in(root, inside).items():
        if found is not None:
            warnings.warn(f"{name} is not used beside {taken}: pass the right one as `labels`", stacklevel=4)
            continue
        try:
            known = label_files.read(file)
            missing = _without(known, names)
            if missing:
                raise UnusableError("list every picture", missing)
            found, taken = known, name
        except UnusableError as error:
            if error.received != label_files.NULL:
                text = f"it must {error.must}. Received: {error.received}"
                warnings.warn(f"{name} is not used: {text}", stacklevel=4)
    return found, taken


def label_files_in(root: pathlib.PurePath, inside: Sequence[Member]) -> dict[str, pathlib.Path | Member]:
    """Finds the files of labels in a folder, name -> path, with the arguments of `find_labels`."""
    if inside:
        there = {str(file): file for file in inside}
        return {name: there[str(root / name)] for name in FILES if str(root / name) in there}
    return {name: pathlib.Path(root, name) for name in FILES if os.path.lexists(root / name)}


def knows(labels: Mapping[str, Label], names: Sequence[str]) -> bool:
    """Returns whether every picture has a label."""
    return all(name in labels for name in names)


def check_known(labels: Mapping[str, Label], names: Sequence[str]) -> None:
    """Checks that every picture has a label.

    Raises:
        ValueError: If one has none.
    """
    missing = _without(labels, names)
    if missing:
        raise ValueError(f"`labels` must list every picture. Received: {missing}")


def _without(labels, names):
    """Describes the pictures that have no label; "" if all have one."""
    missing = [name for name in names if name not in labels]
    shown = ", ".join(missing[:5]) + (", ..." if len(missing) > 5 else "")
    have = "has" if len(missing) == 1 else "have"
    return f"{len(missing):,} of {counted(len(names), 'picture')} {have} no label: {shown}" if missing else ""


def number_labels(names: Sequence[str], known: Mapping[str, Label] | None) -> tuple[np.ndarray | None, tuple]:
    """Returns the label of each picture, (N,) int32 or None, and the names of the classes.

    Args:
        names: Paths of the pictures, relative to the folder.
        known: The output of `read_labels`; None for the folders of the first level as classes.
    """
    if known is None:
        return by_folder(list(map(pathlib.PurePosixPath, names)))
    return as_numbers([known[name] for name in names])


def by_folder(files: Sequence[pathlib.PurePath]) -> tuple[np.ndarray | None, tuple[str, ...]]:
    """Returns the label of each file, (N,) int32, and the names of the classes: those of the first level's folders.

    Args:
        files: Paths relative to the folder of the pictures. If one lies in no subfolder, there are no labels.
    """
    if any(len(file.parts) < 2 for file in files):
        return None, ()
    names = sorted({file.parts[0] for file in files})
    if {name.lower() for name in names} <= PARTS:
        taken = f"The subfolders are taken as classes: {', '.join(names)}"
        warnings.warn(f"{taken}. If they are parts of a data set, give one of them as `path`", stacklevel=3)
    places = {name: i for i, name in enumerate(names)}
    return np.array([places[file.parts[0]] for file in files], "int32"), tuple(names)


def as_numbers(labels: Sequence[Label]) -> tuple[np.ndarray, tuple[str, ...]]:
    """Returns the label of each picture, (N,) int32, and the names of the classes, in order.

    If all names are whole numbers, they are sorted as numbers: 2, 10. Names of folders never are: 10, 2.
    """
    texts = list(map(str, labels))
    names = sorted(set(texts), key=int if all(map(WHOLE.fullmatch, texts)) else None)
    places = {name: i for i, name in enumerate(names)}
    return np.array([places[text] for text in texts], "int32"), tuple(names)
