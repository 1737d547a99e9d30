"""Communication between the replicas of a `tf.distribute` strategy."""

from collections.abc import Sequence

import tensorflow as tf


def total(tensors: Sequence[tf.Tensor | None]) -> list[tf.Tensor | None]:
    """Returns the sum of each tensor over the replicas, on all of them; None stays None."""
    given = [each for each in tensors if each is not None]
    summed = iter(tf.distribute.get_replica_context().all_reduce(tf.distribute.ReduceOp.SUM, given) if given else [])
    return [None if each is None else next(summed) for each in tensors]


def gather(x: tf.Tensor) -> tf.Tensor:
    """Returns the global batch: every replica's `x`, joined on axis 0 in the order of the replicas. Differentiable.

    A loss that compares each example with the whole batch uses it, so that n replicas of B / n examples compute the
    same as one replica of B.

    Raises:
        ValueError: If it is called in a branch of the graph, which other replicas may not take.
    """
    context = tf.distribute.get_replica_context()
    if context is None or context.num_replicas_in_sync == 1:
        return x
    try:
        return context.all_gather(x, axis=0)
    except RuntimeError as error:
        raise ValueError(
            "Comparisons with the whole batch (`DRAGAN`, a kernel's distance, the minibatch layers) cannot be part "
            "of a lazy penalty on several replicas: give the penalty `every=1`. "
            f"Received: {context.num_replicas_in_sync} replicas, with the error: {error}"
        ) from error
