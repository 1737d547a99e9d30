"""Encoders of examples, and discriminators of pairs of an example and a code."""

from collections.abc import Sequence

import keras
from keras import layers

from keras_gan.ground.arguments import check_count, check_shape
from keras_gan.networks.inputs import network
from keras_gan.networks.mlp import check_normalization, get_activation, normalize


@network
def mlp_encoder(
    input_shape: Sequence[int],
    dim: int,
    *,
    hidden: Sequence[int] = (128, 128),
    activation: str = "relu",
    normalization: str | None = None,
    name: str = "encoder",
) -> keras.Model:
    """Builds a dense encoder: examples (N, *`input_shape`) -> codes (N, `dim`), float32.

    A `VAE` with codes of n numbers needs an encoder with `dim=2 * n`: means and logarithms of variances.

    Args:
        input_shape: The shape of one example.
        dim: The length of a code.
        hidden: The widths of the hidden layers. Defaults to (128, 128).
        activation: The hidden layers' activation. Defaults to `"relu"`.
        normalization: `"batch"`, `"layer"` or None, between a hidden layer and its activation. Defaults to None.
        name: The model's name.

    Raises:
        ValueError: If an argument is out of range.

    Example:

    >>> mlp_encoder((8, 8, 1), 20).output_shape
    (None, 20)
    """
    inputs = keras.Input(check_shape("input_shape", input_shape), name="inputs")
    check_normalization(normalization)
    activation = get_activation("activation", activation)
    x = layers.Flatten()(inputs)
    for i, width in enumerate(check_shape("hidden", hidden), start=1):
        x = normalize(layers.Dense(width, use_bias=normalization != "batch")(x), normalization)
        x = layers.Activation(activation, name=f"hidden_{i}")(x)
    codes = layers.Dense(check_count("dim", dim), dtype="float32", name="codes")(x)
    return keras.Model(inputs, codes, name=name)


@network
def mlp_pair_discriminator(
    input_shape: Sequence[int],
    dim: int,
    *,
    hidden: Sequence[int] = (128, 128),
    activation: str = "leaky_relu",
    name: str = "discriminator",
) -> keras.Model:
    """Builds a dense discriminator of pairs: [examples (N, *`input_shape`), codes (N, `dim`)] -> logits (N, 1).

    A `BiGAN` uses such a discriminator.

    Args:
        input_shape: The shape of one example.
        dim: The length of a code.
        hidden: The widths of the hidden layers, at least one. Defaults to (128, 128).
        activation: The hidden layers' activation. Defaults to `"leaky_relu"`.
        name: The model's name.

    Raises:
        ValueError: If an argument is out of range.

    Example:

    >>> mlp_pair_discriminator((8, 8, 1), 20).output_shape
    (None, 1)
    """
    examples = keras.Input(check_shape("input_shape", input_shape), name="inputs")
    codes = keras.Input((check_count("dim", dim),), name="codes")
    activation = get_activation("activation", activation)
    if not check_shape("hidden", hidden):
        raise ValueError(f"`hidden` must contain at least one width. Received: hidden={hidden!r}")
    x = layers.Concatenate()([layers.Flatten()(examples), codes])
    for i, width in enumerate(hidden, start=1):
        x = layers.Dense(width, activation, name=f"hidden_{i}")(x)
    return keras.Model([examples, codes], layers.Dense(1, dtype="float32", name="score")(x), name=name)
