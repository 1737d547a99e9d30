"""Runs the signatures of a SavedModel through TensorFlow's C library alone: python c_loader.py FOLDER REQUESTS ANSWERS.

`TF_LoadSessionFromSavedModel` is the C++ loader that TF Serving uses. REQUESTS is an .npz of arrays named
`request/signature/input`; ANSWERS gets `request/output`, and `request/error` where the status is not OK. Strings
come as their bytes, joined, with `request/output/lengths`.
"""

import collections
import contextlib
import ctypes
import importlib.util
import pathlib
import sys

import numpy as np

DTYPES = {1: "float32", 2: "float64", 3: "int32", 4: "uint8", 9: "int64", 10: "bool"}
CODES = {np.dtype(name): code for code, name in DTYPES.items()}
STRING = 7
TSTRING_BYTES = 24


class Buffer(ctypes.Structure):
    """TF_Buffer."""

    _fields_ = [("data", ctypes.c_void_p), ("length", ctypes.c_size_t), ("deallocator", ctypes.c_void_p)]


class Output(ctypes.Structure):
    """TF_Output: one tensor of the graph."""

    _fields_ = [("operation", ctypes.c_void_p), ("index", ctypes.c_int)]


pointer, integer, string, size = ctypes.c_void_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_size_t
FUNCTIONS = {  # name: (result, arguments)
    "TF_NewStatus": (pointer, []),
    "TF_DeleteStatus": (None, [pointer]),
    "TF_GetCode": (integer, [pointer]),
    "TF_Message": (string, [pointer]),
    "TF_NewGraph": (pointer, []),
    "TF_NewSessionOptions": (pointer, []),
    "TF_NewBuffer": (ctypes.POINTER(Buffer), []),
    "TF_LoadSessionFromSavedModel": (pointer, [pointer, pointer, string, pointer, integer, *[pointer] * 3]),
    "TF_GraphOperationByName": (pointer, [pointer, string]),
    "TF_AllocateTensor": (pointer, [integer, pointer, integer, size]),
    "TF_DeleteTensor": (None, [pointer]),
    "TF_TensorData": (pointer, [pointer]),
    "TF_TensorByteSize": (size, [pointer]),
    "TF_TensorType": (integer, [pointer]),
    "TF_NumDims": (integer, [pointer]),
    "TF_Dim": (ctypes.c_int64, [pointer, integer]),
    "TF_StringGetDataPointer": (pointer, [pointer]),
    "TF_StringGetSize": (size, [pointer]),
    "TF_SessionRun": (
        None,
        [pointer, pointer, pointer, pointer, integer, pointer, pointer, integer, pointer, integer, pointer, pointer],
    ),
    "TF_CloseSession": (None, [pointer, pointer]),
    "TF_DeleteSession": (None, [pointer, pointer]),
}


def library():
    """The C library of the installed wheel, found without importing the package."""
    folder = pathlib.Path(importlib.util.find_spec("tensorflow").submodule_search_locations[0])
    ctypes.CDLL(str(next(folder.glob("libtensorflow_framework.so*"))), mode=ctypes.RTLD_GLOBAL)
    loaded = ctypes.CDLL(str(next(folder.glob("libtensorflow_cc.so*"))))
    for name, (result, arguments) in FUNCTIONS.items():
        getattr(loaded, name).restype, getattr(loaded, name).argtypes = result, arguments
    return loaded


class StatusError(Exception):
    """A status of the library that is not OK."""


class SavedModel:
    """A session of a SavedModel, and its signatures."""

    def __init__(self, folder):
        self.tf = library()
        self.graph, meta = self.tf.TF_NewGraph(), self.tf.TF_NewBuffer()
        options, tags = self.tf.TF_NewSessionOptions(), (string * 1)(b"serve")
        with self.status() as status:
            self.session = self.tf.TF_LoadSessionFromSavedModel(
                options, None, str(folder).encode(), tags, 1, self.graph, meta, status
            )
        self.signatures = signatures(ctypes.string_at(meta.contents.data, meta.contents.length))

    @contextlib.contextmanager
    def status(self):
        status = self.tf.TF_NewStatus()
        try:
            yield status
            if code := self.tf.TF_GetCode(status):
                raise StatusError(f"{code}: {self.tf.TF_Message(status).decode()}")
        finally:
            self.tf.TF_DeleteStatus(status)

    def run(self, signature, feed):
        """The arrays, and lists of bytes, that a signature gives for named arrays."""
        inputs, outputs = self.signatures[signature]
        tensors = (pointer * len(feed))(*[self.to_tensor(array) for array in feed.values()])
        results = (pointer * len(outputs))()
        try:
            with self.status() as status:
                self.tf.TF_SessionRun(
                    self.session, None,
                    self.places(inputs[name] for name in feed), tensors, len(feed),
                    self.places(outputs.values()), results, len(outputs),
                    None, 0, None, status,
                )  # fmt: skip
            return {name: self.to_array(result) for name, result in zip(outputs, results, strict=True)}
        finally:
            for tensor in filter(None, (*tensors, *results)):
                self.tf.TF_DeleteTensor(tensor)

    def places(self, names):
        split = [name.rpartition(":") for name in names]
        found = [Output(self.tf.TF_GraphOperationByName(self.graph, op.encode()), int(index)) for op, _, index in split]
        if not all(place.operation for place in found):
            raise KeyError(f"a signature names a tensor that the graph does not hold: {split}")
        return (Output * len(found))(*found)

    def to_tensor(self, array):
        shape = (ctypes.c_int64 * array.ndim)(*array.shape)
        tensor = self.tf.TF_AllocateTensor(CODES[array.dtype], shape, array.ndim, array.nbytes)
        ctypes.memmove(self.tf.TF_TensorData(tensor), array.tobytes(), array.nbytes)
        return tensor

    def to_array(self, tensor):
        data, kind = self.tf.TF_TensorData(tensor), self.tf.TF_TensorType(tensor)
        shape = [self.tf.TF_Dim(tensor, i) for i in range(self.tf.TF_NumDims(tensor))]
        if kind == STRING:
            each = [data + i * TSTRING_BYTES for i in range(int(np.prod(shape)))]
            return [ctypes.string_at(self.tf.TF_StringGetDataPointer(s), self.tf.TF_StringGetSize(s)) for s in each]
        content = ctypes.string_at(data, self.tf.TF_TensorByteSize(tensor))
        return np.frombuffer(content, DTYPES[kind]).reshape(shape)

    def close(self):
        for end in (self.tf.TF_CloseSession, self.tf.TF_DeleteSession):
            with self.status() as status:
                end(self.session, status)


def fields(message):
    """(number, value) of each field of a serialised protocol buffer: integers and bytes."""
    at = 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte, at = message[at], at + 1
            value, shift = value | (byte & 127) << shift, shift + 7
            if byte < 128:
                return value

    while at < len(message):
        number, wire = divmod(varint(), 8)
        if wire == 0:
            yield number, varint()
            continue
        length = {1: 8, 5: 4}[wire] if wire != 2 else varint()
        yield number, message[at : at + length]
        at += length


def signatures(meta_graph):
    """{signature: ({input: tensor}, {output: tensor})} of a serialised MetaGraphDef."""

    def tensors(definition, number):
        entries = (dict(fields(value)) for found, value in fields(definition) if found == number)
        return {entry[1].decode(): dict(fields(entry[2]))[1].decode() for entry in entries}

    entries = (dict(fields(value)) for number, value in fields(meta_graph) if number == 5)
    return {entry[1].decode(): (tensors(entry[2], 1), tensors(entry[2], 2)) for entry in entries}


def main(folder, requests, answers):
    asked, told = collections.defaultdict(dict), {}
    with np.load(requests) as arrays:
        for key in arrays.files:
            request, signature, name = key.split("/")
            asked[request, signature][name] = arrays[key]
    model = SavedModel(folder)
    for (request, signature), feed in asked.items():
        try:
            for name, value in model.run(signature, feed).items():
                if isinstance(value, list):
                    told[f"{request}/{name}/lengths"] = np.array([len(item) for item in value], "int64")
                    value = np.frombuffer(b"".join(value), "uint8")
                told[f"{request}/{name}"] = value
        except StatusError as error:
            told[f"{request}/error"] = np.array(str(error))
    model.close()
    if "tensorflow" in sys.modules:
        raise RuntimeError("this process must not import tensorflow")
    told["signatures"] = np.array(sorted(model.signatures))
    np.savez(answers, **told)


if __name__ == "__main__":
    main(*sys.argv[1:])
