"""Pairs of players that share layers, as CoGAN's do."""

import keras

from keras_gan.ground.arguments import check_count
from keras_gan.play.players import graph_inputs


def coupled_generators(generator: keras.Model, apart: int = 1) -> tuple[keras.Model, keras.Model]:
    """Returns a generator and another one, which shares all its layers but the last.

    Both decide in the shared layers what is seen, and each in its own how it looks. Only layers with weights count.
    The other one's own layers begin with weights of their own.

    Args:
        generator: A functional or sequential model.
        apart: How many layers with weights are not shared, at least 1. Defaults to 1.

    Raises:
        ValueError: If the model has no graph, or no layer would be shared.

    Example:

    >>> from keras_gan.networks import dcgan_generator
    >>> g_a, g_b = coupled_generators(dcgan_generator(64, (28, 28, 1)))
    >>> len({id(weight) for weight in (*g_a.trainable_variables, *g_b.trainable_variables)})
    10

    Reference: [Liu & Tuzel, 2016](https://arxiv.org/abs/1606.07536), section 3.
    """
    layers = _with_weights("generator", generator, apart)
    return generator, _coupled(generator, layers[-apart:])


def coupled_discriminators(discriminator: keras.Model, apart: int = 1) -> tuple[keras.Model, keras.Model]:
    """Returns a discriminator and another one, which shares all its layers but the first.

    Each reads the pictures of its domain in its own layers, and both judge in the shared ones what is seen. Only layers
    with weights count. Ports are known that share the first layers instead, which see the pictures, not the digits.

    Args:
        discriminator: A functional or sequential model.
        apart: How many layers with weights are not shared, at least 1. Defaults to 1.

    Raises:
        ValueError: If the model has no graph, or no layer would be shared.

    Example:

    >>> from keras_gan.networks import dcgan_discriminator
    >>> d_a, d_b = coupled_discriminators(dcgan_discriminator((28, 28, 1)))
    >>> d_a.layers[1] is d_b.layers[1], d_a.layers[-1] is d_b.layers[-1]
    (False, True)

    Reference: [Liu & Tuzel, 2016](https://arxiv.org/abs/1606.07536), section 3.
    """
    layers = _with_weights("discriminator", discriminator, apart)
    return discriminator, _coupled(discriminator, layers[:apart])


def _with_weights(argument, model, apart):
    """Returns the layers with weights, in the order from the inputs to the outputs."""
    if not isinstance(model, keras.Model) or graph_inputs(model) is None:
        raise ValueError(f"`{argument}` must be a built Sequential or functional model. Received: {argument}={model!r}")
    layers = [layer for layer in model.layers if layer.weights]
    if check_count("apart", apart) >= len(layers):
        raise ValueError(
            f"`apart` must leave layers with weights to be shared, of {[layer.name for layer in layers]}. "
            f"Received: apart={apart}"
        )
    return layers


def _coupled(model, own):
    """Returns a model with layers of its own in place of some, which shares all others."""
    own = {id(layer) for layer in own}
    made = keras.models.clone_model(
        model, clone_function=lambda layer: type(layer).from_config(layer.get_config()) if id(layer) in own else layer
    )
    made.name = f"{model.name}_b"
    return made
