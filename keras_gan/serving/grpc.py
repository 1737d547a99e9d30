"""TF Serving's gRPC API, with the messages of `tensorflow-serving-api`."""

import contextlib
import pathlib
import urllib.parse
from typing import Any

import numpy as np
import tensorflow as tf
from google.protobuf.message import DecodeError
from tensorflow.core.protobuf.meta_graph_pb2 import SignatureDef

from keras_gan.serving import answers
from keras_gan.serving.transport import ServingError, VersionStatus

try:
    import grpc
    from tensorflow_serving.apis import (
        get_model_metadata_pb2,
        get_model_status_pb2,
        model_pb2,
        model_service_pb2_grpc,
        predict_pb2,
        prediction_service_pb2_grpc,
    )
except ImportError as error:
    raise ImportError(
        'gRPC needs the package tensorflow-serving-api: pip install "keras_gan[serving]". REST (http://) does not.'
    ) from error

OPTIONS = (
    ("grpc.max_receive_message_length", answers.MOST_BYTES),  # the default of 4 MB is too small for pictures
    ("grpc.max_send_message_length", -1),
    ("grpc.enable_retries", 0),  # `Client` retries, as over REST
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 1000),
)


class Grpc:
    """A model behind `grpc://` or, with TLS, `grpcs://`.

    Args:
        url: The server, such as `"grpc://localhost:8500"`.
        model: Name of the model.
        version: Version number, or None for the newest.
        timeout: Seconds per request.
        ca_file: PEM file with the certificates that `grpcs://` trusts. None for those of gRPC.
    """

    def __init__(self, url: str, model: str, version: int | None, timeout: float, ca_file: str | None):
        self.url, self.timeout = url, timeout
        self.spec = model_pb2.ModelSpec(name=model)
        if version is not None:
            self.spec.version.value = version
        parts = urllib.parse.urlsplit(url)
        if parts.scheme == "grpcs":
            trusted = None if ca_file is None else pathlib.Path(ca_file).read_bytes()
            self.channel = grpc.secure_channel(parts.netloc, grpc.ssl_channel_credentials(trusted), OPTIONS)
        else:
            self.channel = grpc.insecure_channel(parts.netloc, OPTIONS)
        self.predictions = prediction_service_pb2_grpc.PredictionServiceStub(self.channel)
        self.models = model_service_pb2_grpc.ModelServiceStub(self.channel)

    def predict(self, name: str, inputs: dict[str, np.ndarray], wanted: dict[str, answers.Wanted]) -> dict[str, Any]:
        """Calls a signature, and returns its outputs by name: arrays, or lists of bytes for PNG files."""
        request = predict_pb2.PredictRequest(model_spec=self.spec)
        request.model_spec.signature_name = name
        for key, value in inputs.items():
            request.inputs[key].CopyFrom(tf.make_tensor_proto(value))
        with self._clear_errors():
            response = self.predictions.Predict(request, timeout=self.timeout)
        if set(response.outputs) != set(wanted):
            given = ", ".join(response.outputs) or "nothing"
            answers.refuse(f"it must give {', '.join(wanted)}, and gives {given}")
        return {key: answers.from_tensor(response.outputs[key], each) for key, each in wanted.items()}

    def signatures(self) -> dict[str, SignatureDef]:
        """Returns the signatures of the served version."""
        request = get_model_metadata_pb2.GetModelMetadataRequest(model_spec=self.spec, metadata_field=["signature_def"])
        with self._clear_errors():
            response = self.predictions.GetModelMetadata(request, timeout=self.timeout)
        found = get_model_metadata_pb2.SignatureDefMap()
        try:
            right = response.metadata["signature_def"].Unpack(found)
        except DecodeError:
            right = False
        if not right:
            answers.refuse("its metadata holds no signatures")
        return answers.check_signatures(found.signature_def)

    def status(self) -> list[VersionStatus]:
        """Returns the states of the model's versions on the server."""
        request = get_model_status_pb2.GetModelStatusRequest(model_spec=self.spec)
        with self._clear_errors():
            response = self.models.GetModelStatus(request, timeout=self.timeout)
        states = {number: name for name, number in get_model_status_pb2.ModelVersionStatus.State.items()}
        return [
            answers.check_status(row.version, states.get(row.state), row.status.error_message)
            for row in response.model_version_status
        ]

    def close(self) -> None:
        """Closes the connection."""
        self.channel.close()

    @contextlib.contextmanager
    def _clear_errors(self):
        try:
            yield
        except grpc.RpcError as error:
            raise ServingError(error.code().name, f"{self.url}: {error.details() or 'no reason given'}") from error
