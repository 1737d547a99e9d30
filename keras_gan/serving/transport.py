"""The common parts of REST and gRPC: errors, states of versions, and retries."""

import random
import time
from collections.abc import Callable
from typing import Any, NamedTuple

RETRYABLE = "UNAVAILABLE"  # no connection, or 502 or 503: the request was not answered, and may be sent again
MOST_SECONDS = 10.0  # longest pause between attempts
LONGEST = 1000  # characters of a server's message
NODES = "\n\t [["  # begins the names of graph nodes in TensorFlow's messages


class ServingError(OSError):
    """The error of a request that the server refused, that did not reach a server, or whose answer is invalid.

    Args:
        code: The name of a gRPC status: `"INVALID_ARGUMENT"`, `"NOT_FOUND"`, `"UNAVAILABLE"`,
            `"DEADLINE_EXCEEDED"`, ... Over REST, the gRPC equivalent of the HTTP status. `"UNKNOWN"` for an answer
            that does not fit the request.
        message: Description of the error, the server's message if there is one; made `printable`.

    Attributes:
        code: The argument `code`.

    >>> str(ServingError("NOT_FOUND", "Could not find any versions of model mnist"))
    'NOT_FOUND: Could not find any versions of model mnist'
    """

    def __init__(self, code: str, message: str):
        super().__init__(f"{code}: {printable(message.split(NODES)[0])}")
        self.code = code


def printable(text: str, most: int = LONGEST) -> str:
    """Returns a server's message as one short line that is safe to print on a terminal.

    Control characters, including those that change the direction of writing, are removed.

    >>> printable("\\x1b[31mno\\n  such\\u202emodel")
    '[31mno such model'
    """
    text = "".join(each if each.isprintable() else " " for each in text[: 4 * most])
    text = " ".join(text.split())
    return text if len(text) <= most else text[:most] + "..."


class VersionStatus(NamedTuple):
    """The state of one version of a model: its number, its state, such as `"AVAILABLE"`, and an error text or ""."""

    version: int
    state: str
    error: str


def retry(ask: Callable[[], Any], retries: int, backoff: float) -> Any:
    """Calls `ask()`, and again up to `retries` times while the server cannot be reached.

    The pauses are `backoff`, 2 `backoff`, 4 `backoff`, ... seconds, at most 10, each shortened by a random share of up
    to a half, so that many clients do not return at the same time.

    Raises:
        ServingError: The error of the last attempt; errors other than `"UNAVAILABLE"` are raised at once.
    """
    for attempt in range(retries + 1):
        try:
            return ask()
        except ServingError as error:
            if error.code != RETRYABLE or attempt == retries:
                raise
        time.sleep(min(MOST_SECONDS, backoff * 2**attempt) * random.uniform(0.5, 1.0))
