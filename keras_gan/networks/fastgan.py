"""Players of FastGAN, for about a hundred pictures: skip-layer excitation, and a discriminator with decoders."""

from collections.abc import Sequence

import keras
from keras import layers

from keras_gan.ground.arguments import check_count, check_flag
from keras_gan.layers import BatchNormalization, RandomQuadrant, ScaledNoise, SpectralNormalization, UpSampling2D
from keras_gan.networks.inputs import network
from keras_gan.networks.mlp import get_activation
from keras_gan.networks.sizes import smallest_map

# Feature maps in units of `width`, the smallest map first: of 4, 8, 16 ... pixels in the paper.
MAKERS = (16, 8, 4, 2, 2, 1, 0.5, 0.25, 0.125)
JUDGES = (16, 16, 8, 4, 2, 1, 0.5, 0.25, 0.125)
REACH = 4  # doublings from a map to the one that it excites
DRAWN = 4  # doublings of a decoder, at most


@network
def fastgan_generator(
    latents: int,
    image_shape: Sequence[int],
    *,
    width: int = 64,
    reach: int | None = None,
    output_activation: str | None = "tanh",
    name: str = "generator",
) -> keras.Model:
    """Builds FastGAN's generator: latents (N, `latents`) -> images (N, height, width, channels).

    A dense layer makes the smallest map. Each stage doubles it: a convolution 3x3, batch normalization and a gated
    linear unit; every second stage has another such convolution, and scaled noise after both. In skip-layer
    excitation a small map multiplies the channels of the map `reach` doublings larger by numbers in (0, 1).
    All weights are spectrally normalised.

    Args:
        latents: The number of latent dimensions. The paper has 256.
        image_shape: (height, width, channels); each side must be 3, 4, 5, 6 or 7 times a power of two, such as 28, 32,
            64, 96, 128.
        width: The base number of feature maps: the smallest map has 16 times as many. Defaults to 64.
        reach: The number of doublings between a map and the one that it excites. Defaults to 4, as in the paper; with
            at most four doublings in all, to one less, at least 1.
        output_activation: `"tanh"` for images in [-1, 1], `"sigmoid"` for [0, 1].
        name: The model's name.

    Raises:
        ValueError: If an argument is out of range, or a side does not halve down to 3, 4, 5, 6 or 7.

    Example:

    >>> fastgan_generator(8, (32, 32, 3), width=1).output_shape
    (None, 32, 32, 3)

    Reference: [Liu et al., 2021](https://arxiv.org/abs/2101.04775), figures 3 and 4, and the authors' code.
    """
    *smallest, doublings = smallest_map(image_shape)
    widths = _widths(width, doublings, MAKERS)
    reach = check_count("reach", max(min(REACH, doublings - 1), 1) if reach is None else reach)
    z = keras.Input((check_count("latents", latents),), name="latents")
    x = _normalized(layers.Dense(smallest[0] * smallest[1] * 2 * widths[0], use_bias=False))(z)
    x = layers.Identity(name="hidden_1")(_gated(layers.Reshape((*smallest, 2 * widths[0]))(x)))
    maps = [x]
    for stage, count in enumerate(widths[1:], start=1):
        x, is_deep = UpSampling2D()(x), stage % 2 == 1
        for _ in range(2 if is_deep else 1):
            x = _normalized(layers.Conv2D(2 * count, 3, padding="same", use_bias=False))(x)
            x = _gated(ScaledNoise()(x) if is_deep else x)
        if stage >= reach:
            x = layers.Multiply()([x, _excitation(maps[stage - reach], smallest, count)])
        maps.append(layers.Identity(name=f"hidden_{stage + 1}")(x))
        x = maps[-1]
    x = _normalized(layers.Conv2D(image_shape[-1], 3, padding="same", use_bias=False))(x)
    output_activation = get_activation("output_activation", output_activation)
    return keras.Model(z, layers.Activation(output_activation, dtype="float32", name="output")(x), name=name)


@network
def fastgan_discriminator(
    image_shape: Sequence[int],
    *,
    width: int = 64,
    decoders: bool = True,
    name: str = "discriminator",
) -> keras.Model:
    """Builds FastGAN's discriminator: images (N, height, width, channels) -> scores and decoded pictures.

    Blocks halve the map by the mean of two paths, a 4x4 convolution of stride 2 with a 3x3 convolution, and an average
    with a 1x1 convolution, down to twice the smallest map, from which the scores (N, h, w, 1) are computed. One decoder
    restores the whole picture from this last map, another a random quarter of it from a quarter of the map before, up
    to 16 times as large as the map. All weights are spectrally normalised, and all maps batch normalised: do not use
    gradient penalties. The authors' second discriminator, for pictures of 128 pixels, is left out.

    Args:
        image_shape: (height, width, channels); each side must be 3, 4, 5, 6 or 7 times a power of two, such as 28, 32,
            64, 96, 128.
        width: The base number of feature maps: the smallest map has 16 times as many. Defaults to 64.
        decoders: Whether the model has the decoders that the objective `Reconstruction` reads. Defaults to True.
        name: The model's name.

    Returns:
        A functional Keras model that returns a dict of `"output"`, `"whole"`, `"part"` and `"quadrant"`, or, without
        decoders, the scores.

    Raises:
        ValueError: If an argument is out of range, or a side does not halve down to 3, 4, 5, 6 or 7.

    Example:

    >>> outputs = fastgan_discriminator((32, 32, 3), width=1).output
    >>> {name: x.shape for name, x in outputs.items()}
    {'output': (None, 5, 5, 1), 'whole': (None, 32, 32, 3), 'part': (None, 16, 16, 3), 'quadrant': (None,)}

    Reference: [Liu et al., 2021](https://arxiv.org/abs/2101.04775), figure 5 and section 3.3, and the authors' code.
    """
    *smallest, halvings = smallest_map(image_shape)
    check_flag("decoders", decoders)
    widths = _widths(width, halvings, JUDGES)[::-1]
    image = keras.Input(tuple(image_shape), name="inputs")
    x = _leaky(_normalized(layers.Conv2D(widths[0], 3, padding="same", use_bias=False))(image), False, "hidden_1")
    before = x
    for i, count in enumerate(widths[1:-1], start=2):
        before, x = x, _down(x, count, f"hidden_{i}")
    score = _leaky(_normalized(layers.Conv2D(widths[-1], 1, use_bias=False))(x))
    score = _normalized(layers.Conv2D(1, smallest, use_bias=False))(score)
    score = layers.Activation("linear", dtype="float32", name="score")(score)
    if not decoders:
        return keras.Model(image, score, name=name)
    quarter, quadrant = RandomQuadrant(name="quadrant")(before)
    whole = _decode(x, image_shape[-1], min(DRAWN, halvings - 1), "whole")
    part = _decode(quarter, image_shape[-1], min(DRAWN, max(halvings - 2, 0)), "part")
    return keras.Model(image, {"output": score, "whole": whole, "part": part, "quadrant": quadrant}, name=name)


def _widths(width, doublings, factors):
    check_count("width", width)
    return [max(int(width * factors[min(i, len(factors) - 1)]), 1) for i in range(doublings + 1)]


def _normalized(layer):
    return SpectralNormalization(layer)


def _batch(x):
    return BatchNormalization(momentum=0.9, epsilon=1e-5)(x)


def _gated(x):
    return keras.ops.glu(_batch(x))


def _leaky(x, normalize=True, name=None):
    return layers.LeakyReLU(negative_slope=0.2, name=name)(_batch(x) if normalize else x)


def _excitation(x, smallest, count):
    """Makes the factors by which a small map multiplies the channels of a large one, (N, 1, 1, count)."""
    factors = [side // least for side, least in zip(x.shape[1:3], smallest, strict=True)]
    x = layers.AveragePooling2D(factors)(x)
    x = layers.Activation("silu")(_normalized(layers.Conv2D(count, smallest, use_bias=False))(x))
    return layers.Activation("sigmoid")(_normalized(layers.Conv2D(count, 1, use_bias=False))(x))


def _down(x, count, name):
    h = _leaky(_normalized(layers.Conv2D(count, 4, strides=2, padding="same", use_bias=False))(x))
    h = _leaky(_normalized(layers.Conv2D(count, 3, padding="same", use_bias=False))(h))
    direct = _normalized(layers.Conv2D(count, 1, use_bias=False))(layers.AveragePooling2D(2)(x))
    return layers.Average(name=name)([h, _leaky(direct)])


def _decode(x, channels, doublings, name):
    for i in range(doublings):
        count = max(x.shape[-1] // 2, 8) if i else max(x.shape[-1] // 4, 8)
        x = _normalized(layers.Conv2D(2 * count, 3, padding="same", use_bias=False))(UpSampling2D()(x))
        x = _gated(x)
    x = _normalized(layers.Conv2D(channels, 3, padding="same", use_bias=False))(x)
    return layers.Activation("tanh", dtype="float32", name=name)(x)
