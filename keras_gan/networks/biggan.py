"""Players of BigGAN: residual and class-conditional, with latents in parts."""

from collections.abc import Sequence

import keras
from keras import layers

from keras_gan.ground.arguments import check_count
from keras_gan.layers import BatchNormalization, Projection, SelfAttention, SpectralNormalization, UpSampling2D
from keras_gan.networks.inputs import network, packed
from keras_gan.networks.mlp import get_activation
from keras_gan.networks.sizes import smallest_map

# Feature maps of the blocks in units of `width`, by the number of doublings; 4 units each below 4 doublings.
MAKERS = {4: (16, 8, 4, 2), 5: (16, 8, 4, 2, 1), 6: (16, 8, 8, 4, 2, 1), 7: (16, 8, 8, 4, 2, 1, 1)}
JUDGES = {4: (1, 2, 4, 8), 5: (1, 2, 4, 8, 16), 6: (1, 2, 4, 8, 8, 16), 7: (1, 1, 2, 4, 8, 8, 16)}
FEW, LAST = 4, 16
ATTENDED = 64  # pixels of the longer side of the map with self-attention


@network
def biggan_generator(
    latents: int,
    image_shape: Sequence[int],
    *,
    width: int = 64,
    embedding: int = 128,
    output_activation: str | None = "tanh",
    labels: int,
    name: str = "generator",
) -> keras.Model:
    """Builds BigGAN's generator: latents (N, `latents`) and labels (N,) -> images (N, height, width, channels).

    The latents are split into a part for the smallest map and one part per block. Each block doubles the map; linear
    maps of the block's part and of a shared embedding of the class give the scale and shift after each of its batch
    normalizations. The map of 64 pixels has self-attention. All weights but the embedding are spectrally normalised,
    and initialized orthogonally. Call `GAN.standing_statistics` before sampling.

    Args:
        latents: The number of latent dimensions. The paper has 120 at 128 pixels.
        image_shape: (height, width, channels); each side must be 3, 4, 5, 6 or 7 times a power of two, such as 28, 32,
            64, 96, 128.
        width: The base number of feature maps: blocks have 1 to 16 times as many, or 4 times for pictures of up to 3
            doublings. Defaults to 64; the paper has 96 at 128 pixels.
        embedding: The length of the class's embedding. Defaults to 128.
        output_activation: `"tanh"` for images in [-1, 1], `"sigmoid"` for [0, 1].
        labels: The number of classes.
        name: The model's name.

    Raises:
        ValueError: If an argument is out of range, or a side does not halve down to 3, 4, 5, 6 or 7.

    Example:

    >>> biggan_generator(8, (32, 32, 3), width=2, embedding=4, labels=10).output_shape
    (None, 32, 32, 3)

    Reference: [Brock et al., 2019](https://arxiv.org/abs/1809.11096), appendix B, and the authors' code.
    """
    *smallest, doublings = smallest_map(image_shape)
    widths = [check_count("width", width) * factor for factor in _factors(MAKERS, doublings, 1)]
    first = LAST * width if doublings in MAKERS or doublings > max(MAKERS) else FEW * width
    z = keras.Input((check_count("latents", latents, least=doublings + 1),), name="latents")
    y = keras.Input((), dtype="int32", name="labels")
    shared = layers.Embedding(check_count("labels", labels), check_count("embedding", embedding), _orthogonal())(y)
    size = latents // (doublings + 1)
    parts = keras.ops.split(z, [latents - size * i for i in range(doublings, 0, -1)], axis=-1)
    x = _wrap(layers.Dense(smallest[0] * smallest[1] * first, kernel_initializer=_orthogonal()))(parts[0])
    x = layers.Reshape((*smallest, first))(x)
    for i, maps in enumerate(widths, start=1):
        conditioning = layers.Concatenate()([shared, parts[i]])
        h = UpSampling2D()(_condition(x, conditioning))
        h = _condition(_convolve(h, maps), conditioning)
        x = layers.Add()([_convolve(h, maps), _convolve(UpSampling2D()(x), maps, 1)])
        x = _attend(x, f"hidden_{i}")
    x = layers.ReLU()(BatchNormalization(momentum=0.9, epsilon=1e-5)(x))
    x = _convolve(x, image_shape[-1])
    output_activation = get_activation("output_activation", output_activation)
    x = layers.Activation(output_activation, dtype="float32", name="output")(x)
    return keras.Model([z, y], x, name=name)


@network
def biggan_discriminator(
    image_shape: Sequence[int],
    *,
    width: int = 64,
    labels: int,
    packing: int = 1,
    name: str = "discriminator",
) -> keras.Model:
    """Builds BigGAN's discriminator: images (N, height, width, channels) and labels (N,) -> logits (N, 1).

    Residual blocks halve the map; one further block, or two for pictures of up to 3 halvings, keeps its size. The sum
    over the map gives the score, which the class enters by projection. The map of 64 pixels has self-attention. All
    weights are spectrally normalised, and initialized orthogonally.

    Args:
        image_shape: (height, width, channels); each side must be 3, 4, 5, 6 or 7 times a power of two, such as 28, 32,
            64, 96, 128.
        width: The base number of feature maps: blocks have 1 to 16 times as many, or 4 times for pictures of up to 3
            halvings. Defaults to 64; the paper has 96 at 128 pixels.
        labels: The number of classes.
        packing: The number of images per score, joined on their channels; see `GAN`.
        name: The model's name.

    Raises:
        ValueError: If an argument is out of range, or a side does not halve down to 3, 4, 5, 6 or 7.

    Example:

    >>> biggan_discriminator((32, 32, 3), width=2, labels=10).output_shape
    (None, 1)

    Reference: [Brock et al., 2019](https://arxiv.org/abs/1809.11096), appendix B, and the authors' code.
    """
    *_, halvings = smallest_map(image_shape)
    check_count("width", width)
    is_deep = halvings > 3
    widths = [width * factor for factor in (*_factors(JUDGES, halvings, 0), LAST)] if is_deep else []
    downs = halvings if is_deep else max(1, halvings - 1)
    widths = widths or [FEW * width] * (downs + 2)
    image = keras.Input(packed(image_shape, packing), name="inputs")
    x = image
    for i, maps in enumerate(widths):
        h = x if i == 0 else layers.ReLU()(x)
        h = _convolve(layers.ReLU()(_convolve(h, maps)), maps)
        h = layers.AveragePooling2D(2)(h) if i < downs else h
        x = layers.Add()([h, _skip(x, maps, first=i == 0, down=i < downs)])
        x = _attend(x, f"hidden_{i + 1}")
    places = x.shape[1] * x.shape[2]
    x = layers.GlobalAveragePooling2D()(layers.ReLU()(x))
    features = layers.Rescaling(float(places), name="features")(x)  # the sum over the map
    y = keras.Input((), dtype="int32", name="labels")
    logits = Projection(check_count("labels", labels), spectral_normalization=True)([features, y])
    return keras.Model([image, y], layers.Activation("linear", dtype="float32", name="logits")(logits), name=name)


def _factors(table, doublings, end):
    """Returns a table's row: 4s for fewer doublings, and 1s before or after the last row for more."""
    if doublings < min(table):
        return (FEW,) * doublings
    known = table[min(doublings, max(table))]
    more = (1,) * (doublings - len(known))
    return (*known, *more) if end else (*more, *known)


def _orthogonal():
    return keras.initializers.Orthogonal()


def _wrap(layer):
    return SpectralNormalization(layer)


def _convolve(x, maps, size=3):
    return _wrap(layers.Conv2D(maps, size, padding="same", kernel_initializer=_orthogonal()))(x)


def _condition(x, conditioning):
    """Applies batch normalization whose scale and shift are linear maps of `conditioning`, and a ReLU."""
    maps = x.shape[-1]
    scale, shift = (
        layers.Reshape((1, 1, maps))(
            _wrap(layers.Dense(maps, use_bias=False, kernel_initializer=_orthogonal()))(conditioning)
        )
        for _ in range(2)
    )
    x = BatchNormalization(momentum=0.9, epsilon=1e-5, center=False, scale=False)(x)
    return layers.ReLU()(layers.Add()([layers.Multiply()([x, layers.Rescaling(1.0, offset=1.0)(scale)]), shift]))


def _skip(x, maps, first, down):
    """Returns a block's shortcut; the first block, whose input is the picture, averages before its convolution."""
    if first:
        return _convolve(layers.AveragePooling2D(2)(x) if down else x, maps, 1)
    x = _convolve(x, maps, 1) if down or x.shape[-1] != maps else x
    return layers.AveragePooling2D(2)(x) if down else x


def _attend(x, name):
    if max(x.shape[1:3]) == ATTENDED and x.shape[-1] >= 8:
        return SelfAttention(spectral_normalization=True, name=name)(x)
    return layers.Identity(name=name)(x)
