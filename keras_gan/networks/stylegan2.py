"""Players of StyleGAN2: a mapping network, a synthesis network of modulated convolutions, a residual discriminator."""

import math
from collections.abc import Sequence

import keras
from keras import layers

from keras_gan.ground.arguments import check_count, check_flag
from keras_gan.layers import (
    EqualizedLearningRate,
    FilteredResampling2D,
    LearnedMap,
    MinibatchStandardDeviation,
    ModulatedConv2D,
    PixelNormalization,
    ScaledNoise,
)
from keras_gan.networks.inputs import network, packed
from keras_gan.networks.sizes import smallest_map, stage_widths

SLOPE = 0.2
GAIN = math.sqrt(2)  # by which the activation is multiplied
WIDE = 64  # pixels of the longer side of the largest map of full width


@network
def stylegan2_mapping(
    latents: int,
    *,
    width: int = 512,
    depth: int = 8,
    multiplier: float = 0.01,
    labels: int | None = None,
    name: str = "mapping",
) -> keras.Model:
    """Builds StyleGAN2's mapping network: latents (N, `latents`)[, labels (N,)] -> w (N, `width`).

    Latents normalised to length sqrt(dim), concatenated with the normalised embedding of the class, pass through
    `depth` dense layers with LeakyReLU, which learn at a hundredth of the rate of other layers.

    Args:
        latents: The number of latent dimensions. The paper has 512.
        width: The number of units of each layer, and of w. Defaults to 512.
        depth: The number of layers. Defaults to 8; the authors use 2 for CIFAR-10.
        multiplier: Factor of the layers' learning rate. Defaults to 0.01.
        labels: The number of classes of a conditional generator, or None.
        name: The model's name.

    Raises:
        ValueError: If an argument is out of range.

    Example:

    >>> stylegan2_mapping(8, width=16, depth=2).output_shape
    (None, 16)

    Reference: [Karras et al., 2020](https://arxiv.org/abs/1912.04958), and the authors' code.
    """
    z = keras.Input((check_count("latents", latents),), name="latents")
    inputs, x = z, PixelNormalization()(z)
    check_count("width", width)
    if labels is not None:
        y = keras.Input((), dtype="int32", name="labels")
        embedding = _embed(labels, width)(y)
        inputs, x = [z, y], layers.Concatenate()([x, PixelNormalization()(embedding)])
    for i in range(1, check_count("depth", depth) + 1):
        x = _activate(_equalized(layers.Dense(width, kernel_initializer=_normal()), multiplier)(x), f"hidden_{i}")
    return keras.Model(inputs, x, name=name)


@network
def stylegan2_synthesis(
    image_shape: Sequence[int],
    *,
    style: int = 512,
    width: int | Sequence[int] = 512,
    name: str = "synthesis",
) -> keras.Model:
    """Builds StyleGAN2's synthesis network: styles (N, layers, `style`) -> images (N, height, width, channels).

    After a learned map, each layer is a convolution 3x3 modulated by its style, scaled noise, a bias and LeakyReLU; the
    first of each size but the smallest doubles the map. At each size a modulated convolution 1x1 returns pixels, which
    are added to those of the sizes before, enlarged by [1, 3, 3, 1]. With n doublings there are 2 n + 2 styles, as from
    `StyleMixing`: the pixels of a size share a style with the first layer of the next size. The output is linear.

    Args:
        image_shape: (height, width, channels); each side must be 3, 4, 5, 6 or 7 times a power of two, such as 28, 32,
            64, 96, 128.
        style: The length of a style. Defaults to 512.
        width: The number of feature maps, halved with each doubling beyond 64 pixels; or one number for each size, the
            smallest map first.
        name: The model's name.

    Raises:
        ValueError: If an argument is out of range, or a side does not halve down to 3, 4, 5, 6 or 7.

    Example:

    >>> model = stylegan2_synthesis((32, 32, 3), style=8, width=4)
    >>> model.input_shape, model.output_shape
    ((None, 8, 8), (None, 32, 32, 3))

    Reference: [Karras et al., 2020](https://arxiv.org/abs/1912.04958), figures 2 and 7, and the authors' code.
    """
    *smallest, doublings = smallest_map(image_shape)
    widths = stage_widths(width, image_shape, WIDE)
    count = 2 * doublings + 2
    styles = keras.Input((count, check_count("style", style)), name="styles")
    w = keras.ops.unstack(styles, count, axis=1)
    x, pixels = LearnedMap((*smallest, widths[0]), name="map")(styles), None
    x = _modulated(widths[0], x, w[0], "hidden_1")
    for stage, maps in enumerate(widths):
        if stage:
            x = _modulated(maps, x, w[2 * stage - 1], f"hidden_{2 * stage}", upsample=True)
            x = _modulated(maps, x, w[2 * stage], f"hidden_{2 * stage + 1}")
            pixels = FilteredResampling2D(up=2)(pixels)
        made = ModulatedConv2D(image_shape[-1], 1, demodulate=False)([x, w[2 * stage + 1]])
        pixels = made if pixels is None else layers.Add()([pixels, made])
    output = layers.Activation("linear", dtype="float32", name="output")(pixels)
    return keras.Model(styles, output, name=name)


@network
def stylegan2_discriminator(
    image_shape: Sequence[int],
    *,
    width: int | Sequence[int] = 512,
    residual: bool = True,
    group: int = 4,
    labels: int | None = None,
    packing: int = 1,
    name: str = "discriminator",
) -> keras.Model:
    """Builds StyleGAN2's discriminator: images (N, height, width, channels)[, labels (N,)] -> logits (N, 1).

    Blocks of two convolutions 3x3 with LeakyReLU, the second of which halves the map, smoothed by [1, 3, 3, 1]; the
    standard deviation of groups of examples, a convolution, and two dense layers. With labels the score is the inner
    product with the normalised embedding of the class.

    Args:
        image_shape: (height, width, channels); each side must be 3, 4, 5, 6 or 7 times a power of two, such as 28, 32,
            64, 96, 128.
        width: The number of feature maps, halved with each doubling beyond 64 pixels; or one number for each size, the
            smallest map first, as in the synthesis network.
        residual: Whether blocks have a linear shortcut. Defaults to True; the authors use False for CIFAR-10.
        group: The number of examples per standard deviation. Batches are multiples of it, or smaller. Defaults to 4.
        labels: The number of classes of a conditional discriminator, or None.
        packing: The number of images per score, joined on their channels; see `GAN`.
        name: The model's name.

    Raises:
        ValueError: If an argument is out of range, or a side does not halve down to 3, 4, 5, 6 or 7.

    Example:

    >>> stylegan2_discriminator((32, 32, 3), width=8).output_shape
    (None, 1)

    Reference: [Karras et al., 2020](https://arxiv.org/abs/1912.04958), figure 7, and the authors' code.
    """
    widths = stage_widths(width, image_shape, WIDE)[::-1]
    check_flag("residual", residual)
    image = keras.Input(packed(image_shape, packing), name="inputs")
    x = _activate(_convolution(widths[0], 1)(image), "hidden_1")
    for i, maps in enumerate(widths[1:], start=2):
        h = _activate(_convolution(x.shape[-1], 3)(x))
        h = _convolution(maps, 3, down=True)(FilteredResampling2D(padding=(2, 2))(h))
        h = _activate(h, None if residual else f"hidden_{i}")
        if residual:
            skip = _convolution(maps, 1, bias=False)(FilteredResampling2D(down=2)(x))
            h = layers.Rescaling(math.sqrt(0.5), name=f"hidden_{i}")(layers.Add()([h, skip]))
        x = h
    x = MinibatchStandardDeviation(group)(x)
    x = layers.Flatten()(_activate(_convolution(widths[-1], 3)(x)))
    x = _activate(_equalized(layers.Dense(widths[-1], kernel_initializer=_normal()))(x), "features")
    if labels is None:
        x = _equalized(layers.Dense(1, kernel_initializer=_normal()), name="score")(x)
        return keras.Model(image, layers.Activation("linear", dtype="float32", name="logits")(x), name=name)
    y = keras.Input((), dtype="int32", name="labels")
    x = _equalized(layers.Dense(widths[-1], kernel_initializer=_normal()))(x)
    x = layers.Dot(axes=1, dtype="float32")([x, PixelNormalization()(_embed(labels, widths[-1])(y))])
    logits = layers.Rescaling(1 / math.sqrt(widths[-1]), dtype="float32", name="logits")(x)
    return keras.Model([image, y], logits, name=name)


def _modulated(maps, x, w, name, upsample=False):
    return _activate(ScaledNoise()(ModulatedConv2D(maps, 3, upsample=upsample)([x, w])), name)


def _activate(x, name=None):
    return layers.Rescaling(GAIN, name=name)(layers.LeakyReLU(negative_slope=SLOPE)(x))


def _convolution(maps, size, down=False, bias=True):
    """Returns a convolution; with `down`, of stride 2, for a map that has been smoothed and padded."""
    layer = layers.Conv2D(
        maps, size, 2 if down else 1, "valid" if down else "same", use_bias=bias, kernel_initializer=_normal()
    )
    return _equalized(layer)


def _equalized(layer, multiplier=1.0, name=None):
    return EqualizedLearningRate(layer, multiplier, name=name)


def _embed(labels, units):
    normal = keras.initializers.RandomNormal(stddev=1.0)
    return layers.Embedding(check_count("labels", labels), units, normal, name="label_embedding")


def _normal():
    return keras.initializers.VarianceScaling(1, "fan_in", "untruncated_normal")
