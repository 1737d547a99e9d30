"""Players for series: recurrent ones, and convolutions along time."""

from collections.abc import Sequence

import keras
from keras import layers

from keras_gan.ground.arguments import check_count, check_shape
from keras_gan.layers import PhaseShuffle
from keras_gan.networks.inputs import join_labels, network, packed, score

UNROLLED = 64  # moments, up to which recurrent layers are unrolled: faster, and twice differentiable


@network
def recurrent_generator(
    latents: int,
    output_shape: Sequence[int],
    *,
    units: int = 24,
    depth: int = 3,
    output_activation: str | None = "tanh",
    labels: int | None = None,
    name: str = "generator",
) -> keras.Model:
    """Builds a generator of recurrent units: latents (N, `latents`)[, labels (N,)] -> series (N, length, columns).

    A dense layer turns the latents into one vector per moment.

    Args:
        latents: The number of latent dimensions, at least 1.
        output_shape: (length, columns) of a series.
        units: The width of the layers. Defaults to 24.
        depth: The number of layers. Defaults to 3.
        output_activation: `"tanh"` for data in [-1, 1], as from `data.Windows`, None for unbounded data.
        labels: The number of classes of a conditional generator, or None.
        name: The model's name.

    Raises:
        ValueError: If an argument is out of range.

    Example:

    >>> recurrent_generator(32, (24, 6)).output_shape
    (None, 24, 6)

    Reference: [Esteban et al., 2017](https://arxiv.org/abs/1706.02633), section 3.1.
    """
    length, columns = _series("output_shape", output_shape)
    inputs, x = join_labels(latents, labels)
    check_count("units", units)
    x = layers.Reshape((length, units))(layers.Dense(length * units)(x))
    x = _recurrent(x, units, depth, length)
    x = layers.Dense(columns)(x)
    x = layers.Activation(output_activation, dtype="float32", name="output")(x)
    return keras.Model(inputs, x, name=name)


@network
def recurrent_discriminator(
    input_shape: Sequence[int],
    *,
    units: int = 24,
    depth: int = 3,
    labels: int | None = None,
    packing: int = 1,
    name: str = "discriminator",
) -> keras.Model:
    """Builds a discriminator of gated recurrent units: series (N, length, columns)[, labels (N,)] -> logits (N, 1).

    Args:
        input_shape: (length, columns) of a series.
        units: The width of the layers. Defaults to 24.
        depth: The number of layers. Defaults to 3.
        labels: The number of classes of a conditional discriminator, or None. They enter by projection.
        packing: The number of series per score, joined on their last axis; see `GAN`.
        name: The model's name.

    Raises:
        ValueError: If an argument is out of range.

    Example:

    >>> recurrent_discriminator((24, 6)).output_shape
    (None, 1)
    """
    length, columns = _series("input_shape", input_shape)
    series = keras.Input(packed((length, columns), packing), name="inputs")
    x = _recurrent(series, check_count("units", units), depth, length)
    x = layers.Flatten()(x)  # the score reads every moment
    inputs, x = score(series, x, labels)
    return keras.Model(inputs, x, name=name)


@network
def conv1d_generator(
    latents: int,
    output_shape: Sequence[int],
    *,
    width: int = 16,
    kernel: int = 25,
    output_activation: str | None = "tanh",
    labels: int | None = None,
    name: str = "generator",
) -> keras.Model:
    """Builds WaveGAN's generator: latents (N, `latents`)[, labels (N,)] -> series (N, length, columns).

    Transposed convolutions along time lengthen a short series, of at least 16 moments for outputs of 1,024 or more,
    each by 4 where the length allows, otherwise by 2; for outputs below 64 moments always by 2. The first has the most
    channels. There is no normalization.

    Args:
        latents: The number of latent dimensions, at least 1.
        output_shape: (length, columns) of a series; the length is even.
        width: Channels of the last layer but one; each earlier layer has twice as many. Defaults to 16.
        kernel: The length of the kernels. Defaults to 25.
        output_activation: `"tanh"` for data in [-1, 1], None for unbounded data.
        labels: The number of classes of a conditional generator, or None.
        name: The model's name.

    Raises:
        ValueError: If an argument is out of range, or the length cannot be halved down to 32.

    Example:

    >>> conv1d_generator(100, (64, 1)).output_shape
    (None, 64, 1)

    Reference: [Donahue et al., 2019](https://arxiv.org/abs/1802.04208), table 3.
    """
    length, columns = _series("output_shape", output_shape)
    strides, short = _strides(length)
    inputs, x = join_labels(latents, labels)
    channels = [check_count("width", width) * 2**i for i in range(len(strides))][::-1]
    x = layers.Dense(short * 2 * channels[0])(x)
    x = layers.Activation("relu")(layers.Reshape((short, 2 * channels[0]))(x))
    check_count("kernel", kernel)
    for i, (stride, count) in enumerate(zip(strides, [*channels[1:], columns], strict=True), start=1):
        x = layers.Conv1DTranspose(count, kernel, stride, padding="same")(x)
        if i < len(strides):
            x = layers.Activation("relu", name=f"hidden_{i}")(x)
    x = layers.Activation(output_activation, dtype="float32", name="output")(x)
    return keras.Model(inputs, x, name=name)


@network
def conv1d_discriminator(
    input_shape: Sequence[int],
    *,
    width: int = 16,
    kernel: int = 25,
    shift: int = 2,
    labels: int | None = None,
    packing: int = 1,
    name: str = "discriminator",
) -> keras.Model:
    """Builds WaveGAN's discriminator: series (N, length, columns)[, labels (N,)] -> logits (N, 1).

    Args:
        input_shape: (length, columns) of a series; the length is even.
        width: Channels of the first layer; each later layer has twice as many. Defaults to 16.
        kernel: The length of the kernels. Defaults to 25.
        shift: The greatest shift of `PhaseShuffle` between layers, 0 for none. Defaults to 2.
        labels: The number of classes of a conditional discriminator, or None. They enter by projection.
        packing: The number of series per score, joined on their last axis; see `GAN`.
        name: The model's name.

    Raises:
        ValueError: If an argument is out of range, or the length cannot be halved down to 32.

    Example:

    >>> conv1d_discriminator((64, 1)).output_shape
    (None, 1)

    Reference: [Donahue et al., 2019](https://arxiv.org/abs/1802.04208), table 4.
    """
    length, columns = _series("input_shape", input_shape)
    strides, _ = _strides(length)
    series = x = keras.Input(packed((length, columns), packing), name="inputs")
    check_count("width", width)
    check_count("kernel", kernel)
    check_count("shift", shift, least=0)
    for i, stride in enumerate(reversed(strides)):
        x = layers.Conv1D(width * 2**i, kernel, stride, padding="same")(x)
        x = layers.LeakyReLU(0.2, name=f"hidden_{i + 1}")(x)
        if shift and x.shape[1] > shift and i + 1 < len(strides):
            x = PhaseShuffle(shift)(x)
    inputs, x = score(series, layers.Flatten()(x), labels)
    return keras.Model(inputs, x, name=name)


def _series(argument, shape):
    shape = check_shape(argument, shape)
    if len(shape) != 2:
        raise ValueError(f"`{argument}` must be (length, columns). Received: {argument}={shape!r}")
    return shape


def _strides(length):
    """Returns the strides that lengthen a short series to `length`, and the length of the short series."""
    strides, whole, least = [], length, 16 if length >= 1024 else 3
    for stride in (4, 2) if length >= 64 else (2,):
        while length % stride == 0 and length // stride >= least:
            strides.append(stride)
            length //= stride
    if not strides or length > 32:
        raise ValueError(
            f"The length of a series must be even, and a number up to 32 times a power of 2, such as 24, 64 or 1,024. "
            f"Received: {whole}"
        )
    return strides[::-1], length


def _recurrent(x, units, depth, length):
    for i in range(check_count("depth", depth)):
        x = layers.GRU(units, return_sequences=True, unroll=length <= UNROLLED, name=f"hidden_{i + 1}")(x)
    return x
