"""`python -m keras_gan.cli` is `keras-gan`, as is `python -m keras_gan`."""

import atexit
import contextlib
import functools
import io
import os
import sys
import warnings

from keras_gan.cli import main


def run() -> None:
    """Runs the command line, and ends the process.

    Python and TensorFlow need more than a second to shut down, in which a run that has stopped would seem to hang. So
    the process ends as soon as the functions that the command registered with `atexit` have run. Workers shut down as
    usual, since they disconnect from each other.
    """
    _open_streams()
    warnings.showwarning = _warn
    warnings.filterwarnings("always", category=UserWarning)  # Python's "once" is reset when a filter changes
    if isinstance(sys.stdout, io.TextIOWrapper):  # file names that are not valid text must not end a command
        sys.stdout.reconfigure(errors="backslashreplace")
    codes = [1]  # the exit code of an unexpected exception
    if "TF_CONFIG" not in os.environ:
        atexit.register(_end, codes)  # the first to be registered is the last to run
    codes[0] = main()
    sys.exit(codes[0])


def _open_streams():
    """Opens the null device in place of each standard stream that is closed, as `keras-gan ... >&-` leaves it.

    Otherwise Python has no such stream, and the next file that is opened would get what C++ prints.
    """
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(descriptor, True)
    os.close(descriptor)
    for descriptor, (name, mode) in enumerate((("stdin", "r"), ("stdout", "w"), ("stderr", "w"))):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(descriptor, mode, encoding="utf-8", closefd=False))


def _warn(message, category, *_, **__):
    """Prints a warning without its line of code, which does not help the user of a command."""
    _print_once(f"{'Warning' if category is UserWarning else category.__name__}: {message}")


@functools.cache
def _print_once(text):  # a command may read a folder more than once
    print(text, file=sys.stderr, flush=True)


def _end(codes):
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(codes[0])


if __name__ == "__main__":
    run()
