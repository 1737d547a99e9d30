"""A moving average of the weights of a player."""

import numbers
from collections.abc import Mapping

import keras
import tensorflow as tf

from keras_gan.play import players
from keras_gan.schedules import Schedule


class ExponentialMovingAverage(keras.layers.Layer):
    """Moving averages ("shadows") of a generator's weights: shadow <- d shadow + (1 - d) weight after each step.

    d = min(decay, (1 + step) / (10 + step)), so that the weights of the first steps soon count little; a schedule gives
    d itself. All weights that can be trained have a shadow, also those of frozen layers, so that layers may be frozen
    and unfrozen at any time. The moving means and variances of batch normalizations have shadows, too, as the
    generator's own depend on its last batches alone, and on weights that are not averaged.

    Args:
        generator: The model to average, built. Any Keras model: it is never cloned.
        decay: A number in (0, 1), for an average over about the last 1 / (1 - decay) steps; or a schedule, such as
            `schedules.HalfLife`.

    Reference: [Karras et al., 2018](https://arxiv.org/abs/1710.10196), section 4.
    """

    def __init__(self, generator: keras.Model, decay: float | Schedule):
        super().__init__(name="ema", trainable=False)
        is_schedule = isinstance(decay, Schedule)
        if not is_schedule and not (isinstance(decay, numbers.Real) and 0 < float(decay) < 1):
            raise ValueError(f"`ema` must be a number in (0, 1), a schedule or None. Received: ema={decay!r}")
        self.decay = decay if is_schedule else float(decay)
        learnable, statistics = players.learnable(generator), players.statistics(generator)
        weights = learnable + statistics
        self.shadows = [
            self.add_weight(
                shape=weight.shape,
                initializer="zeros",
                dtype=weight.dtype,
                trainable=False,
                aggregation="only_first_replica",
                name=f"shadow_{i}",
            )
            for i, weight in enumerate(weights)
        ]
        self._variables = tuple(map(id, generator.variables))
        order = {variable: i for i, variable in enumerate(self._variables)}
        self._places = tuple(order[id(weight)] for weight in weights)
        trainable = {id(weight) for weight in generator.trainable_variables}
        self._frozen = frozenset(i for i, weight in enumerate(learnable) if id(weight) not in trainable)
        self._statistics = frozenset(range(len(learnable), len(weights)))
        self.restart(generator)
        self.built = True

    def pairs(self, generator: keras.Model) -> list[tuple]:
        """Returns each weight with its shadow, whatever was frozen since."""
        variables = generator.variables
        return [(variables[place], shadow) for place, shadow in zip(self._places, self.shadows, strict=True)]

    def fits(self, generator: keras.Model) -> bool:
        """Returns whether the generator has the variables that it had when the average was made."""
        return tuple(map(id, generator.variables)) == self._variables

    def renewed(self, generator: keras.Model) -> "ExponentialMovingAverage":
        """Returns an average of the generator's present weights: those that it had before keep their shadows."""
        made = type(self)(generator, self.decay)
        known = {self._variables[self._places[i]]: each for i, each in enumerate(self.shadows) if i not in self.missing}
        for weight, shadow in made.pairs(generator):
            if id(weight) in known:
                shadow.assign(known[id(weight)])
        return made

    def restart(self, generator: keras.Model) -> None:
        """Sets all shadows to the weights, which may have been loaded or set by hand before the first step."""
        self.missing = frozenset(range(len(self.shadows)))
        self.cover(generator)

    def cover(self, generator: keras.Model) -> None:
        """Sets shadows that were missing in an older file to the weights."""
        variables = generator.variables
        for i in self.missing:
            self.shadows[i].assign(variables[self._places[i]])
        self.missing = frozenset()

    def load_own_variables(self, store: Mapping) -> None:
        """Loads the shadows. Older files have none for statistics, and those of version 0.1 none for frozen layers.

        `missing` holds the indices of shadows that the file did not have, until `cover` is called.
        """
        older = (frozenset(), self._statistics, self._statistics | self._frozen)
        count = len(self.shadows) - len(store.keys())
        self.missing = next((missing for missing in older if len(missing) == count), frozenset())
        if not self.missing:
            super().load_own_variables(store)  # raises an error if the number of shadows is another
            return
        stored = (shadow for i, shadow in enumerate(self.shadows) if i not in self.missing)
        for place, shadow in enumerate(stored):
            shadow.assign(store[str(place)])

    def update(self, generator: keras.Model, step: tf.Tensor) -> None:
        """Moves the shadows towards the generator's weights, after update number `step`, counted from 0."""
        keep = self._keep(tf.cast(step, tf.float32))
        for weight, shadow in self.pairs(generator):
            shadow.assign_add((1 - tf.cast(keep, shadow.dtype)) * (weight - shadow))

    def _keep(self, step):
        if isinstance(self.decay, Schedule):
            return tf.cast(self.decay(step), tf.float32)
        return tf.minimum(self.decay, (1 + step) / (10 + step))

    def scope(self, generator: keras.Model) -> keras.StatelessScope:
        """Returns a scope in which the generator uses the averaged weights, and no variable is written."""
        return keras.StatelessScope(self.pairs(generator), collect_losses=True)

    def run(self, generator: keras.Model, latents, labels=None):
        """Runs the averaged generator on `latents`, in inference mode."""
        with self.scope(generator):
            return players.call(generator, latents, labels)
