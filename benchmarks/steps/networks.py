"""A Keras network that is a chain of layers, as plain words and arrays, for another library to build again."""

import keras
import numpy as np
from keras import layers

Described = list[tuple[dict, dict[str, np.ndarray]]]


def describe(network: keras.Model) -> Described | None:
    """Returns each layer's kind and options, and its weights by name; None of what is no chain, or has other layers."""
    described = []
    chain = [layer for layer in network.layers if not isinstance(layer, layers.InputLayer)]
    for before, layer in zip([None, *chain], chain, strict=False):
        spec = _options(layer)
        follows = before is None or layer.input is before.output
        if spec is None or not follows:
            return None
        weights = {weight.name: np.asarray(weight) for weight in layer.weights}
        described.append(({"kind": type(layer).__name__, **spec}, weights))
    return described


def _options(layer):
    match layer:
        case layers.Dense() | layers.Activation():
            return {"activation": keras.activations.serialize(layer.activation)}
        case layers.Conv2DTranspose() | layers.Conv2D():
            return {"activation": keras.activations.serialize(layer.activation), "stride": layer.strides[0]}
        case layers.LeakyReLU():
            return {"slope": float(layer.negative_slope)}
        case layers.Reshape():
            return {"shape": layer.target_shape}
        case layers.BatchNormalization():
            return {"epsilon": layer.epsilon, "momentum": 1 - layer.momentum}
        case layers.GroupNormalization():
            return {"epsilon": layer.epsilon, "groups": layer.groups}
        case layers.ReLU() | layers.Flatten() | layers.GlobalMaxPooling2D():
            return {}
    return None
