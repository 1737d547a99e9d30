"""Ctrl-C while modules are imported."""

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Iterator

CODE = 128 + 2  # of a program that SIGINT, which is 2, has ended


def text(name: str) -> str:
    """What a command says that was interrupted."""
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
