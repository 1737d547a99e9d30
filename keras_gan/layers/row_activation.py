"""Rows of a table from what a network gives: numbers and soft choices."""

from collections.abc import Sequence

import keras
import tensorflow as tf

from keras_gan.ground.arguments import check_count, check_number


@keras.saving.register_keras_serializable("keras_gan")
class RowActivation(keras.layers.Layer):
    """Makes rows of numbers in [-1, 1] and of soft choices.

    A number is tanh(x). A choice among k is softmax((x + g) / temperature), g the noise of `latents.Gumbel`: nearly
    one-hot, and with a gradient. Called on logits (N, width) and noise (N, how many of them belong to choices); the
    width is the sum of the blocks, of which a number takes one. Output: (N, width) float32. It has no weights.

    Args:
        blocks: What a row is made of, in order: 0 for a number, k for a choice among k.
        temperature: Above 0; the lower, the nearer to one-hot. Defaults to 0.2.

    Example:

    >>> rows = RowActivation([0, 2])(tf.constant([[0.0, 9.0, -9.0]]), tf.zeros((1, 2)))
    >>> rows.numpy().round(3).tolist()
    [[0.0, 1.0, 0.0]]

    Reference: [Xu et al., 2019](https://arxiv.org/abs/1907.00503), section 4.4.
    """

    def __init__(self, blocks: Sequence[int], temperature: float = 0.2, **options):
        super().__init__(**{"dtype": "float32", **options})
        self.blocks = tuple(int(check_count("blocks", block, least=0)) for block in blocks)
        self.temperature = check_number("temperature", temperature, 0, ends="()")

    def build(self, *shapes) -> None:
        """Makes no weights."""
        self.built = True

    def call(self, logits, noise):
        """Returns rows, (N, width).

        Args:
            logits: (N, width).
            noise: (N, the sum of the choices' sizes); it is not read where there are no choices.
        """
        parts = tf.split(logits, [max(block, 1) for block in self.blocks], axis=1)
        choices = [block for block in self.blocks if block]
        drawn = iter(tf.split(noise, choices, axis=1) if choices else [])
        made = [
            tf.nn.softmax((part + next(drawn)) / self.temperature) if block else tf.tanh(part)
            for block, part in zip(self.blocks, parts, strict=True)
        ]
        return tf.concat(made, axis=1)

    def get_config(self):
        return {**super().get_config(), "blocks": list(self.blocks), "temperature": self.temperature}
