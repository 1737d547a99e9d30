"""Lazy regularization: terms that are computed at every n-th step only."""

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
    """Computes a loss every `every` steps only, and scales it by `every`.

    XLA cannot differentiate a branch of unknown shapes, so the gradients are computed inside the branch. Calls in
    `compute` do not change the state of layers.

    Args:
        every: The number of steps from one computation to the next.
        step: Index of the training step.
        weights: Tensors by which the loss is differentiated.
        compute: Function that returns the loss, one value per example or a scalar, and as many other tensors as
            `otherwise` has, which have no gradient.
        otherwise: The other tensors at steps without a computation, where the loss is 0.

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
