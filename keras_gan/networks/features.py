"""Models that return the outputs of hidden layers, alone or beside the model's own output."""

from collections.abc import Sequence

import keras

from keras_gan.ground.arguments import check_count
from keras_gan.play.players import graph_inputs


def hidden_layers(model: keras.Model, layers: Sequence[str]) -> keras.Model:
    """Makes a model that returns the outputs of some layers, by name: `{"hidden_1": ..., "hidden_2": ...}`.

    It shares its layers, and so its weights, with `model`; only the layers up to the last of the named ones are called.
    As a player of a `Game` it turns hidden layers into values, such as `"inside.hidden_1"` of
    `{"inside": "encoder(a)"}`; it is then on no side, as its weights are those of `model`.

    Args:
        model: A Sequential or functional Keras model, built.
        layers: The names of layers of `model`; the input layer returns the model's input.

    Returns:
        A functional Keras model.

    Raises:
        ValueError: If `model` is not such a model, or has no such layer.

    Example:

    >>> from keras_gan import networks
    >>> translator = networks.resnet_translator((28, 28, 1), width=4)
    >>> {name: x.shape for name, x in hidden_layers(translator, ["inputs", "hidden_3"]).output.items()}
    {'inputs': (None, 28, 28, 1), 'hidden_3': (None, 7, 7, 16)}
    """
    _check_model(model)
    if isinstance(layers, str) or not layers:
        raise ValueError(f"`layers` must hold the names of layers. Received: layers={layers!r}")
    inputs = model.inputs if len(model.inputs) > 1 else model.inputs[0]
    return keras.Model(inputs, {layer: _hidden(model, layer) for layer in layers})


def with_features(model: keras.Model, layer: str, key: str = "features") -> keras.Model:
    """Returns a model that returns a named layer's output beside its own: `{"output": ..., "features": ...}`.

    It shares its layers, and so its weights, with `model`.

    Args:
        model: A Sequential or functional Keras model, built. If it already returns a dict, the new part is added.
        layer: The name of one of the model's layers.
        key: The name of the new part: `"features"`, `"class_logits"`, `"code"`.

    Returns:
        A functional Keras model.

    Raises:
        ValueError: If `model` is not such a model, has no such layer, or already has such a part.

    Example:

    >>> from keras_gan import networks
    >>> discriminator = networks.mlp_discriminator((2,), hidden=(8, 4))
    >>> with_features(discriminator, "hidden_2").output["features"].shape
    (None, 4)
    """
    return _joined(model, key, lambda: _hidden(model, layer))


def with_head(model: keras.Model, layer: str, units: int, key: str) -> keras.Model:
    """Makes a model with a dense head on a named layer, beside its own output: `{"output": ..., "class_logits": ...}`.

    It shares its layers, and so its weights, with `model`. The head is linear, float32, on the layer's output
    flattened to (N, d), and returns (N, `units`).

    Args:
        model: A Sequential or functional Keras model, built. If it already returns a dict, the new part is added.
        layer: The name of one of the model's layers.
        units: Width of the head. `AuxiliaryClassifier` reads one per class, `MutualInformation`
            the sum of `categorical` and twice `continuous`.
        key: The name of the new part: `"class_logits"` for `AuxiliaryClassifier`, `"code"` for `MutualInformation`.

    Returns:
        A functional Keras model.

    Raises:
        ValueError: If `model` is not such a model, has no such layer, or already has such a part; if `units` is below
            1, or the layer's output has an unknown size.

    Example:

    AC-GAN of 10 classes: the generator takes the labels, the discriminator predicts them.

    >>> from keras_gan import GAN, networks
    >>> discriminator = networks.dcgan_discriminator((8, 8, 1), filters=4)
    >>> discriminator = with_head(discriminator, "hidden_1", units=10, key="class_logits")
    >>> generator = networks.dcgan_generator(16, (8, 8, 1), filters=4, labels=10)
    >>> GAN(generator, discriminator, 16, labels=10).compile("non_saturating + auxiliary_classifier")

    Reference: [Odena et al., 2016](https://arxiv.org/abs/1610.09585);
    [Chen et al., 2016](https://arxiv.org/abs/1606.03657), section 6.
    """
    check_count("units", units)
    return _joined(model, key, lambda: _head(_hidden(model, layer), units, key))


def _joined(model, key, part):
    """Returns the model with the tensor `part()` added to its outputs."""
    _check_model(model)
    output = model.outputs[0] if isinstance(model, keras.Sequential) else model.output
    outputs = dict(output) if isinstance(output, dict) else {"output": output}
    if key in outputs:
        raise ValueError(f"`key` must be none of {sorted(outputs)}. Received: key={key!r}")
    inputs = model.inputs if len(model.inputs) > 1 else model.inputs[0]
    return keras.Model(inputs, {**outputs, key: part()}, name=model.name)


def _check_model(model):
    if not isinstance(model, keras.Model) or graph_inputs(model) is None:
        raise ValueError(f"`model` must be a built Sequential or functional model. Received: model={model!r}")


def _hidden(model, layer):
    names = [known.name for known in model.layers]
    if layer not in names:
        raise ValueError(f"`layer` must be one of {names}. Received: layer={layer!r}")
    return model.get_layer(layer).output


def _head(hidden, units, key):
    if None in hidden.shape[1:]:
        raise ValueError(f"`layer` must have an output of known size. Received: a layer of output {hidden.shape}")
    flat = keras.layers.Flatten(name=f"{key}_flat", data_format="channels_last")(hidden)
    return keras.layers.Dense(units, dtype="float32", name=f"{key}_head")(flat)
