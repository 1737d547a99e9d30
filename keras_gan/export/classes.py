"""The number of classes that a player takes as labels."""

import keras
import numpy as np
import tensorflow as tf

from keras_gan.ground import internals
from keras_gan.latents import label_count
from keras_gan.play import players


def count(game: keras.Model, player: keras.Model, inputs: tf.Tensor) -> int | None:
    """Returns the number of classes of the prior, otherwise the size of the labels' embedding; None if unknown.

    Not every embedding is one of labels. So a size n only counts if the player accepts the label n - 1 and fails for
    the label n, tried on the CPU, which checks lookups.

    Args:
        game: A `keras_gan.GAN`.
        player: The generator or discriminator of `game`.
        inputs: One example of the player's inputs without labels.
    """
    known = label_count(game.labels)
    if known is not None or not players.takes_labels(player):
        return known
    layers = internals.layers_of(player)
    sizes = sorted({layer.input_dim for layer in layers if isinstance(layer, keras.layers.Embedding)})
    return next((n for n in sizes if _takes(player, inputs, n - 1) and not _takes(player, inputs, n)), None)


def _takes(player, inputs, label):
    try:
        with tf.device("/CPU:0"), keras.StatelessScope():
            players.call(player, inputs, tf.constant(np.array([label], "int32")))
    except (tf.errors.InvalidArgumentError, ValueError):
        return False
    return True
