"""The interval of a model's output, deduced from its graph."""

from collections.abc import Sequence

import keras
import numpy as np
import tensorflow as tf

from keras_gan.ground import internals
from keras_gan.ranges import interval as intervals
from keras_gan.ranges.interval import EVERYTHING, Interval
from keras_gan.ranges.rules import SELECTING, rule_of

DEEPEST = 100  # operations back that the graph is followed: the last few layers decide the range


def deduce(player: keras.layers.Layer, inputs: Sequence[Interval] = (EVERYTHING,)) -> Interval:
    """Deduces the interval of the output of a model, or of the `"output"` in a dict.

    The graph of a functional or sequential model is followed back from its output, through layers and operations that
    keep the range or change it in a known way, to one that bounds it, such as a sigmoid. A player that is one layer is
    treated likewise, with `inputs` as the intervals of its arguments. For any other player, such as a subclass with its
    own `call`, the interval is infinite.

    >>> generator = keras.Sequential(
    ...     [keras.Input((2,)), keras.layers.Dense(12, "tanh"), keras.layers.Rescaling(0.5, 0.5)]
    ... )
    >>> deduce(generator).ends
    (0.0, 1.0)
    """
    if not isinstance(player, keras.Model):
        rule = rule_of(player)
        return EVERYTHING if rule is None else rule(player, lambda: list(inputs))
    outputs = _outputs(player)
    output = outputs.get("output") if isinstance(outputs, dict) else outputs
    return _Reader({}).read(output, 0) if isinstance(output, keras.KerasTensor) else EVERYTHING


def _outputs(player):
    """Returns the symbolic outputs of a model that runs its graph; None for others."""
    if isinstance(player, keras.Sequential) and type(player).call is keras.Sequential.call:
        try:
            return player.outputs[0]
        except ValueError:  # not built as a graph
            return None
    owner = next(kind for kind in type(player).__mro__ if "call" in vars(kind))
    runs_graph = getattr(player, "inputs", None) is not None and owner.__module__.split(".")[0] == "keras"
    return player.output if runs_graph and owner.__name__ == "Functional" else None


class _Reader:
    """Finds the intervals of the tensors of one graph, each once.

    Args:
        known: Intervals by the id of their tensor, initially those of the inputs.
    """

    def __init__(self, known: dict[int, Interval]):
        self.known = known

    def read(self, tensor: keras.KerasTensor, depth: int) -> Interval:
        """Returns the interval of one tensor."""
        if id(tensor) not in self.known:
            self.known[id(tensor)] = self._find(tensor, depth) if depth < DEEPEST else EVERYTHING
        return self.known[id(tensor)]

    def _find(self, tensor, depth):
        operation = internals.operation_of(tensor)
        if operation is None or isinstance(operation, keras.layers.InputLayer):
            return EVERYTHING
        arguments = internals.arguments_of(tensor)
        if isinstance(operation, keras.Model):
            return self._nested(operation, internals.index_of(tensor), arguments, depth)
        rule = rule_of(operation)
        return EVERYTHING if rule is None else rule(operation, lambda: self._inputs(operation, arguments, depth))

    def _inputs(self, operation, arguments, depth):
        """Returns the intervals of the arguments of a layer or an operation; for an operation also of constants."""
        given = keras.tree.flatten(arguments.args)
        if isinstance(operation, keras.layers.Layer):
            given = [each for each in given if isinstance(each, keras.KerasTensor)]
        elif type(operation).__name__ in SELECTING:
            given = given[:1]  # the others are positions
        else:
            given += keras.tree.flatten(arguments.kwargs)
        found = [self._input(each, depth) for each in given]
        return [each for each in found if each is not None] or [EVERYTHING]

    def _input(self, value, depth):
        if isinstance(value, keras.KerasTensor):
            return self.read(value, depth + 1)
        if isinstance(value, keras.Variable):
            return EVERYTHING
        number = isinstance(value, int | float | np.ndarray | np.number | tf.Tensor) and not isinstance(value, bool)
        return intervals.of_constant(value) if number else None

    def _nested(self, model, index, arguments, depth):
        outputs = _outputs(model)
        outputs = [] if outputs is None else keras.tree.flatten(outputs)
        if len(outputs) <= index:
            return EVERYTHING
        given = arguments.keras_tensors
        inputs = keras.tree.flatten(model.inputs)
        positional = len(given) == len(inputs) and not any(isinstance(each, dict) for each in arguments.args)
        known = {}
        if positional:
            known = {id(x): self.read(y, depth + 1) for x, y in zip(inputs, given, strict=True)}
        return _Reader(known).read(outputs[index], depth + 1)
