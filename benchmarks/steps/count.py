"""Floating-point operations of a traced step: its matrix products and convolutions, forward and backward."""

import collections
import math

import tensorflow as tf

PRODUCTS = ("MatMul", "BatchMatMulV2")
CONVOLUTIONS = ("Conv2D", "Conv2DBackpropInput", "Conv2DBackpropFilter")


def operations(function: tf.types.experimental.ConcreteFunction) -> int:
    """How many floating-point operations one call makes; a product and its sum are two.

    Only what the results or a side effect need is counted: the rest TensorFlow prunes. The body of a loop counts once.

    >>> product = tf.function(lambda x: x @ tf.ones((3, 5)))
    >>> operations(product.get_concrete_function(tf.TensorSpec((2, 3))))
    60

    Raises:
        ValueError: If a size is not known.
    """
    return operations_by_kind(function).total()


def operations_by_kind(function: tf.types.experimental.ConcreteFunction) -> collections.Counter:
    """`operations`, by the kind of what makes them: `{"MatMul": 60}`."""
    return _of_graph(function.graph)


def _of_graph(graph):
    return sum((_of_operation(graph, operation) for operation in _needed(graph)), collections.Counter())


def _needed(graph):
    """The operations that outputs and side effects depend on."""
    left = [tensor.op for tensor in graph.outputs] + list(graph.control_outputs)
    needed = set()
    while left:
        operation = left.pop()
        if operation not in needed:
            needed.add(operation)
            left += [tensor.op for tensor in operation.inputs] + list(operation.control_inputs)
    return needed


def _of_operation(graph, operation):
    kind = operation.type
    if kind in PRODUCTS:
        transposed = operation.get_attr("transpose_a" if kind == "MatMul" else "adj_x")
        inner = operation.inputs[0].shape[-2 if transposed else -1]
        return collections.Counter({kind: 2 * inner * _size(operation.outputs[0].shape, operation)})
    if kind in CONVOLUTIONS:
        # Each number of the forward convolution's output takes height * width * channels of the kernel.
        out = operation.outputs[0] if kind == "Conv2D" else operation.inputs[2]
        kernel = operation.outputs[0] if kind == "Conv2DBackpropFilter" else operation.inputs[1]
        work = 2 * _size(out.shape, operation) * _size(kernel.shape[:3], operation)
        return collections.Counter({kind: work})
    if kind in ("Einsum", "Conv3D", "DepthwiseConv2dNative"):
        raise ValueError(f"`function` must hold 2-D convolutions and matrix products. Received: {kind}")
    called = [_functions(operation, attribute) for attribute in operation.node_def.attr]
    graphs = [graph._get_function(name).graph for names in called for name in names]
    return sum(map(_of_graph, graphs), collections.Counter())


def _functions(operation, attribute):
    value = operation.node_def.attr[attribute]
    if attribute.startswith("_"):  # the gradient's twin of a call is named here, and is not called
        return []
    return [value.func.name] if value.func.name else [each.name for each in value.list.func]


def _size(shape, operation):
    if shape.rank is None or None in shape.as_list():
        raise ValueError(f"`function` must be traced with known sizes. Received: {operation.type} with {shape}")
    return math.prod(shape.as_list())
