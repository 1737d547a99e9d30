"""Players of R3GAN: residual networks of grouped convolutions, without normalization."""

import math
from collections.abc import Sequence

import keras
from keras import layers

from keras_gan.ground.arguments import check_count
from keras_gan.layers import Basis, FilteredResampling2D, GroupedConv2D
from keras_gan.networks.inputs import network, packed
from keras_gan.networks.sizes import smallest_map, stage_widths

SLOPE = 0.2
GAIN = math.sqrt(2 / (1 + SLOPE**2))  # compensates for the variance that the activation removes
FILTER = (1, 2, 1)
WIDE = 32  # pixels of the longer side of the largest map of full width


@network
def r3gan_generator(
    latents: int,
    image_shape: Sequence[int],
    *,
    width: int | Sequence[int] = 768,
    blocks: int = 2,
    group: int = 16,
    embedding: int | None = None,
    labels: int | None = None,
    name: str = "generator",
) -> keras.Model:
    """Builds R3GAN's generator: latents (N, `latents`)[, labels (N,)] -> images (N, height, width, channels).

    A linear map of the latents scales a learned basis of the smallest map; stages of residual blocks follow, and
    between them the map is doubled by the filter [1, 2, 1]. A block is x + f(x), where f is a convolution 1x1 to twice
    the channels, one 3x3 in groups, both with a bias and a LeakyReLU, and one 1x1 back that is initialized to 0: the
    whole network is a linear map at first. The output is linear, without tanh: pass `value_range` to the GAN.

    The defaults are the paper's for CIFAR-10, and, by the rule for `width`, for FFHQ at 256.

    Args:
        latents: The number of latent dimensions. The paper has 64.
        image_shape: (height, width, channels); each side must be 3, 4, 5, 6 or 7 times a power of two, such as 28, 32,
            64, 96, 128.
        width: The number of feature maps, halved with each doubling beyond 32 pixels; or one number for each stage, the
            smallest map first.
        blocks: The number of residual blocks per stage.
        group: The number of channels per group of the 3x3 convolutions, at most; it divides twice the width.
        embedding: The length of the class's embedding, which is joined to the latents. Defaults to `latents`.
        labels: The number of classes of a conditional generator, or None.
        name: The model's name.

    Raises:
        ValueError: If an argument is out of range, or a side does not halve down to 3, 4, 5, 6 or 7.

    Example:

    >>> r3gan_generator(8, (32, 32, 3), width=16).output_shape
    (None, 32, 32, 3)

    Reference: [Huang et al., 2024](https://arxiv.org/abs/2501.05441), sections 3 and 4, and the authors' code.
    """
    *smallest, _ = smallest_map(image_shape)
    widths = stage_widths(width, image_shape, WIDE)
    x = z = keras.Input((check_count("latents", latents),), name="latents")
    y = None
    if labels is not None:
        y = keras.Input((), dtype="int32", name="labels")
        embedding = check_count("embedding", latents if embedding is None else embedding)
        embed = layers.Embedding(check_count("labels", labels), embedding, _normal(1), name="label_embedding")
        x = layers.Concatenate()([z, embed(y)])
    x = layers.Dense(widths[0], use_bias=False, kernel_initializer=_variance(1))(x)
    x = Basis(smallest, name="basis")(x)
    block = _Blocks(count=check_count("blocks", blocks) * len(widths), group=group)
    for stage, maps in enumerate(widths):
        if stage:
            x = FilteredResampling2D(up=2, taps=FILTER)(_convert(x, maps))
        for _ in range(blocks):
            x = block(x)
    x = _linear(image_shape[-1])(x)
    x = layers.Activation("linear", dtype="float32", name="output")(x)
    return keras.Model(z if y is None else [z, y], x, name=name)


@network
def r3gan_discriminator(
    image_shape: Sequence[int],
    *,
    width: int | Sequence[int] = 768,
    blocks: int = 2,
    group: int = 16,
    embedding: int | None = None,
    labels: int | None = None,
    packing: int = 1,
    name: str = "discriminator",
) -> keras.Model:
    """Builds R3GAN's discriminator: images (N, height, width, channels)[, labels (N,)] -> logits (N, 1).

    The mirror of `r3gan_generator`: stages of residual blocks, the map halved by the filter [1, 2, 1] between them, a
    learned sum over the smallest map, and a linear map to the score. With labels it is a linear map to a vector, whose
    inner product with the class's embedding is the score.

    Args:
        image_shape: (height, width, channels); each side must be 3, 4, 5, 6 or 7 times a power of two, such as 28, 32,
            64, 96, 128.
        width: The number of feature maps, halved with each doubling beyond 32 pixels; or one number for each stage, the
            smallest map first, as in the generator.
        blocks: The number of residual blocks per stage.
        group: The number of channels per group of the 3x3 convolutions, at most; it divides twice the width.
        embedding: The length of the class's embedding. Defaults to the width of the smallest map.
        labels: The number of classes of a conditional discriminator, or None.
        packing: The number of images per score, joined on their channels; see `GAN`.
        name: The model's name.

    Raises:
        ValueError: If an argument is out of range, or a side does not halve down to 3, 4, 5, 6 or 7.

    Example:

    >>> r3gan_discriminator((32, 32, 3), width=16).output_shape
    (None, 1)

    Reference: [Huang et al., 2024](https://arxiv.org/abs/2501.05441), sections 3 and 4, and the authors' code.
    """
    *smallest, _ = smallest_map(image_shape)
    widths = stage_widths(width, image_shape, WIDE)[::-1]
    block = _Blocks(count=check_count("blocks", blocks) * len(widths), group=group)
    image = keras.Input(packed(image_shape, packing), name="inputs")
    x = _linear(widths[0])(image)
    for stage, maps in enumerate(widths):
        if stage:
            x = _convert(FilteredResampling2D(down=2, taps=FILTER)(x), maps)
        for _ in range(blocks):
            x = block(x)
    depthwise = _variance(widths[-1])  # a sum over the map, of which Keras counts all channels as inputs
    x = layers.DepthwiseConv2D(smallest, use_bias=False, depthwise_initializer=depthwise, name="basis")(x)
    x = layers.Flatten(name="features")(x)
    if labels is None:
        x = layers.Dense(1, use_bias=False, kernel_initializer=_variance(1), name="score")(x)
        return keras.Model(image, layers.Activation("linear", dtype="float32", name="logits")(x), name=name)
    embedding = check_count("embedding", widths[-1] if embedding is None else embedding)
    x = layers.Dense(embedding, use_bias=False, kernel_initializer=_variance(1))(x)
    y = keras.Input((), dtype="int32", name="labels")
    embed = layers.Embedding(check_count("labels", labels), embedding, _normal(1 / embedding), name="label_embedding")
    logits = layers.Dot(axes=1, dtype="float32", name="logits")([x, embed(y)])
    return keras.Model([image, y], logits, name=name)


class _Blocks:
    """Residual blocks, whose initial variance together does not depend on their number.

    The initial weights of a block's two convolutions before the last are scaled by L^(-1/4), with L blocks in all.
    """

    def __init__(self, count: int, group: int):
        self.group, self.made = check_count("group", group), 0
        self.scale = GAIN**2 / math.sqrt(count)

    def __call__(self, x):
        self.made += 1
        maps = x.shape[-1]
        group = min(self.group, 2 * maps)
        if 2 * maps % group:
            raise ValueError(f"`group` must divide twice the width, {2 * maps}. Received: group={self.group}")
        h = layers.Conv2D(2 * maps, 1, kernel_initializer=_variance(self.scale))(x)
        h = layers.LeakyReLU(negative_slope=SLOPE)(h)
        groups = {"groups": 2 * maps // group, "kernel_initializer": _variance(self.scale)}
        h = GroupedConv2D(2 * maps, 3, padding="same", **groups)(h)
        h = layers.LeakyReLU(negative_slope=SLOPE)(h)
        h = layers.Conv2D(maps, 1, use_bias=False, kernel_initializer="zeros")(h)
        return layers.Add(name=f"hidden_{self.made}")([x, h])


def _convert(x, maps):
    return x if x.shape[-1] == maps else _linear(maps)(x)


def _linear(maps):
    return layers.Conv2D(maps, 1, use_bias=False, kernel_initializer=_variance(1))


def _variance(scale):
    return keras.initializers.VarianceScaling(scale, "fan_in", "untruncated_normal")


def _normal(variance):
    return keras.initializers.RandomNormal(stddev=math.sqrt(variance))
