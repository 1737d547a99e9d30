"""Standing statistics: batch normalization statistics for the weights with which a generator samples."""

import contextlib

import keras
import tensorflow as tf

from keras_gan.ground import views
from keras_gan.ground.arguments import check_count, check_seed
from keras_gan.noise import Noise
from keras_gan.play import players


def take(gan, batches: int, batch_size: int, seed: int, use_ema: bool) -> None:
    """Sets the moving means and variances of a generator: see `GAN.standing_statistics` for the arguments."""
    check_count("batches", batches)
    check_count("batch_size", batch_size, least=2)
    check_seed("seed", seed)
    statistics = players.statistics(gan.generator)
    if not statistics:
        raise ValueError("`generator` must have batch normalization for its statistics. Received: one without")
    if players.takes_labels(gan.generator) and gan.labels is None:
        raise ValueError("`labels` of the GAN must draw the labels of fakes. Received: labels=None")
    averaged = gan.ema.pairs(gan.generator) if use_ema and gan.ema is not None else []
    sums = [0.0] * len(statistics)
    for i in range(batches):
        seen = _statistics_of_a_batch(gan, statistics, batch_size, Noise(("standing", seed), i), averaged)
        sums = [total + value for total, value in zip(sums, seen, strict=True)]
    shadows = {id(variable): shadow for variable, shadow in averaged}
    for variable, total in zip(statistics, sums, strict=True):
        shadows.get(id(variable), variable).assign(total / batches)


def _statistics_of_a_batch(gan, statistics, batch_size, noise, averaged):
    """Returns the statistics of one batch, with averaged weights if there are any; changes no variable."""
    latents = gan.latents.draw(batch_size, noise.at("latents"))
    labels = None if gan.labels is None else gan.labels.draw(batch_size, noise.at("labels"))
    with keras.StatelessScope(averaged) as scope, _forgetting():
        players.reseed(gan.generator, noise.at("layers"))
        players.call(gan.generator, latents, labels, training=True)
    return [tf.convert_to_tensor(scope.get_current_value(variable)) for variable in statistics]


def _forgetting() -> contextlib.AbstractContextManager:
    """Sets the momentum of batch normalizations to 0 inside the block."""
    return views.used(lambda layer: (_Forgetting,) if isinstance(layer, keras.layers.BatchNormalization) else ())


class _Forgetting(keras.layers.BatchNormalization):
    momentum = property(lambda self: 0.0)
