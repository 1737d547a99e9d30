"""Attributes of Keras and TensorFlow that are not public, each read in one function.

No public name gives what they give. `tests/ground/test_internals.py` has a test for each, which fails when a release
changes it.
"""

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import keras
import tensorflow as tf
from keras.optimizers.schedules import LearningRateSchedule as Schedule
from keras.src.backend.common.stateless_scope import get_stateless_scope
from keras.src.trainers.data_adapters.data_adapter import DataAdapter as DataAdapter


def nested_scope(pairs: Iterable[tuple] = ()) -> keras.StatelessScope:
    """Returns a scope with values for variables, in which others have their values in the scope around it.

    Keras reads variables from the innermost scope alone.

    Args:
        pairs: Variables and their values. Defaults to none.
    """
    scope, outer = keras.StatelessScope(list(pairs)), get_stateless_scope()
    if outer is not None:
        scope.state_mapping = {**outer.state_mapping, **scope.state_mapping}
    return scope


def layers_of(layer: Any, include_self: bool = True, recursive: bool = True) -> list[keras.layers.Layer]:
    """Returns the layers inside of a layer, also those that are attributes of custom layers.

    Args:
        layer: A layer, a model, or a side of a game.
        include_self: Whether `layer` is the first of them.
        recursive: Whether layers inside of layers are listed too.
    """
    return list(layer._flatten_layers(include_self=include_self, recursive=recursive))


def own_weights(layer: keras.layers.Layer) -> list[keras.Variable]:
    """Returns the weights that the layer itself has added as trainable ones, whether they are frozen or not."""
    return layer._trainable_variables


def own_losses(layer: keras.layers.Layer) -> list[tf.Tensor]:
    """Returns the losses that `add_loss` and activity regularizers of the layer itself added in its last call."""
    return layer._get_own_losses()


def trained_weights(optimizer: keras.optimizers.Optimizer) -> list[keras.Variable]:
    """Returns the weights that an optimizer was built for."""
    return optimizer._trainable_variables


def learning_rate(optimizer: keras.optimizers.Optimizer) -> keras.Variable | Schedule:
    """Returns the variable or the schedule of an optimizer, where `optimizer.learning_rate` gives a number."""
    return optimizer._learning_rate


def operation_of(tensor: keras.KerasTensor) -> keras.Operation | None:
    """Returns the layer or operation whose output a symbolic tensor is; None if it has none."""
    history = getattr(tensor, "_keras_history", None)
    return None if history is None else history.operation


def index_of(tensor: keras.KerasTensor) -> int:
    """Returns which of the outputs of its operation a symbolic tensor is."""
    return tensor._keras_history.tensor_index


def arguments_of(tensor: keras.KerasTensor) -> Any:
    """Returns the arguments, with `args` and `kwargs`, of the call whose output a symbolic tensor is."""
    history = tensor._keras_history
    return history.operation._inbound_nodes[history.node_index].arguments


def readers_of(operation: keras.Operation) -> list[keras.Operation]:
    """Returns the layers and operations that were called on an operation's output."""
    return [node.operation for node in operation._outbound_nodes]


def functional_of(model: keras.Sequential) -> keras.Model | None:
    """Returns the functional model that a sequential one is once it is built."""
    return model._functional


def inputs_of(dataset: tf.data.Dataset) -> Sequence[tf.data.Dataset]:
    """Returns the data sets that a data set is made of."""
    return dataset._inputs()


def strategy_of(model: keras.Model) -> tf.distribute.Strategy | None:
    """Returns the strategy in whose scope a model was made; None if there was none."""
    return model._distribute_strategy


@contextlib.contextmanager
def restored_on_error(model: keras.Model) -> Iterator[None]:
    """Restores all attributes of a model, and the lists of what it tracks, if an error or Ctrl-C ends the block.

    Lists, dicts and sets get their former entries; other objects that attributes refer to are not restored.
    """
    attributes = dict(vars(model))
    collections = [each for each in attributes.values() if issubclass(type(each), list | dict | set)]
    collections += model._tracker.stored_ids.values()  # beside the lists, which are attributes
    before = [(each, each.copy()) for each in collections]
    try:
        yield
    except BaseException:
        for each, entries in before:  # by the methods of the base classes, as those of Keras track each entry again
            kind: Any = next(kind for kind in (list, dict, set) if issubclass(type(each), kind))
            kind.clear(each)
            (kind.extend if kind is list else kind.update)(each, entries)
        vars(model).clear()
        vars(model).update(attributes)
        raise
