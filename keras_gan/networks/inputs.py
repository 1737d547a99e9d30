"""Inputs and scores of the players that this package builds, with and without labels."""

import contextlib
import functools
from collections.abc import Callable, Iterator, Sequence

import keras
from keras import layers

from keras_gan.ground.arguments import check_count, fits_in_memory, shown


def network(build: Callable) -> Callable:
    """Decorates a function that builds a player.

    Layers of pictures take their channels last, whatever the `image_data_format` of keras.json, and weights that do not
    fit in memory raise a ValueError.
    """

    @functools.wraps(build)
    def build_network(*sizes, **options):
        given = ", ".join([*map(shown, sizes), *(f"{name}={shown(value)}" for name, value in options.items())])
        with channels_last(), fits_in_memory(build.__name__, f"{build.__name__}({given})"):
            return build(*sizes, **options)

    return build_network


@contextlib.contextmanager
def channels_last() -> Iterator[None]:
    """Sets the data format of Keras layers that are constructed inside to channels last."""
    before = keras.config.image_data_format()
    keras.config.set_image_data_format("channels_last")
    try:
        yield
    finally:
        keras.config.set_image_data_format(before)


def join_labels(latents: int, labels: int | None) -> tuple:
    """Returns a generator's inputs and first tensor: the latents, concatenated with an embedding of any labels.

    Returns:
        `(inputs, x)`: the inputs for `keras.Model`, and (N, latents) or (N, 2 * latents).
    """
    z = keras.Input((check_count("latents", latents),), name="latents")
    if labels is None:
        return z, z
    y = keras.Input((), dtype="int32", name="labels")
    embedding = layers.Embedding(check_count("labels", labels), latents, name="label_embedding")(y)
    return [z, y], layers.Concatenate()([z, embedding])


def packed(shape: Sequence[int], packing: int) -> tuple[int, ...]:
    """Returns the input shape of a packed discriminator: `packing` examples joined on their last axis.

    >>> packed((28, 28, 1), 3)
    (28, 28, 3)
    """
    return (*shape[:-1], shape[-1] * check_count("packing", packing))


def score(image: keras.KerasTensor, features: keras.KerasTensor, labels: int | None) -> tuple:
    """Returns a discriminator's inputs, and its logits (N, 1): w . h, plus <embedding(y), h> if it is conditional.

    Reference: [Miyato & Koyama, 2018](https://arxiv.org/abs/1802.05637), the projection discriminator.
    """
    logits = layers.Dense(1, dtype="float32", name="score")(features)
    if labels is None:
        return image, logits
    y = keras.Input((), dtype="int32", name="labels")
    embedding = layers.Embedding(check_count("labels", labels), features.shape[-1], name="label_embedding")(y)
    projection = layers.Dot(axes=1, dtype="float32", name="projection")([features, embedding])
    return [image, y], layers.Add(dtype="float32", name="logits")([logits, projection])
