"""The signals that end training in an orderly way."""

import contextlib
import os
import signal
import sys
import threading
from typing import TextIO

NAMES = ("SIGINT", "SIGTERM", "SIGHUP")  # the last one is not known on Windows
STOPPING = "\nStopping after the running step. Another one ends the process at once."


class Signals:
    """Remembers the first Ctrl-C, SIGTERM or SIGHUP, so that training can end after the running step.

    A second signal ends the process at once, as the system does by default; in an interactive session a second Ctrl-C
    raises KeyboardInterrupt, as usual. A signal that is ignored, as SIGHUP is under `nohup`, stays ignored.

    Attributes:
        came: The number of the signal that was received, or None.
    """

    def __init__(self):
        self.came, self._handlers, self._terminals = None, {}, []

    def listen(self) -> None:
        """Installs the handlers, in the main thread; does nothing in another one, which Python gives no signals."""
        self.came = None
        self._terminals = [stream for stream in (1, 2) if os.isatty(stream)]
        if threading.current_thread() is not threading.main_thread():
            return
        for number in (getattr(signal, name) for name in NAMES if hasattr(signal, name)):
            handler = signal.getsignal(number)
            if handler not in (signal.SIG_IGN, None):  # None: not Python's, which cannot be restored
                self._handlers[number] = handler
                signal.signal(number, self._handle)

    def release(self) -> None:
        """Restores the previous handlers."""
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        self._handlers = {}

    def ending(self) -> BaseException:
        """Returns the exception that ends the program as the received signal does: KeyboardInterrupt for Ctrl-C."""
        return KeyboardInterrupt() if self.came == signal.SIGINT else SystemExit(128 + self.came)

    def _handle(self, number, frame):
        self.came = number
        for other, handler in self._handlers.items():
            plain = handler is signal.default_int_handler and not hasattr(sys, "ps1")
            signal.signal(other, signal.SIG_DFL if plain else handler)
        for stream in self._terminals:
            if not os.isatty(stream):  # it was closed: printing would fail, and nothing would be saved
                self._silence(stream)
        say(STOPPING, sys.stderr)

    @staticmethod
    def _silence(stream):
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, stream)
        os.close(nothing)


def say(text: str, stream: TextIO) -> None:
    """Prints a line at once, without an error if the stream is closed."""
    with contextlib.suppress(OSError, ValueError):
        print(text, file=stream, flush=True)
