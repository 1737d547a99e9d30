"""TensorFlow Serving as seen from outside, for tests and benchmarks: no binary of it can be installed here.

It runs the signatures through the v1 Session loader, as TF Serving does, and answers genuine gRPC messages and REST in
its conventions: the same refusals with the same codes, the newest version only, the warm-up requests before the first
answer. It is no server for users: it has neither batching nor limits.

    python tests/serving/stand_in.py --model=saved_models/mnist --port=8500 --rest_port=8501
"""

import argparse
import concurrent.futures
import pathlib
import threading

import grpc
import tensorflow as tf
from stand_in_rest import Http, RefusedError
from tensorflow_serving.apis import (
    get_model_metadata_pb2,
    get_model_status_pb2,
    model_service_pb2_grpc,
    predict_pb2,
    prediction_log_pb2,
    prediction_service_pb2_grpc,
)

DEFAULT = "serving_default"
METHODS = tuple(f"tensorflow/serving/{name}" for name in ("predict", "classify", "regress"))


class Model:
    """The newest version in a model's folder, in a v1 Session."""

    def __init__(self, folder, name=None):
        folder = pathlib.Path(folder)
        self.name = name or folder.name
        self.version = max(int(path.name) for path in folder.iterdir() if path.name.isdecimal())
        self.session = tf.compat.v1.Session(graph=tf.Graph())
        loaded = tf.compat.v1.saved_model.loader.load(self.session, ["serve"], str(folder / str(self.version)))
        self.signatures = dict(loaded.signature_def)
        self.warmed_up = self._warm_up(folder / str(self.version) / "assets.extra" / "tf_serving_warmup_requests")

    def _warm_up(self, path):
        records = [*tf.data.TFRecordDataset(str(path)).as_numpy_iterator()] if path.exists() else []
        if len(records) > 1000:
            raise RefusedError(f"Number of warmup records exceeds the maximum (1000) at {path}")
        for record in records:
            log = prediction_log_pb2.PredictionLog.FromString(record)
            if log.WhichOneof("log_type") != "predict_log":
                raise RefusedError(f"Unsupported log_type for warmup: {log.WhichOneof('log_type')}", "UNIMPLEMENTED")
            self.run(log.predict_log.request)
        return len(records)

    def find(self, spec):
        """Refuses a request for what is not served."""
        version = spec.version.value if spec.HasField("version") else None
        if spec.name != self.name or version not in (None, self.version):
            asked = f"Latest({spec.name})" if version is None else f"Specific({spec.name}, {version})"
            raise RefusedError(f"Servable not found for request: {asked}", "NOT_FOUND")

    def predict(self, request):
        """A `PredictResponse` to a `PredictRequest`."""
        if not request.HasField("model_spec"):
            raise RefusedError("Missing ModelSpec")
        self.find(request.model_spec)
        return self.run(request)

    def run(self, request):
        """The same whatever model the request names: warm-up requests are not asked for theirs."""
        name = request.model_spec.signature_name or DEFAULT
        if name not in self.signatures:
            raise RefusedError(f'Serving signature key "{name}" not found.', "FAILED_PRECONDITION")
        signature = self.signatures[name]
        if signature.method_name not in METHODS:
            raise RefusedError(f"Expected prediction signature method_name. Was: {signature.method_name}", "INTERNAL")
        feed = _feed(signature, request.inputs)
        unknown = [key for key in request.output_filter if key not in signature.outputs]
        if unknown:
            raise RefusedError(f"output tensor alias not found in signature: {unknown[0]}")
        wanted = list(request.output_filter) or list(signature.outputs)
        try:
            results = self.session.run([signature.outputs[key].name for key in wanted], feed)
        except tf.errors.OpError as error:
            message = error.message.removeprefix("Graph execution error:\n\n")  # Python's addition
            raise RefusedError(message, grpc_code(error.error_code)) from error
        response = predict_pb2.PredictResponse(model_spec=self._spec(name))
        for key, value in zip(wanted, results, strict=True):
            response.outputs[key].CopyFrom(_as_proto_field(value))
        return response

    def metadata(self, request):
        """A `GetModelMetadataResponse`."""
        self.find(request.model_spec)
        if list(request.metadata_field) != ["signature_def"]:
            raise RefusedError(f"Metadata field {', '.join(request.metadata_field)} is not supported")
        response = get_model_metadata_pb2.GetModelMetadataResponse(model_spec=self._spec())
        found = get_model_metadata_pb2.SignatureDefMap(signature_def=self.signatures)
        response.metadata["signature_def"].Pack(found)
        return response

    def status(self, request):
        """A `GetModelStatusResponse`."""
        try:
            self.find(request.model_spec)
        except RefusedError as error:
            message = f"Could not find any versions of model {request.model_spec.name}"
            raise RefusedError(message, "NOT_FOUND") from error
        response = get_model_status_pb2.GetModelStatusResponse()
        response.model_version_status.add(version=self.version, state="AVAILABLE", status={"error_code": "OK"})
        return response

    def _spec(self, signature_name=""):
        spec = predict_pb2.PredictRequest().model_spec
        spec.name, spec.signature_name, spec.version.value = self.name, signature_name, self.version
        return spec


def grpc_code(number):
    """The name of a status code, the same number in TensorFlow and gRPC."""
    return next(code.name for code in grpc.StatusCode if code.value[0] == number)


def _feed(signature, inputs):
    if len(inputs) != len(signature.inputs) or set(inputs) != set(signature.inputs):
        sent, wanted = ",".join(sorted(inputs)), ",".join(sorted(signature.inputs))
        raise RefusedError(f"input size does not match signature: len({{{sent}}}) != len({{{wanted}}}).")
    feed = {}
    for key, info in signature.inputs.items():
        dtype, shape = tf.dtypes.as_dtype(info.dtype), tf.TensorShape(info.tensor_shape)
        if inputs[key].dtype != info.dtype:
            given = tf.dtypes.as_dtype(inputs[key].dtype).name
            raise RefusedError(f"{info.name} is {dtype.name}, but {key} is {given}")
        value = tf.make_ndarray(inputs[key])
        if not shape.is_compatible_with(value.shape):
            raise RefusedError(f"{info.name} has the shape {shape}, but {key} has {value.shape}")
        feed[info.name] = value
    return feed


def _as_proto_field(value):
    """A tensor with its values in the typed fields (int_val, float_val, ...), as TF Serving sends them."""
    proto = tf.make_tensor_proto(value)
    fields = {
        "float32": "float_val",
        "float64": "double_val",
        "uint8": "int_val",
        "int32": "int_val",
        "int64": "int64_val",
    }
    if proto.tensor_content:
        proto.tensor_content = b""
        getattr(proto, fields[value.dtype.name]).extend(value.ravel().tolist())
    return proto


class Service(prediction_service_pb2_grpc.PredictionServiceServicer, model_service_pb2_grpc.ModelServiceServicer):
    """The gRPC services, in front of a model."""

    def __init__(self, model):
        self.model = model

    def Predict(self, request, context):  # noqa: N802 — gRPC's name
        return self._answer(self.model.predict, request, context)

    def GetModelMetadata(self, request, context):  # noqa: N802
        return self._answer(self.model.metadata, request, context)

    def GetModelStatus(self, request, context):  # noqa: N802
        return self._answer(self.model.status, request, context)

    def _answer(self, method, request, context):
        try:
            return method(request)
        except RefusedError as error:
            context.abort(grpc.StatusCode[error.code], str(error))


class Server:
    """Both servers of one model, on ports of the system's choice unless they are given."""

    def __init__(self, folder, name=None, port=0, rest_port=0, threads=8, credentials=None, context=None):
        self.model = Model(folder, name)
        workers = concurrent.futures.ThreadPoolExecutor(threads)
        self.grpc = grpc.server(workers, options=[("grpc.max_receive_message_length", -1), ("grpc.so_reuseport", 0)])
        service = Service(self.model)
        prediction_service_pb2_grpc.add_PredictionServiceServicer_to_server(service, self.grpc)
        model_service_pb2_grpc.add_ModelServiceServicer_to_server(service, self.grpc)
        address = f"127.0.0.1:{port}"
        self.port = (
            self.grpc.add_insecure_port(address)
            if credentials is None
            else self.grpc.add_secure_port(address, credentials)
        )
        self.http = Http(self.model, rest_port)
        if context is not None:
            self.http.socket = context.wrap_socket(self.http.socket, server_side=True)
        self.grpc_url, self.rest_url = f"grpc://127.0.0.1:{self.port}", f"http://127.0.0.1:{self.http.server_port}"

    def __enter__(self):
        self.grpc.start()
        threading.Thread(target=self.http.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.grpc.stop(None).wait()
        self.http.shutdown()
        self.http.server_close()
        self.model.session.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", required=True)
    parser.add_argument("--name")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--rest_port", type=int, default=0)
    args = parser.parse_args()
    with Server(args.model, args.name, args.port, args.rest_port) as server:
        print(f"{server.model.name} {server.grpc_url} {server.rest_url}", flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main()
