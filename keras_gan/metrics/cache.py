"""The folder of what is computed once."""

import contextlib
import hashlib
import os
import pathlib
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np


def cache_folder(cache: str | os.PathLike | None = None) -> pathlib.Path:
    """Returns `cache`, otherwise what the environment variable `KERAS_GAN_CACHE` names, else `~/.cache/keras_gan`.

    >>> cache_folder("somewhere").name
    'somewhere'
    """
    return pathlib.Path(cache or os.environ.get("KERAS_GAN_CACHE") or "~/.cache/keras_gan").expanduser()


@contextlib.contextmanager
def kept_if_possible(path: pathlib.Path) -> Iterator[None]:
    """Runs a block that reads or writes a cache; where the system refuses it, warns and continues without.

    What is in a cache can be computed again, so a full or read-only folder must not end an evaluation.
    """
    try:
        yield
    except OSError as error:
        warnings.warn(
            f"{path} cannot be kept for the next time, and is computed again then; the environment variable "
            f"KERAS_GAN_CACHE names another folder. Received: {error.strerror or error}",
            stacklevel=4,
        )


def digest(*parts: Any) -> str:
    """Computes the SHA-256 of bytes, arrays with shapes and types, and other objects' `repr`: 64 hexadecimal digits.

    >>> digest("a", np.zeros(2)) == digest("a", np.zeros((2, 1)))
    False
    """
    hasher = hashlib.sha256()
    for part in parts:
        if isinstance(part, np.ndarray):
            hasher.update(f"{part.dtype.str}{part.shape}".encode())
            part = np.ascontiguousarray(part).data.cast("B") if part.size else b""
        elif not isinstance(part, bytes):
            part = repr(part).encode()
        hasher.update(hashlib.sha256(part).digest())
    return hasher.hexdigest()
