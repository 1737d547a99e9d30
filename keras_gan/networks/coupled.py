"""Pairs of players that share layers, as CoGAN's do."""

import keras

from keras_gan.ground.arguments import check_count
from keras_gan.play.players import graph_inputs


def coupled_generators(generator: keras.Model, apart: int = 1) -> tuple[keras.Model, keras.Model]:
    """Returns a generator and a second one, which shares all its layers but the last.

    The shared layers decide on the content of pictures, each generator's own layers on their appearance. Only layers
    with weights count. The second generator's own layers are newly initialized.

    Args:
        generator: A functional or sequential model.
        apart: The number of layers with weights that are not shared, at least 1. Defaults to 1.

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
    """Returns a discriminator and a second one, which shares all its layers but the first.

    Each discriminator's own layers read the appearance of its domain, the shared layers judge the content. Only layers
    with weights count. Some ports share the first layers instead, which read appearance rather than content.

    Args:
        discriminator: A functional or sequential model.
        apart: The number of layers with weights that are not shared, at least 1. Defaults to 1.

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
            f"`apart` must be below the number of layers with weights, {[layer.name for layer in layers]}. "
            f"Received: apart={apart}"
        )
    return layers


def _coupled(model, own):
    """Returns a copy of the model with new layers in place of `own`, which shares all other layers."""
    own = {id(layer) for layer in own}
    made = keras.models.clone_model(
        model, clone_function=lambda layer: type(layer).from_config(layer.get_config()) if id(layer) in own else layer
    )
    made.name = f"{model.name}_b"
    return made
