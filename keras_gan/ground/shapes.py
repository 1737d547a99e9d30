"""Shapes that may be unknown until the graph runs."""

import tensorflow as tf


def sizes(x: tf.Tensor) -> tuple:
    """Returns the shape of `x`: integers where they are known, otherwise scalar tensors."""
    return tuple(tf.shape(x)[i] if size is None else size for i, size in enumerate(x.shape))
