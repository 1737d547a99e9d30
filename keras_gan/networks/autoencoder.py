"""Players with a bottleneck: a discriminator that is an autoencoder, and a generator of pictures from pictures."""

import math
from collections.abc import Sequence

import keras
from keras import layers

from keras_gan.ground.arguments import check_count, check_shape
from keras_gan.networks.inputs import network, packed
from keras_gan.networks.mlp import get_activation
from keras_gan.networks.sizes import FEWEST, smallest_map
from keras_gan.networks.translation import check_picture, convolution, feature_maps, normalize


@network
def autoencoder_discriminator(
    input_shape: Sequence[int],
    *,
    code: int = 64,
    hidden: Sequence[int] = (256,),
    activation: str = "leaky_relu",
    norm: int = 2,
    packing: int = 1,
    name: str = "discriminator",
) -> keras.Model:
    """Builds a dense autoencoder and its error: (N, *`input_shape`) -> {"output": (N, 1), "features": (N, `code`)}.

    E(x) = mean |x - Dec(Enc(x))|^p over the numbers of an example, p = 2 for EBGAN, 1 for BEGAN.

    Args:
        input_shape: The shape of one example.
        code: The width of the bottleneck, which `PullingAway` reads as `"features"`. It must be below the size of
            an example; otherwise the energy is low everywhere.
        hidden: The widths of the encoder's hidden layers; the decoder mirrors them.
        activation: The hidden layers' activation.
        norm: p, 1 or 2.
        packing: The number of examples per score, joined on their last axis; see `GAN`.
        name: The model's name.

    Raises:
        ValueError: If an argument is out of range.

    Example:

    >>> sorted(autoencoder_discriminator((28, 28, 1)).output)
    ['features', 'output']

    Reference: [Zhao et al., 2016](https://arxiv.org/abs/1609.03126), section 2.3;
    [Berthelot et al., 2017](https://arxiv.org/abs/1703.10717), section 3.1.
    """
    shape = packed(check_shape("input_shape", input_shape), packing)
    inputs = keras.Input(shape, name="inputs")
    check_count("code", code)
    if norm not in (1, 2):
        raise ValueError(f"`norm` must be 1 or 2. Received: norm={norm!r}")
    activation, hidden = get_activation("activation", activation), check_shape("hidden", hidden)
    target = layers.Flatten(dtype="float32")(inputs)
    x = target
    for i, width in enumerate(hidden, start=1):
        x = layers.Dense(width, activation=activation, name=f"hidden_{i}")(x)
    features = x = layers.Dense(code, name="code")(x)
    for i, width in enumerate(reversed(hidden), start=len(hidden) + 1):
        x = layers.Dense(width, activation=activation, name=f"hidden_{i}")(x)
    rebuilt = layers.Dense(math.prod(shape), dtype="float32", name="rebuilt")(x)
    error = keras.ops.abs(target - rebuilt) ** norm
    energy = keras.ops.mean(error, axis=1, keepdims=True)
    return keras.Model(inputs, {"output": energy, "features": features}, name=name)


@network
def encoder_decoder(
    image_shape: Sequence[int],
    output_shape: Sequence[int] | None = None,
    *,
    width: int = 64,
    bottleneck: int = 512,
    normalization: str | None = "batch",
    output_activation: str | None = "tanh",
    name: str = "generator",
) -> keras.Model:
    """Builds the network of context encoders: pictures (N, height, width, c) -> pictures (N, *`output_shape`).

    Convolutions (4x4, stride 2, LeakyReLU 0.2) halve the map down to 3 to 7 pixels per side, and one more, over the
    whole map, returns `bottleneck` numbers; transposed convolutions (ReLU) turn these into a map of 3 to 7 pixels per
    side, and double it.

    Args:
        image_shape: (height, width, channels) of the input. Each side is 3, 4, 5, 6 or 7 times a power of two, at
            least 6.
        output_shape: (height, width, channels) of the output; likewise, or of 3 to 5 pixels. Defaults to
            `image_shape`.
        width: The number of feature maps at half the full resolution; it doubles with each halving, up to 8 times.
        bottleneck: The width of the bottleneck. Defaults to 512; the paper has 4000, at 128 pixels.
        normalization: `"batch"`, `"instance"` or None.
        output_activation: `"tanh"` for pictures in [-1, 1], `"sigmoid"` for [0, 1].
        name: The model's name.

    Raises:
        ValueError: If an argument is out of range, or a side is another number.

    Example:

    >>> encoder_decoder((28, 28, 1), (14, 14, 1), width=4, bottleneck=8).output_shape
    (None, 14, 14, 1)

    Reference: [Pathak et al., 2016](https://arxiv.org/abs/1604.07379), section 3.1 and figure 9.
    """
    output_shape = image_shape if output_shape is None else output_shape
    *last, halvings = smallest_map(image_shape)
    *first, doublings = _smallest_map(output_shape)
    check_count("bottleneck", bottleneck)
    bias = normalization is None
    image = x = keras.Input(image_shape, name="inputs")
    for i, count in enumerate(feature_maps(width, halvings)):
        x = convolution(count, 4, 2, "same", use_bias=bias or i == 0)(x)
        x = x if i == 0 else normalize(x, normalization)
        x = layers.LeakyReLU(negative_slope=0.2, name=f"hidden_{i + 1}")(x)
    # no instance normalization of a map of one pixel: it would be 0
    kind = None if normalization == "instance" else normalization
    x = normalize(convolution(bottleneck, last, use_bias=kind is None)(x), kind)
    x = layers.LeakyReLU(negative_slope=0.2, name=f"hidden_{halvings + 1}")(x)
    steps = [(first, 1, "valid"), *[(4, 2, "same")] * doublings]
    for i, count in enumerate(reversed(feature_maps(width, doublings))):
        x = normalize(convolution(count, *steps[i], transposed=True, use_bias=bias)(x), normalization)
        x = layers.ReLU(name=f"hidden_{halvings + 2 + i}")(x)
    x = convolution(output_shape[-1], *steps[-1], transposed=True)(x)
    output = get_activation("output_activation", output_activation)
    return keras.Model(image, layers.Activation(output, dtype="float32", name="output")(x), name=name)


def _smallest_map(image_shape):
    """Finds the map of `smallest_map`, without a doubling for a picture of 3 to 5 pixels."""
    sides = check_picture(image_shape)
    return (*sides, 0) if FEWEST <= min(sides) < 2 * FEWEST else smallest_map(image_shape)
