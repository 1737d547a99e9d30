"""Files in a zip, as paths: they are read in memory, and nothing is ever written."""

import dataclasses
import io
import os
import pathlib
import re
import zipfile
import zlib

MOST_BYTES = 2**28  # of one file when it is unpacked: a small one may claim any number
OUTSIDE, REPLACED = "named as outside of the zip", "replaced by a later one of that name"
ENCRYPTED = 1  # a bit of a file's flags
ROOT = re.compile(r"/|[A-Za-z]:/")
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError)  # the last of what is packed otherwise


class Member(pathlib.PurePosixPath):
    """A file in a zip, by its name there, which is never a place on disk."""

    __slots__ = ("_archive", "_info")

    @classmethod
    def of(cls, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> "Member":
        """Returns a file in an open archive, as a path with slashes and without what leads nowhere, as `./`."""
        member = cls(info.filename.replace("\\", "/"))
        member._archive, member._info = archive, info
        return member

    @property
    def bytes(self) -> int:
        """The size that it claims to have when unpacked."""
        return self._info.file_size

    @property
    def checksum(self) -> int:
        """The CRC-32 that its content is said to have."""
        return self._info.CRC

    def is_file(self) -> bool:
        """Returns True: a zip's folders are no members."""
        return True

    def open(self) -> io.BytesIO:
        """Reads its content. Several threads may.

        Raises:
            ValueError: If it is damaged, encrypted, or larger than 256 MiB.
        """
        if self.bytes > MOST_BYTES:
            raise ValueError(f"{self.bytes:,} bytes when unpacked, more than {MOST_BYTES:,}")
        if self._info.flag_bits & ENCRYPTED:
            raise ValueError("it is encrypted")
        try:
            return io.BytesIO(self._archive.read(self._info))
        except BROKEN as error:
            raise ValueError(f"it cannot be unpacked: {error}") from error


def is_archive(path: pathlib.Path) -> bool:
    """Returns whether a path is that of a zip."""
    return path.is_file() and zipfile.is_zipfile(path)


@dataclasses.dataclass(frozen=True)
class Content:
    """The contents of a zip.

    Attributes:
        files: The files, each of another path.
        folders: The folders that it names.
        passed: The names of files that are left alone, by the reason: `OUTSIDE` with "..", or from a root; `REPLACED`.
    """

    files: tuple[Member, ...]
    folders: tuple[pathlib.PurePosixPath, ...]
    passed: dict[str, list[str]]


def content(path: str | os.PathLike) -> Content:
    """Reads the contents of a zip.

    Raises:
        ValueError: If the zip is damaged.
    """
    try:
        archive = zipfile.ZipFile(path)
    except (OSError, *BROKEN) as error:
        raise ValueError(f"`path` must be a zip that can be read. Received: path={str(path)!r}, {error}") from error
    found, folders, passed = {}, [], {OUTSIDE: [], REPLACED: []}
    for info in archive.infolist():
        file = Member.of(archive, info)
        if info.is_dir():
            folders.append(file)
        elif ROOT.match(file.as_posix()) or ".." in file.parts:
            passed[OUTSIDE].append(info.filename)
        else:
            if file in found:  # what unpacks a zip lets the last one stand
                passed[REPLACED].append(found.pop(file)._info.filename)
            found[file] = file
    return Content(tuple(found.values()), tuple(folders), passed)
