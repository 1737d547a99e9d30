"""Rows of a table from a network's outputs: numbers and choices."""

from collections.abc import Mapping, Sequence

import keras
import tensorflow as tf

from keras_gan.ground.arguments import check_count, check_number
from keras_gan.ground.shapes import sizes


@keras.saving.register_keras_serializable("keras_gan")
class RowActivation(keras.layers.Layer):
    """Converts logits to rows of numbers in [-1, 1] and soft choices.

    A number is tanh(x). A choice among k is softmax((x + g) / temperature), g the noise of `latents.Gumbel`: nearly
    one-hot, and with a gradient. Call the layer on logits (N, width) and noise (N, the sum of the choices' sizes),
    where a number takes one logit, and a choice among k takes k. Output: (N, width) float32. It has no weights.

    Args:
        blocks: The blocks of a row, in order: 0 for a number, k for a choice among k.
        temperature: Above 0; lower temperatures give choices nearer to one-hot. Defaults to 0.2.

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
            noise: (N, the sum of the choices' sizes); not read if there are no choices.
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


@keras.saving.register_keras_serializable("keras_gan")
class RowDraw(keras.layers.Layer):
    """Draws rows from the output of a variational autoencoder's decoder.

    A number is drawn from N(tanh(x), deviation^2), within [-1, 1]; a choice from softmax(x), one-hot. Call the layer on
    a dict of `"logits"` (N, width) and `"deviations"` (N, numbers per row), noise of `latents.Gumbel` for the choices,
    and standard normal noise for the numbers. Output: (N, width) float32. It has no weights.

    Args:
        blocks: The blocks of a row, in order: 0 for a number, k for a choice among k.

    Example:

    >>> decoded = {"logits": tf.constant([[0.0, 9.0, -9.0]]), "deviations": tf.constant([[0.5]])}
    >>> RowDraw([0, 2])(decoded, tf.zeros((1, 2)), tf.ones((1, 1))).numpy().tolist()
    [[0.5, 1.0, 0.0]]

    Reference: [Xu et al., 2019](https://arxiv.org/abs/1907.00503), section 4.5.
    """

    def __init__(self, blocks: Sequence[int], **options):
        super().__init__(**{"dtype": "float32", **options})
        self.blocks = tuple(int(check_count("blocks", block, least=0)) for block in blocks)

    def build(self, *shapes) -> None:
        """Makes no weights."""
        self.built = True

    def call(self, decoded: Mapping[str, tf.Tensor], noise, normal):
        """Returns rows, (N, width).

        Args:
            decoded: `"logits"` and `"deviations"`.
            noise: (N, the sum of the choices' sizes).
            normal: (N, numbers per row).
        """
        choices = [block for block in self.blocks if block]
        parts = tf.split(decoded["logits"], [max(block, 1) for block in self.blocks], axis=1)
        drawn = iter(tf.split(noise, choices, axis=1) if choices else [])
        spread = iter(
            tf.split(decoded["deviations"] * normal, self.blocks.count(0), axis=1) if 0 in self.blocks else []
        )
        made = [
            tf.one_hot(tf.argmax(part + next(drawn), axis=1), block)
            if block
            else tf.clip_by_value(tf.tanh(part) + next(spread), -1.0, 1.0)
            for block, part in zip(self.blocks, parts, strict=True)
        ]
        return tf.concat(made, axis=1)

    def get_config(self):
        return {**super().get_config(), "blocks": list(self.blocks)}


@keras.saving.register_keras_serializable("keras_gan")
class Deviations(keras.layers.Layer):
    """Returns learned deviations in [0.01, 1], the same for all examples.

    Args:
        count: Number of deviations, at least 1.

    Input: (N, ...), of which only the number of examples is read. Output: (N, `count`), initialized to 0.1.

    Example:

    >>> Deviations(2)(tf.zeros((1, 3))).numpy().round(3).tolist()
    [[0.10000000149011612, 0.10000000149011612]]

    Reference: [Xu et al., 2019](https://arxiv.org/abs/1907.00503), section 4.5, and the authors' code.
    """

    def __init__(self, count: int, **options):
        super().__init__(**{"dtype": "float32", **options})
        self.count = int(check_count("count", count))

    def build(self, input_shape):
        self.deviations = self.add_weight(
            name="deviations", shape=(self.count,), initializer=keras.initializers.Constant(0.1), constraint=_within
        )

    def call(self, inputs):
        return tf.repeat(tf.convert_to_tensor(self.deviations)[None], sizes(inputs)[0], axis=0)

    def compute_output_shape(self, input_shape):
        return (input_shape[0], self.count)

    def get_config(self):
        return {**super().get_config(), "count": self.count}


def _within(deviations):
    """Keeps deviations in their range after each update, as the authors' code does."""
    return tf.clip_by_value(deviations, 0.01, 1.0)
