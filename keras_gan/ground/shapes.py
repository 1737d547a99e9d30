"""Shapes that may be known only when the graph runs."""

import tensorflow as tf


def sizes(x: tf.Tensor) -> tuple:
    """Returns the shape of `x`: an integer where it is known, else a scalar tensor."""
    return tuple(tf.shape(x)[i] if size is None else size for i, size in enumerate(x.shape))
