"""TF Serving's REST API, with tensors in the columnar format."""

import http.client
import json
import ssl
import urllib.parse
from collections.abc import Callable
from typing import Any

import numpy as np
from google.protobuf import json_format
from tensorflow.core.protobuf.meta_graph_pb2 import SignatureDef

from keras_gan.ground import files
from keras_gan.serving import answers
from keras_gan.serving.connection import Connection, TooLongError
from keras_gan.serving.transport import ServingError, VersionStatus, printable

CODES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ABORTED",
    429: "RESOURCE_EXHAUSTED",
    499: "CANCELLED",
    500: "INTERNAL",
    501: "UNIMPLEMENTED",
    502: "UNAVAILABLE",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}
SHOWN = 200  # characters of an invalid answer in an error


class Rest:
    """A model behind `http://` or `https://`. The connection is kept open and reused.

    Args:
        url: The server, such as `"http://localhost:8501"`.
        model: Name of the model.
        version: Version number, or None for the newest.
        timeout: Seconds per request, from the connection to the last byte of the answer.
        ca_file: PEM file with the certificates that `https://` trusts: see `Connection`.
    """

    def __init__(self, url: str, model: str, version: int | None, timeout: float, ca_file: str | None):
        self.timeout = timeout
        parts = urllib.parse.urlsplit(url)
        self.path = f"{urllib.parse.quote(parts.path.rstrip('/'), safe='/%')}/v1/models/{_quoted(model)}"
        if version is not None:
            self.path += f"/versions/{version}"
        host = parts.netloc.rpartition("@")[2]  # keeps passwords out of errors
        self.address = f"{parts.scheme}://{host}{self.path}"
        self.connection = Connection(url, ca_file)

    def predict(self, name: str, inputs: dict[str, np.ndarray], wanted: dict[str, answers.Wanted]) -> dict[str, Any]:
        """Calls a signature, and returns its outputs by name: arrays, or lists of bytes for PNG files."""
        request = {"signature_name": name, "inputs": {key: value.tolist() for key, value in inputs.items()}}
        most = min(answers.MOST_BYTES, sum(each.most_bytes for each in wanted.values()))
        answer = self._ask("POST", ":predict", _predicted, most, json.dumps(request).encode())
        if len(wanted) == 1:  # the server leaves out the name of a single output
            answer = {next(iter(wanted)): answer}
        if not isinstance(answer, dict) or answer.keys() != wanted.keys():
            answers.refuse(f"it must give {', '.join(wanted)}, and gives {_shown(answer)}")
        return {key: answers.from_json(answer[key], each) for key, each in wanted.items()}

    def signatures(self) -> dict[str, SignatureDef]:
        """Returns the signatures of the served version."""
        return answers.check_signatures(self._ask("GET", "/metadata", _signatures, answers.MOST_KNOWN))

    def status(self) -> list[VersionStatus]:
        """Returns the states of the model's versions on the server."""
        return self._ask("GET", "", _status, answers.MOST_KNOWN)

    def close(self) -> None:
        """Closes the connection."""
        self.connection.close()

    def _ask(self, method: str, path: str, read: Callable[[bytes], Any], most: int, body: bytes | None = None) -> Any:
        try:
            response, data = self.connection.ask(method, self.path + path, body, self.timeout, most)
        except TimeoutError as error:
            message = f"{self.address} did not answer within {self.timeout} seconds"
            raise ServingError("DEADLINE_EXCEEDED", message) from error
        except TooLongError as error:
            answers.refuse(f"{self.address} answers with {error}")
        except ssl.SSLError as error:
            raise ServingError("UNAUTHENTICATED", f"{self.address}: {error}") from error
        except (OSError, http.client.IncompleteRead, UnicodeError) as error:  # UnicodeError: an invalid host name
            message = f"{self.address} cannot be reached: {error or type(error).__name__}"
            raise ServingError("UNAVAILABLE", message) from error
        except (http.client.HTTPException, ValueError) as error:
            answers.refuse(f"{self.address} does not speak HTTP: {error or type(error).__name__}")
        if 300 <= response.status < 400:
            where = response.headers.get("Location", "nowhere")
            message = f"{self.address} answered with a redirect to {where}, which is not followed"
            raise ServingError("UNKNOWN", message)
        if response.headers.get("Content-Encoding", "identity").strip().lower() != "identity":
            answers.refuse(f"{self.address} answers in an encoding that was not requested")
        if response.status != 200:
            raise ServingError(CODES.get(response.status, "UNKNOWN"), _message(response, data))
        try:
            return read(data)
        except ServingError:
            raise
        except (ValueError, KeyError, TypeError, RecursionError, json_format.Error) as error:
            text = data[:SHOWN].decode("utf-8", "replace")
            raise ServingError(
                "UNKNOWN", f"{self.address} does not answer as TF Serving does: {printable(text, SHOWN)!r}"
            ) from error


def _quoted(model):
    return urllib.parse.quote(model, safe="")


def _predicted(data):
    return json.loads(data)["outputs"]


def _signatures(data):
    found = files.parse_json(data, "the metadata")["metadata"]["signature_def"]["signature_def"]
    if not isinstance(found, dict):
        raise TypeError("no object")
    return {
        name: json_format.ParseDict(value, SignatureDef(), ignore_unknown_fields=True) for name, value in found.items()
    }


def _status(data):
    rows = files.parse_json(data, "the status")["model_version_status"]
    if not isinstance(rows, list):
        raise TypeError("no list")
    status = [(row["version"], row["state"], {"error_message": "", **row.get("status", {})}) for row in rows]
    return [answers.check_status(version, state, known["error_message"]) for version, state, known in status]


def _message(response, data):
    try:
        message = files.parse_json(data, "the error")["error"]
        if isinstance(message, str):
            return message
    except (ValueError, KeyError):
        pass
    return f"HTTP {response.status} {response.reason}: {printable(data[:SHOWN].decode('utf-8', 'replace'))!r}"


def _shown(answer):
    return ", ".join(map(str, answer))[:SHOWN] if isinstance(answer, dict) else f"a {type(answer).__name__}"
