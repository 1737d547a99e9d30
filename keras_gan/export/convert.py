"""An exported generator as a TFLite (LiteRT) or ONNX file, written only if it gives the SavedModel's images."""

import os
import re
from collections.abc import Callable

import numpy as np
import tensorflow as tf

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

    What draws noise, computes in bfloat16 or needs operations that the format lacks is refused. The file itself does
    not check labels, as the SavedModel does.

    Args:
        folder: The folder that holds `saved_model.pb`, as `gan.export` returns it.
        path: The file to write; an existing one is replaced.
        format: `"tflite"`, which needs `pip install "keras_gan[tflite]"`, or `"onnx"`, with `"keras_gan[onnx]"`.
        signature: The signature's name, such as `"translate_ab"` of a CycleGAN. It takes batches alone, no seed.

    Returns:
        The largest absolute difference that was seen.

    Raises:
        ImportError: If the packages of the format are not installed.
        ValueError: If `format` is unknown, `folder` is no exported generator, or it cannot be converted, or the
            result gives other images.
    """
    if format not in FORMATS:
        raise ValueError(f"`format` must be one of {', '.join(FORMATS)}. Received: format={format!r}")
    with tf.device("/CPU:0"):  # where both runtimes compute, in full precision
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
    if not difference <= allowed:  # not a number is refused too
        raise ValueError(
            f"{folder} cannot be converted to {format}: the images would differ by up to {difference:.2g}, where at "
            f"most {allowed:.2g} is allowed. "
            + (_halved(signature) or "A generator that draws noise never gives the same images twice")
        )
    with files.atomic(path) as part:
        part.write_bytes(content)
    return difference


def count_classes(folder: str | os.PathLike, signature: str = "serving_default") -> int:
    """Returns how many classes a signature of a SavedModel takes as `labels`, as it tells itself, from 0 on."""
    model = _load(folder, signature)
    signature = model.signatures[signature]
    return _classes(signature, {name: value[:1] for name, value in _feed(signature, 1).items()})


def _load(folder, name):
    if not (files.check_path(folder, "folder") / "saved_model.pb").is_file():
        raise ValueError(f"`folder` must hold a SavedModel. Received: folder={str(folder)!r}, without saved_model.pb")
    model = tf.saved_model.load(str(folder))
    signature = model.signatures.get(name)
    takes = signature.structured_input_signature[1] if signature else None
    if takes is None or len(signature.structured_outputs) != 1 or not all(map(_is_batch, takes.values())):
        raise ValueError(
            f"`folder` must hold the signature {name}, of one output, such as latents[, labels] -> images, that takes "
            f"batches alone. Received: folder={str(folder)!r}, with "
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
    """Makes `batch` random examples of each input: of labels all classes in turn, of integers of other shapes zeros."""
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
    """Finds how many labels the signature takes, from 0 on; by bisection, as not all GANs have a prior of them."""
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
    """Returns that the graph computes in 16 bits; None if it does not."""
    graph = str(signature.graph.as_graph_def())
    dtype = next((name for name, told in (("bfloat16", "DT_BFLOAT16"), ("float16", "DT_HALF")) if told in graph), None)
    if dtype is None:
        return None
    return f"It computes in {dtype}, which the format lacks or rounds otherwise; a float32 generator can be converted"


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

    # Not `from_saved_model`: it loses the shapes of maps that are upsampled twice. This way loses the signature.
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
