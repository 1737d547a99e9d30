"""Residual players of SNGAN and SAGAN, for pictures of any size that halves down to 3 to 7 pixels per side."""

from collections.abc import Sequence

import keras
from keras import layers

from keras_gan.ground.arguments import check_count
from keras_gan.layers import (
    BatchNormalization,
    ConditionalBatchNormalization,
    Projection,
    SelfAttention,
    SpectralNormalization,
    UpSampling2D,
)
from keras_gan.networks.inputs import network, packed
from keras_gan.networks.mlp import get_activation
from keras_gan.networks.sizes import smallest_map

ATTENDED = 32  # pixels of the longer side of the largest map with self-attention


@network
def resnet_generator(
    latents: int,
    image_shape: Sequence[int],
    *,
    filters: int = 256,
    output_activation: str | None = "tanh",
    spectral_normalization: bool = False,
    attention: bool = False,
    labels: int | None = None,
    name: str = "generator",
) -> keras.Model:
    """Builds a residual generator: latents (N, `latents`)[, labels (N,)] -> images (N, height, width, channels).

    Each residual block doubles the map and applies batch normalization; labels give its scale and shift.

    Args:
        latents: The number of latent dimensions, at least 1.
        image_shape: (height, width, channels); each side must be 3, 4, 5, 6 or 7 times a power of two, such as 28, 32,
            64, 96, 128.
        filters: The number of feature maps of every block.
        output_activation: `"tanh"` for images in [-1, 1], `"sigmoid"` for [0, 1].
        spectral_normalization: Whether to normalise every convolution and dense layer, as in SAGAN. Defaults to False.
        attention: Whether the last map of at most 32 pixels per side has self-attention, as in SAGAN; it needs at least
            8 filters. Defaults to False.
        labels: The number of classes of a conditional generator, or None.
        name: The model's name.

    Raises:
        ValueError: If an argument is out of range, or a side does not halve down to 3, 4, 5, 6 or 7.

    Example:

    >>> resnet_generator(64, (32, 32, 3), filters=16, labels=10).output_shape
    (None, 32, 32, 3)

    Reference: [Miyato et al., 2018](https://arxiv.org/abs/1802.05957), table 4;
    [Miyato & Koyama, 2018](https://arxiv.org/abs/1802.05637) for labels;
    [Zhang et al., 2019](https://arxiv.org/abs/1805.08318) for attention.
    """
    height, width, doublings = smallest_map(image_shape)
    check_count("filters", filters, least=8 if attention else 1)
    z = keras.Input((check_count("latents", latents),), name="latents")
    y = _labels(labels)
    wrap, convolve = _layers(spectral_normalization)
    attended = _attended(max(height, width) << i for i in range(1, doublings + 1)) if attention else None
    x = wrap(layers.Dense(height * width * filters, kernel_initializer="glorot_uniform"))(z)
    x = layers.Reshape((height, width, filters))(x)
    for i in range(1, doublings + 1):
        h = UpSampling2D()(_normalize(x, y, labels))
        h = convolve(h, filters, 3)
        h = convolve(_normalize(h, y, labels), filters, 3)
        x = layers.Add(name=f"hidden_{i}")([h, convolve(UpSampling2D()(x), filters, 1)])
        x = SelfAttention(spectral_normalization, name="attention")(x) if i == attended else x
    x = layers.ReLU()(BatchNormalization(momentum=0.9, epsilon=1e-5)(x))
    x = convolve(x, image_shape[-1], 3)
    output_activation = get_activation("output_activation", output_activation)
    x = layers.Activation(output_activation, dtype="float32", name="output")(x)
    return keras.Model(z if y is None else [z, y], x, name=name)


@network
def resnet_discriminator(
    image_shape: Sequence[int],
    *,
    filters: int = 128,
    spectral_normalization: bool = True,
    attention: bool = False,
    labels: int | None = None,
    packing: int = 1,
    name: str = "discriminator",
) -> keras.Model:
    """Builds a residual discriminator: images (N, height, width, channels)[, labels (N,)] -> logits (N, 1).

    Residual blocks halve the map, two more keep its size, and the sum over the map gives the score; labels enter by
    projection.

    Args:
        image_shape: (height, width, channels); each side must be 3, 4, 5, 6 or 7 times a power of two, such as 28, 32,
            64, 96, 128.
        filters: The number of feature maps of every block.
        spectral_normalization: Whether to normalise every layer, as in the paper. Defaults to True; use False with a
            gradient penalty.
        attention: Whether the first map of at most 32 pixels per side has self-attention, as in SAGAN; it needs at
            least 8 filters. Defaults to False.
        labels: The number of classes of a conditional discriminator, or None.
        packing: The number of images per score, joined on their channels; see `GAN`.
        name: The model's name.

    Raises:
        ValueError: If an argument is out of range, or a side does not halve down to 3, 4, 5, 6 or 7.

    Example:

    >>> resnet_discriminator((32, 32, 3), filters=16).output_shape
    (None, 1)

    Reference: [Miyato et al., 2018](https://arxiv.org/abs/1802.05957), table 4;
    [Zhang et al., 2019](https://arxiv.org/abs/1805.08318) for attention.
    """
    _, _, halvings = smallest_map(image_shape)
    check_count("filters", filters, least=8 if attention else 1)
    wrap, convolve = _layers(spectral_normalization)
    image = keras.Input(packed(image_shape, packing), name="inputs")
    x, downs = image, max(1, halvings - 1)
    attended = downs + 1 - _attended(max(image_shape[:2]) >> i for i in range(downs, 0, -1)) if attention else None
    for block in range(downs + 2):
        h = x if block == 0 else layers.ReLU()(x)
        h = convolve(layers.ReLU()(convolve(h, filters, 3)), filters, 3)
        add = layers.Add(name=f"hidden_{block + 1}")
        if block == 0:
            x = add([layers.AveragePooling2D(2)(h), convolve(layers.AveragePooling2D(2)(x), filters, 1)])
        elif block < downs:
            x = add([layers.AveragePooling2D(2)(h), layers.AveragePooling2D(2)(convolve(x, filters, 1))])
        else:
            x = add([h, x])
        x = SelfAttention(spectral_normalization, name="attention")(x) if block + 1 == attended else x
    x = layers.ReLU()(x)
    mean = layers.GlobalAveragePooling2D()(x)
    features = layers.Rescaling(float(x.shape[1] * x.shape[2]), name="features")(mean)  # the sum over the map
    y = _labels(labels)
    if y is None:
        logits = wrap(layers.Dense(1, name="score"))(features)
        return keras.Model(image, layers.Activation("linear", dtype="float32", name="logits")(logits), name=name)
    logits = Projection(labels, spectral_normalization)([features, y])
    return keras.Model([image, y], layers.Activation("linear", dtype="float32", name="logits")(logits), name=name)


def _layers(spectral_normalization):
    """Returns a function that wraps a layer, and one that applies a convolution: normalised or not."""

    def wrap(layer):
        return SpectralNormalization(layer) if spectral_normalization else layer

    def convolve(x, filters, size):
        return wrap(layers.Conv2D(filters, size, padding="same"))(x)

    return wrap, convolve


def _attended(sides):
    """Returns the number, from 1, of the map with self-attention: the last, by growing sides, that is not too large."""
    sides = list(sides)
    return max([i for i, side in enumerate(sides, start=1) if side <= ATTENDED], default=1)


def _labels(count):
    """Returns the input of the labels, or None for an unconditional player."""
    if count is None:
        return None
    check_count("labels", count)
    return keras.Input((), dtype="int32", name="labels")


def _normalize(x, y, classes):
    if y is None:
        return layers.ReLU()(BatchNormalization(momentum=0.9, epsilon=1e-5)(x))
    return layers.ReLU()(ConditionalBatchNormalization(classes)([x, y]))
