"""The same bits, run after run."""

import tensorflow as tf


def enable_determinism() -> None:
    """Makes TensorFlow's operations give the same bits in every run on the same machine, for the whole process.

    All noise of this library is a function of seeds anyway, and on a CPU nothing more is needed. On a GPU some
    operations add up in another order each time; this takes others in their place, which may be slower, and raises
    where there are none. It also turns `jit_compile="auto"` off there.
    """
    tf.config.experimental.enable_op_determinism()
