"""Extractors of any Keras model, and the scaling of images to its size."""

import json

import keras
import numpy as np
import tensorflow as tf

from keras_gan.ground import internals
from keras_gan.ground.arguments import check_flag
from keras_gan.metrics.cache import digest
from keras_gan.metrics.extractors.extractor import Extractor
from keras_gan.play.players import graph_inputs

NAMES = ("name", "keras_history", "input_layers", "output_layers")  # keys of a config under which layers are named


@keras.saving.register_keras_serializable("keras_gan")
class ModelExtractor(Extractor):
    """A Keras model, run in inference mode; its features are flattened.

    Images of another size than the model's input are scaled with antialiasing. For a model of three channels, grey
    images are repeated and RGBA images are laid on white. A metric with this extractor saves the model's weights.

    Args:
        model: A built model: images (N, H, W, C) in [-1, 1], or vectors -> features, or class probabilities.
        name: The extractor's name. Defaults to the model's.
        features: The name of the layer whose output is read, in a functional or sequential model. Defaults to the last.
        classifies: Whether the model's outputs are class probabilities. Defaults to False.

    Raises:
        ValueError: If the model is not built, or has no such layer.

    Example:

    >>> model = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(3)])
    >>> extractor = ModelExtractor(model, name="mine")
    >>> extractor(tf.zeros((2, 16, 16, 1))).shape, extractor.resize
    (TensorShape([2, 3]), 'to 8x8, linear with antialiasing')
    """

    def __init__(self, model: keras.Model, name: str | None = None, features: str | None = None, classifies=False):
        if not model.built:
            raise ValueError(f"`model` must be built. Received: model={model!r}")
        self.model, self.name = model, name or model.name
        check_flag("classifies", classifies)
        self.layer, self.classifies = features, classifies
        self._reader = model
        if features is not None:
            layers = {layer.name: layer for layer in model.layers}
            if features not in layers:
                raise ValueError(f"`features` must be one of {', '.join(layers)}. Received: features={features!r}")
            self._reader = keras.Model(model.inputs, layers[features].output)

    @property
    def input_shape(self) -> tuple:
        """The shape of the model's input, (H, W, C) or (d,), with None for any size; () if it is unknown."""
        inputs = graph_inputs(self.model)
        return tuple(inputs[0].shape[1:]) if inputs is not None and len(inputs) == 1 else ()

    @property
    def resize(self) -> str:  # type: ignore[override]  # a class attribute elsewhere
        """The way in which images are scaled to the model's size, in words."""
        height, width = self.input_shape[:2] if len(self.input_shape) == 3 else (None, None)
        return "none" if None in (height, width) else f"to {height}x{width}, linear with antialiasing"

    def __call__(self, images: tf.Tensor) -> tf.Tensor:
        """Maps images (N, ...) to features (N, d) float32.

        Raises:
            ValueError: If the model returns several outputs.
        """
        features = self._reader(self._fit(images), training=False)
        if not tf.is_tensor(features):
            raise ValueError(
                "`model` must return one tensor of features: choose a layer by `features`. "
                f"Received: a model that returns a {type(features).__name__}"
            )
        return tf.cast(tf.reshape(features, (tf.shape(features)[0], int(np.prod(features.shape[1:])))), tf.float32)

    def probabilities(self, images: tf.Tensor) -> tf.Tensor:
        """Maps images (N, ...) to class probabilities (N, K) float32.

        Raises:
            ValueError: If the model is not a classifier.
        """
        if not self.classifies:
            return super().probabilities(images)
        return tf.cast(self.model(self._fit(images), training=False), tf.float32)

    def _fit(self, images):
        images = tf.cast(images, tf.float32)
        if len(self.input_shape) != 3 or images.shape.rank != 4:
            return images
        height, width, channels = self.input_shape
        if (images.shape[-1], channels) == (4, 3):  # on white, as pictures with alpha are read
            opaque = (images[..., 3:] + 1) / 2
            images = images[..., :3] * opaque + (1 - opaque)
        images = resize(images, (height or images.shape[1], width or images.shape[2]))
        return tf.repeat(images, 3, axis=-1) if (images.shape[-1], channels) == (1, 3) else images

    def hash(self) -> str:
        """Returns 64 hexadecimal digits of the layers with their arguments, the weights and how images are scaled."""
        layers = _description(self.model)
        place = None if self.layer is None else [layer.name for layer in self.model.layers].index(self.layer)
        return digest(layers, place, self.resize, *self.model.get_weights())

    def get_weights(self) -> list[np.ndarray]:
        """Returns the model's weights."""
        return self.model.get_weights()

    def set_weights(self, weights: list[np.ndarray]) -> None:
        """Sets the model's weights."""
        self.model.set_weights(weights)

    def get_config(self) -> dict:
        """Returns the arguments of the constructor, the model without its weights."""
        model = keras.saving.serialize_keras_object(self.model)
        return {"model": model, "name": self.name, "features": self.layer, "classifies": self.classifies}

    @classmethod
    def from_config(cls, config: dict) -> "ModelExtractor":
        return cls(**{**config, "model": keras.saving.deserialize_keras_object(config["model"])})


def _description(model):
    """Returns a model's config as text, with numbers for the layers' names, which differ between processes."""
    layers = internals.layers_of(model)
    try:
        config = _uncompiled(keras.saving.serialize_keras_object(model))
    except NotImplementedError:  # a user's layer without `get_config`
        return [type(layer).__name__ for layer in layers]
    numbers = {layer.name: f"#{i}" for i, layer in reversed(list(enumerate(layers)))}
    return json.dumps(_numbered(config, numbers), sort_keys=True, default=str)


def _numbered(config, numbers, key=None):
    """Returns a config with numbers for the names of layers, but not for arguments that are the same text."""
    if isinstance(config, dict):
        return {name: _numbered(value, numbers, key if key in NAMES else name) for name, value in config.items()}
    if isinstance(config, list | tuple):
        return [_numbered(value, numbers, key) for value in config]
    return numbers.get(config, config) if key in NAMES and isinstance(config, str) else config


def _uncompiled(config):
    """Returns a config without the `compile_config` of its models, on which features do not depend."""
    if isinstance(config, dict):
        return {key: _uncompiled(value) for key, value in config.items() if key != "compile_config"}
    return [_uncompiled(value) for value in config] if isinstance(config, list | tuple) else config


def resize(images: tf.Tensor, size: tuple[int, int]) -> tf.Tensor:
    """Scales (N, H, W, C) float32 to `size`, (height, width), with the triangle filter, as Pillow's BILINEAR does.

    It multiplies by two matrices, and gives the same numbers with and without XLA.

    >>> [round(float(x), 3) for x in tf.reshape(resize(tf.reshape([0.0, 1.0, 0.0, 0.0], (1, 1, 4, 1)), (1, 2)), [-1])]
    [0.429, 0.143]
    """
    rows, columns = (_weights(old, new) for old, new in zip(images.shape[1:3], size, strict=True))
    if rows is not None:
        images = tf.einsum("yh,nhwc->nywc", rows, images)
    return images if columns is None else tf.einsum("xw,nywc->nyxc", columns, images)


def _weights(old, new):
    """Returns the matrix (new, old) float32 of the shares of old pixels in new ones; None if nothing changes."""
    if old == new:
        return None
    reach = max(1.0, old / new)
    centres = (np.arange(new) + 0.5) * old / new
    weights = np.maximum(0, 1 - np.abs(np.arange(old) + 0.5 - centres[:, None]) / reach)
    return (weights / weights.sum(axis=1, keepdims=True)).astype("float32")
