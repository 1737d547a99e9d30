"""Warm-up requests, which TF Serving runs before it reports a version as available."""

import pathlib
import warnings

import tensorflow as tf

from keras_gan.export.signature import Signature


def write(folder: pathlib.Path, name: str, signatures: dict[str, Signature]) -> None:
    """Writes a small request to each signature into a SavedModel, if `tensorflow-serving-api` is installed.

    Args:
        folder: The SavedModel.
        name: Name of the model on the server.
        signatures: The signatures, by name.
    """
    try:
        from tensorflow_serving.apis import predict_pb2, prediction_log_pb2
    except ImportError:
        warnings.warn(
            "The SavedModel has no warm-up requests: they need the package tensorflow-serving-api, which "
            "`pip install keras_gan[serving]` installs.",
            stacklevel=4,
        )
        return
    path = folder / "assets.extra" / "tf_serving_warmup_requests"
    path.parent.mkdir()
    with tf.io.TFRecordWriter(str(path)) as writer:
        for signature_name, signature in signatures.items():
            request = predict_pb2.PredictRequest()
            request.model_spec.name = name
            request.model_spec.signature_name = signature_name
            for key, value in signature.request().items():
                request.inputs[key].CopyFrom(tf.make_tensor_proto(value))
            log = prediction_log_pb2.PredictionLog(predict_log=prediction_log_pb2.PredictLog(request=request))
            writer.write(log.SerializeToString())
