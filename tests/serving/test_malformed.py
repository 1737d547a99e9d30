"""Answers that are none: each ends in the client's one error, whatever a server or what stands before it sends."""

import base64
import concurrent.futures
import gzip
import io
import json
import socketserver
import struct
import threading
import time
import zlib

import grpc
import numpy as np
import pytest
import tensorflow as tf
from google.protobuf import json_format
from PIL import Image
from tensorflow_serving.apis import (
    get_model_metadata_pb2,
    get_model_status_pb2,
    model_service_pb2_grpc,
    predict_pb2,
    prediction_service_pb2_grpc,
)

from keras_gan import cli
from keras_gan.serving import Client, ServingError
from keras_gan.serving.transport import printable

PICTURE = np.arange(6, dtype="uint8").reshape(2, 3, 1)
PICTURES = np.stack([PICTURE, PICTURE + 200])
EVIL = "\x1b[31mred\x1b[0m\r\nnext\x07\u202egnirts\x9b2J" + "x" * 10_000


def png(shape=(2, 3), mode="L"):
    file = io.BytesIO()
    Image.new(mode, shape[::-1]).save(file, "PNG")
    return file.getvalue()


def bomb(side=40_000):
    """A PNG of side x side pixels in a few bytes; of the size that was asked for if `side` is None."""
    width, height = (3, 2) if side is None else (side, side)

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    text = b"key\0\0" + zlib.compress(b"\0" * 10**7)  # ten times what Pillow takes
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"zTXt", text) + chunk(b"IEND", b"")


def info(dtype, *shape):
    dims = [{"size": str(size)} for size in shape]
    return {"dtype": dtype, "tensor_shape": {"dim": dims, "unknown_rank": False}, "name": "x:0"}


IMAGES = {"images": info("DT_UINT8", -1, 2, 3, 1)}
SIGNATURES = {
    "generate": {"inputs": {"num_samples": info("DT_INT32"), "seed": info("DT_INT64")}, "outputs": IMAGES},
    "generate_png": {
        "inputs": {"num_samples": info("DT_INT32"), "seed": info("DT_INT64")},
        "outputs": {"image_bytes": info("DT_STRING", -1)},
    },
    "serving_default": {
        "inputs": {"latents": info("DT_FLOAT", -1, 2)},
        "outputs": {"images": info("DT_FLOAT", -1, 2, 3, 1)},
    },
}
ASK = {
    "generate": lambda client: client.generate(2, seed=0),
    "png": lambda client: client.generate_png(2, seed=0),
    "make": lambda client: client.make(np.zeros((2, 2))),
    "metadata": lambda client: client.metadata(),
    "status": lambda client: client.status(),
}


def http(body=b"", status="200 OK", headers=(), length=None):
    body = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body) if length is None else length}", *headers]
    return "\r\n".join([*lines, "Connection: close", "", ""]).encode("latin-1") + body


def metadata(signatures):
    return http({"model_spec": {}, "metadata": {"signature_def": {"signature_def": signatures}}})


def changed(**generate):
    return metadata(SIGNATURES | {"generate": SIGNATURES["generate"] | generate})


def outputs(value):
    return http({"outputs": value})


def files(*each):
    return outputs([{"b64": base64.b64encode(file).decode()} for file in each])


LIST, FLOATS = PICTURES.tolist(), (PICTURES / 255).tolist()
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

# what is asked, and the answer
REST = {
    # no JSON, or not what was asked for
    "nothing": ("generate", http()),
    "text": ("generate", http(b"hello")),
    "a page": ("generate", http(b"<html>login</html>", headers=["Content-Type: text/html"])),
    "no UTF-8": ("generate", http(b'{"outputs": "\xff\xfe"}')),
    "UTF-16": ("generate", http('{"outputs": []}'.encode("utf-16"))),
    "cut JSON": ("generate", http(b'{"outputs": [[')),
    "deep lists": ("generate", http(b'{"outputs": ' + b"[" * 10**5)),
    "deep objects": ("generate", http(b'{"outputs": ' + b'{"a": ' * 10**5)),
    "deep and whole": ("generate", http(b'{"outputs": ' + b"[" * 500 + b"]" * 500 + b"}")),
    "a list": ("generate", http([])),
    "a number": ("generate", http(3)),
    "null": ("generate", http(None)),
    "another key": ("generate", http({"predictions": LIST})),
    "an object of outputs": ("generate", outputs({"images": LIST, "more": LIST})),
    "a number as outputs": ("generate", outputs(3)),
    "null as outputs": ("generate", outputs(None)),
    "a text as outputs": ("generate", outputs("pictures")),
    # pictures that are none
    "no picture": ("generate", outputs([])),
    "one too few": ("generate", outputs(LIST[:1])),
    "one too many": ("generate", outputs([*LIST, LIST[0]])),
    "a row too few": ("generate", outputs([part[:1] for part in LIST])),
    "ragged rows": ("generate", outputs([LIST[0], [LIST[0][0], LIST[0][1][:2]]])),
    "an axis too few": ("generate", outputs([[[0, 0, 0]] * 2] * 2)),
    "an axis too many": ("generate", outputs([LIST, LIST])),
    "texts": ("generate", outputs([[[["0"]] * 3] * 2] * 2)),
    "texts as rows": ("generate", outputs([["abc"] * 2] * 2)),
    "nulls": ("generate", outputs([[[[None]] * 3] * 2] * 2)),
    "truths": ("generate", outputs([[[[True]] * 3] * 2] * 2)),
    "objects": ("generate", outputs([[[[{}]] * 3] * 2] * 2)),
    "floats": ("generate", outputs(FLOATS)),
    "whole floats": ("generate", outputs([[[[1.0]] * 3] * 2] * 2)),
    "256": ("generate", outputs([[[[256]] * 3] * 2] * 2)),
    "-1": ("generate", outputs([[[[-1]] * 3] * 2] * 2)),
    "a huge integer": ("generate", outputs([[[[10**400]] * 3] * 2] * 2)),
    "a longer integer": ("generate", http(b'{"outputs": ' + b"1" * 5000 + b"}")),
    "NaN for a byte": ("generate", outputs([[[[float("nan")]] * 3] * 2] * 2)),
    # floats that are none
    "NaN": ("make", outputs([[[[float("nan")]] * 3] * 2] * 2)),
    "infinity": ("make", outputs([[[[float("inf")]] * 3] * 2] * 2)),
    "more than float32": ("make", outputs([[[[1e300]] * 3] * 2] * 2)),
    "a huge integer as a float": ("make", outputs([[[[10**400]] * 3] * 2] * 2)),
    "a float of another shape": ("make", outputs(FLOATS[:1])),
    "a text for a float": ("make", outputs([[[["0.5"]] * 3] * 2] * 2)),
    # PNG files that are none
    "no file": ("png", outputs([])),
    "one file": ("png", files(png())),
    "three files": ("png", files(png(), png(), png())),
    "texts for files": ("png", outputs(["abc", "def"])),
    "numbers for files": ("png", outputs([1, 2])),
    "objects of another key": ("png", outputs([{"b65": ""}] * 2)),
    "objects of two keys": ("png", outputs([{"b64": "", "x": 1}] * 2)),
    "a number in base64": ("png", outputs([{"b64": 3}] * 2)),
    "garbage in base64": ("png", outputs([{"b64": "!!!"}] * 2)),
    "base64 with garbage between": ("png", outputs([{"b64": "\n*" + base64.b64encode(png()).decode()}] * 2)),
    "other letters in base64": ("png", outputs([{"b64": "éé=="}] * 2)),
    "base64 of nothing": ("png", files(b"", b"")),
    "base64 of a text": ("png", files(b"hello", b"hello")),
    "a cut file": ("png", files(png(), png()[:-20])),
    "a head alone": ("png", files(png(), png()[:26])),
    "a broken file": ("png", files(png(), png()[:45] + b"\xff\xff\xff" + png()[48:])),
    "a file of another size": ("png", files(png(), png((3, 3)))),
    "a JPEG": ("png", files(png(), b"\xff\xd8\xff\xe0" + b"\0" * 99)),
    "a file of many pixels": ("png", files(png(), bomb())),
    "a file of much text": ("png", files(png(), bomb(None))),
    # metadata that is none
    "metadata of nothing": ("metadata", http({})),
    "metadata of a list": ("metadata", http({"metadata": {"signature_def": {"signature_def": []}}})),
    "metadata of a text": ("metadata", http({"metadata": "x"})),
    "deep metadata": ("metadata", http(b'{"metadata": ' * 10**5)),
    "a signature that is a number": ("metadata", metadata({"generate": 3})),
    "a signature that is a list": ("metadata", metadata({"generate": [1]})),
    "inputs that are a text": ("metadata", changed(inputs="x")),
    "a type that is none": ("metadata", changed(outputs={"images": info("DT_NONE", -1)})),
    "a type of another number": ("metadata", changed(outputs={"images": info(77, -1)})),
    "a shape that is a text": ("metadata", changed(outputs={"images": info("DT_UINT8", "x")})),
    "a shape below -1": ("metadata", changed(outputs={"images": info("DT_UINT8", -7)})),
    "a shape beyond 64 bits": ("metadata", changed(outputs={"images": info("DT_UINT8", 10**30)})),
    "a name in colour": ("metadata", changed(outputs={"\x1b[31mimages": info("DT_UINT8", -1)})),
    "a name that turns": ("metadata", metadata({"\u202egenerate": SIGNATURES["generate"]})),
    "an endless name": ("metadata", metadata({"g" * 10**5: SIGNATURES["generate"]})),
    # states that are none
    "no state": ("status", http({"model_version_status": [{}]})),
    "a state that is a text": ("status", http({"model_version_status": ["x"]})),
    "states that are a text": ("status", http({"model_version_status": "xyz"})),
    "a version that is a text": ("status", http({"model_version_status": [{"version": "x", "state": "AVAILABLE"}]})),
    "a version of 5,000 digits": ("status", http({"model_version_status": [{"version": "1" * 5000, "state": "END"}]})),
    "another state": ("status", http({"model_version_status": [{"version": "1", "state": EVIL}]})),
    "an error that is a list": (
        "status",
        http({"model_version_status": [{"version": "1", "state": "END", "status": {"error_message": [1]}}]}),
    ),
    "a status that is a number": (
        "status",
        http({"model_version_status": [{"version": "1", "state": "END", "status": 3}]}),
    ),
    # errors that are none
    "an error of nothing": ("generate", http(status="500 Oops")),
    "an error that is a list of errors": ("generate", http({"error": ["x"]}, status="400 Bad")),
    "an error that is null": ("generate", http({"error": None}, status="400 Bad")),
    "an error without an end": ("generate", http(b'{"error": ' * 10**5, status="400 Bad")),
    "an error in colour": ("generate", http({"error": EVIL}, status="400 Bad")),
    "a page in colour": ("generate", http(EVIL.encode(), status="403 \x1b[31mNo")),
    "201": ("generate", http(b'{"outputs": []}', status="201 Created")),
    "204": ("generate", http(status="204 No Content")),
    "999": ("generate", http(status="999 ?")),
    # what is not HTTP, or breaks it
    "no answer": ("generate", b""),
    "no HTTP": ("generate", b"SSH-2.0-OpenSSH_9\r\n\r\n"),
    "a status that is a text": ("generate", b"HTTP/1.1 many OK\r\n\r\n"),
    "a cut head": ("generate", b"HTTP/1.1 200 OK\r\nContent-"),
    "an endless line": ("generate", b"HTTP/1.1 200 OK\r\nX: " + b"x" * 10**6),
    "endless headers": ("generate", b"HTTP/1.1 200 OK\r\n" + b"X: x\r\n" * 10**4),
    "less than was said": ("generate", http(b'{"outputs": []}', length=10**5)),
    "a length that is a text": ("generate", http(b"{}", length="many")),
    "a length below 0": ("generate", http(b"{}", length=-5)),
    "a length of terabytes": ("generate", http(b"{}", length=10**13)),
    "a chunk of no size": ("generate", CHUNKED + b"zz\r\nhello\r\n0\r\n\r\n"),
    "a cut chunk": ("generate", CHUNKED + b"ff\r\nhello"),
    "no last chunk": ("generate", CHUNKED + b"5\r\nhello\r\n"),
    "a chunk below 0": ("generate", CHUNKED + b"-5\r\nhello\r\n0\r\n\r\n"),
    "more bytes than any answer": ("generate", http(b" " * 10**6 + b'{"outputs": []}')),
    "packed": ("generate", http(gzip.compress(b"{}"), headers=["Content-Encoding: gzip"])),
    "packed a thousandfold": ("generate", http(gzip.compress(b" " * 10**7), headers=["Content-Encoding: gzip"])),
    "packed otherwise": ("generate", http(b"{}", headers=["Content-Encoding: br"])),
}
REDIRECTS = {
    f"{status} to {where}"[:40]: http(status=f"{status} Over There", headers=[f"Location: {where}"])
    for status in (300, 301, 302, 303, 307, 308)
    for where in ("http://169.254.169.254/latest/meta-data/", "/v1/models/other", "file:///etc/passwd")
} | {"302 without an address": http(status="302 Over There")}


class Handler(socketserver.BaseRequestHandler):
    """Reads a request, and answers with the bytes that the server was given."""

    def handle(self):
        data = b""
        while b"\r\n\r\n" not in data:
            data += self.request.recv(1 << 16)
            if not data:
                return
        head, _, body = data.partition(b"\r\n\r\n")
        length = [
            int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")
        ]
        while length and len(body) < length[0]:
            body += self.request.recv(1 << 16)
        path = head.split(b" ")[1].decode()
        self.server.asked.append(path)
        asks_metadata = path.endswith("/metadata") and self.server.what != "metadata"
        answer = metadata(SIGNATURES) if asks_metadata else self.server.answer
        try:
            for piece in answer if not isinstance(answer, bytes) else [answer]:
                self.request.sendall(piece)
                if not isinstance(answer, bytes):
                    time.sleep(0.05)
        except OSError:
            pass  # the client has had enough


@pytest.fixture(scope="module")
def odd():
    """A server that answers with anything; no picture in its metadata is larger than 2 x 3 pixels."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads, server.asked = True, []
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        server.url = f"http://127.0.0.1:{server.server_address[1]}"
        yield server
        server.shutdown()


def error_of(server, what, answer, **options):
    """The client's error for an answer, with what every one of them must be."""
    server.what, server.answer = what, answer
    server.asked.clear()
    began = time.monotonic()
    client = Client(server.url, "digits", retries=0, **{"timeout": 20, **options})
    with client, pytest.raises(ServingError) as caught:
        ASK[what](client)
    text = str(caught.value)
    assert text.isprintable(), text
    assert len(text) < 1200, text
    assert time.monotonic() - began < 10
    return caught.value


@pytest.mark.parametrize("name", REST)
def test_an_answer_that_is_none_is_a_serving_error(odd, name):
    error = error_of(odd, *REST[name])
    assert error.code in ("UNKNOWN", "UNAVAILABLE", "INVALID_ARGUMENT", "INTERNAL", "PERMISSION_DENIED")


@pytest.mark.parametrize("name", REDIRECTS)
def test_redirects_are_told_and_not_followed(odd, name):
    error = error_of(odd, "generate", REDIRECTS[name])
    assert "redirect" in str(error)
    assert "which is not followed" in str(error)
    assert len(odd.asked) == 2  # the metadata, and the request: nobody was asked anything else


def test_what_is_right_is_taken(odd):
    for what, answer in (("generate", outputs(LIST)), ("png", files(png(), png())), ("make", outputs(FLOATS))):
        odd.what, odd.answer = what, answer
        with Client(odd.url, "digits", retries=0) as client:
            found = ASK[what](client)
        if what == "png":
            assert found == [png(), png()]
        else:
            np.testing.assert_array_equal(found, PICTURES if what == "generate" else (PICTURES / 255).astype("float32"))
    odd.answer = CHUNKED + b"5\r\n" + outputs(LIST).partition(b"\r\n\r\n")[2][:5] + b"\r\n"
    rest = outputs(LIST).partition(b"\r\n\r\n")[2][5:]
    odd.answer += f"{len(rest):x}\r\n".encode() + rest + b"\r\n0\r\n\r\n"
    with Client(odd.url, "digits", retries=0) as client:
        np.testing.assert_array_equal(client.generate(2), PICTURES)


def drip(head, count=400):
    return [head, *[b" "] * count]


@pytest.mark.parametrize(
    "answer",
    [
        drip(b"HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\n"),
        drip(b"HTTP/1.1 200 OK\r\nX: "),
        drip(b"HTTP/1"),
        drip(CHUNKED + b"fff\r\n"),
        [b"HTTP/1.1 100 Continue\r\n\r\n"] * 400,
        [*[b"HTTP/1.1 200 OK\r\n"], *[b"X: x\r\n"] * 90],
    ],
    ids=["body", "header", "status", "chunk", "continue", "headers"],
)
def test_the_timeout_is_for_the_whole_answer(odd, answer):
    began = time.monotonic()
    error = error_of(odd, "status", answer, timeout=0.3)
    assert error.code == "DEADLINE_EXCEEDED"
    assert 0.25 < time.monotonic() - began < 1.5


def test_no_proxy_and_no_password_of_the_environment(odd, monkeypatch, tmp_path):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password secret")
    monkeypatch.setenv("HOME", str(tmp_path))
    odd.what, odd.answer = "generate", outputs(LIST)
    with Client(odd.url, "digits", retries=0) as client:
        np.testing.assert_array_equal(client.generate(2), PICTURES)


def test_the_command_line_prints_no_control_characters(odd, capsys):
    odd.what, odd.answer = "generate", http({"error": EVIL}, status="400 Bad")
    assert cli.main(["request", f"--url={odd.url}", "--model=digits", "--n=2", "--retries=0"]) == 1
    said = capsys.readouterr().err.rstrip("\n")
    assert said.startswith("keras-gan request: INVALID_ARGUMENT: [31mred [0m next gnirts 2J")
    assert said.isprintable()


@pytest.mark.parametrize("url", ["http://a b", "http://host:port", "http://h\r\nX: y", "http://ho\x1bst", "http://:80"])
def test_addresses_that_are_none(url):
    with pytest.raises(ValueError, match="`url` must "):
        Client(url, "digits")


def test_a_timeout_without_an_end_is_one():
    for timeout in (float("inf"), 1e300, 10**30):
        with pytest.raises(ServingError, match="UNAVAILABLE"):
            Client("http://127.0.0.1:9", "digits", timeout=timeout, retries=0).status()


def test_words_of_a_server_are_one_short_line():
    assert printable("a\tb\n c") == "a b c"
    assert printable("x" * 5000) == "x" * 1000 + "..."
    assert printable("na\u00efve 数字 😀") == "na\u00efve 数字 😀"


# -- gRPC -------------------------------------------------------------------------------------------------------------


def tensor(dtype="uint8", shape=(2, 2, 3, 1), content=None):
    proto = tf.make_tensor_proto(np.zeros(shape if 0 < np.prod(shape) < 1000 else (1,), dtype))
    del proto.tensor_shape.dim[:]
    for size in shape:
        proto.tensor_shape.dim.add(size=size)
    if content is not None:
        proto.tensor_content = content
    return proto


def strings(*each):
    return tf.make_tensor_proto(list(each), tf.string)


def untyped(number):
    proto = tensor()
    proto.dtype = number
    return proto


def unranked():
    proto = tensor()
    proto.tensor_shape.unknown_rank = True
    return proto


GRPC = {
    "nothing": ("generate", {}),
    "another output": ("generate", {"pictures": tensor()}),
    "an output in colour": ("generate", {"\x1b[31m": tensor()}),
    "two outputs": ("generate", {"images": tensor(), "more": tensor()}),
    "floats": ("generate", {"images": tensor("float32")}),
    "int64": ("generate", {"images": tensor("int64")}),
    "strings": ("generate", {"images": strings(b"a", b"b")}),
    "no type": ("generate", {"images": untyped(0)}),
    "an unknown type": ("generate", {"images": untyped(99)}),
    "no rank": ("generate", {"images": unranked()}),
    "one too few": ("generate", {"images": tensor(shape=(1, 2, 3, 1))}),
    "one too many": ("generate", {"images": tensor(shape=(3, 2, 3, 1))}),
    "an axis too few": ("generate", {"images": tensor(shape=(2, 2, 3))}),
    "a terabyte of one number": ("generate", {"images": tensor(shape=(2**20, 2**20, 1, 1))}),
    "a size below 0": ("generate", {"images": tensor(shape=(-2, 2, 3, 1))}),
    "less content than the shape": ("generate", {"images": tensor(content=b"\0\0\0")}),
    "more content than the shape": ("generate", {"images": tensor(content=b"\0" * 99)}),
    "NaN": ("make", {"images": tf.make_tensor_proto(np.full((2, 2, 3, 1), np.nan, "float32"))}),
    "infinity": ("make", {"images": tf.make_tensor_proto(np.full((2, 2, 3, 1), np.inf, "float32"))}),
    "numbers for files": ("png", {"image_bytes": tensor()}),
    "one file": ("png", {"image_bytes": strings(png())}),
    "texts for files": ("png", {"image_bytes": strings(b"x", b"y")}),
    "a file of another size": ("png", {"image_bytes": strings(png(), png((9, 9)))}),
    "a file of many pixels": ("png", {"image_bytes": strings(png(), bomb())}),
    "metadata of nothing": ("metadata", None),
    "metadata of bytes": ("metadata", b"\xff\xff\xff"),
    "a message in colour": ("status", EVIL[:3000]),
    "another state": ("status", 7),
}


class Odd(prediction_service_pb2_grpc.PredictionServiceServicer, model_service_pb2_grpc.ModelServiceServicer):
    """Answers with the messages that it was given."""

    def Predict(self, request, context):  # noqa: N802
        response = predict_pb2.PredictResponse()
        for key, proto in self.answer.items():
            response.outputs[key].CopyFrom(proto)
        return response

    def GetModelMetadata(self, request, context):  # noqa: N802
        response = get_model_metadata_pb2.GetModelMetadataResponse()
        if self.what == "metadata" and self.answer is not None:
            response.metadata["signature_def"].type_url = "x/tensorflow.serving.SignatureDefMap"
            response.metadata["signature_def"].value = self.answer
        elif self.what != "metadata":
            found = get_model_metadata_pb2.SignatureDefMap()
            json_format.ParseDict({"signature_def": SIGNATURES}, found)
            response.metadata["signature_def"].Pack(found)
        return response

    def GetModelStatus(self, request, context):  # noqa: N802
        if isinstance(self.answer, str):
            context.abort(grpc.StatusCode.INTERNAL, self.answer)
        response = get_model_status_pb2.GetModelStatusResponse()
        response.model_version_status.add(version=1).state = self.answer
        return response


@pytest.fixture(scope="module")
def odd_grpc():
    server, odd = grpc.server(concurrent.futures.ThreadPoolExecutor(2)), Odd()
    prediction_service_pb2_grpc.add_PredictionServiceServicer_to_server(odd, server)
    model_service_pb2_grpc.add_ModelServiceServicer_to_server(odd, server)
    odd.url, odd.asked = f"grpc://127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}", []
    server.start()
    yield odd
    server.stop(None)


@pytest.mark.parametrize("name", GRPC)
def test_a_message_that_is_none_is_a_serving_error(odd_grpc, name):
    error = error_of(odd_grpc, *GRPC[name])
    assert error.code in ("UNKNOWN", "INTERNAL")


def test_a_message_that_is_right_is_taken(odd_grpc):
    odd_grpc.what, odd_grpc.answer = "generate", {"images": tf.make_tensor_proto(PICTURES)}
    with Client(odd_grpc.url, "digits", retries=0) as client:
        np.testing.assert_array_equal(client.generate(2), PICTURES)
