"""Lazy regularization: terms that are computed at some steps only."""

from collections.abc import Callable, Sequence

import keras
import tensorflow as tf


def lazily(
    every: int,
    step: tf.Tensor | int,
    weights: Sequence[tf.Tensor],
    compute: Callable[[], Sequence[tf.Tensor]],
    otherwise: Sequence[tf.Tensor] = (),
) -> tuple[tf.Tensor, ...]:
    """Computes a loss every `every` steps only, and scales it by `every` then.

    XLA cannot differentiate a branch whose shapes it does not know, so the branch itself does it: calls in it leave no
    trace in layers.

    Args:
        every: The number of steps from one computation to the next.
        step: The number of the step.
        weights: By what the loss is differentiated.
        compute: Gives the loss, one value per example or a scalar, and as many other tensors as `otherwise` has, which
            have no gradient.
        otherwise: What stands for these at other steps, when the loss is 0.

    Returns:
        The loss, a scalar, and the other tensors.
    """

    def taken():
        with keras.StatelessScope(), tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(weights)
            value, *others = compute()
            value = every * tf.reduce_mean(value)
        gradients = tape.gradient(value, weights, unconnected_gradients="zero")
        return [value, *others, *(tf.convert_to_tensor(g) for g in gradients)]

    value, *rest = tf.cond(
        tf.cast(step, tf.int64) % every == 0,
        taken,
        lambda: [tf.zeros(()), *otherwise, *(tf.zeros_like(w) for w in weights)],
    )
    others, gradients = rest[: len(otherwise)], rest[len(otherwise) :]

    @tf.custom_gradient
    def loss(*weights):
        return value, lambda upstream: [tf.cast(upstream, g.dtype) * g for g in gradients]

    return loss(*(tf.convert_to_tensor(w) for w in weights)), *others
