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


def convert(folder: str | os.PathLike, path: str | os.PathLike, format: str) -> float:
    """Converts the signature `serving_default` of a SavedModel, latents[, labels] -> images, to a single file.

    Inputs and outputs keep their names, and the batch size stays free. The format's own runtime (LiteRT, ONNX
    Runtime) makes batches of 1, 2 and 7 images of random latents, and the file is written only if, with r the images
    of the SavedModel,

        max |images - r| <= 1e-4 max(1, max |r|).

    What draws noise, computes in bfloat16 or needs operations that the format lacks is refused. The file itself does
    not check labels, as the SavedModel does.

    Args:
        folder: The folder that holds `saved_model.pb`, as `gan.export` returns it.
        path: The file to write; one that stands there is replaced.
        format: `"tflite"`, which needs `pip install "keras_gan[tflite]"`, or `"onnx"`, with `"keras_gan[onnx]"`.

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
        model = _load(folder)
        signature = model.signatures["serving_default"]
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
    if not difference <= allowed:  # not a number is refused too
        raise ValueError(
            f"{folder} cannot be converted to {format}: the images would differ by up to {difference:.2g}, where at "
            f"most {allowed:.2g} is allowed. A generator that draws noise never gives the same images twice"
        )
    with files.atomic(path) as part:
        part.write_bytes(content)
    return difference


def _load(folder):
    if not (files.check_path(folder, "folder") / "saved_model.pb").is_file():
        raise ValueError(f"`folder` must hold a SavedModel. Received: folder={str(folder)!r}, without saved_model.pb")
    model = tf.saved_model.load(str(folder))
    signature = model.signatures.get("serving_default")
    takes = set(signature.structured_input_signature[1]) if signature else None
    if takes not in ({"latents"}, {"latents", "labels"}) or set(signature.structured_outputs) != {"images"}:
        raise ValueError(
            "`folder` must hold the signature serving_default, latents[, labels] -> images. "
            f"Received: folder={str(folder)!r}, with {list(model.signatures) if takes is None else sorted(takes)}"
        )
    return model


def _run(signature, feed):
    return signature(**{name: tf.constant(value) for name, value in feed.items()})["images"].numpy()


def _difference(a, b):
    return float(np.max(np.abs(a - b))) if a.shape == b.shape else float("inf")


def _feed(signature, batch):
    """`batch` random latents, and labels: all classes in turn, or random conditions."""
    specs, noise = signature.structured_input_signature[1], Noise(("convert",), batch)
    feed = {"latents": noise.at("latents").normal((batch, specs["latents"].shape[1])).numpy()}
    if "labels" in specs and specs["labels"].dtype.is_floating:
        feed["labels"] = noise.at("labels").uniform((batch, *specs["labels"].shape[1:])).numpy()
    elif "labels" in specs and specs["labels"].shape.rank > 1:
        feed["labels"] = np.zeros((batch, *specs["labels"].shape[1:]), "int32")
    elif "labels" in specs:
        classes = _classes(signature, feed["latents"][:1])
        feed["labels"] = np.linspace(0, classes - 1, batch).astype("int32")
    return feed


def _classes(signature, latents):
    """How many labels the signature takes, from 0 on; by bisection, as not every GAN has a prior that counts them."""
    low, high = 1, MOST_CLASSES
    while low < high:
        middle = (low + high + 1) // 2
        try:
            _run(signature, {"latents": latents, "labels": np.array([middle - 1], "int32")})
            low = middle
        except tf.errors.InvalidArgumentError:
            high = middle - 1
    return low


def _reason(error, signature):
    functions = signature.graph.as_graph_def().library.function
    attributes = (value for function in functions for node in function.node_def for value in node.attr.values())
    if any(attribute.type == tf.bfloat16.as_datatype_enum for attribute in attributes):
        return "it computes in bfloat16, which the format lacks; a float32 generator can be converted"
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
    named.outputs = [entry("images", graph.outputs[0])]
    model.signatureDefs = [named]
    builder = flatbuffers.Builder()
    builder.Finish(model.Pack(builder), b"TFL3")
    content = bytes(builder.Output())
    runner = Interpreter(model_content=content).get_signature_runner("serving_default")
    return content, lambda feed: runner(**feed)["images"]


def _onnx(signature) -> tuple[bytes, Run]:
    import onnxruntime
    import tf2onnx

    specs = list(signature.structured_input_signature[1].values())
    flat = tf.function(lambda *inputs: signature(**{s.name: x for s, x in zip(specs, inputs, strict=True)}))
    model, _ = tf2onnx.convert.from_function(flat, specs)
    content = model.SerializeToString()
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    return content, lambda feed: session.run(["images"], feed)[0]


FORMATS = {"tflite": _tflite, "onnx": _onnx}
