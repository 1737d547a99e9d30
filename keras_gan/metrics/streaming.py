"""The base classes of streaming metrics, which collect features of real and fake batches."""

import math
import warnings
from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf

from keras_gan.ground import replicas
from keras_gan.ground.arguments import check_count
from keras_gan.ground.shapes import sizes
from keras_gan.metrics.extractors import get_extractor
from keras_gan.metrics.reference import Reference

SIDES = ("real", "fake")


def check_choice(name: str, value: str, choices: tuple[str, ...]) -> str:
    """Returns `value`, if it is one of `choices`.

    Raises:
        ValueError: If `value` is none of them; the error shows the argument's `name`.
    """
    if value not in choices:
        raise ValueError(f"`{name}` must be one of {', '.join(choices)}. Received: {name}={value!r}")
    return value


class StreamingMetric(keras.metrics.Metric):
    """A metric of the features of real and fake examples.

    In a graph, as while `evaluate` runs through its batches, `result` is NaN; outside of graphs it is computed.

    Args:
        extractor: An `Extractor`, a Keras model, a name, or None for the examples themselves.
        real: Real images, an array or a `Pictures`, whose features are computed once and used in place of the
            batches' real examples; or a `Reference`. If None, the batches' real examples are used.
        name: The metric's name.
    """

    def __init__(self, extractor, real, name):
        super().__init__(name=name, dtype="float32")
        self.extractor = get_extractor(extractor)
        kept = real is None or isinstance(real, str | Reference)
        self._reference = real if kept else Reference(self.extractor, real)

    @property
    def reference(self) -> Reference | None:
        """The fixed real features, or None; those of a saved metric are read from the cache folder.

        Raises:
            ValueError: If the features are no longer in the cache folder.
        """
        if isinstance(self._reference, str):
            self._reference = Reference.load(self._reference)
        return self._reference

    def update_state(self, real: tf.Tensor, fake: tf.Tensor) -> None:
        """Adds a batch of real and of fake examples, (N, ...) in the range of the training data.

        Args:
            real: Real examples, which are ignored if the real features are fixed.
            fake: Generated examples.
        """
        if self._reference is None:
            self.add("real", self.look(real))
        self.add("fake", self.look(fake))

    def look(self, images: tf.Tensor) -> tf.Tensor:
        """Returns the features of a batch, (N, d) float32."""
        return self.extractor(images)

    def result(self) -> tf.Tensor:
        """Returns the metric as a float64 scalar: NaN in a graph, before any batch, and if a feature is not finite."""
        if not tf.executing_eagerly():
            return tf.constant(math.nan, tf.float64)
        return tf.constant(self.compute(), tf.float64)

    def save_own_variables(self, store) -> None:
        """Saves the extractor's weights, but not the features collected so far."""
        for i, weight in enumerate(self.extractor.get_weights()):
            store[str(i)] = weight

    def load_own_variables(self, store) -> None:
        """Loads the extractor's weights, if the game was saved with this metric."""
        if store.keys():
            self.extractor.set_weights([np.asarray(store[str(i)]) for i in range(len(store.keys()))])

    def get_config(self) -> dict:
        """Returns the arguments of the constructor; a fixed reference as its digest."""
        reference = self._reference
        return {
            "extractor": keras.saving.serialize_keras_object(self.extractor),
            "real": reference.digest if isinstance(reference, Reference) else reference,
            "name": self.name,
        }


class BufferedMetric(StreamingMetric):
    """A streaming metric that needs all features at once: the first `capacity` of each side are buffered.

    Under a `tf.distribute` strategy every replica buffers all of them, in the order of the global batches. An
    evaluation of fewer examples than `min_examples` gives NaN and a warning, so that training continues.

    Args:
        extractor: As for `StreamingMetric`.
        real: As for `StreamingMetric`; at most `capacity` of these features are used, the same ones each time.
        capacity: The number of examples of each side that are buffered, float32; later ones are ignored.
        name: The metric's name.

    Raises:
        ValueError: If `capacity` or the fixed real images are fewer than `min_examples`.
    """

    def __init__(self, extractor, real, capacity, name):
        self.capacity = check_count("capacity", capacity, least=max(map(self.min_examples, SIDES)))
        super().__init__(extractor, real, name)
        if isinstance(self._reference, Reference) and self._reference.count < self.min_examples("real"):
            raise ValueError(
                f"`real` must be at least {self.min_examples('real')} examples for {self.name!r}{self._settings()}. "
                f"Received: {self._reference.count}"
            )
        self._sides = {}

    def min_examples(self, side: str) -> int:
        """Returns the fewest examples of a side, `"real"` or `"fake"`, that the metric needs."""
        del side
        return 1

    def _settings(self):
        """Returns a text of the settings that determine `min_examples`, for errors."""
        return ""

    def add(self, side: str, features: tf.Tensor) -> None:
        """Adds a batch of features to the buffer, as far as there is room."""
        features = replicas.gather(features)
        rows, count = self._variables_of(side, features.shape[-1])
        number = sizes(features)[0]
        before = tf.convert_to_tensor(count)
        places = tf.minimum(before + tf.range(number, dtype=tf.int32), self.capacity)  # the last row takes the rest
        rows.assign(tf.tensor_scatter_nd_update(tf.convert_to_tensor(rows), places[:, None], features))
        count.assign(tf.minimum(before + number, self.capacity))

    def _variables_of(self, side, width):
        if side not in self._sides:
            with tf.init_scope():
                options = {"initializer": "zeros", "aggregation": "only_first_replica"}
                rows = self.add_variable((self.capacity + 1, width), dtype="float32", name=f"{side}_rows", **options)
                count = self.add_variable((), dtype="int32", name=f"{side}_count", **options)
                self._sides[side] = rows, count
        return self._sides[side]

    def buffered(self, side: str) -> np.ndarray:
        """Returns the features of one side so far, (N, d) float32."""
        if side == "real" and self._reference is not None:
            features = self.reference.features
            if len(features) <= self.capacity:
                return features
            chosen = np.random.default_rng(0).choice(len(features), self.capacity, replace=False)  # they may be sorted
            return features[np.sort(chosen)]
        if side not in self._sides:
            return np.zeros((0, 1), "float32")
        rows, count = (tf.convert_to_tensor(variable).numpy() for variable in self._sides[side])
        return rows[:count]

    def compute(self) -> float:
        """Returns the `score` of all features."""
        buffers = {side: self.buffered(side) for side in SIDES}
        if not all(len(rows) and np.isfinite(rows).all() for rows in buffers.values()):
            return math.nan
        if any(len(rows) < self.min_examples(side) for side, rows in buffers.items()):
            needed = " and ".join(f"{self.min_examples(side)} {side}" for side in SIDES)
            received = ", ".join(f"{len(rows)} {side}" for side, rows in buffers.items())
            text = f"{self.name!r}{self._settings()} is NaN: an evaluation must have at least {needed} examples."
            warnings.warn(f"{text} Received: {received}", stacklevel=2)
            return math.nan
        return self.score(**buffers)

    def get_config(self) -> dict:
        """Returns the arguments of the constructor; a fixed reference as its digest."""
        return {**super().get_config(), "capacity": self.capacity}


class NeighbourMetric(BufferedMetric):
    """One of the numbers that a formula of k nearest neighbours returns, by name.

    A subclass defines the `formula(real, fake, k)` and its `choices`, and the defaults of `which` and `k`.
    """

    choices: tuple[str, ...]
    formula: Callable

    def __init__(self, which, extractor, real, k, capacity, name):
        self.which, self.k = check_choice("which", which, self.choices), check_count("k", k)
        super().__init__(extractor, real, capacity, name or which)

    def min_examples(self, side: str) -> int:
        """Returns k + 1, so that each example has a k-th neighbour."""
        del side
        return self.k + 1

    def _settings(self):
        return f" with k={self.k}"

    def score(self, real: np.ndarray, fake: np.ndarray) -> float:
        """Returns the number named by `which`."""
        return getattr(self.formula(real, fake, self.k), self.which)

    def get_config(self) -> dict:
        """Returns the arguments of the constructor; a fixed reference as its digest."""
        return {**super().get_config(), "which": self.which, "k": self.k}
