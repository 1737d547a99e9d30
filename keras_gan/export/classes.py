"""The number of classes that a player's labels may name."""

import keras
import numpy as np
import tensorflow as tf

from keras_gan.ground import internals
from keras_gan.latents import label_count
from keras_gan.play import players


def count(game: keras.Model, player: keras.Model, inputs: tf.Tensor) -> int | None:
    """Returns the number of classes: the prior's, else the size of the embedding of labels; None if neither is known.

    Not every embedding is one of labels. So a size counts only if, on the CPU, whose lookups are checked, the player
    takes the label below it and fails at the size itself.

    Args:
        game: A `keras_gan.GAN`.
        player: Its generator or discriminator.
        inputs: One example of what the player takes beside labels.
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
