"""An average of the generator over its last updates."""

import numbers

import keras
import tensorflow as tf

from keras_gan import players


class ExponentialMovingAverage(keras.layers.Layer):
    """Shadows of a generator's trainable weights: shadow <- d shadow + (1 - d) weight after each step.

    d = min(decay, (1 + step) / (10 + step)), so that the first steps are soon forgotten. Moving means of
    BatchNormalization and the like are averages already: the generator's own are used.

    Args:
        generator: The model to average, built. Any Keras model: it is never cloned.
        decay: In (0, 1). The average runs over the last 1 / (1 - decay) steps.

    Reference: [Karras et al., 2018](https://arxiv.org/abs/1710.10196), section 4.
    """

    def __init__(self, generator: keras.Model, decay: float):
        super().__init__(name="ema", trainable=False)
        if not (isinstance(decay, numbers.Real) and 0 < decay < 1):
            raise ValueError(f"`ema` must be a number in (0, 1), or None. Received: ema={decay!r}")
        self.decay = float(decay)
        self.shadows = [
            self.add_weight(
                shape=weight.shape,
                initializer="zeros",
                dtype=weight.dtype,
                trainable=False,
                aggregation="only_first_replica",
                name=f"shadow_{i}",
            )
            for i, weight in enumerate(generator.trainable_variables)
        ]
        averaged = {id(weight) for weight in generator.trainable_variables}
        self._places = tuple(i for i, weight in enumerate(generator.variables) if id(weight) in averaged)
        for weight, shadow in self.pairs(generator):
            shadow.assign(weight)
        self.built = True

    def pairs(self, generator: keras.Model) -> list[tuple]:
        """Each weight with its shadow, whatever was frozen since."""
        variables = generator.variables
        return [(variables[i], shadow) for shadow, i in zip(self.shadows, self._places, strict=True)]

    def update(self, generator: keras.Model, step: tf.Tensor) -> None:
        """Moves the shadows towards the generator's weights, after update number `step`, counted from 0."""
        step = tf.cast(step, tf.float32)
        keep = tf.minimum(self.decay, (1 + step) / (10 + step))
        for weight, shadow in self.pairs(generator):
            shadow.assign_add((1 - tf.cast(keep, shadow.dtype)) * (weight - shadow))

    def run(self, generator: keras.Model, latents, labels=None):
        """What the averaged generator makes of `latents`, in inference mode."""
        with keras.StatelessScope(self.pairs(generator)):
            return players.call(generator, latents, labels)
