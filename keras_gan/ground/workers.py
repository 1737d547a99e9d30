"""Requirements of a game under a `tf.distribute` strategy of several replicas or processes."""

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras
import tensorflow as tf

from keras_gan.ground import files, internals, replicas
from keras_gan.noise import replica


def are_several(strategy: tf.distribute.Strategy) -> bool:
    """Returns whether `strategy` has several processes."""
    collective = isinstance(strategy, tf.distribute.MultiWorkerMirroredStrategy)
    return collective and strategy.extended._in_multi_worker_mode()


def as_logs(logs: Mapping[str, tf.Tensor]) -> dict[str, tf.Tensor]:
    """Returns a step's logs in the shape that Keras's `fit` and `evaluate` reduce: with several workers over axis 0.

    Must be called on a replica.
    """
    if not are_several(tf.distribute.get_strategy()):
        return dict(logs)
    return {name: tf.reshape(value, (1,)) for name, value in logs.items()}


def check_seed(seed: int | None) -> None:
    """Checks that all workers draw the same noise.

    Raises:
        ValueError: If each of several workers would draw a different seed, or the worker that writes files is unknown.
    """
    if not are_several(tf.distribute.get_strategy()):
        return
    if seed is None:
        raise ValueError("`seed` must be given with several workers: all need the same one. Received: seed=None")
    if not os.environ.get("TF_CONFIG"):
        raise ValueError(
            "`TF_CONFIG` must be set with several workers, as it says which of them writes files. Received: none"
        )
    files.set_multi_worker()


def check(game: keras.Model, steps_per_execution: int | str) -> None:
    """Checks that n replicas of B / n examples can compute the same as one of B.

    Raises:
        ValueError: If an optimizer accumulates gradients or overwrites weights with their averages, or several workers
            are to run several steps per call: Keras does so in branches, where replicas cannot communicate.
    """
    if internals.strategy_of(game) is None:
        return
    for optimizer in game.optimizer.optimizers:
        scaled = isinstance(optimizer, keras.optimizers.LossScaleOptimizer)
        inner = optimizer.inner_optimizer if scaled else optimizer
        for name in ("gradient_accumulation_steps", "ema_overwrite_frequency"):
            value = getattr(inner, name)
            if value:
                raise ValueError(
                    f"`{name}` must be None under a `tf.distribute` strategy. Received: {name}={value} in "
                    f"{optimizer.name!r}, under {type(game.distribute_strategy).__name__}"
                )
    if are_several(game.distribute_strategy) and steps_per_execution not in (1, "auto"):
        raise ValueError(
            f"`steps_per_execution` must be 1 with several workers. Received: steps_per_execution={steps_per_execution}"
        )


def first_index(seen: tf.Tensor, count: tf.Tensor) -> tf.Tensor:
    """Returns the global index of the first of `count` examples on this replica, int64.

    Args:
        seen: Number of examples that this replica has received before; the sum over the replicas is the first index.
        count: Number of examples that this replica receives now. In a last batch it may be fewer than others', or 0.
    """
    pair = tf.stack([tf.cast(seen, tf.int64), tf.cast(count, tf.int64)])
    pairs = replicas.gather(pair[None])
    earlier = tf.range(tf.shape(pairs)[0]) < replica()[0]
    return tf.reduce_sum(pairs[:, 0]) + tf.reduce_sum(tf.where(earlier, pairs[:, 1], 0))


def compiled(function: Callable, variables: Sequence[keras.Variable]) -> Any:
    """Runs `function()` on this replica, compiled by XLA; Keras `variables` are assigned after it.

    The whole step cannot be compiled, as replicas communicate in its updates: XLA compiles the parts in between.

    Raises:
        ValueError: If replicas have to communicate inside `function`.
    """
    changed = []

    @tf.function(autograph=False, jit_compile=True)
    def run():
        with keras.StatelessScope(collect_losses=True) as scope:
            results = function()
        values = [scope.get_current_value(variable) for variable in variables]
        changed[:] = [variable for variable, value in zip(variables, values, strict=True) if value is not None]
        return results, [value for value in values if value is not None]

    try:
        results, values = run()
    except (RuntimeError, ValueError) as error:
        if "merge_call" not in str(error):
            raise
        raise ValueError(
            "`jit_compile` must be False or 'auto' on several replicas that communicate before the update: with batch "
            "normalization, minibatch layers and objectives that compare with the whole batch. "
            "Received: jit_compile=True"
        ) from error
    for variable, value in zip(changed, values, strict=True):
        variable.assign(value)
    return results


def check_same(strategy: tf.distribute.Strategy, name: str, value: int) -> None:
    """Waits for all workers, and checks that they have the same `value`, called `name` in the error.

    Raises:
        ValueError: If the values differ, on all workers.
    """
    if not are_several(strategy):
        return

    def everyone():
        return tf.distribute.get_replica_context().all_gather(tf.constant([value], tf.int64), axis=0)

    results = tf.function(lambda: strategy.run(everyone))()
    values = strategy.experimental_local_results(results)[0].numpy().tolist()
    if len(set(values)) > 1:
        raise ValueError(f"{name} must be the same for all workers. Received: {values}")
