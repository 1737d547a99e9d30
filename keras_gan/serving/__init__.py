"""TensorFlow Serving: a client of a served model, and the start of the real server."""

from keras_gan.serving.client import Client
from keras_gan.serving.server import ModelServer
from keras_gan.serving.transport import ServingError, VersionStatus

__all__ = ["Client", "ModelServer", "ServingError", "VersionStatus"]
