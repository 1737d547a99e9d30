"""Loading of SavedModels."""

import os
from typing import Any

import tensorflow as tf

from keras_gan.ground.arguments import reason


def load(folder: str | os.PathLike, name: str = "model") -> Any:
    """Loads a SavedModel.

    Args:
        folder: The folder of a version.
        name: The argument that names the model, for the error.

    Raises:
        ValueError: If its files are damaged, or not those of a SavedModel.
    """
    try:
        return tf.saved_model.load(os.fspath(folder))
    except (OSError, ValueError, KeyError, RuntimeError, tf.errors.OpError) as error:
        raise ValueError(
            f"`{name}` must be a SavedModel that can be loaded. Received: {name}={os.fspath(folder)!r}, with the "
            f"error: {reason(error)[:300] or type(error).__name__}"
        ) from error
