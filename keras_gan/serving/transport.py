"""The base of REST and gRPC: what a server says of a model, its errors, and when to ask again."""

import random
import time
from collections.abc import Callable
from typing import Any, NamedTuple

RETRYABLE = "UNAVAILABLE"  # no connection, or 502 or 503: the request was not answered, and may be sent again
MOST_SECONDS = 10.0
LONGEST = 1000  # characters of a server's words
NODES = "\n\t [["  # where TensorFlow continues with the names of the graph's nodes


class ServingError(OSError):
    """A request that a server refused, that did not reach one, or that was answered with something else.

    Args:
        code: The name of a gRPC status: `"INVALID_ARGUMENT"`, `"NOT_FOUND"`, `"UNAVAILABLE"`,
            `"DEADLINE_EXCEEDED"`, ... Over REST it is that of the HTTP status. An answer that does not fit what was
            asked for is `"UNKNOWN"`.
        message: What went wrong, in the server's words where it has any, as `printable` makes them.

    Attributes:
        code: As given.

    >>> str(ServingError("NOT_FOUND", "Could not find any versions of model mnist"))
    'NOT_FOUND: Could not find any versions of model mnist'
    """

    def __init__(self, code: str, message: str):
        super().__init__(f"{code}: {printable(message.split(NODES)[0])}")
        self.code = code


def printable(text: str, most: int = LONGEST) -> str:
    """Returns a server's words as one short line that any terminal may be given.

    Control characters, those that turn the direction of writing among them, are left out.

    >>> printable("\\x1b[31mno\\n  such\\u202emodel")
    '[31mno such model'
    """
    text = "".join(each if each.isprintable() else " " for each in text[: 4 * most])
    text = " ".join(text.split())
    return text if len(text) <= most else text[:most] + "..."


class VersionStatus(NamedTuple):
    """The state of one version of a model: its number, `"AVAILABLE"` once it answers, and what went wrong, or ""."""

    version: int
    state: str
    error: str


def retry(ask: Callable[[], Any], retries: int, backoff: float) -> Any:
    """Calls `ask()`, again up to `retries` times, while the server cannot be reached.

    The pauses are `backoff`, twice that, four times that, ... seconds, each shortened by up to a half at random, so
    that many clients do not come back at once, and never above ten seconds.

    Raises:
        ServingError: The last one. One that another attempt would not help is raised at once.
    """
    for attempt in range(retries + 1):
        try:
            return ask()
        except ServingError as error:
            if error.code != RETRYABLE or attempt == retries:
                raise
        time.sleep(min(MOST_SECONDS, backoff * 2**attempt) * random.uniform(0.5, 1.0))
