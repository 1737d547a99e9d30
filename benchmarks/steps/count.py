"""Floating-point operations of a traced step: its matrix products and convolutions, forward and backward."""

import collections
import math

import tensorflow as tf

PRODUCTS = ("MatMul", "BatchMatMulV2")
CONVOLUTIONS = ("Conv2D", "Conv2DBackpropInput", "Conv2DBackpropFilter")
DEPTHWISE = ("DepthwiseConv2dNative", "DepthwiseConv2dNativeBackpropInput", "DepthwiseConv2dNativeBackpropFilter")
CONDITIONALS = ("If", "StatelessIf")


def operations(function: tf.types.experimental.ConcreteFunction, unknown: int | None = None) -> int:
    """Returns how many floating-point operations one call makes; a product and its sum are two.

    Only what the results or a side effect need is counted: the rest TensorFlow prunes. The body of a loop counts once,
    and a branch that is taken where `step % k == 0` a k-th, as on average.

    >>> product = tf.function(lambda x: x @ tf.ones((3, 5)))
    >>> operations(product.get_concrete_function(tf.TensorSpec((2, 3))))
    60
    >>> lazy = lambda i, x: tf.cond(i % 4 == 0, lambda: x @ tf.ones((3, 5)), lambda: tf.zeros((2, 5)))
    >>> operations(tf.function(lazy).get_concrete_function(tf.TensorSpec((), tf.int64), tf.TensorSpec((2, 3))))
    15

    Args:
        function: What is counted.
        unknown: What stands for a size that is not known. Defaults to None, for which such a size is an error.

    Raises:
        ValueError: If a size is not known.
    """
    return round(operations_by_kind(function, unknown).total())


def operations_by_kind(
    function: tf.types.experimental.ConcreteFunction, unknown: int | None = None
) -> collections.Counter:
    """Counts `operations`, by the kind of what makes them: `{"MatMul": 60}`."""
    return _of_graph(function.graph, unknown)


def _of_graph(graph, unknown):
    return sum((_of_operation(graph, operation, unknown) for operation in _needed(graph)), collections.Counter())


def _needed(graph):
    """Returns the operations that outputs and side effects depend on."""
    left = [tensor.op for tensor in graph.outputs] + list(graph.control_outputs)
    needed = set()
    while left:
        operation = left.pop()
        if operation not in needed:
            needed.add(operation)
            left += [tensor.op for tensor in operation.inputs] + list(operation.control_inputs)
    return needed


def _of_operation(graph, operation, unknown):
    kind = operation.type

    def size(shape):
        return _size(shape, operation, unknown)

    if kind in PRODUCTS:
        transposed = operation.get_attr("transpose_a" if kind == "MatMul" else "adj_x")
        inner = operation.inputs[0].shape[-2:-1] if transposed else operation.inputs[0].shape[-1:]
        return collections.Counter({kind: 2 * size(inner) * size(operation.outputs[0].shape)})
    if kind in (*CONVOLUTIONS, *DEPTHWISE):
        # Each number of the forward convolution's output takes height * width * channels of the kernel.
        out = operation.inputs[2] if "Backprop" in kind else operation.outputs[0]
        kernel = operation.outputs[0] if kind.endswith("Filter") else operation.inputs[1]
        places = kernel.shape[: 2 if kind in DEPTHWISE else 3]
        return collections.Counter({kind: 2 * size(out.shape) * size(places)})
    if kind == "Einsum":
        letters = operation.get_attr("equation").decode().split("->")[0].split(",")
        sides = {
            letter: side
            for word, x in zip(letters, operation.inputs, strict=True)
            for letter, side in zip(word, x.shape, strict=True)
        }
        return collections.Counter({kind: 2 * size(tf.TensorShape(sides.values()))})
    if kind == "Conv3D":
        raise ValueError(f"`function` must hold 2-D convolutions and matrix products. Received: {kind}")
    called = [_functions(operation, attribute) for attribute in operation.node_def.attr]
    graphs = [graph._get_function(name).graph for names in called for name in names]
    found = sum((_of_graph(each, unknown) for each in graphs), collections.Counter())
    every = _every(operation) if kind in CONDITIONALS else 1
    return collections.Counter({name: count / every for name, count in found.items()}) if every > 1 else found


def _every(operation):
    """Returns k of a branch that is taken where `step % k == 0`; 1 of any other."""
    same = operation.inputs[0].op
    rest = same.inputs[0].op if same.type == "Equal" else same
    return int(tf.get_static_value(rest.inputs[1])) if rest.type == "FloorMod" else 1


def _functions(operation, attribute):
    value = operation.node_def.attr[attribute]
    if attribute.startswith("_"):  # the gradient's twin of a call is named here, and is not called
        return []
    return [value.func.name] if value.func.name else [each.name for each in value.list.func]


def _size(shape, operation, unknown):
    if shape.rank is None or (unknown is None and None in shape.as_list()):
        raise ValueError(f"`function` must be traced with known sizes. Received: {operation.type} with {shape}")
    return math.prod(unknown if side is None else side for side in shape.as_list())
