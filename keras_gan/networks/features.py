"""A discriminator that says more than its verdict."""

import keras


def with_features(model: keras.Model, layer: str, key: str = "features") -> keras.Model:
    """A model that returns a named layer's output beside its own: `{"output": ..., "features": ...}`.

    It shares its layers, and so its weights, with `model`.

    Args:
        model: A Sequential or functional Keras model, built. If it already returns a dict, the new part joins it.
        layer: The name of one of its layers.
        key: What the part is called: `"features"`, `"class_logits"`, `"code"`.

    Returns:
        A functional Keras model.

    Raises:
        ValueError: If the model is no such model, has no such layer, or already has such a part.

    Example:

    >>> from keras_gan import networks
    >>> discriminator = networks.mlp_discriminator((2,), hidden=(8, 4))
    >>> with_features(discriminator, discriminator.layers[-2].name).output["features"].shape
    (None, 4)
    """
    if not isinstance(model, keras.Model) or getattr(model, "inputs", None) is None:
        raise ValueError(f"`model` must be a built Sequential or functional model. Received: model={model!r}")
    names = [each.name for each in model.layers]
    if layer not in names:
        raise ValueError(f"`layer` must be one of {names}. Received: layer={layer!r}")
    output = model.outputs[0] if isinstance(model, keras.Sequential) else model.output
    outputs = dict(output) if isinstance(output, dict) else {"output": output}
    if key in outputs:
        raise ValueError(f"`key` must be none of {sorted(outputs)}. Received: key={key!r}")
    inputs = model.inputs if len(model.inputs) > 1 else model.inputs[0]
    return keras.Model(inputs, {**outputs, key: model.get_layer(layer).output}, name=model.name)
