"""Bitwise reproducible runs."""

import tensorflow as tf


def enable_determinism() -> None:
    """Makes TensorFlow's operations give the same bits in every run on the same machine, for the whole process.

    All noise of this library is a function of seeds, and on a CPU nothing more is needed. On a GPU some operations add
    in another order each time: they are replaced by deterministic ones, which may be slower, or raise an error where
    there are none. On a GPU it also turns `jit_compile="auto"` off.
    """
    tf.config.experimental.enable_op_determinism()
