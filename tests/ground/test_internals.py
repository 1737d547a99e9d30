"""Attributes of Keras and TensorFlow that are not public: a release that changes one fails here, by its name."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_gan.ground import internals


class Holder(keras.layers.Layer):
    """A custom layer with two layers as attributes, in which Keras has no public list."""

    def __init__(self):
        super().__init__()
        self.first, self.rest = keras.layers.Dense(2), keras.Sequential([keras.layers.Dense(3, name="deep")])

    def call(self, x):
        self.add_loss(tf.reduce_sum(x))
        return self.rest(self.first(x))


def test_layers_of_a_custom_layer():
    holder = Holder()
    holder(np.ones((1, 2), "float32"))
    found = internals.layers_of(holder)
    assert found[0] is holder
    assert holder.first in found
    assert holder.rest in found
    assert holder.rest.layers[0] in found
    inner = internals.layers_of(holder, include_self=False)
    assert holder not in inner
    assert len(inner) == len(found) - 1
    direct = internals.layers_of(holder, include_self=False, recursive=False)
    assert direct == [holder.first, holder.rest]


def test_weights_and_losses_of_one_layer():
    holder = Holder()
    holder(np.full((1, 2), 3.0, "float32"))
    assert [float(loss) for loss in internals.own_losses(holder)] == [6.0]
    assert internals.own_losses(holder.first) == []
    assert internals.own_weights(holder) == []
    holder.first.trainable = False
    assert internals.own_weights(holder.first) == [holder.first.kernel, holder.first.bias]


def test_optimizers():
    variable = keras.Variable([1.0])
    number = keras.optimizers.SGD(0.5)
    number.build([variable])
    assert internals.trained_weights(number) == [variable]
    assert isinstance(internals.learning_rate(number), keras.Variable)
    assert float(internals.learning_rate(number)) == 0.5
    falling = keras.optimizers.SGD(keras.optimizers.schedules.ExponentialDecay(1.0, 1, 0.5))
    assert internals.learning_rate(falling)(2) == 0.25


def test_the_graph_of_a_functional_model():
    x = keras.Input((4,))
    halves = keras.ops.split(x, 2, axis=1)
    dense = keras.layers.Dense(1)
    y = dense(halves[1])
    assert internals.operation_of(y) is dense
    assert internals.index_of(halves[1]) == 1
    [given] = internals.arguments_of(y).args
    assert given is halves[1]
    assert internals.readers_of(internals.operation_of(halves[0])) == [dense]
    assert internals.operation_of(keras.KerasTensor((2,))) is None


def test_the_functional_model_of_a_sequential_one():
    layer = keras.layers.Dense(1)
    graph = internals.functional_of(keras.Sequential([keras.Input((2,)), layer]))
    assert layer in graph.operations
    assert hasattr(graph, "_nodes_by_depth")
    assert internals.functional_of(keras.Sequential([keras.layers.Dense(1)])) is None


def test_data_sets_that_a_data_set_is_made_of():
    data = tf.data.Dataset.range(3)
    assert internals.inputs_of(data.map(lambda i: i)) == [data]
    assert list(internals.inputs_of(data)) == []


def test_the_strategy_of_a_model():
    assert internals.strategy_of(keras.Sequential([keras.layers.Dense(1)])) is None
    strategy = tf.distribute.OneDeviceStrategy("/cpu:0")
    with strategy.scope():
        assert internals.strategy_of(keras.Sequential([keras.layers.Dense(1)])) is strategy


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        (keras.Model, ["_assert_compile_called", "_flatten_layers", "_make_function"]),
        (keras.optimizers.Optimizer, ["_get_variable_index"]),
        (internals.DataAdapter, ["get_tf_dataset", "num_batches", "has_partial_batch"]),
    ],
)
def test_what_subclasses_of_this_library_call_or_override(kind, names):
    assert [name for name in names if not hasattr(kind, name)] == []


def test_what_instances_have():
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile("adam", "mse")
    model.fit(np.ones((1, 1)), np.ones((1, 1)), verbose=0)
    assert model._loss_tracker in model.metrics
    assert callable(model._tracker.untrack)
    kernel, adam = model.trainable_variables[0], model.optimizer
    index = adam._get_variable_index(kernel)
    assert adam._momentums[index].shape == adam._velocities[index].shape == kernel.shape


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_attributes_after_an_error(error):
    model, old, new = keras.Model(), keras.layers.Dense(1, name="old"), keras.layers.Dense(1, name="new")
    model.kept, model.names, model.table = old, ["a"], {"a": 1}
    for layer in (old, new):
        layer.build((None, 2))
    held = model.names, model.table
    with pytest.raises(error), internals.restored_on_error(model):
        model.kept, model.added = new, 1
        model.names.append("b")
        model.table["b"] = 2
        model.layers_list = [new]
        raise error
    assert (model.kept, model.names, model.table) == (old, ["a"], {"a": 1})
    assert model.names is held[0]
    assert model.table is held[1]
    assert not hasattr(model, "added")
    assert model.layers == [old]
    model.kept = new  # is tracked again, as if for the first time
    assert [layer.name for layer in model.layers] == ["old", "new"]
    with internals.restored_on_error(model):
        model.added = 2
    assert model.added == 2
