"""Which class each picture of a folder has: by its folder, a CSV file, or StyleGAN's `dataset.json`."""

import csv
import io
import os
import pathlib
import warnings
from collections.abc import Mapping, Sequence

import numpy as np

from keras_gan.data.archives import Member
from keras_gan.ground import files

MOST_TEXT = 2**28  # a line for each of some million pictures
FILES = ("labels.csv", "dataset.json")  # which are looked for in the folder itself
PARTS = {"dev", "eval", "test", "testing", "train", "training", "val", "valid", "validation"}


def read_labels(path: str | os.PathLike) -> dict[str, str | int]:
    """Reads which class each picture has, by its path below the folder, from a `dataset.json` or a CSV file.

    Raises:
        ValueError: If the file is neither, or has no labels.
    """
    path = path if isinstance(path, Member) else files.check_path(path, "labels").expanduser()
    if isinstance(path, Member):
        try:
            text = path.open().getvalue().decode("utf-8")
        except UnicodeDecodeError as error:
            raise ValueError(f"`labels` must be text in UTF-8. Received: {path}, {error}") from error
    else:
        text = files.read_text(path, most=MOST_TEXT)
    if path.suffix.lower() == ".json":
        rows = files.parse_json(text, str(path)).get("labels")
        if not isinstance(rows, list) or not all(isinstance(row, list) and len(row) == 2 for row in rows):
            raise ValueError(
                "`labels` must be a JSON file whose 'labels' are pairs of a file and a class, as StyleGAN's "
                f"dataset.json. Received: labels={str(path)!r}"
            )
        return {str(name): label for name, label in rows}
    rows = list(csv.DictReader(io.StringIO(text)))
    if not rows or not {"file", "label"} <= set(rows[0]):
        columns = list(rows[0]) if rows else "no rows"
        raise ValueError(f"`labels` must be a CSV file with the columns file and label. Received: {columns}")
    return {row["file"]: row["label"] for row in rows}


def find_labels(root: pathlib.PurePath, names: Sequence[str], inside: Sequence[Member]) -> dict[str, str | int] | None:
    """What a `labels.csv` or a `dataset.json` in the folder itself says, if it knows all pictures; else None.

    Args:
        root: The folder.
        names: The pictures, below it.
        inside: The files, where the folder is a zip.
    """
    there = {str(file): file for file in inside} if inside else {name: root / name for name in FILES}
    for name in FILES:
        file = there.get(name)
        if file is None or not (isinstance(file, Member) or file.is_file()):
            continue
        try:
            known = read_labels(file)
        except (OSError, ValueError):
            continue  # it is some other file of this name
        if knows(known, names):
            return known
        missing = next(each for each in names if each not in known)
        warnings.warn(f"{name} is not used, as it does not know every picture, such as {missing}", stacklevel=4)
    return None


def knows(labels: Mapping[str, str | int], names: Sequence[str]) -> bool:
    """Whether every picture has a label."""
    return all(name in labels for name in names)


def check_known(labels: Mapping[str, str | int], names: Sequence[str]) -> None:
    """Checks that every picture has a label.

    Raises:
        ValueError: If one has none.
    """
    missing = [name for name in names if name not in labels]
    if missing:
        shown = ", ".join(missing[:5]) + (", ..." if len(missing) > 5 else "")
        raise ValueError(f"`labels` must know every picture. Received: none of {len(missing)} of them: {shown}")


def number_labels(names: Sequence[str], known: Mapping[str, str | int] | None) -> tuple[np.ndarray | None, tuple]:
    """The label of each picture, (N,) int32 or None, and the names of the classes.

    Args:
        names: The pictures, below the folder.
        known: What `read_labels` gave; None of classes that are the folders of the first level.
    """
    if known is None:
        return by_folder(list(map(pathlib.PurePosixPath, names)))
    return as_numbers([known[name] for name in names])


def by_folder(files: Sequence[pathlib.PurePath]) -> tuple[np.ndarray | None, tuple[str, ...]]:
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
    places = {name: i for i, name in enumerate(names)}
    return np.array([places[file.parts[0]] for file in files], "int32"), tuple(names)


def as_numbers(labels: Sequence[str | int]) -> tuple[np.ndarray, tuple[str, ...]]:
    """The label of each picture, (N,) int32, and the names of the classes, in order: whole numbers as numbers."""
    whole = all(str(label).lstrip("-").isdecimal() for label in labels)
    names = sorted(set(labels), key=int) if whole else sorted(set(map(str, labels)))
    places = {name: i for i, name in enumerate(names)}
    return np.array([places[label if whole else str(label)] for label in labels], "int32"), tuple(map(str, names))
