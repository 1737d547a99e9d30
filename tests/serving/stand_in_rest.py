"""TF Serving's REST API for the test server: JSON to `PredictRequest` and back, in both formats."""

import base64
import http.server
import json
import math
import re
import urllib.parse

import numpy as np
import tensorflow as tf
from google.protobuf import json_format
from tensorflow_serving.apis import get_model_metadata_pb2, get_model_status_pb2, predict_pb2

STATUS = {
    "CANCELLED": 499,
    "INVALID_ARGUMENT": 400,
    "DEADLINE_EXCEEDED": 504,
    "NOT_FOUND": 404,
    "ALREADY_EXISTS": 409,
    "PERMISSION_DENIED": 403,
    "RESOURCE_EXHAUSTED": 429,
    "FAILED_PRECONDITION": 400,
    "ABORTED": 409,
    "OUT_OF_RANGE": 400,
    "UNIMPLEMENTED": 501,
    "UNAVAILABLE": 503,
    "UNAUTHENTICATED": 401,
}
PREDICT = re.compile(r"/v1/models/([^/:]+)(?:/versions/(\d+))?:predict", re.IGNORECASE)
LOOK = re.compile(r"/v1/models/([^/:]+)(?:/versions/(\d+))?(?:/(metadata))?", re.IGNORECASE)


class RefusedError(Exception):
    """A status other than OK: its message, and the name of its code."""

    def __init__(self, message, code="INVALID_ARGUMENT"):
        super().__init__(message)
        self.code = code


def to_request(body, signatures, request):
    """Fills a `PredictRequest` from JSON; the format of the answer, "predictions" or "outputs"."""
    try:
        body = json.loads(body)
    except ValueError as error:
        raise RefusedError(f"JSON Parse error: {error}") from error
    if not isinstance(body, dict):
        raise RefusedError("JSON Value: Is not object")
    name = body.get("signature_name", "")
    if not isinstance(name, str):
        raise RefusedError("JSON Value: not formatted correctly. 'signature_name' key must be a string value.")
    request.model_spec.signature_name = name
    name = name or "serving_default"
    if name not in signatures:
        raise RefusedError(f'Serving signature name: "{name}" not found in signature def')
    infos = signatures[name].inputs
    if ("instances" in body) == ("inputs" in body):
        raise RefusedError(
            "Missing 'inputs' or 'instances' key" if "inputs" not in body else "expecting only one of them"
        )
    columns = _from_rows(body["instances"], infos) if "instances" in body else _from_columns(body["inputs"], infos)
    for key, value in columns.items():
        dtype = tf.dtypes.as_dtype(infos[key].dtype)
        request.inputs[key].CopyFrom(tf.make_tensor_proto(_array(key, value, dtype), dtype))
    return "predictions" if "instances" in body else "outputs"


def _from_columns(value, infos):
    if not isinstance(value, dict) or _is_base64(value):
        if len(infos) > 1:
            raise RefusedError(
                "inputs is a plain value/list, but expecting an object as multiple input tensors required"
            )
        return {next(iter(infos)): value}
    for key in infos:
        if key not in value:
            raise RefusedError(f"Missing named input: {key} in 'inputs' object.")
    return {key: value[key] for key in infos}


def _from_rows(rows, infos):
    if not isinstance(rows, list) or not rows:
        raise RefusedError("Expecting 'instances' to be an list/array with values")
    named = isinstance(rows[0], dict) and not _is_base64(rows[0])
    if not named and len(infos) > 1:
        raise RefusedError(
            "instances is a plain list, but expecting list of objects as multiple input tensors required"
        )
    if not named:
        return {next(iter(infos)): rows}
    for count, row in enumerate(rows):
        if not isinstance(row, dict) or set(row) != set(infos):
            raise RefusedError(
                f"Failed to process element: {count} of 'instances' list: keys must be equal to: {[*infos]}"
            )
    return {key: [row[key] for row in rows] for key in infos}


def _array(key, value, dtype):
    leaves, shape = [], _dense_shape(value)

    def fill(part, level):
        if isinstance(part, list):
            if level >= len(shape) or len(part) != shape[level]:
                raise RefusedError(f"Encountered list at unexpected size: {len(part)} at level: {level}")
            for item in part:
                fill(item, level + 1)
        elif level != len(shape):
            raise RefusedError(
                f"JSON Value: {part!r} found at incorrect level: {level + 1}. Expected at level: {len(shape)}"
            )
        else:
            leaves.append(_leaf(part, dtype))

    fill(value, 0)
    return np.array(leaves, dtype.as_numpy_dtype).reshape(shape)


def _dense_shape(value):
    if not isinstance(value, list):
        return ()
    return (len(value), *(_dense_shape(value[0]) if value else ()))


def _leaf(value, dtype):
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if dtype == tf.string:
        return base64.b64decode(value["b64"]) if _is_base64(value) else value.encode()
    if number and dtype.is_floating:
        return value
    if number and dtype.is_integer and isinstance(value, int) and dtype.min <= value <= dtype.max:
        return value
    raise RefusedError(f"JSON Value: {json.dumps(value)} is not of expected type: {dtype.name}")


def _is_base64(value):
    return isinstance(value, dict) and list(value) == ["b64"] and isinstance(value["b64"], str)


def to_json(response, kind):
    """The answer's text; rows need one size of all outputs."""
    columns = {key: _to_lists(key, tf.make_ndarray(proto)) for key, proto in response.outputs.items()}
    if kind == "outputs":
        answer = columns if len(columns) > 1 else next(iter(columns.values()))
    elif len(columns) == 1:
        answer = next(iter(columns.values()))
    else:
        rows = zip(*columns.values(), strict=True)
        answer = [dict(zip(columns, row, strict=True)) for row in rows]
    return json.dumps({kind: answer})


def _to_lists(key, array):
    if array.dtype == object:
        flat = [{"b64": base64.b64encode(v).decode()} if key.endswith("_bytes") else v.decode() for v in array.ravel()]
        return np.array(flat, object).reshape(array.shape).tolist()
    if array.dtype == np.float32:
        return np.array([_decimal(v) for v in array.ravel()], "float64").reshape(array.shape).tolist()
    return array.tolist()


def _decimal(value):
    """As TF Serving writes a float: six digits where they are exact, else nine."""
    short = float(f"{value:.6g}")
    return short if not math.isfinite(value) or np.float32(short) == value else float(f"{value:.9g}")


class Http(http.server.ThreadingHTTPServer):
    """The REST server of a model."""

    daemon_threads = True

    def __init__(self, model, port):
        super().__init__(("127.0.0.1", port), Handler)
        self.model = model


class Handler(http.server.BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"  # connections are kept
    disable_nagle_algorithm = True

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self._answer(lambda: self._predict(body))

    def do_GET(self):
        self._answer(self._look)

    def _predict(self, body):
        match = PREDICT.fullmatch(self.path)
        if not match:
            raise RefusedError(f"Malformed request: POST {self.path}")
        request = _with_spec(predict_pb2.PredictRequest(), *match.groups())
        model = self.server.model
        model.find(request.model_spec)
        kind = to_request(body, model.signatures, request)
        return to_json(model.predict(request), kind)

    def _look(self):
        match = LOOK.fullmatch(self.path)
        if not match:
            raise RefusedError(f"Malformed request: GET {self.path}")
        name, version, metadata = match.groups()
        options = {"always_print_fields_with_no_presence": True}
        if not metadata:
            request = _with_spec(get_model_status_pb2.GetModelStatusRequest(), name, version)
            return json_format.MessageToJson(self.server.model.status(request), **options)
        request = get_model_metadata_pb2.GetModelMetadataRequest(metadata_field=["signature_def"])
        response = self.server.model.metadata(_with_spec(request, name, version))
        found = get_model_metadata_pb2.SignatureDefMap()
        response.metadata["signature_def"].Unpack(found)
        options["preserving_proto_field_name"] = True
        spec = json_format.MessageToJson(response.model_spec, **options)
        signatures = json_format.MessageToJson(found, **options)
        return f'{{\n"model_spec":{spec},\n"metadata": {{"signature_def": {signatures}}}\n}}\n'

    def _answer(self, method):
        try:
            status, text = 200, method()
        except RefusedError as error:
            status, text = STATUS.get(error.code, 500), json.dumps({"error": str(error)})
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Says nothing."""


def _with_spec(request, name, version):
    request.model_spec.name = urllib.parse.unquote(name)
    if version is not None:
        request.model_spec.version.value = int(version)
    return request
