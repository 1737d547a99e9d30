"""Conditions that players take beside latents or examples, such as labels."""

import dataclasses
from collections.abc import Mapping

import keras
import numpy as np
import tensorflow as tf

from keras_gan.ground import internals
from keras_gan.ground.arguments import kind
from keras_gan.latents import Prior
from keras_gan.noise import Noise
from keras_gan.play import players

NUMBER = ((), (1,))  # the shapes of one number: Keras converts each to the other


@dataclasses.dataclass(frozen=True)
class Condition:
    """The shape and dtype of the condition of one example.

    Args:
        shape: () of a label or a number, (K,) of a vector, (height, width, channels) of a picture. Defaults to ().
        dtype: `"int32"` for all integers, or `"float32"` for all other numbers. Defaults to `"int32"`.

    Example:

    >>> Condition(), Condition((10,), "float32")
    (<Condition: integers (N,)>, <Condition: floats (N, 10)>)
    """

    shape: tuple = ()
    dtype: str = "int32"

    @property
    def is_label(self) -> bool:
        """True for integers (N,), which are classes."""
        return self.shape == () and self.dtype == "int32"

    @property
    def text(self) -> str:
        """A description of the conditions of N examples, such as `"integers (N,)"`."""
        sizes = ", ".join(map(str, self.shape))
        return f"{'integers' if self.dtype == 'int32' else 'floats'} (N,{' ' * bool(sizes)}{sizes})"

    def __repr__(self):
        return f"<Condition: {self.text}>"

    def spec(self, count: int | None = None) -> tf.TensorSpec:
        """Returns the spec of the condition of `count` examples; of any number of them if None."""
        return tf.TensorSpec((count, *self.shape), self.dtype)

    def zeros(self, count: int) -> tf.Tensor:
        """Returns `count` conditions of zeros."""
        return tf.zeros((count, *self.shape), self.dtype)

    def fits(self, shape: tuple) -> bool:
        """Returns whether one condition may have `shape`: its own, or for one number both () and (1,)."""
        return tuple(shape) == self.shape or (self.shape in NUMBER and tuple(shape) in NUMBER)

    def of(self, values) -> tf.Tensor:
        """Casts `values`, (N, ...), to the shape and dtype of this condition."""
        values = tf.cast(values, self.dtype)
        if tuple(values.shape[1:]) != self.shape and self.fits(values.shape[1:]):
            values = tf.reshape(values, (-1, *self.shape))
        return values

    def rows(self, values: np.ndarray, count: int) -> np.ndarray | None:
        """Returns one condition for all, (1, ...), or those of `count` examples, (count, ...); otherwise None."""
        if values.shape == self.shape or (self.fits(values.shape) and not self.is_label):
            return np.reshape(values, (1, *self.shape)).astype(self.dtype)
        if values.shape[:1] == (count,) and self.fits(values.shape[1:]):
            return np.reshape(values, (count, *self.shape)).astype(self.dtype)
        return None

    def holds(self, values: np.ndarray) -> bool:
        """Returns whether the numbers fit the dtype: integers, or any finite real numbers."""
        if self.dtype == "int32":
            return np.issubdtype(values.dtype, np.integer)
        real = np.issubdtype(values.dtype, np.number) and not np.iscomplexobj(values)
        return (real or values.dtype == bool) and bool(np.all(np.isfinite(values)))

    def check(self, values: np.ndarray, count: int, what: str) -> None:
        """Checks the conditions of `count` examples.

        Raises:
            ValueError: If `values` have another shape or dtype, or one is not finite.
        """
        values = np.asarray(values)
        if values.shape[:1] == (count,) and self.fits(values.shape[1:]) and self.holds(values):
            return
        wanted = "integers" if self.dtype == "int32" else "finite numbers"
        raise ValueError(
            f"{what} must be {wanted}, one{' condition' * bool(self.shape)} per example, {(count, *self.shape)}. "
            f"Received: labels of {kind(values)}, of shape {values.shape}"
        )

    def missing(self) -> np.ndarray:
        """Returns a missing condition, (1, ...), in whose place one is drawn: -1 for integers, NaN for floats."""
        return missing((1, *self.shape), self.dtype)

    def is_missing(self, values: tf.Tensor) -> tf.Tensor:
        """Returns which of (N, ...) are to be drawn, (N, 1, ...): those with all numbers below 0, or all NaN."""
        gone = values < 0 if self.dtype == "int32" else tf.math.is_nan(values)
        axes = list(range(1, len(self.shape) + 1))
        return tf.reduce_all(gone, axis=axes, keepdims=True) if axes else gone


def missing(shape: tuple, dtype: str) -> np.ndarray:
    """Returns conditions in whose place an exported generator draws from its prior: -1, or NaN for floats."""
    return np.full(shape, -1 if np.issubdtype(np.dtype(dtype), np.integer) else np.nan, dtype)


def of_input(tensor: keras.KerasTensor) -> Condition:
    """Returns the condition that a functional player takes at one of its inputs.

    An input that only embeddings and similar layers read takes integers, whatever its dtype, as the dtype of Keras's
    `Input` defaults to floats.
    """
    readers = internals.readers_of(internals.operation_of(tensor))
    looked_up = bool(readers) and all(map(_reads_classes, readers))
    dtype = "int32" if looked_up or "int" in tensor.dtype else "float32"
    shape = tuple(tensor.shape[1:])
    return Condition(() if dtype == "int32" and shape in NUMBER else shape, dtype)


def _reads_classes(layer):
    if isinstance(layer, keras.layers.Wrapper):
        return _reads_classes(layer.layer)
    return isinstance(layer, keras.layers.Embedding | players.ReadsClasses)


def of_prior(prior: Prior) -> Condition:
    """Returns the condition that a prior draws.

    Raises:
        ValueError: If the prior does not draw one condition per example.
    """
    drawn = tf.convert_to_tensor(prior.draw(2, Noise((0, "check"))))
    if drawn.shape.rank == 0 or drawn.shape[0] != 2 or not (drawn.dtype.is_floating or drawn.dtype.is_integer):
        raise ValueError(
            f"`labels` must draw numbers, one condition per example. Received: labels={prior!r}, which draws "
            f"{drawn.dtype.name} of shape {tuple(drawn.shape)} for 2 examples"
        )
    return Condition(tuple(drawn.shape[1:]), "int32" if drawn.dtype.is_integer else "float32")


def find(members: Mapping[str, keras.Model], prior: Prior | None) -> Condition | None:
    """Returns the common condition of all players that take labels.

    It has the shape and dtype of a functional player's second input, or is integers (N,) if a subclassed player has an
    embedding. Integers that a prior draws stay integers.

    Args:
        members: The players by name.
        prior: The prior of conditions, if they are drawn.

    Returns:
        The condition; None if it is not determined, as for subclassed players without embeddings and prior.

    Raises:
        ValueError: If players take different conditions, or other ones than the prior draws.
    """
    taking = {name: players.graph_inputs(player) for name, player in members.items() if players.takes_labels(player)}
    known = {name: of_input(inputs[1]) for name, inputs in taking.items() if inputs is not None}
    (name, first), *others = known.items() or [(None, None)]
    for other, condition in others:
        if not _agree(condition, first):
            raise ValueError(
                f"`{name}` and `{other}` must take the same labels; a game whose players take different ones is a "
                f"`Game`. Received: {first.text}, and {condition.text}"
            )
    drawn = of_prior(prior) if prior is not None and taking else None
    if drawn is not None and first is not None:
        if not _agree(drawn, first) or (first.dtype == "int32" and drawn.dtype != "int32"):
            raise ValueError(
                f"`labels` must be what `{name}` takes beside its input, {first.text}: a prior that is a subclass of "
                f"`latents.Prior` can draw others than integers (N,). Received: labels={prior!r}, which draws "
                f"{drawn.text}"
            )
        return drawn if drawn.is_label else Condition(drawn.shape, first.dtype)
    if first is not None and None in first.shape:
        raise ValueError(
            f"`{name}` must have an input for labels of known shape, or `labels` must be a prior that draws them. "
            f"Received: {name}={members[name].name!r}, which takes {first.text}"
        )
    if first is None and drawn is None:
        embeds = any(_reads_classes(layer) for name in taking for layer in internals.layers_of(members[name]))
        return Condition() if embeds else None
    return first if drawn is None else drawn


def _agree(one, other):
    if one.shape in NUMBER and other.shape in NUMBER:
        return True
    alike = zip(one.shape, other.shape, strict=False)
    return len(one.shape) == len(other.shape) and all(None in pair or len(set(pair)) == 1 for pair in alike)
