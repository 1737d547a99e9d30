"""Dense players for points, vectors and small pictures."""

import math
from collections.abc import Callable, Sequence

import keras
from keras import layers

from keras_gan.ground.arguments import check_count, check_number, check_shape, interpret
from keras_gan.layers import BatchNormalization, Dropout, GroupNormalization, Maxout
from keras_gan.networks.inputs import join_labels, network, packed, score


@network
def mlp_generator(
    latents: int,
    output_shape: Sequence[int],
    *,
    hidden: Sequence[int] = (128, 128),
    activation: str = "relu",
    output_activation: str | None = None,
    normalization: str | None = None,
    labels: int | None = None,
    name: str = "generator",
) -> keras.Model:
    """Builds a dense generator: latents (N, `latents`)[, labels (N,)] -> (N, *`output_shape`).

    Args:
        latents: The number of latent dimensions, at least 1.
        output_shape: The shape of one generated example: `(2,)`, `(784,)`, `(28, 28, 1)`.
        hidden: The widths of the hidden layers.
        activation: The hidden layers' activation.
        output_activation: `"tanh"` for data in [-1, 1], None for unbounded data.
        normalization: `"batch"`, `"layer"` or None, between the hidden layers.
        labels: The number of classes of a conditional generator, or None.
        name: The model's name.

    Raises:
        ValueError: If an argument is out of range.

    Example:

    >>> mlp_generator(2, (2,)).output_shape
    (None, 2)
    """
    output_shape = check_shape("output_shape", output_shape)
    inputs, x = join_labels(latents, labels)
    check_normalization(normalization)
    activation = get_activation("activation", activation)
    for i, width in enumerate(check_shape("hidden", hidden), start=1):
        x = layers.Dense(width, use_bias=normalization != "batch")(x)
        x = normalize(x, normalization)
        x = layers.Activation(activation, name=f"hidden_{i}")(x)
    x = layers.Dense(math.prod(output_shape))(x)
    x = layers.Reshape(tuple(output_shape))(x)
    output_activation = get_activation("output_activation", output_activation)
    x = layers.Activation(output_activation, dtype="float32", name="output")(x)
    return keras.Model(inputs, x, name=name)


@network
def mlp_discriminator(
    input_shape: Sequence[int],
    *,
    hidden: Sequence[int] = (128, 128),
    activation: str = "leaky_relu",
    pieces: int = 1,
    dropout: float = 0.0,
    labels: int | None = None,
    packing: int = 1,
    name: str = "discriminator",
) -> keras.Model:
    """Builds a dense discriminator: (N, *`input_shape`)[, labels (N,)] -> logits (N, 1).

    Args:
        input_shape: The shape of one example.
        hidden: The widths of the hidden layers, at least one.
        activation: The hidden layers' activation.
        pieces: More than 1 makes the hidden layers maxout: the greatest of that many linear maps per unit, without
            `activation`. The 2014 paper's discriminator has hidden=(240, 240) and 5 pieces.
        dropout: The share of hidden units that is dropped while training, in [0, 1).
        labels: The number of classes of a conditional discriminator, or None. They enter by projection.
        packing: The number of examples per score, joined on their last axis; see `GAN`.
        name: The model's name.

    Raises:
        ValueError: If an argument is out of range.

    Example:

    >>> mlp_discriminator((2,)).output_shape
    (None, 1)
    """
    image = keras.Input(packed(check_shape("input_shape", input_shape), packing), name="inputs")
    check_number("dropout", dropout, 0, 1)
    check_count("pieces", pieces)
    activation = get_activation("activation", activation)
    if not check_shape("hidden", hidden):
        raise ValueError(f"`hidden` must contain at least one width. Received: hidden={hidden!r}")
    x = layers.Flatten()(image)
    for i, width in enumerate(hidden, start=1):
        options = {"name": f"hidden_{i}"}
        x = (Maxout(width, pieces, **options) if pieces > 1 else layers.Dense(width, activation, **options))(x)
        if dropout:
            x = Dropout(dropout)(x)
    inputs, x = score(image, x, labels)
    return keras.Model(inputs, x, name=name)


def get_activation(name: str, value: str | None) -> Callable:
    """Returns the Keras activation `value` of the argument `name`."""
    return interpret(name, value, keras.activations.get, "the name of a Keras activation, or None")


def check_normalization(value: str | None) -> None:
    """Checks that `value` is `"batch"`, `"layer"` or None."""
    if value not in ("batch", "layer", None):
        raise ValueError(f"`normalization` must be 'batch', 'layer' or None. Received: normalization={value!r}")


def normalize(x: keras.KerasTensor, normalization: str | None) -> keras.KerasTensor:
    """Applies `"batch"`, `"layer"` or no normalisation. BatchNormalization uses momentum 0.9, as DCGAN does."""
    if normalization == "batch":
        return BatchNormalization(momentum=0.9, epsilon=1e-5)(x)
    if normalization == "layer":
        return GroupNormalization(groups=1)(x)
    return x
