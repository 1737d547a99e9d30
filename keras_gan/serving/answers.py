"""Checks of a server's answers against the request, for all protocols.

Each check raises a `ServingError`. No memory is allocated for a size that the server names before that size is known to
be the requested one.
"""

import base64
import dataclasses
import io
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import tensorflow as tf
from PIL import Image
from tensorflow.core.framework.tensor_pb2 import TensorProto
from tensorflow.core.protobuf.meta_graph_pb2 import SignatureDef

from keras_gan.serving.transport import ServingError, VersionStatus, printable

MOST_BYTES = 2**30  # maximum bytes of any answer
MOST_KNOWN = 2**24  # maximum bytes of a model's metadata or status
NUMBER, PNG, TEXT = 32, 2**12, 2**12  # maximum bytes in JSON of a number, of a PNG file's overhead, of a text
FILES, ROWS = ("generate_png", "image_bytes"), "sample"  # the output of PNG files, the signature of rows and windows
STATES = ("UNKNOWN", "START", "LOADING", "AVAILABLE", "UNLOADING", "END")
INITIAL = "__saved_model_init_op"  # internal to TensorFlow, not a signature for requests
MAGIC = b"\x89PNG\r\n\x1a\n"


@dataclasses.dataclass(frozen=True)
class Wanted:
    """An output that was requested.

    Attributes:
        name: Name of the output in the signature.
        dtype: Type of numbers or booleans, `object` for texts; None for PNG files.
        shape: Shape of the output, with the number of examples first; for PNG files the shape of the pictures,
            (N, H, W, C), or (N,) if unknown.
        may_miss: Whether NaN is allowed, for missing numbers.
    """

    name: str
    dtype: np.dtype | None
    shape: tuple[int, ...]
    may_miss: bool = False

    @property
    def most_bytes(self) -> int:
        """The maximum number of bytes of the output in JSON."""
        count = math.prod(self.shape)
        if self.dtype is None:
            size = 2 * (2 * count + PNG * self.shape[0])
        else:
            size = (TEXT if self.dtype == object else NUMBER) * count
        return min(MOST_BYTES, 2**16 + size)


def wanted(name: str, signature: SignatureDef, count: int, pictures: SignatureDef | None) -> dict[str, Wanted]:
    """Returns the outputs of a signature for `count` examples.

    Args:
        name: Name of the signature.
        signature: The signature, as reported by the server.
        count: Number of requested examples.
        pictures: The signature with the output `"images"` that PNG files encode; None if there is none.
    """
    found = {}
    for key, info in signature.outputs.items():
        dtype, shape = tf.dtypes.as_dtype(info.dtype), sizes(info)
        is_file = dtype == tf.string and (name, key) == FILES
        if is_file:
            known = None if pictures is None or "images" not in pictures.outputs else pictures.outputs["images"]
            shape = (-1,) if known is None else sizes(known)
        shape = (count, *shape[1:])
        fits = dtype.is_floating or dtype.is_integer or dtype in (tf.bool, tf.string)
        if not fits or min(shape) < 0 or NUMBER * math.prod(shape) > 16 * MOST_BYTES:
            refuse(f"the output {key!r} of {name!r} is {dtype.name} {sizes(info)}, which cannot be requested")
        may_miss = name == ROWS and len(shape) == 1 and dtype.is_floating
        found[key] = Wanted(key, None if is_file else np.dtype(dtype.as_numpy_dtype), shape, may_miss)
    return found


def refuse(reason: str) -> None:
    """Raises the `ServingError` of an invalid answer."""
    raise ServingError("UNKNOWN", f"The server does not answer as TF Serving does: {reason}")


def sizes(info) -> tuple[int, ...]:
    """Returns the shape of a signature's input or output, with -1 for a free size."""
    return tuple(dim.size for dim in info.tensor_shape.dim)


def check_signatures(found: Mapping[str, SignatureDef]) -> dict[str, SignatureDef]:
    """Returns the signatures, if their names are printable, and their types and shapes valid."""
    found = {name: signature for name, signature in found.items() if name != INITIAL}
    for name, signature in found.items():
        for key, info in (*signature.inputs.items(), *signature.outputs.items()):
            if not (name.isprintable() and key.isprintable() and len(name) + len(key) < 1000):
                refuse(f"a name is {printable(name + ' ' + key, 80)!r}")
            try:
                tf.dtypes.as_dtype(info.dtype)
            except TypeError:
                refuse(f"the type of {key!r} of {name!r} is the number {info.dtype}")
            if any(not -1 <= size < 2**31 for size in sizes(info)) or len(sizes(info)) > 16:
                refuse(f"the shape of {key!r} of {name!r} is {sizes(info)!s:.80}")
    return found


def check_status(version: Any, state: Any, message: Any) -> VersionStatus:
    """Returns the state of a version, if number, state and message are valid."""
    number = version if isinstance(version, int) else None
    if isinstance(version, str) and version.isascii() and version.isdecimal() and len(version) < 20:
        number = int(version)
    if number is None or state not in STATES or not isinstance(message, str):
        refuse(f"a version is {version!r:.80}, its state {state!r:.80}")
    return VersionStatus(number, state, printable(message))


def from_json(value: Any, output: Wanted) -> np.ndarray | list[bytes]:
    """Returns an output from parsed JSON: an array, of `str` for texts, or a list of PNG files."""
    if output.dtype is None:
        files = _leaves(value, output.shape[:1], output.name)
        return [_png(_decoded(file, output.name), output) for file in files]
    leaves = _leaves(value, output.shape, output.name)
    if output.dtype == object and output.name.endswith("_bytes"):  # the protocol encodes these as base64
        leaves = [_text(_decoded(leaf, output.name), output.name) for leaf in leaves]
    kinds: dict[str, set[type]] = {"i": {int}, "u": {int}, "b": {bool}, "O": {str}}
    others = set(map(type, leaves)) - kinds.get(output.dtype.kind, {int, float})
    if others:
        kind = {"b": "booleans", "O": "texts"}.get(output.dtype.kind, f"numbers of type {output.dtype.name}")
        refuse(f"{output.name!r} must hold {kind}, and holds a {others.pop().__name__}")
    if output.dtype.kind in "iu" and leaves:
        low, high = np.iinfo(output.dtype).min, np.iinfo(output.dtype).max
        if min(leaves) < low or max(leaves) > high:
            refuse(f"{output.name!r} must hold numbers from {low} to {high}, and holds others")
    try:
        with np.errstate(over="ignore"):  # an overflow gives infinity, which is refused below
            array = np.array(leaves, output.dtype).reshape(output.shape)
    except OverflowError:
        refuse(f"{output.name!r} must hold numbers of type {output.dtype.name}, and holds a larger one")
    return _finite(array, output)


def from_tensor(proto: TensorProto, output: Wanted) -> np.ndarray | list[bytes]:
    """Returns an output from a gRPC message: an array, of `str` for texts, or a list of PNG files."""
    shape = tuple(dim.size for dim in proto.tensor_shape.dim)
    dtype = "string" if output.dtype is None or output.dtype == object else output.dtype.name
    right = output.shape[:1] if output.dtype is None else output.shape
    try:
        given = tf.dtypes.as_dtype(proto.dtype).name
    except TypeError:
        given = f"the number {proto.dtype}"
    if given != dtype or shape != right or proto.tensor_shape.unknown_rank:
        refuse(f"{output.name!r} must be {dtype} {right}, and is {given} {shape!s:.80}")
    try:
        array = tf.make_ndarray(proto)
    except (ValueError, TypeError, OverflowError) as error:
        refuse(f"{output.name!r} must be {dtype} {right}, and cannot be read: {error}")
    if array.shape != right:
        refuse(f"{output.name!r} must be {dtype} {right}, and is {array.shape}")
    if output.dtype is None:
        return [_png(file, output) for file in array.tolist()]
    if output.dtype == object:
        texts = [_text(item, output.name) for item in array.ravel().tolist()]
        return np.array(texts, object).reshape(array.shape)
    return _finite(array, output)


def _leaves(value, shape, name):
    """Returns the leaves of nested lists, which must have the depth and the sizes of `shape`."""
    level = [value]
    for axis, size in enumerate(shape):
        if not all(isinstance(part, list) and len(part) == size for part in level):
            odd = next(part for part in level if not isinstance(part, list) or len(part) != size)
            given = f"a list of {len(odd)}" if isinstance(odd, list) else f"a {type(odd).__name__}"
            refuse(f"{name!r} must have the shape {shape}, and has {given} instead of {size} items, on axis {axis}")
        level = [each for part in level for each in part]
    return level


def _finite(array, output):
    if array.dtype.kind in "iubO":
        return array
    values = array.astype("float64")
    wrong = int(np.sum(np.isinf(values) if output.may_miss else ~np.isfinite(values)))
    if wrong:
        refuse(f"{output.name!r} must be finite, and holds {wrong} {'Inf' if output.may_miss else 'NaN or Inf'}")
    return array


def _text(item, name):
    try:
        return item.decode()
    except (AttributeError, UnicodeDecodeError):
        refuse(f"{name!r} must hold texts of UTF-8, and holds something else")


def _decoded(item, name):
    text = item.get("b64") if isinstance(item, dict) and len(item) == 1 else None
    try:
        if isinstance(text, str):
            return base64.b64decode(text, validate=True)
    except ValueError:  # binascii's is one
        pass
    refuse(f"{name!r} must hold objects of base64, {{'b64': ...}}, and holds something else")


def _png(data, output):
    """Returns the bytes of a PNG file, if they are one of the requested size, which is checked before decompression."""
    size = output.shape[1:3]
    header = data[:26] if isinstance(data, bytes) and data.startswith(MAGIC) and data[12:16] == b"IHDR" else b""
    given = (int.from_bytes(header[20:24], "big"), int.from_bytes(header[16:20], "big"))
    if len(header) < 26 or not 0 < given[0] * given[1] <= MOST_BYTES // 16 or (size and given != size):
        found = f"one of {given[1]} x {given[0]} pixels" if len(header) == 26 else "something else"
        of = f" of {size[1]} x {size[0]} pixels" if size else ""
        refuse(f"{output.name!r} must hold PNG files{of}, and holds {found}")
    try:
        for check in ("verify", "load"):  # all checksums, then the pixels
            with Image.open(io.BytesIO(data), formats=("PNG",)) as picture:
                getattr(picture, check)()
    except Exception as error:  # a damaged file may fail anywhere in Pillow
        refuse(f"{output.name!r} must hold PNG files, and holds one that cannot be read: {error}")
    return data
