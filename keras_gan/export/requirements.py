"""Requirements on requests, checked inside the graph, so that every loader and server gives the same error."""

import tensorflow as tf

from keras_gan.play.conditions import Condition


def require(ok: tf.Tensor, text: str, received: tf.Tensor) -> tf.Operation:
    """Returns an operation that fails with `text` and `received` unless `ok`; others must depend on it."""
    return tf.debugging.Assert(ok, [tf.strings.format(f"{text}. Received: {{}}", received)])


def after(needed: list[tf.Operation], *values: tf.Tensor | None) -> list[tf.Tensor | None]:
    """Returns the values, which are only computed after all operations in `needed` have succeeded."""
    with tf.control_dependencies(needed):
        return [None if value is None else tf.identity(value) for value in values]


def within(name: str, value: tf.Tensor, low: int, high: int) -> tf.Operation:
    """Requires that a scalar integer is in [low, high]."""
    return require((value >= low) & (value <= high), f"`{name}` must be in [{low}, {high}]", value)


def known_labels(labels: tf.Tensor, classes: int | None, drawn: bool = False, name: str = "labels") -> tf.Operation:
    """Requires that labels (N,) are in [0, classes); `drawn` also allows -1. `classes` is None if it is unknown."""
    bad = labels < (-1 if drawn else 0)
    if classes is not None:
        bad |= labels >= classes
    first = tf.concat([tf.boolean_mask(labels, bad), [0]], 0)[0]
    text = f"`{name}` must be at least 0" if classes is None else f"`{name}` must be in [0, {classes})"
    return require(~tf.reduce_any(bad), text, first)


def known_conditions(
    labels: tf.Tensor, condition: Condition, drawn: bool = False, name: str = "labels"
) -> tf.Operation:
    """Requires that conditions (N, ...) are finite; `drawn` also allows examples all of whose numbers are missing."""
    if not labels.dtype.is_floating:
        return tf.no_op()
    ok = tf.math.is_finite(labels)
    if drawn:
        ok |= condition.is_missing(labels)
    return require(tf.reduce_all(ok), f"`{name}` must be finite", tf.boolean_mask(labels, ~ok))


def as_many(values: tf.Tensor, count: tf.Tensor, of: str, name: str = "labels", or_one: bool = False) -> tf.Operation:
    """Requires `count` values.

    Args:
        values: The values, (N, ...).
        count: Number of examples.
        of: Name of the input that gives the number of examples.
        name: Name of the input of the values. Defaults to `"labels"`.
        or_one: Whether one value for all examples is also allowed.
    """
    given = tf.shape(values)[0]
    ok = given == count
    return require(ok | (given == 1) if or_one else ok, f"`{name}` must be {'1 or ' * or_one}as many as `{of}`", given)
