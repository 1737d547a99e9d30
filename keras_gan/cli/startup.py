"""TensorFlow's messages about the machine while it starts: kept off stderr, unless --tf_log is given."""

import contextlib
import io
import os
import re
import sys
import tempfile
from collections.abc import Iterator

LEVEL = "TF_CPP_MIN_LOG_LEVEL"  # 0 logs information and warnings, 1 warnings; TensorFlow reads it on import
FOUND = re.compile(
    rb"I\d{4} |WARNING: All log messages before absl::InitializeLog\(\)|To enable the following instructions: "
)
WITHOUT_DRIVER = re.compile(rb"E\d{4} .*failed call to cuInit")  # expected on a machine without a driver
NO_DRIVER = b"Could not find cuda drivers"


@contextlib.contextmanager
def quiet(shown: bool = False) -> Iterator[None]:
    """Keeps TensorFlow's messages about the machine off stderr while the block imports it, and while it finds devices.

    The first messages cannot be silenced: C++ writes them to the process's stderr before it reads a log level. So the
    process's stderr is buffered, and all other lines, such as warnings and errors, are written when the block ends.
    Output of Python is written at once.

    Args:
        shown: Show all messages. They are also shown if `TF_CPP_MIN_LOG_LEVEL` is 0; any other level is kept.
    """
    if shown or os.environ.get(LEVEL) == "0" or "tensorflow" in sys.modules:
        yield
        return
    os.environ.setdefault(LEVEL, "1")
    theirs = sys.stderr
    theirs.flush()
    with tempfile.TemporaryFile() as buffer, os.fdopen(os.dup(2), "wb", 0) as ours:
        sys.stderr = io.TextIOWrapper(ours, errors="backslashreplace", write_through=True)
        os.dup2(buffer.fileno(), 2)
        try:
            yield
            sys.modules["tensorflow"].config.list_physical_devices()  # logs a missing driver
        finally:
            os.dup2(ours.fileno(), 2)
            sys.stderr.detach()
            sys.stderr = theirs
            buffer.seek(0)
            ours.write(without_noise(buffer.read()))


def without_noise(text: bytes) -> bytes:
    """Returns TensorFlow's startup output without its messages about the machine."""
    noise = [FOUND, WITHOUT_DRIVER] if NO_DRIVER in text else [FOUND]
    return b"".join(line for line in text.splitlines(keepends=True) if not any(each.match(line) for each in noise))
