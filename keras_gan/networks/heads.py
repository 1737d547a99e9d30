"""Heads that embed places of a translator's hidden layers, to be compared."""

from collections.abc import Sequence

import keras
from keras import layers

from keras_gan.ground.arguments import check_count
from keras_gan.layers import SampledPlaces
from keras_gan.networks.features import hidden_layers
from keras_gan.networks.inputs import network

LAYERS = ("inputs", "hidden_2", "hidden_3", "hidden_4", "hidden_8")


@network
def patch_heads(
    model: keras.Model,
    hidden: Sequence[str] = LAYERS,
    *,
    patches: int = 256,
    units: int = 256,
    name: str = "heads",
) -> keras.Model:
    """Builds the heads of CUT: maps of hidden layers (N, h, w, c) and noise (N, K) -> vectors at random places.

    The noise selects `patches` places of each map, whose vectors pass through two dense layers of the map's own, the
    first with ReLU: {layer: (N, patches, units)}. Maps of one size share their places; a map of fewer places is taken
    whole. K is the number of places of the largest map.

    Args:
        model: The translator whose maps the heads receive: functional, with maps of known sizes.
        hidden: The names of the translator's layers. Defaults to the paper's layers in a `resnet_translator` of at
            least 5 blocks: the input, both halvings, the first and the fifth block.
        patches: The number of places per map. Defaults to 256.
        units: The length of each vector. Defaults to 256.
        name: The model's name.

    Returns:
        A functional Keras model of the list of maps, in the order of `hidden`, and the noise.

    Raises:
        ValueError: If an argument is out of range, or a layer's output is not a map of known size.

    Example:

    >>> translator = resnet_translator((28, 28, 1), width=4)
    >>> heads = patch_heads(translator, ["hidden_2", "hidden_3"], patches=64, units=16)
    >>> {name: x.shape for name, x in heads.output.items()}
    {'hidden_2': (None, 64, 16), 'hidden_3': (None, 49, 16)}

    Reference: [Park et al., 2020](https://arxiv.org/abs/2007.15651), section 3 and appendix C.
    """
    check_count("patches", patches)
    check_count("units", units)
    shapes = {layer: tuple(x.shape[1:]) for layer, x in hidden_layers(model, hidden).output.items()}
    for layer, shape in shapes.items():
        if len(shape) != 3 or None in shape:
            raise ValueError(
                f"`hidden` must name layers that give maps (N, h, w, c) of known size. Received: {layer!r}, which "
                f"gives {(None, *shape)}"
            )
    noise = keras.Input((max(height * width for height, width, _ in shapes.values()),), name="places")
    maps = {layer: keras.Input(shape, name=f"{layer}_map") for layer, shape in shapes.items()}
    heads = {}
    for layer, x in maps.items():
        x = SampledPlaces(patches)([x, noise])
        heads[layer] = layers.Dense(units)(layers.Dense(units, "relu")(x))
    return keras.Model([*maps.values(), noise], heads, name=name)
