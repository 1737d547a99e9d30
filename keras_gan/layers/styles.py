"""Layers between a mapping network and a synthesis network: truncation and mixing of styles."""

import keras
import tensorflow as tf

from keras_gan import noise
from keras_gan.ground.arguments import check_count, check_number
from keras_gan.ground.replicas import gather
from keras_gan.ground.shapes import sizes
from keras_gan.layers.common import next_seed, upcast


@keras.saving.register_keras_serializable("keras_gan")
class Truncation(keras.layers.Layer):
    """Moves vectors towards their mean, which the layer tracks while training.

    y = mean + psi (w - mean), mean <- momentum mean + (1 - momentum) mean of the batch

    psi below 1 trades variety for quality; psi = 1, as in training, changes nothing.

    Args:
        momentum: Momentum of the mean, in [0, 1). Defaults to 0.995.

    Input: `[w, psi]` or two arguments, w (N, d) and psi (N, 1), floats. Output: (N, d).

    Example:

    >>> layer = Truncation()
    >>> layer([tf.constant([[2.0, 4.0]]), tf.constant([[0.5]])]).numpy().tolist()
    [[1.0, 2.0]]

    Reference: [Karras et al., 2019](https://arxiv.org/abs/1812.04948), appendix B.
    """

    def __init__(self, momentum: float = 0.995, **options):
        super().__init__(**options)
        self.momentum = check_number("momentum", momentum, 0, 1)

    def build(self, input_shape):
        self.mean = self.add_weight(
            name="mean",
            shape=(_first(input_shape)[-1],),
            initializer="zeros",
            trainable=False,
            aggregation="mean",
            autocast=False,
        )

    def call(self, inputs, psi=None, training=False):
        w, psi = inputs if psi is None else (inputs, psi)
        if training:
            mean = tf.cast(tf.reduce_mean(upcast(gather(w)), axis=0), self.mean.dtype)
            self.mean.assign(self.momentum * self.mean + (1 - self.momentum) * tf.stop_gradient(mean))
        psi = tf.cast(psi, w.dtype)
        return psi * w + (1 - psi) * tf.cast(self.mean.value, w.dtype)

    def compute_output_shape(self, input_shape, *others):
        return _first(input_shape)

    def get_config(self):
        return {**super().get_config(), "momentum": self.momentum}


@keras.saving.register_keras_serializable("keras_gan")
class StyleMixing(keras.layers.Layer):
    """Returns a style for each layer of a synthesis network, while training mixed at random from two vectors.

    With the given probability the layers from a random one on, the second at the earliest, get the second vector.
    Otherwise, and when not training, all layers get the first vector.

    Args:
        depth: Number of layers.
        probability: Probability of mixing, in [0, 1]. Defaults to 0.9.
        seed: The seed of the draws, an integer; None, the default, for a random one.

    Input: `[w, other]` or two arguments, (N, d) each, floats. Output: (N, `depth`, d).

    Example:

    >>> StyleMixing(4)([tf.ones((2, 3)), tf.zeros((2, 3))]).shape
    TensorShape([2, 4, 3])

    Reference: [Karras et al., 2019](https://arxiv.org/abs/1812.04948), section 3.1.
    """

    def __init__(self, depth: int, probability: float = 0.9, seed: int | None = None, **options):
        super().__init__(**options)
        self.depth, self.seed = check_count("depth", depth), seed
        self.probability = check_number("probability", probability, 0, 1, ends="[]")
        self.seed_generator = keras.random.SeedGenerator(seed)

    def build(self, *shapes) -> None:
        """Makes no weights."""
        self.built = True

    def call(self, inputs, other=None, training=False):
        w, other = inputs if other is None else (inputs, other)
        first = tf.repeat(w[:, None, :], self.depth, axis=1)
        if not training or self.probability == 0 or self.depth == 1:
            return first
        u, v = tf.unstack(noise.uniform(next_seed(self.seed_generator), (sizes(w)[0], 2)), axis=1)
        begin = 1 + tf.cast(v * (self.depth - 1), tf.int32)
        begin = tf.where(u < self.probability, begin, self.depth)
        mixed = tf.range(self.depth) >= begin[:, None]
        return tf.where(mixed[:, :, None], other[:, None, :], first)

    def compute_output_shape(self, input_shape, *others):
        shape = _first(input_shape)
        return (shape[0], self.depth, shape[-1])

    def get_config(self):
        config = {"depth": self.depth, "probability": self.probability, "seed": self.seed}
        return {**super().get_config(), **config}


def _first(shape):
    """Returns the shape of the first of several inputs, which are arguments or a list."""
    return shape[0] if isinstance(shape[0], list | tuple) else shape
