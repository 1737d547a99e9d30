"""Files in a zip, as paths: they are read in memory, and nothing is ever written."""

import io
import os
import pathlib
import zipfile
import zlib

MOST_BYTES = 2**28  # of one file when it is unpacked: a small one may claim any number
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError)  # the last of what is encrypted or packed otherwise


class Member(pathlib.PurePosixPath):
    """A file in a zip, by its name there, which is never a place on disk."""

    __slots__ = ("_archive",)

    @classmethod
    def of(cls, archive: zipfile.ZipFile, name: str) -> "Member":
        """The file of a name in an open archive."""
        member = cls(name)
        member._archive = archive
        return member

    @property
    def bytes(self) -> int:
        """How large it claims to be when it is unpacked."""
        return self._archive.getinfo(str(self)).file_size

    def is_file(self) -> bool:
        """True: a zip's folders are no members."""
        return True

    def open(self) -> io.BytesIO:
        """Returns its content. Several threads may.

        Raises:
            ValueError: If it is damaged, encrypted, or larger than 256 MiB.
        """
        if self.bytes > MOST_BYTES:
            raise ValueError(f"{self.bytes:,} bytes when unpacked, more than {MOST_BYTES:,}")
        try:
            return io.BytesIO(self._archive.read(str(self)))
        except BROKEN as error:
            raise ValueError(f"it cannot be unpacked: {error}") from error


def is_archive(path: pathlib.Path) -> bool:
    """Whether a path is that of a zip."""
    return path.is_file() and zipfile.is_zipfile(path)


def members(path: str | os.PathLike) -> list[Member]:
    """The files in a zip, whose names are whole: not those with '..', from a root, or of another spelling.

    Raises:
        ValueError: If the zip is damaged.
    """
    try:
        archive = zipfile.ZipFile(path)
    except (OSError, *BROKEN) as error:
        raise ValueError(f"`path` must be a zip that can be read. Received: path={str(path)!r}, {error}") from error
    names = [info.filename for info in archive.infolist() if not info.is_dir()]
    found = [Member.of(archive, name) for name in dict.fromkeys(names)]
    return [file for file, name in zip(found, dict.fromkeys(names), strict=True) if _is_plain(file, name)]


def _is_plain(file, name):
    return str(file) == name and not file.is_absolute() and ".." not in file.parts
