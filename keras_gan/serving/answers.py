"""Answers of a server, checked against what was asked: in this one place, whatever the protocol.

Each check raises a `ServingError`. No size that the server names is taken before it is known to be the one asked for.
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

MOST_BYTES = 2**30  # of any answer
MOST_KNOWN = 2**24  # bytes of a model's metadata or status
NUMBER, PNG, TEXT = 32, 2**12, 2**12  # bytes in JSON of a number, of what a PNG file has beside its pixels, of a text
FILES, ROWS = ("generate_png", "image_bytes"), "sample"  # the output of PNG files, the signature of rows and windows
STATES = ("UNKNOWN", "START", "LOADING", "AVAILABLE", "UNLOADING", "END")
INITIAL = "__saved_model_init_op"  # TensorFlow's own, and no signature to ask for
MAGIC = b"\x89PNG\r\n\x1a\n"


@dataclasses.dataclass(frozen=True)
class Wanted:
    """An output that was asked for.

    Attributes:
        name: Its name in the signature.
        dtype: A number's or a truth value's type, `object` of texts; None of PNG files.
        shape: Its shape, with the number of examples first; of PNG files that of the pictures, so (N, H, W, C), or
            (N,) where it is not known.
        may_miss: Whether NaN may stand for a number that is missing.
    """

    name: str
    dtype: np.dtype | None
    shape: tuple[int, ...]
    may_miss: bool = False

    @property
    def most_bytes(self) -> int:
        """The most bytes that its JSON may have."""
        count = math.prod(self.shape)
        if self.dtype is None:
            size = 2 * (2 * count + PNG * self.shape[0])
        else:
            size = (TEXT if self.dtype == object else NUMBER) * count
        return min(MOST_BYTES, 2**16 + size)


def wanted(name: str, signature: SignatureDef, count: int, pictures: SignatureDef | None) -> dict[str, Wanted]:
    """Returns the outputs of a signature for `count` examples.

    Args:
        name: The signature's name.
        signature: What the server says of it.
        count: How many examples were asked for.
        pictures: The signature whose `"images"` a PNG file is one of; None where there is none.
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
            refuse(f"the output {key!r} of {name!r} is {dtype.name} {sizes(info)}, which cannot be asked for")
        may_miss = name == ROWS and len(shape) == 1 and dtype.is_floating
        found[key] = Wanted(key, None if is_file else np.dtype(dtype.as_numpy_dtype), shape, may_miss)
    return found


def refuse(what: str) -> None:
    """Raises the error of an answer that is none."""
    raise ServingError("UNKNOWN", f"The server does not answer as TF Serving does: {what}")


def sizes(info) -> tuple[int, ...]:
    """Returns the shape of a signature's input or output, -1 where a size is free."""
    return tuple(dim.size for dim in info.tensor_shape.dim)


def check_signatures(found: Mapping[str, SignatureDef]) -> dict[str, SignatureDef]:
    """Returns the signatures, if their names can be shown, and their types and shapes exist."""
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
    """Returns the state of a version, if it is one."""
    number = version if isinstance(version, int) else None
    if isinstance(version, str) and version.isascii() and version.isdecimal() and len(version) < 20:
        number = int(version)
    if number is None or state not in STATES or not isinstance(message, str):
        refuse(f"a version is {version!r:.80}, its state {state!r:.80}")
    return VersionStatus(number, state, printable(message))


def from_json(value: Any, asked: Wanted) -> np.ndarray | list[bytes]:
    """Returns an output from what JSON held; texts as an array of `str`."""
    if asked.dtype is None:
        files = _leaves(value, asked.shape[:1], asked.name)
        return [_png(_decoded(file, asked.name), asked) for file in files]
    leaves = _leaves(value, asked.shape, asked.name)
    if asked.dtype == object and asked.name.endswith("_bytes"):  # so the protocol has it
        leaves = [_text(_decoded(leaf, asked.name), asked.name) for leaf in leaves]
    kinds: dict[str, set[type]] = {"i": {int}, "u": {int}, "b": {bool}, "O": {str}}
    others = set(map(type, leaves)) - kinds.get(asked.dtype.kind, {int, float})
    if others:
        what = {"b": "truth values", "O": "texts"}.get(asked.dtype.kind, f"numbers of type {asked.dtype.name}")
        refuse(f"{asked.name!r} must hold {what}, and holds a {others.pop().__name__}")
    if asked.dtype.kind in "iu" and leaves:
        low, high = np.iinfo(asked.dtype).min, np.iinfo(asked.dtype).max
        if min(leaves) < low or max(leaves) > high:
            refuse(f"{asked.name!r} must hold numbers from {low} to {high}, and holds others")
    try:
        with np.errstate(over="ignore"):  # to infinity, which is refused below
            array = np.array(leaves, asked.dtype).reshape(asked.shape)
    except OverflowError:
        refuse(f"{asked.name!r} must hold numbers of type {asked.dtype.name}, and holds a larger one")
    return _finite(array, asked)


def from_tensor(proto: TensorProto, asked: Wanted) -> np.ndarray | list[bytes]:
    """Returns an output from a message of gRPC."""
    shape = tuple(dim.size for dim in proto.tensor_shape.dim)
    dtype = "string" if asked.dtype is None or asked.dtype == object else asked.dtype.name
    right = asked.shape[:1] if asked.dtype is None else asked.shape
    try:
        given = tf.dtypes.as_dtype(proto.dtype).name
    except TypeError:
        given = f"the number {proto.dtype}"
    if given != dtype or shape != right or proto.tensor_shape.unknown_rank:
        refuse(f"{asked.name!r} must be {dtype} {right}, and is {given} {shape!s:.80}")
    try:
        array = tf.make_ndarray(proto)
    except (ValueError, TypeError, OverflowError) as error:
        refuse(f"{asked.name!r} must be {dtype} {right}, and cannot be read: {error}")
    if array.shape != right:
        refuse(f"{asked.name!r} must be {dtype} {right}, and is {array.shape}")
    if asked.dtype is None:
        return [_png(file, asked) for file in array.tolist()]
    if asked.dtype == object:
        texts = [_text(item, asked.name) for item in array.ravel().tolist()]
        return np.array(texts, object).reshape(array.shape)
    return _finite(array, asked)


def _leaves(value, shape, name):
    """Returns the leaves of lists in lists, as deep as `shape` and of its sizes."""
    level = [value]
    for axis, size in enumerate(shape):
        if not all(isinstance(part, list) and len(part) == size for part in level):
            odd = next(part for part in level if not isinstance(part, list) or len(part) != size)
            what = f"a list of {len(odd)}" if isinstance(odd, list) else f"a {type(odd).__name__}"
            refuse(f"{name!r} must have the shape {shape}, and has {what} where {size} belong, on axis {axis}")
        level = [each for part in level for each in part]
    return level


def _finite(array, asked):
    if array.dtype.kind in "iubO":
        return array
    values = array.astype("float64")
    wrong = int(np.sum(np.isinf(values) if asked.may_miss else ~np.isfinite(values)))
    if wrong:
        refuse(f"{asked.name!r} must be finite, and holds {wrong} {'Inf' if asked.may_miss else 'NaN or Inf'}")
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


def _png(data, asked):
    """Returns the bytes of a PNG file, if they are one, of the size that is known before any of it is unpacked."""
    size = asked.shape[1:3]
    header = data[:26] if isinstance(data, bytes) and data.startswith(MAGIC) and data[12:16] == b"IHDR" else b""
    given = (int.from_bytes(header[20:24], "big"), int.from_bytes(header[16:20], "big"))
    if len(header) < 26 or not 0 < given[0] * given[1] <= MOST_BYTES // 16 or (size and given != size):
        what = f"one of {given[1]} x {given[0]} pixels" if len(header) == 26 else "something else"
        of = f" of {size[1]} x {size[0]} pixels" if size else ""
        refuse(f"{asked.name!r} must hold PNG files{of}, and holds {what}")
    try:
        for look in ("verify", "load"):  # the checksums to the end, then the pixels
            with Image.open(io.BytesIO(data), formats=("PNG",)) as picture:
                getattr(picture, look)()
    except Exception as error:  # a damaged file may fail anywhere in Pillow
        refuse(f"{asked.name!r} must hold PNG files, and holds one that cannot be read: {error}")
    return data
