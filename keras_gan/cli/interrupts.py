"""Signals that end a command in which nothing else listens to them."""

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Iterator

CODE = 128 + 2  # of a program that SIGINT, which is 2, has ended


def text(name: str) -> str:
    """Returns the text that a command prints when it is interrupted."""
    return f"\nkeras-gan {name}: interrupted"


@contextlib.contextmanager
def end_at_once(name: str) -> Iterator[None]:
    """Lets Ctrl-C end the process while the block runs, with one line and nothing else.

    Modules that are half imported cannot end in an orderly way, some turn an interruption into an ImportError, and
    nothing has been written yet. A handler of the caller's stays.
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
    """Lets SIGTERM and SIGHUP end the block as Ctrl-C does, by an exception: what is half written is removed.

    A second one ends the process at once. What is ignored, as SIGHUP is under `nohup`, stays so, and so does a handler
    of the caller's.
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
