"""What code that runs on one replica of a `tf.distribute` strategy asks of the others."""

import tensorflow as tf


def gather(x: tf.Tensor) -> tf.Tensor:
    """The global batch: every replica's `x`, joined on axis 0 in the order of the replicas. Differentiable.

    A loss that compares each example with the whole batch reads this, so that n replicas of B / n examples give what
    one replica of B gives.
    """
    context = tf.distribute.get_replica_context()
    if context is None or context.num_replicas_in_sync == 1:
        return x
    return context.all_gather(x, axis=0)
