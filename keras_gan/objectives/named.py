"""Terms that read named values of a game: their base class, distances and cross-entropies."""

import abc
import copy
import re
from collections.abc import Mapping

import keras
import tensorflow as tf

from keras_gan.ground.arguments import check_flag, shown
from keras_gan.ground.replicas import gather
from keras_gan.objectives.objective import Objective
from keras_gan.play.players import graph_inputs


class NamedTerm(Objective, abc.ABC):
    """A term of one side that reads values by their names.

    A subclass overrides `measure`, and lists in `reads` the names of the values that `measure` receives.

    Args:
        side: The side that minimises the term. Defaults to `"generator"`, the side of the makers.

    Attributes:
        is_comparison: Whether a game may have several such terms, of different values; the logs then name the value.
    """

    is_comparison = False

    def __init__(self, side: str = "generator"):
        if not isinstance(side, str):
            raise ValueError(f"`side` must be the name of a side. Received: side={shown(side)}")
        self.side = side

    @property
    @abc.abstractmethod
    def reads(self) -> tuple[str, ...]:
        """The names that the term reads, in the order of `measure`'s arguments."""

    @abc.abstractmethod
    def measure(self, *values: tf.Tensor) -> tf.Tensor:
        """Returns one value per example, (N,), or a scalar."""

    @property
    def reads_as_logits(self) -> tuple[str, ...]:
        """The names, among `reads`, of logits: their player must end without a sigmoid or a softmax."""
        return ()

    @property
    def looks_through(self) -> tuple[str, ...]:
        """The names of the players that the term calls itself."""
        return ()

    def with_players(self, members: Mapping[str, keras.layers.Layer]) -> "NamedTerm":
        """Returns a copy that calls the given players, by name; the term itself if it calls no player."""
        return self

    def limits(self, shapes: Mapping[str, tuple]) -> dict[str, tuple[float, float]]:
        """Returns the least and the greatest number of those parts of the data that have limits, by name.

        Args:
            shapes: Shapes per example of values and parts, by name, as far as they are known.
        """
        return {}

    @property
    def label(self):
        """The name, for a comparison followed by the name of its first value: `distance_back_a`."""
        return (
            f"{self.name}_{re.sub(r'[^a-zA-Z0-9]+', '_', self.reads[0]).strip('_')}"
            if self.is_comparison
            else self.name
        )

    @property
    def players(self):
        return (self.side,)

    def loss(self, side, round):
        if side != self.side:
            return None
        return self.measure(*(tf.cast(round.values[name], tf.float32) for name in self.reads))

    def discriminator_loss(self, round):
        return self.loss("discriminator", round)

    def generator_loss(self, round):
        return self.loss("generator", round)

    def get_config(self):
        return {"side": self.side}

    def check_shapes(self, *values: tf.Tensor) -> None:
        """Checks that all values have one shape, as others would be broadcast.

        Raises:
            ValueError: If two shapes differ.
        """
        first, *others = values
        if not all(first.shape.is_compatible_with(other.shape) for other in others):
            found = (f"{name!r} of shape {tuple(x.shape)}" for name, x in zip(self.reads, values, strict=True))
            raise ValueError(f"`{self.name}` must compare values of one shape. Received: {', '.join(found)}")


def check_name(argument: str, value: str) -> str:
    """Returns `value`, the name that an argument gives.

    Raises:
        ValueError: If `value` is not a string, or empty.
    """
    if not isinstance(value, str) or not value:
        raise ValueError(f"`{argument}` must be the name of a value. Received: {argument}={shown(value)}")
    return value


def per_example(x: tf.Tensor, reduce=tf.reduce_mean) -> tf.Tensor:
    """Returns the mean, or the sum, over all axes but the first: (N, ...) -> (N,)."""
    return reduce(x, axis=list(range(1, x.shape.rank)))


def distance(a: tf.Tensor, b: tf.Tensor, norm: int) -> tf.Tensor:
    """Returns the mean of |a - b|, or of (a - b)^2 if `norm` is 2, over all axes but the first: (N, ...) -> (N,)."""
    return per_example(tf.abs(a - b) if norm == 1 else (a - b) ** 2)


def check_norm(norm: int) -> int:
    """Returns the norm of a distance as an integer.

    Raises:
        ValueError: If `norm` is neither 1 nor 2.
    """
    if isinstance(norm, bool) or norm not in (1, 2):
        raise ValueError(f"`norm` must be 1 or 2. Received: norm={norm!r}")
    return int(norm)


@keras.saving.register_keras_serializable("keras_gan")
class Distance(NamedTerm):
    """The distance between two values.

    norm 1: mean |a - b|        norm 2: mean (a - b)^2

    The mean runs over all numbers of an example: CycleGAN's 10 and Pix2Pix's 100 are weights of such means.

    Args:
        a: The name of a value.
        b: The name of another of the same shape.
        norm: 1 or 2. Defaults to 1.
        side: The side that minimises the term. Defaults to `"generator"`.

    Example:

    >>> objective = LeastSquares() + 10 * (Distance("back_a", "a") + Distance("back_b", "b"))
    """

    is_comparison = True

    def __init__(self, a: str, b: str, norm: int = 1, side: str = "generator"):
        super().__init__(side)
        self.a, self.b = check_name("a", a), check_name("b", b)
        self.norm = check_norm(norm)

    @property
    def reads(self):
        return (self.a, self.b)

    def measure(self, a, b):
        self.check_shapes(a, b)
        return distance(a, b, self.norm)

    def get_config(self):
        return {"a": self.a, "b": self.b, "norm": self.norm, **super().get_config()}


@keras.saving.register_keras_serializable("keras_gan")
class CrossEntropy(NamedTerm):
    """The cross-entropy of labels under a classifier.

    -log softmax(logits)[label]

    Args:
        logits: The name of logits (N, K).
        labels: The name of labels: (N,) integers, or (N, K) probabilities such as one-hot vectors.
        side: The side that minimises the term. Defaults to `"generator"`.
        unlabelled: True if integer labels of -1 mark examples without one: the mean is over the labelled examples of
            the batch, and 0 if there are none. Defaults to False, which refuses such labels.

    Example:

    >>> objective = NonSaturating() + CrossEntropy("guess", "labels", side="discriminator")
    """

    is_comparison = True

    def __init__(self, logits: str, labels: str, side: str = "generator", unlabelled: bool = False):
        super().__init__(side)
        self.logits, self.labels = check_name("logits", logits), check_name("labels", labels)
        check_flag("unlabelled", unlabelled)
        self.unlabelled = unlabelled

    @property
    def reads(self):
        return (self.logits, self.labels)

    @property
    def reads_as_logits(self):
        return (self.logits,)

    def limits(self, shapes):
        labels, logits = shapes.get(self.labels), shapes.get(self.logits)
        if labels is None or not logits or logits[-1] is None:
            return {}
        return {self.labels: (-1 if self.unlabelled else 0, logits[-1] - 1) if labels == () else (0, 1)}

    def measure(self, logits, labels):
        fits = labels.shape[:1] + logits.shape[1:] if labels.shape.rank == 1 else labels.shape
        if logits.shape.rank != 2 or not logits.shape.is_compatible_with(fits):
            raise ValueError(
                "`cross_entropy` must be given logits (N, K), and labels (N,) or (N, K). Received: "
                f"{self.logits!r} of shape {tuple(logits.shape)}, {self.labels!r} of shape {tuple(labels.shape)}"
            )
        if labels.shape.rank != 1:
            return tf.nn.softmax_cross_entropy_with_logits(labels, logits)
        labels = tf.cast(labels, tf.int32)
        found = tf.nn.sparse_softmax_cross_entropy_with_logits(tf.maximum(labels, 0), logits)
        return found * _label_weights(labels >= 0) if self.unlabelled else found

    def get_config(self):
        names = {"logits": self.logits, "labels": self.labels}
        return {**names, **super().get_config(), "unlabelled": self.unlabelled}


def _label_weights(known):
    """Computes weights (N,), by which the mean over the global batch is that over the labelled examples."""
    known = tf.cast(known, tf.float32)
    return known * tf.math.divide_no_nan(1.0, tf.reduce_mean(gather(known)))


@keras.saving.register_keras_serializable("keras_gan")
class FeatureDistance(NamedTerm):
    """The distance between two values in a hidden layer of a player.

    mean |h(a) - h(b)| or mean (h(a) - h(b))^2, h the output of `layer`

    A player on no side, such as a perceptual network, is frozen. The player is called in inference mode.

    Args:
        player: The name of a functional or sequential player that takes `a` and `b`.
        layer: The name of one of its layers.
        a: The name of a value.
        b: The name of another of the same shape.
        norm: 1 or 2. Defaults to 2.
        side: The side that minimises the term. Defaults to `"generator"`.

    Example:

    >>> objective = NonSaturating() + FeatureDistance("classifier", "features", "fake_b", "b")

    Reference: [Johnson et al., 2016](https://arxiv.org/abs/1603.08155), section 3.1.
    """

    _features = None

    is_comparison = True

    def __init__(self, player: str, layer: str, a: str, b: str, norm: int = 2, side: str = "generator"):
        super().__init__(side)
        self.player, self.layer = check_name("player", player), check_name("layer", layer)
        self.a, self.b = check_name("a", a), check_name("b", b)
        self.norm = check_norm(norm)

    @property
    def reads(self):
        return (self.a, self.b)

    @property
    def looks_through(self):
        return (self.player,)

    def features(self, player: keras.Model) -> keras.Model:
        """Returns the part of the player up to the layer.

        Raises:
            ValueError: If the player has no such layer, or is not functional or sequential.
        """
        names = [layer.name for layer in player.layers] if graph_inputs(player) else []
        if self.layer not in names:
            raise ValueError(
                f"`layer` must be a layer of the functional player {self.player!r}: {names}. "
                f"Received: layer={self.layer!r}"
            )
        return keras.Model(player.inputs, player.get_layer(self.layer).output)

    def with_players(self, members: Mapping[str, keras.Model]) -> "FeatureDistance":
        """Returns a copy that calls its player among the given ones, by name, up to the layer."""
        made = copy.copy(self)
        made._features = self.features(members[self.player])
        return made

    def measure(self, a, b):
        if self._features is None:
            raise ValueError(
                f"`{self.name}` must be placed in a game that has the player {self.player!r}: pass it to `compile`, or "
                "call `with_players`. Received: a term without players"
            )
        self.check_shapes(a, b)
        a, b = (tf.cast(self._features(x, training=False), tf.float32) for x in (a, b))
        return distance(a, b, self.norm)

    def get_config(self):
        config = {"player": self.player, "layer": self.layer, "a": self.a, "b": self.b, "norm": self.norm}
        return {**config, **super().get_config()}
