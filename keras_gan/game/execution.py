"""The execution of steps: how many in one call from Python, where batches are gathered, and what XLA compiles."""

import contextlib
import dataclasses
import math
from collections.abc import Callable, Iterator, Sequence

import keras
import tensorflow as tf

from keras_gan.data import feed
from keras_gan.data.addresses import ShapedGather
from keras_gan.data.course import Course
from keras_gan.data.epochs import Epoch
from keras_gan.game import watching
from keras_gan.ground import internals

CALL = 1e10  # floating-point operations: about 100 ms of two cores
MOST_STEPS = 64
FEWEST_COMPILED = 2000  # steps of a run: XLA takes seconds to compile, and saves about a millisecond per step
MOST_BYTES = 2**30  # of data that a graph gathers from: it may have to fit on the device


layers = keras.layers
MERGING = (layers.Add, layers.Average, layers.Concatenate, layers.Dot, layers.Maximum, layers.Minimum, layers.Multiply)
RESHAPING = (layers.Flatten, layers.Identity, layers.InputLayer, layers.Permute, layers.RepeatVector, layers.Reshape)
ACTIVATIONS = (layers.Activation, layers.ELU, layers.LeakyReLU, layers.PReLU, layers.ReLU, layers.Softmax)
NORMALIZING = (
    layers.BatchNormalization,
    layers.GroupNormalization,
    layers.LayerNormalization,
    layers.RMSNormalization,
    layers.UnitNormalization,
)
RANDOM = (layers.AlphaDropout, layers.Dropout, layers.GaussianDropout, layers.GaussianNoise)
PRODUCTS = (layers.Dense, layers.Embedding, layers.Rescaling, layers.Subtract)
DENSE = (*PRODUCTS, *MERGING, *RESHAPING, *ACTIVATIONS, *NORMALIZING, *RANDOM)
TRANSPOSED = (layers.Conv1DTranspose, layers.Conv2DTranspose)
CONVOLUTIONS = (
    *(layers.Conv1D, layers.Conv2D, *TRANSPOSED),
    *(layers.DepthwiseConv1D, layers.DepthwiseConv2D, layers.SeparableConv1D, layers.SeparableConv2D),
)
POOLING = (
    *(layers.AveragePooling1D, layers.AveragePooling2D, layers.GlobalAveragePooling1D, layers.GlobalAveragePooling2D),
    *(layers.MaxPooling1D, layers.MaxPooling2D, layers.GlobalMaxPooling1D, layers.GlobalMaxPooling2D),
)
RESIZING = (
    *(layers.Cropping1D, layers.Cropping2D, layers.UpSampling1D, layers.UpSampling2D),
    *(layers.ZeroPadding1D, layers.ZeroPadding2D),
)
LOOPLESS = (*DENSE, *CONVOLUTIONS, *POOLING, *RESIZING, layers.SpectralNormalization)


def is_loopless(game: keras.Model) -> bool:
    """Returns True if no layer of the players has a loop: all are known layers of Keras, or of this library.

    Recurrent and custom layers count as layers with a loop.
    """
    return all(_is_loopless(layer) for player in game.players.values() for layer in internals.layers_of(player))


def _is_loopless(layer):
    known = type(layer) in LOOPLESS or type(layer).__module__.startswith("keras_gan.")
    return known or isinstance(layer, keras.Model) or type(layer).__module__.startswith("keras.src.ops.")


def is_dense(game: keras.Model) -> bool:
    """Returns True if the players consist of matrix products and elementwise operations.

    They are loopless, and no weight has more than two axes: inside XLA's loop over steps, another loop or a convolution
    is many times slower on a CPU.
    """
    weights = [variable for player in game.players.values() for variable in player.variables]
    return is_loopless(game) and all(len(variable.shape) <= 2 for variable in weights)


@dataclasses.dataclass(frozen=True)
class Execution:
    """The way in which `fit` runs the steps.

    Attributes:
        steps: Steps per call from Python.
        compiles_loop: Whether XLA compiles all steps of a call as one program.
    """

    steps: int = 1
    compiles_loop: bool = False


def plan(
    game: keras.Model,
    course: Course,
    batch_size: int,
    epochs: int = 1,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    verbose: str | int = 0,
) -> None:
    """Chooses the steps per call, whether XLA compiles their loop, and how `fit` gets its batches.

    With `steps_per_execution="auto"`, players without loops, on one device, run enough steps per call to make Python's
    overhead small, but at most half an epoch, and no more than every callback allows. All others run one step per call.
    If `jit_compile` is `"auto"`, too, XLA compiles the steps of a call of dense players, also on a CPU, if the game
    will have taken enough steps when `fit` ends: XLA fuses the operations between the matrix products, above all those
    of the optimizers. The choice follows fixed rules and no measurement, so that the same `fit` gets the same one.

    Args:
        game: The compiled game.
        course: The game's data.
        batch_size: Examples per batch.
        epochs: Number of epochs of this `fit`.
        callbacks: The user's callbacks.
        verbose: 0 prints nothing; otherwise a new choice is printed.
    """
    gathered, jit_compile = gathers(game, course), game.jit_compile
    alone = game.distribute_strategy.num_replicas_in_sync == 1 and not game.run_eagerly
    dense = alone and is_dense(game)
    steps, auto = game.compile_options["steps_per_execution"], game.compile_options["steps_per_execution"] == "auto"
    if auto:
        many = alone and is_loopless(game)
        steps = _steps_per_call(game, course, batch_size, watching.intervals(callbacks)) if many else 1
        end = int(game.step.numpy()) + epochs * (course.steps or 0)
        if game.compile_options["jit_compile"] == "auto" and end >= FEWEST_COMPILED:
            jit_compile = jit_compile or all(layer.supports_jit for layer in internals.layers_of(game))
    # XLA's loops of convolutions are slow on a CPU
    chosen = Execution(steps, bool(jit_compile and dense and gathered and steps > 1))
    if chosen != game.execution:
        game.execution = chosen
        if auto and verbose:
            print(f"Chosen: {describe(game)}.")
    course.in_graph = steps if gathered else 0


def _steps_per_call(game, course, batch_size, intervals):
    """Returns the steps per call of players without loops.

    The number is a power of two; or, with callbacks, the largest that divides all of their intervals, if that is above
    half of the possible. For an endless data set it divides the steps of an epoch, as Keras counts whole calls.
    """
    most = min(MOST_STEPS, (course.steps or 1) // 2, int(CALL // step_work(game, batch_size)), *intervals)
    most = max(1, most)
    if course.is_endless:
        return max(steps for steps in range(1, most + 1) if course.steps % steps == 0)
    near = [steps for steps in range(most // 2 + 1, most + 1) if all(every % steps == 0 for every in intervals)]
    return max(near) if intervals and near else 2 ** most.bit_length() // 2


@contextlib.contextmanager
def planned_steps(game: keras.Model) -> Iterator[None]:
    """Sets the planned steps per call inside the block, and those of `compile` again after it."""
    compiled = game.steps_per_execution
    if game.execution is not None:
        game.steps_per_execution = game.execution.steps
    try:
        yield
    finally:
        game.steps_per_execution = compiled


def describe(game: keras.Model) -> str:
    """Returns how `fit` runs the steps, in words."""
    compiled = game.jit_compile or game.execution.compiles_loop
    steps = game.execution.steps
    return f"{steps} step{'s' * (steps > 1)} per call, {'with' if compiled else 'without'} XLA"


def step_work(game: keras.Model, batch_size: int) -> float:
    """Returns the floating-point operations of one step: 6 passes per player, 2 operations per weight and position.

    Returns infinity if the size of a feature map is not known.
    """
    weights = {id(variable): variable for player in game.players.values() for variable in player.variables}
    places = {key: 1 if len(variable.shape) <= 2 else math.inf for key, variable in weights.items()}
    for player in game.players.values():
        for layer in internals.layers_of(player):
            maps = [] if isinstance(layer, keras.Model) else _maps(layer)
            for variable in layer.variables if maps else ():
                if places[id(variable)] == math.inf:
                    places[id(variable)] = max(map(math.prod, maps))
    work = sum(weights[key].shape.num_elements() * count for key, count in places.items())
    return 12 * batch_size * work * game.discriminator_steps


def _maps(layer):
    """Returns the spatial shapes that bound how often each weight of a layer is used, where they are known."""
    try:
        given, made = keras.tree.flatten(layer.input), keras.tree.flatten(layer.output)
    except (AttributeError, ValueError):  # a layer inside another one, or in a model that is no graph of layers
        return []
    tensors = given if isinstance(layer, TRANSPOSED) else made if isinstance(layer, CONVOLUTIONS) else given + made
    first = getattr(layer, "data_format", None) == "channels_first"
    shapes = [tensor.shape[2:] if first else tensor.shape[1:-1] for tensor in tensors]
    return [] if any(None in shape for shape in shapes) else shapes


def gathers(game: keras.Model, course: Course) -> bool:
    """Returns whether the training graph gathers its batches: data in memory that fits, on one device."""
    addresses = course.addresses
    if addresses is None or not addresses.in_memory or not addresses.whole_batches or game.run_eagerly:
        return False
    size = sum(tensor.shape.num_elements() * tensor.dtype.size for tensor in addresses.tensors)
    return size <= MOST_BYTES and game.distribute_strategy.num_replicas_in_sync == 1


class TrainFunction:
    """The training function of `fit`: Keras's, or, for data in memory, a graph that gathers its batches itself.

    Args:
        game: The `GAN`.
        make_keras_function: Makes Keras's function of `train_step`, for the current steps per call of the game.

    Each function is kept, so that a `fit` with other callbacks does not trace a step again.
    """

    def __init__(self, game: keras.Model, make_keras_function: Callable):
        self.game, self._make_keras_function = game, make_keras_function
        self._gather, self._graphs, self._keras_functions = None, {}, {}
        # in a loop that XLA compiles, a step is compiled with the loop
        self._steps = {
            jit_compile: tf.function(game.train_step, autograph=False, jit_compile=jit_compile)
            for jit_compile in (False, True)
        }
        self._compiled_loop = tf.function(self._loop_over, autograph=False, jit_compile=True)

    def __call__(self, iterator):
        if not isinstance(iterator, Epoch):
            return self._by_keras(iterator)
        if iterator.skip():
            return {}
        course, iterator = iterator.course, iterator.iterator
        if not course.in_graph:
            return self._by_keras(iterator)
        addresses = course.addresses
        if addresses.gather != self._gather:  # an older graph may hold data
            self._gather, self._graphs = addresses.gather, {}
        shape = (course.in_graph, self.game.discriminator_steps, *addresses.positions_shape)
        key = (*shape, self.game.execution.compiles_loop)
        if key not in self._graphs:
            self._graphs[key] = self._make_graph(addresses.gather, shape, key[-1])
        positions, count = next(iterator)
        return self._graphs[key](positions, tf.constant(count, tf.int32), addresses.tensors)

    def _by_keras(self, iterator):
        with planned_steps(self.game):  # Keras reads the steps per call when it traces
            steps = self.game.steps_per_execution
            if steps not in self._keras_functions:
                self._keras_functions[steps] = self._make_keras_function()
            return self._keras_functions[steps](iterator)

    def _make_graph(self, gather: ShapedGather, shape: tuple[int, ...], compiles_loop: bool):
        """Makes the graph of `shape[0]` steps of `shape[1]` batches, whose positions are of the shape `shape[2:]`."""
        steps, k = shape[:2]
        step = self._steps[bool(self.game.jit_compile and not compiles_loop)]

        @tf.function
        def element(tensors, positions):
            return feed.stack([feed.without_nones(gather(tensors, positions[j])) for j in range(k)])

        @tf.function(autograph=False, reduce_retracing=True)
        def train(positions, count, tensors):
            positions = tf.reshape(positions, shape)
            if steps == 1:
                return step(element(tensors, positions[0]))
            specs = _specs(element.get_concrete_function(tensors, positions[0]).structured_outputs)
            if not compiles_loop or any(None in spec.shape for spec in keras.tree.flatten(specs)):
                return _loop(step, lambda i: element(tensors, positions[i]), specs, count // k)
            elements = tf.map_fn(lambda i: element(tensors, positions[i]), tf.range(steps), fn_output_signature=specs)
            return self._compiled_loop(elements, count // k)

        return train

    def _loop_over(self, elements, count):
        specs = keras.tree.map_structure(lambda x: tf.TensorSpec(x.shape[1:], x.dtype), elements)
        return _loop(self._steps[False], lambda i: keras.tree.map_structure(lambda x: x[i], elements), specs, count)


def _loop(step, element, specs, count):
    logs = step.get_concrete_function(specs).structured_outputs
    return tf.while_loop(
        lambda i, _: i < count,
        lambda i, _: (i + 1, step(element(i))),
        (0, {name: tf.zeros(log.shape, log.dtype) for name, log in logs.items()}),
        parallel_iterations=1,
    )[1]


def _specs(outputs):
    return keras.tree.map_structure(lambda x: tf.TensorSpec(x.shape, x.dtype), outputs)
