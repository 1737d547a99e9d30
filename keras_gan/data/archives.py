"""Files in a zip, as paths: they are read into memory, and nothing is written to disk."""

import dataclasses
import io
import os
import pathlib
import re
import zipfile
import zlib

MOST_BYTES = 2**28  # of one unpacked file: a small zip may claim any size
OUTSIDE, REPLACED = "named as outside of the zip", "replaced by a later one of that name"
ENCRYPTED = 1  # a bit of a file's flags
ROOT = re.compile(r"/|[A-Za-z]:/")
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError)  # RuntimeError: unsupported compression


class Member(pathlib.PurePosixPath):
    """A file in a zip, by its path there, which is not a path on disk."""

    __slots__ = ("_archive", "_info")

    @classmethod
    def of(cls, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> "Member":
        """Returns a file in an open archive, as a path with slashes and without parts such as `./`."""
        member = cls(info.filename.replace("\\", "/"))
        member._archive, member._info = archive, info
        return member

    @property
    def bytes(self) -> int:
        """Size of the unpacked file, as the zip claims it."""
        return self._info.file_size

    @property
    def checksum(self) -> int:
        """CRC-32 of the content, as the zip claims it."""
        return self._info.CRC

    def is_file(self) -> bool:
        """Returns True: a zip's folders are not members."""
        return True

    def open(self) -> io.BytesIO:
        """Reads the content into memory. Several threads may call it at once.

        Raises:
            ValueError: If the file is damaged, encrypted, or larger than 256 MiB.
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
        files: The files, all of different paths.
        folders: The folders that the zip lists.
        passed: Names of skipped files by reason: `OUTSIDE` for absolute paths and paths with "..", or `REPLACED`.
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
            if file in found:  # the last one wins, as when a zip is unpacked
                passed[REPLACED].append(found.pop(file)._info.filename)
            found[file] = file
    return Content(tuple(found.values()), tuple(folders), passed)
