"""`python -m keras_gan.cli` is `keras-gan`."""

import atexit
import contextlib
import functools
import io
import os
import sys
import warnings

from keras_gan.cli import main


def run() -> None:
    """Runs the command line in a process of its own, and ends it.

    Python and TensorFlow need more than a second to take themselves apart: a run that has said that it stopped would
    seem to hang. So the process ends as soon as what the command registered with `atexit` has run. Workers end as
    ever, as they take leave of each other.
    """
    warnings.showwarning = _warn
    warnings.filterwarnings("always", category=UserWarning)  # Python's "once" forgets when a filter changes
    if isinstance(sys.stdout, io.TextIOWrapper):  # names of files may be no text, and must not end a command
        sys.stdout.reconfigure(errors="backslashreplace")
    codes = [1]  # of an exception that nobody foresaw
    if "TF_CONFIG" not in os.environ:
        atexit.register(_end, codes)  # the first to be registered is the last to run
    codes[0] = main()
    sys.exit(codes[0])


def _warn(message, category, *_, **__):
    """Shows a warning without the line of code that gave it, which says nothing to who types a command."""
    _say_once(f"{'Warning' if category is UserWarning else category.__name__}: {message}")


@functools.cache
def _say_once(text):  # a command may read a folder more than once
    print(text, file=sys.stderr, flush=True)


def _end(codes):
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(codes[0])


if __name__ == "__main__":
    run()
