"""TensorFlow's lines on the machine, which it writes as it starts: kept off stderr, unless they are asked for."""

import contextlib
import io
import os
import re
import sys
import tempfile
from collections.abc import Iterator

LEVEL = "TF_CPP_MIN_LOG_LEVEL"  # 0 also tells what was found, 1 warns; TensorFlow reads it when it is imported
FOUND = re.compile(
    rb"I\d{4} |WARNING: All log messages before absl::InitializeLog\(\)|To enable the following instructions: "
)
WITHOUT_DRIVER = re.compile(rb"E\d{4} .*failed call to cuInit")  # no fault where there is no driver
NO_DRIVER = b"Could not find cuda drivers"


@contextlib.contextmanager
def quiet(shown: bool = False) -> Iterator[None]:
    """Keeps what TensorFlow says of the machine off stderr while the block imports it, and while it finds devices.

    Its first lines cannot be silenced: they are written to the process's stderr by C++ before it reads a level. So they
    are held back, and what is no such line is passed on when the block ends: warnings and errors, on a GPU too. What
    Python writes passes at once.

    Args:
        shown: Leave all as it is. So it is too where `TF_CPP_MIN_LOG_LEVEL` is 0; another level stays.
    """
    if shown or os.environ.get(LEVEL) == "0" or "tensorflow" in sys.modules:
        yield
        return
    os.environ.setdefault(LEVEL, "1")
    theirs = sys.stderr
    theirs.flush()
    with tempfile.TemporaryFile() as held, os.fdopen(os.dup(2), "wb", 0) as ours:
        sys.stderr = io.TextIOWrapper(ours, errors="backslashreplace", write_through=True)
        os.dup2(held.fileno(), 2)
        try:
            yield
            sys.modules["tensorflow"].config.list_physical_devices()  # says of a driver that is missing
        finally:
            os.dup2(ours.fileno(), 2)
            sys.stderr.detach()
            sys.stderr = theirs
            held.seek(0)
            ours.write(passed_on(held.read()))


def passed_on(text: bytes) -> bytes:
    """Returns the lines that are left of those that TensorFlow wrote as it started."""
    noise = [FOUND, WITHOUT_DRIVER] if NO_DRIVER in text else [FOUND]
    return b"".join(line for line in text.splitlines(keepends=True) if not any(each.match(line) for each in noise))
