"""How steps are run: how many in one call from Python, where their batches are gathered, and what XLA compiles."""

from collections.abc import Callable

import keras
import tensorflow as tf

from keras_gan import workers
from keras_gan.data import feed
from keras_gan.data.course import Course
from keras_gan.data.pipeline import Gather

CALL = 1e10  # floating-point operations: about 100 ms of two cores
MOST_STEPS = 64
MOST_BYTES = 2**30  # of data that a graph gathers from: it may have to fit on the device


def is_dense(game: keras.Model) -> bool:
    """True if both players are made of matrix products: no weight has more than two axes."""
    return all(len(variable.shape) <= 2 for variable in (*game.generator.variables, *game.discriminator.variables))


def plan(game: keras.Model, data, batch_size: int, steps_per_epoch: int | None, verbose: str | int) -> Course:
    """Decides what `compile` left open, and how `fit` gets its batches.

    With `steps_per_execution="auto"` a game with more than matrix products plays one step a call, else so many that
    Python's share is small: a power of 2, at most half an epoch. With `jit_compile="auto"` beside it XLA compiles
    these, also on a CPU: what is between matrix products, most of all the optimizers, it makes one loop of. It is a
    rule, never a measurement: the same `fit` always gets the same.
    """
    course = Course(data, game.discriminator_steps, steps_per_epoch)
    steps, dense, jit_compile = game.steps_per_execution, is_dense(game), game.jit_compile
    dense = dense and not workers.are_several(game.distribute_strategy)  # which play one step a call
    if game.asked["steps_per_execution"] == "auto":
        most = min(MOST_STEPS, (course.steps or 1) // 2, int(CALL / step_work(game, batch_size)))
        steps = max(1, 2 ** most.bit_length() // 2) if dense else 1
        if game.asked["jit_compile"] == "auto":
            jit_compile = jit_compile or (steps > 1 and all(layer.supports_jit for layer in game._flatten_layers()))
        if verbose:
            print(f"Chosen: {steps} steps a call, {'with' if jit_compile else 'without'} XLA.")
    jit_compile_loop = jit_compile and dense and steps > 1  # XLA's loops are very slow with convolutions on a CPU
    if (steps, jit_compile_loop) != (game.steps_per_execution, game.jit_compile_loop):
        game.steps_per_execution, game.jit_compile_loop, game.train_function = steps, jit_compile_loop, None
    course.in_graph = steps if gathers(game, data) else 0
    return course


def step_work(game: keras.Model, batch_size: int) -> int:
    """The floating-point operations of one step of dense players: 6 passes of each, 2 operations a weight."""
    weights = sum(v.shape.num_elements() for v in (*game.generator.variables, *game.discriminator.variables))
    return 12 * batch_size * weights * game.discriminator_steps


def gathers(game: keras.Model, data) -> bool:
    """Whether batches are gathered inside the training graph: of data in memory, for one device, as long as it fits."""
    addresses = getattr(data, "addresses", None)
    if addresses is None or not addresses.whole_batches or game.run_eagerly:
        return False
    size = sum(tensor.shape.num_elements() * tensor.dtype.size for tensor in addresses.tensors)
    return size <= MOST_BYTES and game.distribute_strategy.num_replicas_in_sync == 1


class TrainFunction:
    """What `fit` calls: Keras's training function, or, for data in memory, a graph that gathers its batches itself.

    Args:
        game: The `GAN`.
        keras_function: What Keras makes of its `train_step`.

    Attributes:
        course: The data of the `fit` that is running.
    """

    def __init__(self, game: keras.Model, keras_function: Callable):
        self.game, self.keras_function = game, keras_function
        self.course, self._graphs = None, {}

    def __call__(self, iterator):
        if self.course is None or not self.course.in_graph:
            return self.keras_function(iterator)
        addresses = self.course.addresses
        if addresses.gather not in self._graphs:
            self._graphs[addresses.gather] = self._make_graph(addresses.gather)
        return self._graphs[addresses.gather](iterator, addresses.tensors)

    def _make_graph(self, gather: Gather):
        game, k = self.game, self.game.discriminator_steps
        step = tf.function(game.train_step, autograph=False, jit_compile=game.jit_compile and not game.jit_compile_loop)

        def loop(element, count):
            logs = step.get_concrete_function(specs_of(element(0))).structured_outputs
            return tf.while_loop(
                lambda i, _: i < count,
                lambda i, _: (i + 1, step(element(i))),
                (0, {name: tf.zeros(log.shape, log.dtype) for name, log in logs.items()}),
                parallel_iterations=1,
            )[1]

        @tf.function(autograph=False, jit_compile=True)
        def compiled_loop(elements, count):
            return loop(lambda i: keras.tree.map_structure(lambda x: x[i], elements), count)

        @tf.function(autograph=False, reduce_retracing=True)
        def train(iterator, tensors):
            positions, count = iterator.get_next()
            steps = positions.shape[0] // k

            def element(i):
                return feed.stack([gather(tensors, positions[i * k + j]) for j in range(k)])

            if steps == 1:
                return step(element(0))
            if not game.jit_compile_loop:
                return loop(element, count // k)
            elements = tf.map_fn(element, tf.range(steps), fn_output_signature=specs_of(element(0)))
            return compiled_loop(elements, count // k)

        return train


def specs_of(element):
    """The shapes and dtypes of an element of data."""
    return keras.tree.map_structure(tf.TensorSpec.from_tensor, element)
