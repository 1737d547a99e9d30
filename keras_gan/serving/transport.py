"""What REST and gRPC have in common: what a server says of a model, its errors, and when to ask again."""

import random
import time
from collections.abc import Callable
from typing import Any, NamedTuple

RETRYABLE = "UNAVAILABLE"  # no connection, or 502 or 503: the request was not answered, and may be sent again
MOST_SECONDS = 10.0
NODES = "\n\t [["  # where TensorFlow goes on with the names of the graph's nodes


class ServingError(OSError):
    """A request that a server refused, or that did not reach one.

    Args:
        code: The name of a gRPC status: `"INVALID_ARGUMENT"`, `"NOT_FOUND"`, `"UNAVAILABLE"`,
            `"DEADLINE_EXCEEDED"`, ... Over REST it is that of the HTTP status.
        message: What went wrong, in the server's words where it has any.

    Attributes:
        code: As given.

    >>> str(ServingError("NOT_FOUND", "Could not find any versions of model mnist"))
    'NOT_FOUND: Could not find any versions of model mnist'
    """

    def __init__(self, code: str, message: str):
        super().__init__(f"{code}: {message.split(NODES)[0].strip()}")
        self.code = code


class VersionStatus(NamedTuple):
    """The state of one version of a model: its number, `"AVAILABLE"` once it answers, and what went wrong, or ""."""

    version: int
    state: str
    error: str


def persistently(ask: Callable[[], Any], retries: int, backoff: float) -> Any:
    """What `ask()` gives, asked again, up to `retries` times, while the server cannot be reached.

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
