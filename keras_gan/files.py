"""Files and folders that are whole or absent, never half written."""

import contextlib
import os
import pathlib
import shutil
import uuid
from collections.abc import Iterator


@contextlib.contextmanager
def atomic(path: str | os.PathLike) -> Iterator[pathlib.Path]:
    """Yields a temporary path beside `path`, and moves what was written there to `path` when the block succeeds.

    What stood at `path` is replaced by a file, and left as it was if the block fails. A folder is only ever moved to
    a path where nothing stands.

    Args:
        path: Where the finished file or folder is to stand. Missing parent folders are made.

    Yields:
        A hidden path in the same folder, with the same suffixes.

    Raises:
        FileExistsError: If a folder was written and `path` exists.

    Example:

    >>> import tempfile
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> with atomic(folder / "note.txt") as part:
    ...     _ = part.write_text("whole")
    >>> (folder / "note.txt").read_text()
    'whole'
    """
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".part-{uuid.uuid4().hex[:8]}-{path.name}")
    try:
        yield part
        if part.is_dir() and path.exists():
            raise FileExistsError(f"`path` must be free to take a new folder. Received: path={path}")
        os.replace(part, path)
    finally:
        if part.is_dir():
            shutil.rmtree(part)
        else:
            part.unlink(missing_ok=True)


def write_text(path: str | os.PathLike, text: str) -> None:
    """Writes `text` to `path` atomically, as UTF-8."""
    with atomic(path) as part:
        part.write_text(text, encoding="utf-8")
