"""Signals that end a command which has no other handlers for them."""

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Iterator

CODE = 128 + 2  # the exit code of a program that SIGINT, signal 2, has ended
BROKEN_PIPE = 128 + 13  # that of SIGPIPE


def text(name: str) -> str:
    """Returns the text that a command prints when it is interrupted."""
    return f"\nkeras-gan {name}: interrupted"


@contextlib.contextmanager
def end_at_once(name: str) -> Iterator[None]:
    """Lets Ctrl-C end the process while the block runs, with one line of text.

    Partly imported modules cannot be unwound cleanly, some turn an interruption into an ImportError, and nothing has
    been written yet. A handler that the caller has set is kept.
    """
    alone = threading.current_thread() is threading.main_thread()
    if not alone or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return

    def end(number, frame):
        with contextlib.suppress(OSError):
            os.write(sys.stderr.fileno(), f"{text(name)}\n".encode())
        os._exit(CODE)

    signal.signal(signal.SIGINT, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@contextlib.contextmanager
def end_in_order() -> Iterator[None]:
    """Lets SIGTERM and SIGHUP end the block by an exception, as Ctrl-C does, so that partly written files are removed.

    A second signal ends the process at once. Signals that are ignored, as SIGHUP is under `nohup`, and handlers that
    the caller has set are kept.
    """

    def end(number, frame):
        signal.signal(number, signal.SIG_DFL)
        raise SystemExit(128 + number)

    numbers = []
    if threading.current_thread() is threading.main_thread():
        numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
        numbers = [number for number in numbers if signal.getsignal(number) is signal.SIG_DFL]
    for number in numbers:
        signal.signal(number, end)
    try:
        yield
    finally:
        for number in numbers:
            signal.signal(number, signal.SIG_DFL)
