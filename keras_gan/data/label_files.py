"""Files that name the class of each picture: CSV, also from spreadsheets, and StyleGAN's `dataset.json`."""

import codecs
import csv
import io
import pathlib
import posixpath
import re
import unicodedata
from collections.abc import Iterable, Iterator

import numpy as np

from keras_gan.data.archives import Member
from keras_gan.ground import files
from keras_gan.ground.arguments import shown, to_float

Label = str | int | float
MOST_TEXT = 2**28  # bytes: enough for some million pictures
COLUMNS = ("file", "label")
SEPARATORS = ",;\t"  # of a CSV file: spreadsheets use different ones by locale
NUMBER = re.compile(r"(-?)0*(\d+)(?:\.(\d*?)0*)?")
MUST_CSV = f"be a CSV file with the columns {' and '.join(COLUMNS)}"
MUST_JSON = "be a JSON file whose 'labels' are pairs of a file and a class, as StyleGAN's dataset.json"
NULL = "labels that are null"  # as StyleGAN's tools write where there are none


class UnusableError(Exception):
    """Raised for a file that does not name classes.

    Args:
        must: The requirement, after "must".
        received: The finding instead.
    """

    def __init__(self, must: str, received: str):
        super().__init__(must, received)
        self.must, self.received = must, received


def read(path: pathlib.Path | Member) -> dict[str, Label]:
    """Reads the class of each picture, by its path relative to the folder.

    A path such as `./0.png` or `a\\0.png` is included as `0.png` or `a/0.png` too.

    Raises:
        UnusableError: If the file is of another kind, or does not name one class for each of its pictures.
    """
    text = _text(path)
    rows = _json_rows(text) if path.suffix.lower() == ".json" else _csv_rows(text)
    known, plain = {}, {}
    for place, file, label in rows:
        why = _fault(label)
        before = plain.setdefault(_plain(file), label)
        if not why and before != label:
            why = f"{shown(before)} before"
        if why or not file.strip():
            received = f"{shown(label)} for {shown(file)} in {place}{', ' if why else ''}{why}"
            raise UnusableError("name one class for each file", received)
        known[file] = label
    _check_spelling(known.values())
    return plain | known


def _text(path):
    """Returns the text of a file, in UTF-8 or, if its first bytes say so, in UTF-16."""
    try:
        if isinstance(path, Member):
            content = path.open().getvalue()
        else:
            with files.open_regular(path) as file:
                content = file.read(MOST_TEXT + 1)
    except OSError as error:
        raise UnusableError("be a file that can be read", error.strerror or str(error)) from error
    except ValueError as error:
        raise UnusableError("be a file that can be read", str(error).rpartition("Received: ")[2]) from error
    if len(content) > MOST_TEXT:
        raise UnusableError(f"have at most {MOST_TEXT:,} bytes", "more")
    wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return content.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnusableError("be text in UTF-8", str(error)) from error


def _json_rows(text: str) -> Iterator[tuple[str, str, Label]]:
    """Yields the place, the file and the label of each pair in StyleGAN's `dataset.json`."""
    try:
        known = files.parse_json(text, "it")
    except ValueError as error:
        raise UnusableError(MUST_JSON, str(error).rpartition("Received: ")[2]) from error
    rows = known.get("labels")
    if rows is None:
        raise UnusableError(MUST_JSON, NULL if "labels" in known else "no 'labels'")
    if not isinstance(rows, list) or not rows:
        raise UnusableError(MUST_JSON, f"labels that are {shown(rows)}")
    for i, row in enumerate(rows):
        if not isinstance(row, list) or len(row) != 2 or not isinstance(row[0], str):
            raise UnusableError(MUST_JSON, f"{shown(row)} as pair {i}")
        yield f"pair {i}", row[0], row[1]


def _csv_rows(text: str) -> Iterator[tuple[str, str, Label]]:
    """Yields the place, the file and the label of each row of a CSV file."""
    first = next(filter(str.strip, io.StringIO(text, newline="")), "").rstrip()
    if not first:
        raise UnusableError(MUST_CSV, "an empty file")
    headers = {
        separator: next(csv.reader([first], delimiter=separator, skipinitialspace=True)) for separator in SEPARATORS
    }
    places = {separator: [_column(header, name) for name in COLUMNS] for separator, header in headers.items()}
    separator = next((separator for separator, found in places.items() if None not in found), None)
    if separator is None:
        raise UnusableError(MUST_CSV, f"the first line {shown(first)}")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=f"{separator} " in first)
    file, label = places[separator]
    count = 0
    try:
        for row in reader:
            if any(map(str.strip, row)):  # a spreadsheet may end in empty rows
                row += [""] * (max(file, label) + 1 - len(row))
                if count:
                    yield f"line {reader.line_num}", row[file], row[label].strip()
                count += 1
    except csv.Error as error:
        raise UnusableError(MUST_CSV, f"{error} in line {reader.line_num}") from error
    if count < 2:
        raise UnusableError(MUST_CSV, "no row below them")


def _column(header, name):
    """Returns the index of a column, preferably of one spelled exactly so; None if there is none."""
    exact = [i for i, column in enumerate(header) if column == name]
    return max(exact or [i for i, column in enumerate(header) if column.strip().lower() == name], default=None)


def _fault(label):
    """Returns a description of the fault in the name of a class; "" if it is valid."""
    if isinstance(label, str):
        control = not label.isprintable() and any(unicodedata.category(letter) == "Cc" for letter in label)
        return "which is no name" if not label.strip() else "which has a control character" if control else ""
    is_number = isinstance(label, bool) or (to_float(label) is not None and np.isfinite(label))
    return "" if is_number else "which is no text and no number"


def _check_spelling(labels: Iterable[Label]) -> None:
    """Checks that no two names of classes are the same number, such as 1 and 1.0."""
    spelled = {}
    for label in dict.fromkeys(map(str, labels)):
        number = NUMBER.fullmatch(label)
        if number and spelled.setdefault((number[1], number[2], number[3] or ""), label) != label:
            before = spelled[number[1], number[2], number[3] or ""]
            raise UnusableError("write each class in one way", f"both {shown(before)} and {shown(label)}")


def _plain(file):
    """Returns a path in the form of pictures' names: with slashes, and without parts such as `./`."""
    return posixpath.normpath(file.strip().replace("\\", "/"))
