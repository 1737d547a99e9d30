"""Files and folders that are whole or absent, never half written."""

import contextlib
import errno
import json
import os
import pathlib
import re
import shutil
import stat
import tempfile
import time
import uuid
from collections.abc import Iterator
from typing import BinaryIO

LEFTOVER = re.compile(r"\.(part|old)-[0-9a-f]{8}-.+")
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO)  # a disk that accepts no more data
LONGEST = 240  # bytes of a name that may follow `.part-` and digits, as file systems allow 255
DAY = 24 * 60 * 60.0
MOST_TEXT = 2**26  # bytes of a text file: more than any that is written here
DEEPEST = 100  # nested lists and objects: Python's own limit depends on the caller
TOO_DEEP = f"lists or objects nested more than {DEEPEST} deep"
WINDOWS = os.name == "nt"
_multi_worker = False


def set_multi_worker() -> None:
    """Makes this process one of several workers from now on; only the first worker in `TF_CONFIG` writes files."""
    global _multi_worker
    _multi_worker = True


def is_chief() -> bool:
    """Returns whether this process writes files: True, unless it is one of several workers and not the first.

    Example:

    >>> is_chief()
    True
    """
    if not _multi_worker:
        return True
    config = json.loads(os.environ.get("TF_CONFIG") or "{}")
    task = config.get("task", {})
    first = "chief" if "chief" in config.get("cluster", {}) else "worker"
    return not task or (task.get("type"), int(task.get("index", 0))) == (first, 0)


def check_path(path: str | os.PathLike, name: str = "path") -> pathlib.Path:
    """Returns `path` as a `pathlib.Path`.

    Args:
        path: A non-empty string or an `os.PathLike`.
        name: The name of the caller's argument, for the error.

    Raises:
        ValueError: If `path` is something else.

    Example:

    >>> check_path("runs/digits").name
    'digits'
    """
    text = os.fspath(path) if isinstance(path, str | os.PathLike) else None
    if not isinstance(text, str) or not text.strip() or "\0" in text:
        received = f"{name}={path!r}"[:200]
        raise ValueError(f"`{name}` must be a path: a non-empty string or a pathlib.Path. Received: {received}")
    return pathlib.Path(text)


def expand(path: str | os.PathLike, name: str = "path") -> pathlib.Path:
    """Returns `path` with the user's home in place of `~`. Arguments and errors are those of `check_path`.

    Raises:
        ValueError: If `path` is not a path, or names the home of a user who has none.
    """
    try:
        return check_path(path, name).expanduser()
    except RuntimeError as cause:
        raise ValueError(
            f"`{name}` must be below the home of an existing user. Received: {name}={str(path)!r}"
        ) from cause


@contextlib.contextmanager
def atomic(path: str | os.PathLike, name: str = "path") -> Iterator[pathlib.Path]:
    """Yields a temporary path beside `path`, and moves what was written there to `path` when the block succeeds.

    An existing file at `path` is replaced, and left unchanged if the block fails. A folder is only moved to a path that
    does not exist. With several workers only the chief writes; the output of others is discarded.

    Args:
        path: Path of the finished file or folder. Missing parent folders are made.
        name: Name of the argument `path` in errors.

    Yields:
        A hidden path in the same folder, with the same suffixes.

    Raises:
        FileExistsError: If a folder was written and `path` exists.
        OSError: If `path` cannot be written, is a folder where a file was written, or is below a file.

    Example:

    >>> import tempfile
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> with atomic(folder / "note.txt") as part:
    ...     _ = part.write_text("whole")
    >>> (folder / "note.txt").read_text()
    'whole'
    """
    path = check_path(path, name)
    if not path.name:
        raise ValueError(f"`{name}` must have a name. Received: {name}={str(path)!r}")
    if not is_chief():
        with tempfile.TemporaryDirectory() as discarded:
            yield pathlib.Path(discarded) / path.name
        return
    _make_folder(path, name)
    own = (
        path.name if len(os.fsencode(path.name)) <= LONGEST else path.name[-LONGEST // 4 :]
    )  # UTF-8 has 4 bytes at most
    part = path.with_name(f".part-{uuid.uuid4().hex[:8]}-{own}")
    try:
        with _named(path, part):
            yield part
        if part.is_dir() and path.exists():
            raise FileExistsError(f"`{name}` must not exist where a folder is to be written. Received: {name}={path}")
        if part.is_file() and path.is_dir():
            raise error(errno.EISDIR, f"`{name}` must be a file. Received: {name}={str(path)!r}, a folder")
        for file in part.rglob("*") if part.is_dir() else [part]:
            _flush(file)
        os.replace(part, path)
        _flush(path.parent)
    finally:
        if part.is_dir():
            shutil.rmtree(part)
        else:
            part.unlink(missing_ok=True)


def _make_folder(path, name):
    text = f"`{name}` must be in a folder that can be written. Received: {name}={str(path)!r}, "
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as cause:
        raise error(errno.ENOTDIR, text + "below a file") from cause
    except OSError as cause:
        raise error(cause.errno, text + cause.strerror) from cause
    if not os.access(path.parent, os.W_OK | os.X_OK):
        raise error(errno.EACCES, text + os.strerror(errno.EACCES))


def error(number: int | None, text: str) -> OSError:
    """Returns the OSError of an error number, with `text` as its only text.

    >>> error(errno.ENOENT, "There is no such file.")
    FileNotFoundError('There is no such file.')
    """
    made = type(OSError(number, ""))(text)
    made.errno = number
    return made


@contextlib.contextmanager
def _named(path, part):
    """Names the caller's `path` instead of the temporary one in errors of a full disk."""
    try:
        yield
    except OSError as error:
        if error.errno in FULL and error.strerror and error.filename in (None, str(part)):
            error.filename = str(path)
        raise


def _flush(path):
    """Waits until a file or the names in a folder are on the disk, so that they survive a loss of power."""
    if WINDOWS and path.is_dir():  # Windows opens no folders
        return
    descriptor = os.open(path, os.O_RDWR if WINDOWS else os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def alone(folder: str | os.PathLike) -> Iterator[None]:
    """Holds the lock of a folder, which is made if it does not exist, so that concurrent processes take turns.

    Where the system has no such lock (`fcntl` is of Unix), no process waits.
    """
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    try:
        import fcntl
    except ImportError:
        yield
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)  # releases the lock, as the end of a killed process does


@contextlib.contextmanager
def claimed(path: str | os.PathLike) -> Iterator[None]:
    """Locks a file for this process alone while the block runs, and removes the file after it.

    A killed process releases the lock. Where the system or the disk has no locks, no process is refused.

    Raises:
        BlockingIOError: If another process has the lock.
    """
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        import fcntl
    except ImportError:
        yield
        return
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            raise
        except OSError:
            break  # a disk without locks
        if path.exists() and os.path.samestat(os.fstat(descriptor), path.stat()):
            break
        os.close(descriptor)  # the previous owner has removed the file meanwhile
    try:
        yield
    finally:
        if path.exists() and os.path.samestat(os.fstat(descriptor), path.stat()):
            path.unlink()
        os.close(descriptor)


def open_regular(path: str | os.PathLike, links: bool = True) -> BinaryIO:
    """Opens a regular file for reading bytes. Pipes and devices, which might block or never end, are refused.

    Args:
        path: The file.
        links: Whether `path` may be a link to a file. Defaults to True.

    Raises:
        ValueError: If `path` is not a regular file, or a link that leads to itself.
        OSError: If the file cannot be read.
    """
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        kind = _kind(os.stat(path, follow_symlinks=links).st_mode)  # opening a device may already do something
        descriptor = os.open(path, flags | (0 if links else getattr(os, "O_NOFOLLOW", 0))) if kind is None else None
    except OSError as cause:
        if cause.errno != errno.ELOOP:
            raise
        kind = "a link that leads to itself"
    if kind is None:
        file = os.fdopen(descriptor, "rb")
        kind = _kind(os.fstat(descriptor).st_mode)  # it may have been replaced in between
        if kind is None:
            return file
        file.close()
    raise ValueError(f"{os.fspath(path)} must be a regular file. Received: {kind}")


def _kind(mode):
    """Describes the kind of a path; None if it is a regular file."""
    kinds = {stat.S_IFREG: None, stat.S_IFDIR: "a folder", stat.S_IFLNK: "a link", stat.S_IFIFO: "a pipe"}
    return kinds.get(stat.S_IFMT(mode), "a device or a socket")


def read_text(path: str | os.PathLike, links: bool = True, most: int = MOST_TEXT) -> str:
    """Returns the text of a regular file in UTF-8.

    Args:
        path: The file.
        links: Whether `path` may be a link to a file. Defaults to True.
        most: Maximum number of bytes. Defaults to 64 MiB.

    Raises:
        ValueError: If `path` is not a regular file, is larger, or is not text in UTF-8.
        OSError: If the file cannot be read.
    """
    with open_regular(path, links) as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise ValueError(f"{os.fspath(path)} must have at most {most:,} bytes. Received: more")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as cause:
        raise ValueError(f"{os.fspath(path)} must be text in UTF-8. Received: {cause}") from cause


def read_json(path: str | os.PathLike, links: bool = True, most: int = MOST_TEXT) -> dict:
    """Reads the object in a JSON file. Arguments and errors are those of `read_text`.

    Raises:
        ValueError: If `read_text` or `parse_json` raises it.
        OSError: If the file cannot be read.
    """
    return parse_json(read_text(path, links, most), os.fspath(path))


def parse_json(text: str | bytes, what: str) -> dict:
    """Reads the object in a JSON text: integers of 64 bits, each key once, at most 100 levels deep.

    Raises:
        ValueError: If the text is something else; the error calls it `what`.

    >>> parse_json('{"step": 3}', "state.json")
    {'step': 3}
    >>> parse_json("[" * 10**6, "state.json")
    Traceback (most recent call last):
        ...
    ValueError: state.json must be JSON. Received: lists or objects nested more than 100 deep
    """
    try:
        known = json.loads(text, parse_int=_to_int, object_pairs_hook=_to_dict)
        _check_members(known)
    except RecursionError:
        raise ValueError(f"{what} must be JSON. Received: {TOO_DEEP}") from None
    except ValueError as cause:
        raise ValueError(f"{what} must be JSON. Received: {cause}") from cause
    if not isinstance(known, dict):
        raise ValueError(f"{what} must be JSON of an object. Received: a {type(known).__name__}")
    return known


def _to_dict(pairs):
    known = dict(pairs)
    if len(known) < len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(f"the key {next(key for key in keys if keys.count(key) > 1)[:50]!r} twice in one object")
    return known


def _to_int(digits):
    value = int(digits) if len(digits) <= 20 else 2**64
    if not -(2**63) <= value < 2**64:
        raise ValueError(f"an integer of more than 64 bits, {digits[:20]}...")
    return value


def _check_members(known):
    level, depth = [known], 0
    while level:
        depth += 1
        if depth > DEEPEST:
            raise ValueError(TOO_DEEP)
        for text in level:
            if isinstance(text, str):
                text.encode("utf-8")  # JSON can spell half a character, which cannot be written again
        level = [each for part in level for each in _members(part)]


def _members(part):
    if isinstance(part, dict):
        return [*part, *part.values()]
    return part if isinstance(part, list) else ()


def write_text(path: str | os.PathLike, text: str) -> None:
    """Writes `text` to `path` atomically, as UTF-8."""
    with atomic(path) as part:
        part.write_text(text, encoding="utf-8")


def remove(path: str | os.PathLike) -> None:
    """Removes a folder, which is first moved aside, so that other processes find all of it or nothing."""
    path = pathlib.Path(path)
    aside = path.with_name(f".old-{uuid.uuid4().hex[:8]}-{path.name}")
    os.replace(path, aside)
    shutil.rmtree(aside)


def remove_leftovers(folder: str | os.PathLike, age: float = DAY) -> None:
    """Removes the temporary files of writes and removals in a folder that were killed.

    These have names that only `atomic` and `remove` give, `.part-` or `.old-`, eight hexadecimal digits and a name; and
    neither they nor their names have changed for more than `age` seconds, which no unfinished write takes. Files that
    cannot be removed remain.
    """
    folder = pathlib.Path(folder)
    for path in folder.iterdir() if folder.is_dir() else ():
        with contextlib.suppress(OSError):  # another process may remove it at the same moment
            if LEFTOVER.fullmatch(path.name) and time.time() - path.lstat().st_ctime > age:
                if path.is_dir() and not path.is_symlink():
                    shutil.rmtree(path)
                else:
                    path.unlink()
