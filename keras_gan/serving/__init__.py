"""TensorFlow Serving: a client for a served model, and a launcher of the server."""

from keras_gan.serving.client import Client
from keras_gan.serving.server import ModelServer
from keras_gan.serving.transport import ServingError, VersionStatus

__all__ = ["Client", "ModelServer", "ServingError", "VersionStatus"]
