"""Packs: several examples that the discriminator gets as one, joined on their last axis."""

from collections.abc import Callable

import keras
import tensorflow as tf

from keras_gan.ground.shapes import sizes
from keras_gan.noise import Noise


def pack(x: tf.Tensor, count: int) -> tf.Tensor:
    """Joins each `count` examples on their last axis, (N, ..., c) -> (N // count, ..., count * c); drops the rest.

    Reference: [Lin et al., 2017](https://arxiv.org/abs/1712.04086), PacGAN.
    """
    if count == 1:
        return x
    total = sizes(x)[0]
    known = isinstance(total, int)
    groups = max(total // count, 1) if known else tf.maximum(total // count, 1)
    if not known or total < count:  # a partial last batch: its first examples are repeated until one pack is full
        x = tf.gather(x, tf.range(count * groups) % total)
    return tf.concat([x[i * groups : (i + 1) * groups] for i in range(count)], axis=-1)


def unpack(x: tf.Tensor, count: int) -> tf.Tensor:
    """Returns the examples of packs, (N, ..., count * c) -> (N * count, ..., c), in their original order."""
    return x if count == 1 else tf.concat(tf.split(x, count, axis=-1), axis=0)


def packed(x: tf.Tensor | tuple, count: int) -> tf.Tensor | tuple:
    """Returns `pack(x, count)`, of each tensor where `x` is a tuple."""
    return keras.tree.map_structure(lambda part: pack(part, count), x)


def augmented(augmentation: Callable, x: tf.Tensor | tuple, count: int, noise: Noise) -> tf.Tensor | tuple:
    """Returns packs whose examples are augmented one by one, by `augmentation(x, noise=noise)`.

    Args:
        augmentation: The augmentation.
        x: Packs, or a tuple whose pictures (N, height, width, channels) alone are augmented, all by the same draws.
        count: Number of examples per pack.
        noise: The address of the augmentation's draws.
    """

    def of(part):
        if isinstance(x, tuple) and part.shape.rank != 4:
            return part
        return pack(augmentation(unpack(part, count), noise=noise), count)

    return keras.tree.map_structure(of, x)
