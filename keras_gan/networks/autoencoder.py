"""A discriminator that is an autoencoder: what it cannot rebuild has a high energy."""

import math
from collections.abc import Sequence

import keras
from keras import layers

from keras_gan.ground.arguments import check_count, check_shape
from keras_gan.networks.inputs import network, packed
from keras_gan.networks.mlp import get_activation


@network
def autoencoder_discriminator(
    input_shape: Sequence[int],
    *,
    code: int = 64,
    hidden: Sequence[int] = (256,),
    activation: str = "leaky_relu",
    norm: int = 2,
    packing: int = 1,
    name: str = "discriminator",
) -> keras.Model:
    """A dense autoencoder and its error: (N, *`input_shape`) -> {"output": (N, 1), "features": (N, `code`)}.

    E(x) = mean |x - Dec(Enc(x))|^p over the numbers of an example, p = 2 for EBGAN, 1 for BEGAN.

    Args:
        input_shape: The shape of one example.
        code: The width of the bottleneck, which `PullingAway` reads as `"features"`. Fewer than the numbers of an
            example, or the energy is low everywhere.
        hidden: The widths of the encoder's hidden layers; the decoder mirrors them.
        activation: The hidden layers' activation.
        norm: p, 1 or 2.
        packing: How many examples it judges at a time, joined on their last axis: see `GAN`.
        name: The model's name.

    Raises:
        ValueError: If an argument is out of range.

    Example:

    >>> sorted(autoencoder_discriminator((28, 28, 1)).output)
    ['features', 'output']

    Reference: [Zhao et al., 2016](https://arxiv.org/abs/1609.03126), section 2.3;
    [Berthelot et al., 2017](https://arxiv.org/abs/1703.10717), section 3.1.
    """
    shape = packed(check_shape("input_shape", input_shape), packing)
    inputs = keras.Input(shape, name="inputs")
    check_count("code", code)
    if norm not in (1, 2):
        raise ValueError(f"`norm` must be 1 or 2. Received: norm={norm!r}")
    activation, hidden = get_activation("activation", activation), check_shape("hidden", hidden)
    target = layers.Flatten(dtype="float32")(inputs)
    x = target
    for i, width in enumerate(hidden, start=1):
        x = layers.Dense(width, activation=activation, name=f"hidden_{i}")(x)
    features = x = layers.Dense(code, name="code")(x)
    for i, width in enumerate(reversed(hidden), start=len(hidden) + 1):
        x = layers.Dense(width, activation=activation, name=f"hidden_{i}")(x)
    rebuilt = layers.Dense(math.prod(shape), dtype="float32", name="rebuilt")(x)
    error = keras.ops.abs(target - rebuilt) ** norm
    energy = keras.ops.mean(error, axis=1, keepdims=True)
    return keras.Model(inputs, {"output": energy, "features": features}, name=name)
