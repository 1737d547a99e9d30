"""TF Serving's REST API, with tensors in the columnar format."""

import base64
import json
import urllib.parse
from collections.abc import Callable
from typing import Any

import numpy as np
import requests
from google.protobuf import json_format
from tensorflow.core.protobuf.meta_graph_pb2 import SignatureDef
from tensorflow.dtypes import as_dtype

from keras_gan.serving.transport import ServingError, VersionStatus

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


class Rest:
    """A model behind `http://` or `https://`. Connections are kept and used again.

    Args:
        url: The server, such as `"http://localhost:8501"`.
        model: The model's name.
        version: A version's number, or None for the newest.
        timeout: The seconds that the server may take to accept a connection, and between two parts of an answer.
        ca_file: The certificates that `https://` trusts, a PEM file. Defaults to those of `requests`.
    """

    def __init__(self, url: str, model: str, version: int | None, timeout: float, ca_file: str | None):
        self.timeout, self.ca_file = timeout, ca_file
        self.address = f"{url.rstrip('/')}/v1/models/{urllib.parse.quote(model, safe='')}"
        if version is not None:
            self.address += f"/versions/{version}"
        self.session = requests.Session()

    def predict(self, name: str, signature: SignatureDef, inputs: dict[str, np.ndarray]) -> dict[str, Any]:
        """What the signature gives: arrays, or lists of bytes for strings."""
        request = {"signature_name": name, "inputs": {key: value.tolist() for key, value in inputs.items()}}
        answer = self._ask("POST", ":predict", lambda body: body["outputs"], data=json.dumps(request))
        if len(signature.outputs) == 1:  # the server then leaves the name out
            answer = {next(iter(signature.outputs)): answer}
        return {key: _decode(answer[key], info) for key, info in signature.outputs.items()}

    def signatures(self) -> dict[str, SignatureDef]:
        """The signatures of the version that answers."""
        found = self._ask("GET", "/metadata", lambda body: body["metadata"]["signature_def"]["signature_def"])
        return {
            name: json_format.ParseDict(value, SignatureDef(), ignore_unknown_fields=True)
            for name, value in found.items()
        }

    def status(self) -> list[VersionStatus]:
        """The states of the versions that the server knows."""
        found = self._ask("GET", "", lambda body: body["model_version_status"])
        return [
            VersionStatus(int(row["version"]), row["state"], row.get("status", {}).get("error_message", ""))
            for row in found
        ]

    def close(self) -> None:
        """Closes the connections."""
        self.session.close()

    def _ask(self, method: str, path: str, read: Callable[[dict], Any], **options) -> Any:
        try:
            # `verify` of the session would lose against the environment's certificates
            response = self.session.request(
                method, self.address + path, timeout=self.timeout, verify=self.ca_file, **options
            )
        except requests.exceptions.SSLError as error:
            raise ServingError("UNAUTHENTICATED", f"{self.address}: {error}") from error
        except requests.ReadTimeout as error:
            message = f"{self.address} did not answer within {self.timeout} seconds"
            raise ServingError("DEADLINE_EXCEEDED", message) from error
        except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError) as error:
            raise ServingError("UNAVAILABLE", f"{self.address} cannot be reached: {error}") from error
        except requests.RequestException as error:
            raise ServingError("INVALID_ARGUMENT", f"{self.address}: {error}") from error
        if not response.ok:
            raise ServingError(CODES.get(response.status_code, "UNKNOWN"), _message(response))
        try:
            return read(response.json())
        except (ValueError, KeyError, TypeError) as error:
            message = f"{self.address} does not answer as TF Serving does: {response.text[:200]!r}"
            raise ServingError("UNKNOWN", message) from error


def _message(response):
    try:
        return response.json()["error"]
    except (ValueError, KeyError, TypeError):
        return f"HTTP {response.status_code} {response.reason}: {response.text[:200]}"


def _decode(value, info):
    dtype = as_dtype(info.dtype)
    if dtype != "string":
        return np.array(value, dtype.as_numpy_dtype)
    return [base64.b64decode(item["b64"]) if isinstance(item, dict) else item.encode() for item in value]
