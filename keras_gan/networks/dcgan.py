"""Convolutional players for pictures of any size that halves down to 3 to 7 pixels per side."""

from collections.abc import Sequence

import keras
from keras import layers

from keras_gan.ground.arguments import check_count, check_number, check_shape
from keras_gan.layers import Dropout
from keras_gan.networks.inputs import join_labels, network, packed, score
from keras_gan.networks.mlp import check_normalization, get_activation, normalize
from keras_gan.networks.sizes import smallest_map

MOST_FILTERS = 512


@network
def dcgan_generator(
    latents: int,
    image_shape: Sequence[int],
    *,
    filters: int = 32,
    hidden: Sequence[int] = (),
    normalization: str | None = "batch",
    output_activation: str | None = "tanh",
    labels: int | None = None,
    name: str = "generator",
) -> keras.Model:
    """Builds a convolutional generator: latents (N, `latents`)[, labels (N,)] -> images (N, height, width, channels).

    A dense layer makes the smallest map, 3 to 7 pixels per side; a transposed convolution (4x4, stride 2) doubles it.

    Args:
        latents: The number of latent dimensions, at least 1.
        image_shape: (height, width, channels); each side must be 3, 4, 5, 6 or 7 times a power of two, such as 28, 32,
            48, 64, 96, 128.
        filters: The number of feature maps at half the full resolution; it doubles with each halving, up to 512.
        hidden: The widths of dense layers before that of the smallest map; none in the paper. They cost little, and
            help to separate kinds of pictures without intermediate ones, such as digits.
        normalization: `"batch"`, `"layer"` or None.
        output_activation: `"tanh"` for images in [-1, 1], `"sigmoid"` for [0, 1].
        labels: The number of classes of a conditional generator, or None.
        name: The model's name.

    Raises:
        ValueError: If an argument is out of range, or a side does not halve down to 3, 4, 5, 6 or 7.

    Example:

    >>> dcgan_generator(64, (28, 28, 1)).output_shape
    (None, 28, 28, 1)

    Reference: [Radford et al., 2016](https://arxiv.org/abs/1511.06434), section 3.
    """
    height, width, doublings = smallest_map(image_shape)
    check_normalization(normalization)
    widths = feature_maps(filters, doublings)
    inputs, x = join_labels(latents, labels)
    bias = normalization != "batch"
    for i, units in enumerate(check_shape("hidden", hidden), start=1):
        x = layers.Dense(units, use_bias=bias)(x)
        x = layers.ReLU(name=f"hidden_{i}")(normalize(x, normalization))
    x = layers.Dense(height * width * widths[-1], use_bias=bias)(x)
    x = layers.Reshape((height, width, widths[-1]))(x)
    x = layers.ReLU(name=f"hidden_{len(hidden) + 1}")(normalize(x, normalization))
    for i, maps in enumerate(widths[-2::-1], start=len(hidden) + 2):
        x = layers.Conv2DTranspose(maps, 4, strides=2, padding="same", use_bias=bias)(x)
        x = layers.ReLU(name=f"hidden_{i}")(normalize(x, normalization))
    x = layers.Conv2DTranspose(image_shape[-1], 4, strides=2, padding="same")(x)
    output_activation = get_activation("output_activation", output_activation)
    x = layers.Activation(output_activation, dtype="float32", name="output")(x)
    return keras.Model(inputs, x, name=name)


@network
def dcgan_discriminator(
    image_shape: Sequence[int],
    *,
    filters: int = 32,
    hidden: int = 128,
    normalization: str | None = None,
    dropout: float = 0.0,
    labels: int | None = None,
    packing: int = 1,
    name: str = "discriminator",
) -> keras.Model:
    """Builds a convolutional discriminator: images (N, height, width, channels)[, labels (N,)] -> logits (N, 1).

    Each convolution (4x4, stride 2, LeakyReLU 0.2) halves the map, down to 3 to 7 pixels per side.

    Args:
        image_shape: (height, width, channels); each side must be 3, 4, 5, 6 or 7 times a power of two, such as 28, 32,
            48, 64, 96, 128.
        filters: The number of feature maps at half the full resolution; it doubles with each halving, up to 512.
        hidden: The width of a dense layer before the score; 0 leaves it out, as in the paper.
        normalization: `"layer"`, None, or `"batch"`; do not use `"batch"` with gradient penalties.
        dropout: The share of features that is dropped after each convolution while training, in [0, 1).
        labels: The number of classes of a conditional discriminator, or None. They enter by projection.
        packing: The number of examples per score, joined on their last axis; see `GAN`.
        name: The model's name.

    Raises:
        ValueError: If an argument is out of range, or a side does not halve down to 3, 4, 5, 6 or 7.

    Example:

    >>> dcgan_discriminator((28, 28, 1)).output_shape
    (None, 1)

    Reference: [Radford et al., 2016](https://arxiv.org/abs/1511.06434), section 3.
    """
    _, _, halvings = smallest_map(image_shape)
    check_normalization(normalization)
    check_number("dropout", dropout, 0, 1)
    image = keras.Input(packed(image_shape, packing), name="inputs")
    x = _halved(image, feature_maps(filters, halvings), hidden, normalization, dropout)
    inputs, x = score(image, x, labels)
    return keras.Model(inputs, x, name=name)


@network
def dcgan_encoder(
    image_shape: Sequence[int],
    dim: int,
    *,
    filters: int = 32,
    hidden: int = 128,
    normalization: str | None = "batch",
    name: str = "encoder",
) -> keras.Model:
    """Builds a convolutional encoder: images (N, height, width, channels) -> codes (N, `dim`), float32.

    Each convolution (4x4, stride 2, LeakyReLU 0.2) halves the map, as in `dcgan_discriminator`, the mirror image
    of `dcgan_generator`. A `VAE` or `VAEGAN` with codes of n numbers needs `dim=2 * n`, for means and logarithms of
    variances.

    Args:
        image_shape: (height, width, channels); each side must be 3, 4, 5, 6 or 7 times a power of two, such as 28, 32,
            48, 64, 96, 128.
        dim: The length of a code.
        filters: The number of feature maps at half the full resolution; it doubles with each halving, up to 512.
        hidden: The width of a dense layer before the codes; 0 leaves it out.
        normalization: `"batch"`, `"layer"` or None.
        name: The model's name.

    Raises:
        ValueError: If an argument is out of range, or a side does not halve down to 3, 4, 5, 6 or 7.

    Example:

    >>> dcgan_encoder((28, 28, 1), 20).output_shape
    (None, 20)
    """
    _, _, halvings = smallest_map(image_shape)
    check_normalization(normalization)
    image = keras.Input(tuple(image_shape), name="inputs")
    x = _halved(image, feature_maps(filters, halvings), hidden, normalization)
    return keras.Model(image, layers.Dense(check_count("dim", dim), dtype="float32", name="codes")(x), name=name)


def _halved(x, widths, hidden, normalization, dropout=0.0):
    """Returns the features of an image: a convolution of each width, and a dense layer if `hidden` is above 0."""
    for i, maps in enumerate(widths, start=1):
        x = layers.Conv2D(maps, 4, strides=2, padding="same")(x)
        x = x if i == 1 else normalize(x, normalization)
        x = layers.LeakyReLU(negative_slope=0.2, name=f"hidden_{i}")(x)
        if dropout:
            x = Dropout(dropout)(x)
    x = layers.Flatten()(x)
    if not hidden:
        return x
    x = layers.Dense(check_count("hidden", hidden))(x)
    return layers.LeakyReLU(negative_slope=0.2, name=f"hidden_{len(widths) + 1}")(x)


def feature_maps(filters: int, count: int) -> list[int]:
    """Returns `filters` doubling `count` times, up to 512: [32, 64, 128]."""
    check_count("filters", filters)
    return [min(filters << i, max(filters, MOST_FILTERS)) for i in range(count)]
