"""Players of super-resolution: SRResNet, and the discriminator of SRGAN."""

from collections.abc import Sequence

import keras
from keras import layers

from keras_gan.ground.arguments import check_count
from keras_gan.layers import PixelShuffle
from keras_gan.networks.inputs import network
from keras_gan.networks.mlp import get_activation
from keras_gan.networks.translation import check_picture, feature_maps, normalize

SMALLEST = 4  # pixels per side of the discriminator's last map, at least


@network
def srresnet(
    image_shape: Sequence[int | None],
    factor: int = 4,
    *,
    width: int = 64,
    blocks: int = 16,
    normalization: str | None = "batch",
    output_activation: str | None = "tanh",
    name: str = "generator",
) -> keras.Model:
    """Builds SRResNet: pictures (N, height, width, channels) -> (N, `factor` height, `factor` width, channels).

    A 9x9 convolution, residual blocks (3x3, PReLU), the sum with the first layer's output, and for each doubling a 3x3
    convolution whose channels become pixels, with PReLU; the last convolution is 9x9.

    Args:
        image_shape: (height, width, channels) of the small pictures; sides may be None, for pictures of any size.
        factor: The factor by which each side grows: 2, 4, 8 or another power of 2. Defaults to 4.
        width: The number of feature maps. Defaults to 64.
        blocks: The number of residual blocks. Defaults to 16.
        normalization: `"batch"`, `"instance"` or None, in the residual blocks.
        output_activation: `"tanh"` for pictures in [-1, 1], `"sigmoid"` for [0, 1].
        name: The model's name.

    Raises:
        ValueError: If an argument is out of range.

    Example:

    >>> srresnet((14, 14, 1), factor=2, width=8, blocks=1).output_shape
    (None, 28, 28, 1)

    Reference: [Ledig et al., 2017](https://arxiv.org/abs/1609.04802), section 2.2 and figure 4;
    [Shi et al., 2016](https://arxiv.org/abs/1609.05158).
    """
    known = [1 if side is None else side for side in image_shape] if isinstance(image_shape, Sequence) else image_shape
    check_picture(known if image_shape[-1] else image_shape)
    check_count("width", width)
    check_count("blocks", blocks, least=0)
    if check_count("factor", factor) & (factor - 1):
        raise ValueError(f"`factor` must be a power of 2, such as 2 or 4. Received: factor={factor}")
    image = keras.Input(image_shape, name="inputs")
    first = x = _prelu(layers.Conv2D(width, 9, padding="same")(image), "hidden_1")
    bias = normalization is None
    for i in range(blocks):
        h = _prelu(normalize(layers.Conv2D(width, 3, padding="same", use_bias=bias)(x), normalization))
        h = normalize(layers.Conv2D(width, 3, padding="same", use_bias=bias)(h), normalization)
        x = layers.Add(name=f"hidden_{i + 2}")([x, h])
    x = normalize(layers.Conv2D(width, 3, padding="same", use_bias=bias)(x), normalization)
    x = layers.Add(name=f"hidden_{blocks + 2}")([first, x])
    for i in range(factor.bit_length() - 1):
        x = PixelShuffle(2)(layers.Conv2D(4 * width, 3, padding="same")(x))
        x = _prelu(x, f"hidden_{blocks + 3 + i}")
    x = layers.Conv2D(image_shape[-1], 9, padding="same")(x)
    output = get_activation("output_activation", output_activation)
    return keras.Model(image, layers.Activation(output, dtype="float32", name="output")(x), name=name)


@network
def srgan_discriminator(
    image_shape: Sequence[int],
    *,
    width: int = 64,
    depth: int | None = None,
    hidden: int = 1024,
    normalization: str | None = "batch",
    name: str = "discriminator",
) -> keras.Model:
    """Builds the discriminator of SRGAN: pictures (N, height, width, channels) -> logits (N, 1).

    `depth` pairs of 3x3 convolutions (LeakyReLU 0.2), of which the second has stride 2, then a dense layer. The first
    convolution is not normalised.

    Args:
        image_shape: (height, width, channels).
        width: The number of feature maps of the first pair; it doubles with each pair, up to 8 times. Defaults to 64.
        depth: The number of pairs. Defaults to 4, as in the paper, or as many as leave 4 pixels per side.
        hidden: The width of the dense layer. Defaults to 1024.
        normalization: `"batch"`, `"instance"` or None.
        name: The model's name.

    Raises:
        ValueError: If an argument is out of range.

    Example:

    >>> srgan_discriminator((28, 28, 1), width=4, hidden=8).output_shape
    (None, 1)

    Reference: [Ledig et al., 2017](https://arxiv.org/abs/1609.04802), section 2.1.1 and figure 4.
    """
    sides = check_picture(image_shape)
    if depth is None:
        depth = next((count for count in (4, 3, 2) if min(sides) >> count >= SMALLEST), 1)
    image = x = keras.Input(image_shape, name="inputs")
    for i, count in enumerate(feature_maps(width, check_count("depth", depth))):
        for strides in (1, 2):
            number = 2 * i + strides
            bias = number == 1 or normalization is None
            x = layers.Conv2D(count, 3, strides, padding="same", use_bias=bias)(x)
            x = x if number == 1 else normalize(x, normalization)
            x = layers.LeakyReLU(negative_slope=0.2, name=f"hidden_{number}")(x)
    x = layers.Dense(check_count("hidden", hidden))(layers.Flatten()(x))
    x = layers.LeakyReLU(negative_slope=0.2, name=f"hidden_{2 * depth + 1}")(x)
    return keras.Model(image, layers.Dense(1, dtype="float32", name="score")(x), name=name)


def _prelu(x, name=None):
    """Applies PReLU with one learned slope per feature map, so that pictures may have any size."""
    return layers.PReLU(shared_axes=[1, 2], name=name)(x)
