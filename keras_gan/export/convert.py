"""Conversion of an exported generator to a TFLite (LiteRT) or ONNX file that gives the SavedModel's images."""

import os
import re
from collections.abc import Callable

import numpy as np
import tensorflow as tf

from keras_gan.export.loading import load
from keras_gan.ground import files
from keras_gan.noise import Noise

TOLERANCE = 1e-4
BATCHES = (1, 2, 7)
MOST_CLASSES = 1 << 16

Feed = dict[str, np.ndarray]
Run = Callable[[Feed], np.ndarray]


def convert(
    folder: str | os.PathLike, path: str | os.PathLike, format: str, signature: str = "serving_default"
) -> float:
    """Converts a signature of a SavedModel to a single file: latents[, labels] -> images, or pictures -> pictures.

    Inputs and outputs keep their names, and the batch size stays free. The format's own runtime (LiteRT, ONNX
    Runtime) makes batches of 1, 2 and 7 images of random inputs, and the file is written only if, with r the images
    of the SavedModel,

        max |images - r| <= 1e-4 max(1, max |r|).

    Signatures that draw noise, compute in bfloat16 or need operations that the format lacks are refused. Unlike the
    SavedModel, the file does not check labels.

    Args:
        folder: The folder that holds `saved_model.pb`, as `gan.export` returns it.
        path: The file to write; an existing one is replaced.
        format: `"tflite"`, which needs `pip install "keras_gan[tflite]"`, or `"onnx"`, with `"keras_gan[onnx]"`.
        signature: Name of a signature that takes only batches, no seed, such as `"translate_ab"` of a CycleGAN.
            Defaults to `"serving_default"`.

    Returns:
        The largest absolute difference of the images.

    Raises:
        ImportError: If the packages of the format are not installed.
        ValueError: If `format` is unknown, `folder` holds no such signature, the signature cannot be converted, or the
            file gives other images.
    """
    if format not in FORMATS:
        raise ValueError(f"`format` must be one of {', '.join(FORMATS)}. Received: format={format!r}")
    with tf.device("/CPU:0"):  # both runtimes compute on the CPU, in full precision
        model = _load(folder, signature)
        signature = model.signatures[signature]
        feeds = [_feed(signature, batch) for batch in BATCHES]
        references = [_run(signature, feed) for feed in feeds]
        try:
            content, run = FORMATS[format](signature)
            images = [run(feed) for feed in feeds]
        except ImportError as error:
            raise ImportError(f'{format} needs more packages: pip install "keras_gan[{format}]" ({error})') from error
        except Exception as error:  # the converters and runtimes have no common ancestor
            raise ValueError(f"{folder} cannot be converted to {format}: {_reason(error, signature)}") from error
    difference = max(_difference(a, b) for a, b in zip(images, references, strict=True))
    allowed = TOLERANCE * max(1.0, *(float(np.max(np.abs(r))) for r in references))
    if not all(np.isfinite(r).all() for r in references):
        raise ValueError(f"{folder} cannot be converted to {format}: it makes numbers that are not finite")
    if not difference <= allowed:  # refuses NaN, too
        raise ValueError(
            f"{folder} cannot be converted to {format}: the images would differ by up to {difference:.2g}, where at "
            f"most {allowed:.2g} is allowed. "
            + (_halved(signature) or "A generator that draws noise never gives the same images twice")
        )
    with files.atomic(path) as part:
        part.write_bytes(content)
    return difference


def count_classes(folder: str | os.PathLike, signature: str = "serving_default") -> int:
    """Returns the number of classes that a signature of a SavedModel takes as `labels`, found by trying labels."""
    model = _load(folder, signature)
    signature = model.signatures[signature]
    return _classes(signature, {name: value[:1] for name, value in _feed(signature, 1).items()})


def _load(folder, name):
    if not (files.check_path(folder, "folder") / "saved_model.pb").is_file():
        raise ValueError(f"`folder` must hold a SavedModel. Received: folder={str(folder)!r}, without saved_model.pb")
    model = load(folder, "folder")
    signature = model.signatures.get(name)
    takes = signature.structured_input_signature[1] if signature else None
    if takes is None or len(signature.structured_outputs) != 1 or not all(map(_is_batch, takes.values())):
        raise ValueError(
            f"`folder` must hold the signature {name}, of one output, such as latents[, labels] -> images, that takes "
            f"only batches. Received: folder={str(folder)!r}, with "
            f"{list(model.signatures) if takes is None else sorted(takes)}"
        )
    return model


def _is_batch(spec):
    return spec.shape.rank is not None and spec.shape.rank > 0


def _run(signature, feed):
    (made,) = signature(**{name: tf.constant(value) for name, value in feed.items()}).values()
    return made.numpy()


def _difference(a, b):
    return float(np.max(np.abs(a - b))) if a.shape == b.shape else float("inf")


def _feed(signature, batch):
    """Makes `batch` random examples of each input; labels are spread over the classes, other integers are zeros."""
    specs, noise = signature.structured_input_signature[1], Noise(("convert",), batch)
    feed = {}
    for name, spec in specs.items():
        shape = (batch, *spec.shape[1:])
        if spec.dtype.is_floating:
            draws = noise.at(name)
            feed[name] = (draws.uniform(shape) if name == "labels" else draws.normal(shape)).numpy()
        else:
            feed[name] = np.zeros(shape, "int32")
    if "labels" in specs and specs["labels"].dtype == tf.int32 and specs["labels"].shape.rank == 1:
        classes = _classes(signature, {name: value[:1] for name, value in feed.items()})
        feed["labels"] = np.linspace(0, classes - 1, batch).astype("int32")
    return feed


def _classes(signature, feed):
    """Finds the number of labels that a signature accepts, by bisection, as not all GANs have a prior of labels."""
    low, high = 1, MOST_CLASSES
    while low < high:
        middle = (low + high + 1) // 2
        try:
            _run(signature, feed | {"labels": np.array([middle - 1], "int32")})
            low = middle
        except tf.errors.InvalidArgumentError:
            high = middle - 1
    return low


def _halved(signature):
    """Returns a text that says that the graph computes in 16-bit floats; None if it does not."""
    graph = str(signature.graph.as_graph_def())
    dtypes = (("bfloat16", "DT_BFLOAT16"), ("float16", "DT_HALF"))
    dtype = next((name for name, enum in dtypes if enum in graph), None)
    if dtype is None:
        return None
    return f"It computes in {dtype}, which the format lacks or rounds differently; a float32 generator can be converted"


def _reason(error, signature):
    if (halved := _halved(signature)) is not None:
        return halved
    lacking = re.findall(r"'tf\.(\w+)' op is neither|No Op registered for (\w+)", str(error))
    if lacking:
        return f"the format lacks the operations {', '.join(sorted({a or b for a, b in lacking}))}"
    return str(error).strip().split("\n", 1)[0]


def _tflite(signature) -> tuple[bytes, Run]:
    import flatbuffers
    from ai_edge_litert import schema_py_generated as schema
    from ai_edge_litert.interpreter import Interpreter

    # Not `from_saved_model`, which loses the shapes of maps that are upsampled twice. This one loses the signature.
    model = schema.ModelT.InitFromPackedBuf(tf.lite.TFLiteConverter.from_concrete_functions([signature]).convert(), 0)
    graph, named = model.subgraphs[0], schema.SignatureDefT()

    def entry(name, index):
        made = schema.TensorMapT()
        made.name, made.tensorIndex = name, index
        return made

    named.signatureKey, named.subgraphIndex = "serving_default", 0
    named.inputs = [entry(graph.tensors[index].name.decode(), index) for index in graph.inputs]
    (output,) = signature.structured_outputs
    named.outputs = [entry(output, graph.outputs[0])]
    model.signatureDefs = [named]
    builder = flatbuffers.Builder()
    builder.Finish(model.Pack(builder), b"TFL3")
    content = bytes(builder.Output())
    runner = Interpreter(model_content=content).get_signature_runner("serving_default")
    return content, lambda feed: runner(**feed)[output]


def _onnx(signature) -> tuple[bytes, Run]:
    import onnxruntime
    import tf2onnx

    specs = list(signature.structured_input_signature[1].values())
    flat = tf.function(lambda *inputs: signature(**{s.name: x for s, x in zip(specs, inputs, strict=True)}))
    model, _ = tf2onnx.convert.from_function(flat, specs)
    content = model.SerializeToString()
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    return content, lambda feed: session.run(list(signature.structured_outputs), feed)[0]


FORMATS = {"tflite": _tflite, "onnx": _onnx}
