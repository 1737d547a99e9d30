"""The cache folder of features and classifiers."""

import contextlib
import hashlib
import os
import pathlib
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

from keras_gan.data.stored import Stored

PIECE = 2**24  # bytes that are read from disk at a time


def cache_folder(cache: str | os.PathLike | None = None) -> pathlib.Path:
    """Returns `cache`, otherwise the environment variable `KERAS_GAN_CACHE`, otherwise `~/.cache/keras_gan`.

    >>> cache_folder("somewhere").name
    'somewhere'
    """
    return pathlib.Path(cache or os.environ.get("KERAS_GAN_CACHE") or "~/.cache/keras_gan").expanduser()


@contextlib.contextmanager
def kept_if_possible(path: pathlib.Path) -> Iterator[None]:
    """Runs a block that reads or writes a cache, and turns system errors into a warning.

    Cached results can be computed again, so a full or read-only folder must not end an evaluation.
    """
    try:
        yield
    except OSError as error:
        warnings.warn(
            f"{path} cannot be cached, and is computed again the next time; set the environment variable "
            f"KERAS_GAN_CACHE to another folder. Received: {error.strerror or error}",
            stacklevel=4,
        )


def digest(*parts: Any) -> str:
    """Computes the SHA-256 of bytes, of arrays with shapes and types, and of numbers, texts and lists by their `repr`.

    The digest has 64 hexadecimal digits, the same for an array in memory and on disk, as a `keras_gan.data.Stored`.

    >>> digest("a", np.zeros(2)) == digest("a", np.zeros((2, 1)))
    False
    """
    hasher = hashlib.sha256()
    for part in parts:
        if isinstance(part, np.ndarray | Stored):
            hasher.update(f"{np.dtype(part.dtype).str}{tuple(part.shape)}".encode())
        content = hashlib.sha256()
        for piece in _bytes(part):
            content.update(piece)
        hasher.update(content.digest())
    return hasher.hexdigest()


def _bytes(part):
    """Yields the bytes of a part, those of an array on disk in pieces."""
    if isinstance(part, Stored):
        step = max(1, PIECE // max(1, int(np.prod(part.shape[1:])) * np.dtype(part.dtype).itemsize))
        for start in range(0, len(part), step):
            yield from _bytes(part[start : start + step])
    elif isinstance(part, np.ndarray):
        yield np.ascontiguousarray(part).data.cast("B") if part.size else b""
    else:
        yield part if isinstance(part, bytes) else repr(part).encode()
