"""Players for the rows of tables."""

from collections.abc import Sequence

import keras
from keras import layers

from keras_gan.ground.arguments import check_count, check_number, check_shape
from keras_gan.layers import BatchNormalization, Deviations, Dropout
from keras_gan.networks.inputs import network, packed


@network
def row_generator(
    latents: int,
    width: int,
    *,
    condition: int = 0,
    hidden: Sequence[int] = (256, 256),
    decay: float = 1e-6,
    name: str = "generator",
) -> keras.Model:
    """Builds CTGAN's generator: latents (N, `latents`)[, conditions (N, `condition`)] -> logits (N, `width`), float32.

    Each hidden layer is concatenated with its input. Weights are initialized as in the paper's code, from
    U(-1 / sqrt(inputs), 1 / sqrt(inputs)).

    Args:
        latents: The number of latent dimensions, at least 1.
        width: The length of an encoded row, `Schema.width`.
        condition: The length of a condition; 0 for no conditions.
        hidden: The widths of the hidden layers. Defaults to (256, 256).
        decay: Weight decay, applied as an L2 penalty of `decay` / 2. Defaults to 1e-6.
        name: The model's name.

    Raises:
        ValueError: If an argument is out of range.

    Example:

    >>> row_generator(128, 20, condition=5).output_shape
    (None, 20)

    Reference: [Xu et al., 2019](https://arxiv.org/abs/1907.00503), section 4.4.
    """
    z = keras.Input((check_count("latents", latents),), name="latents")
    inputs, x = z, z
    if check_count("condition", condition, least=0):
        inputs = [z, keras.Input((condition,), name="condition")]
        x = layers.Concatenate()(inputs)
    regularizer = keras.regularizers.L2(decay / 2) if check_number("decay", decay, 0) else None
    for i, units in enumerate(check_shape("hidden", hidden), start=1):
        y = BatchNormalization(momentum=0.9, epsilon=1e-5)(_dense(units, kernel_regularizer=regularizer)(x))
        x = layers.Concatenate(name=f"hidden_{i}")([layers.Activation("relu")(y), x])
    x = _dense(check_count("width", width), kernel_regularizer=regularizer, dtype="float32", name="logits")(x)
    return keras.Model(inputs, x, name=name)


@network
def row_discriminator(
    width: int,
    *,
    condition: int = 0,
    packing: int = 10,
    hidden: Sequence[int] = (256, 256),
    dropout: float = 0.5,
    name: str = "discriminator",
) -> keras.Model:
    """Builds the discriminator of CTGAN: packs of rows[, and of their conditions] -> scores (N, 1).

    Weights are initialized as in the paper's code, from U(-1 / sqrt(inputs), 1 / sqrt(inputs)).

    Args:
        width: The length of an encoded row, `Schema.width`.
        condition: The length of a condition; 0 for no conditions.
        packing: The number of rows per score. Defaults to 10.
        hidden: The widths of the hidden layers. Defaults to (256, 256).
        dropout: The share of hidden units that is dropped while training. Defaults to 0.5.
        name: The model's name.

    Raises:
        ValueError: If an argument is out of range.

    Example:

    >>> [tuple(x.shape) for x in row_discriminator(20, condition=5, packing=2).inputs]
    [(None, 40), (None, 10)]

    Reference: [Xu et al., 2019](https://arxiv.org/abs/1907.00503), section 4.4.
    """
    row = keras.Input(packed((check_count("width", width),), packing), name="rows")
    inputs, x = row, row
    if check_count("condition", condition, least=0):
        inputs = [row, keras.Input(packed((condition,), packing), name="conditions")]
        x = layers.Concatenate()(inputs)
    check_number("dropout", dropout, 0, 1)
    for i, units in enumerate(check_shape("hidden", hidden), start=1):
        x = layers.LeakyReLU(0.2, name=f"hidden_{i}")(_dense(units)(x))
        x = Dropout(dropout)(x)
    return keras.Model(inputs, _dense(1, dtype="float32")(x), name=name)


@network
def row_decoder(
    dim: int,
    blocks: Sequence[int],
    *,
    hidden: Sequence[int] = (128, 128),
    decay: float = 1e-5,
    name: str = "decoder",
) -> keras.Model:
    """Builds the decoder of TVAE: codes (N, `dim`) -> `"logits"` of rows (N, width) and `"deviations"` of numbers.

    Args:
        dim: The length of a code, at least 1.
        blocks: The blocks of a row, `Schema.blocks`: 0 for a number, k for a choice among k.
        hidden: The widths of the hidden layers. Defaults to (128, 128).
        decay: Weight decay, applied as an L2 penalty of `decay` / 2. Defaults to 1e-5.
        name: The model's name.

    Raises:
        ValueError: If an argument is out of range.

    Example:

    >>> {name: tuple(x.shape) for name, x in row_decoder(8, [0, 3, 0, 2]).output.items()}
    {'logits': (None, 7), 'deviations': (None, 2)}

    Reference: [Xu et al., 2019](https://arxiv.org/abs/1907.00503), section 4.5.
    """
    x = z = keras.Input((check_count("dim", dim),), name="codes")
    regularizer = keras.regularizers.L2(decay / 2) if check_number("decay", decay, 0) else None
    blocks = [int(check_count("blocks", block, least=0)) for block in blocks]
    for i, units in enumerate(check_shape("hidden", hidden), start=1):
        x = layers.Dense(units, "relu", kernel_regularizer=regularizer, name=f"hidden_{i}")(x)
    width = sum(max(block, 1) for block in blocks)
    logits = layers.Dense(width, kernel_regularizer=regularizer, dtype="float32", name="logits")(x)
    made = {"logits": logits, "deviations": Deviations(max(blocks.count(0), 1), name="deviations")(x)}
    return keras.Model(z, made, name=name)


def _dense(units, **options):
    """Returns a layer with small initial weights: with Glorot's, CTGAN needs twice as many epochs."""
    narrow = keras.initializers.VarianceScaling(1 / 3, "fan_in", "uniform")
    return layers.Dense(units, kernel_initializer=narrow, **options)
