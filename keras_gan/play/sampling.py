"""Sampling from a generator: the same examples for the same seed, whatever their number.

Sums of floats differ in their last bit with the size of a batch. So examples are made in pieces of a fixed layout:
they begin at 0, 4, 8, 16, 32, ... up to the largest size, and are always made whole. Example i then depends on i and
the seed alone. At most twice the work is done, and memory is bounded by the largest piece.
"""

import functools
from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf

from keras_gan.latents import Latents, label_count
from keras_gan.noise import Noise
from keras_gan.play import players

SMALLEST, LARGEST = 4, 256
VECTOR = 16  # rows are drawn in multiples of it: a processor's vectors and the rest behind them round differently


def sample(
    game: keras.Model,
    count: tf.Tensor,
    seed: tf.Tensor,
    labels: tf.Tensor | None = None,
    *,
    prior: Latents | None = None,
    finish: Callable[[tf.Tensor], tf.Tensor] = tf.identity,
    use_ema: bool = True,
    largest: tf.Tensor | int = LARGEST,
) -> tf.Tensor:
    """Generates examples of a GAN from a seed, in a graph, without checks.

    Args:
        game: A `keras_gan.GAN`.
        count: Number of examples, a scalar of at least 1.
        seed: A scalar, int64.
        labels: (1, ...) or (count, ...) conditions, -1 (NaN for floats) where one is drawn from the GAN's prior; None
            for an unconditional generator.
        prior: The prior of latents. Defaults to that of the GAN.
        finish: Function that is applied to each piece, (n, ...) -> (n, ...). Defaults to the identity.
        use_ema: Use the averaged weights, if the GAN keeps an average.
        largest: The size of the largest piece.

    Returns:
        (count, ...), of the dtype that `finish` gives; float32 by default.
    """
    latents, labels = draw(game, count, seed, labels, prior, largest)
    return in_pieces(game, latents, labels, count, seed, finish=finish, use_ema=use_ema, largest=largest)


def first_labels(labels: np.ndarray | None) -> tuple[tf.Tensor, ...]:
    """Returns the labels of the first piece, (SMALLEST, ...), the last of them repeated if there are too few.

    Example:

    >>> first_labels(None)
    ()
    >>> first_labels(np.array([2, 1]))[0].numpy().tolist()
    [2, 1, 1, 1]
    """
    if labels is None:
        return ()
    return (tf.constant(labels[np.minimum(np.arange(SMALLEST), len(labels) - 1)]),)


def sample_first(game: keras.Model, seed: tf.Tensor, labels: tf.Tensor | None = None) -> tf.Tensor:
    """Returns the first piece of the result of `sample`, `SMALLEST` examples, to the bit, in a graph without loops.

    Labels are (SMALLEST, ...), without missing ones if a prior counts the classes; None if the generator takes none, or
    all are drawn. Labels that need not be drawn are not, as that would take as long as the generator.
    """
    if labels is not None and label_count(game.labels) is not None:
        latents, _ = _draw_rows(game, VECTOR, seed, None)
    else:
        drawn = labels is None and players.takes_labels(game.generator)
        latents, labels = _draw_rows(game, VECTOR, seed, game.condition.missing() if drawn else labels)
    given = latents[:SMALLEST], None if labels is None else labels[:SMALLEST]
    return make(game, *given, Noise(("generate", "layers"), seed, replica=(0, 1)))


class Graphs:
    """The graphs of `generate`, which belong to one structure of the generator.

    Args:
        game: A `keras_gan.GAN`.
        structure: The number that `players.structure` returns for its generator.

    Attributes:
        structure: As given.
        first: The graph of `sample_first`: small requests, for which the lookup by many arguments would take long.
        all: The graph of `sample`.
    """

    def __init__(self, game: keras.Model, structure: int):
        self.structure = structure
        self.first = tf.function(lambda seed, *labels: sample_first(game, seed, *labels), autograph=False)
        self.all = tf.function(functools.partial(sample, game), autograph=False, reduce_retracing=True)


def draw(
    game: keras.Model,
    count: tf.Tensor | int,
    seed: tf.Tensor,
    labels: tf.Tensor | None = None,
    prior: Latents | None = None,
    largest: tf.Tensor | int = LARGEST,
) -> tuple[tf.Tensor, tf.Tensor | None]:
    """Returns the latents and labels of all pieces that hold the first `count` examples; arguments as for `sample`."""
    return _draw_rows(game, _rows(count, largest), seed, labels, prior)


def _draw_rows(game, rows, seed, labels, prior=None):
    noise = Noise(("generate",), seed)
    latents = (prior or game.latents).draw(rows, noise.at("latents"))
    if labels is None:
        return latents, None
    labels = _rows_of(labels, tf.range(rows))
    if game.labels is not None:
        drawn = game.condition.of(game.labels.draw(rows, noise.at("labels")))
        labels = tf.where(game.condition.is_missing(labels), drawn, labels)
    return latents, labels


def in_pieces(
    game: keras.Model,
    latents: tf.Tensor,
    labels: tf.Tensor | None,
    count: tf.Tensor,
    seed: tf.Tensor,
    *,
    finish: Callable[[tf.Tensor], tf.Tensor] = tf.identity,
    use_ema: bool = True,
    largest: tf.Tensor | int = LARGEST,
) -> tf.Tensor:
    """Generates `count` examples from latents and labels, in pieces; the last row is repeated if rows are missing."""

    def make_piece(i, start, made):
        size = _size(start, largest)
        here = tf.range(start, start + size)
        given = _rows_of(latents, here), None if labels is None else _rows_of(labels, here)
        noise = Noise(("generate", "layers"), seed, replica=(i, i + 1))
        return i + 1, start + size, made.write(i, finish(make(game, *given, noise, use_ema)))

    like = finish(tf.zeros((1, *game.example_shape)))
    made = tf.TensorArray(like.dtype, 0, dynamic_size=True, infer_shape=False, element_shape=(None, *like.shape[1:]))
    made = tf.while_loop(lambda i, start, made: start < count, make_piece, (0, 0, made), parallel_iterations=1)[2]
    return tf.ensure_shape(made.concat()[:count], (None, *like.shape[1:]))


def make(game: keras.Model, latents, labels, noise: Noise, use_ema: bool = True) -> tf.Tensor:
    """Calls the generator on latents in inference mode, float32; its seeded layers draw from `noise`.

    No variable is written, so that requests to one model may run at the same time.
    """
    values = players.seeds(game.generator, noise)
    if use_ema and game.ema is not None:
        values += game.ema.pairs(game.generator)
    with keras.StatelessScope(values):
        return tf.cast(players.call(game.generator, latents, labels), tf.float32)


def _rows(count, largest):
    """Returns the end of the last piece, rounded up to whole vectors."""
    end = tf.while_loop(lambda end: end < count, lambda end: (end + _size(end, largest),), (0,))[0]
    return (end + VECTOR - 1) // VECTOR * VECTOR


def _size(start, largest):
    return tf.clip_by_value(start, tf.minimum(SMALLEST, largest), largest)


def _rows_of(values, places):
    return tf.gather(values, tf.minimum(places, tf.shape(values)[0] - 1))
