"""Layers and operations whose gradients are known to be right, and the parts of layers and models."""

import keras

from keras_gan.ground import internals
from keras_gan.layers.reparametrization import Reparametrization

layers = keras.layers
RIGHT = {
    *(layers.Activation, layers.Add, layers.Average, layers.AveragePooling1D, layers.AveragePooling2D),
    *(layers.AveragePooling3D, layers.Concatenate, layers.Conv1D, layers.Conv1DTranspose, layers.Conv2D),
    *(layers.Conv2DTranspose, layers.Conv3D, layers.Cropping1D, layers.Cropping2D, layers.Dense),
    *(layers.DepthwiseConv2D, layers.Dot, layers.Dropout, layers.ELU, layers.Flatten, layers.GaussianDropout),
    *(layers.GaussianNoise, layers.GlobalAveragePooling1D, layers.GlobalAveragePooling2D, layers.GlobalMaxPooling2D),
    *(layers.Identity, layers.InputLayer, layers.LeakyReLU, layers.Maximum, layers.MaxPooling2D, layers.Minimum),
    *(layers.Multiply, layers.PReLU, layers.Permute, layers.ReLU, layers.RepeatVector, layers.Rescaling),
    *(layers.Reshape, layers.Softmax, layers.SpatialDropout2D, layers.Subtract, layers.UpSampling1D),
    *(layers.ZeroPadding1D, layers.ZeroPadding2D),
}
RIGHT_OPERATIONS = {
    *("Absolute", "Add", "BroadcastTo", "Cast", "Clip", "Concatenate", "Divide", "Exp", "ExpandDims", "GetItem"),
    *("LeakyRelu", "Log", "Matmul", "Max", "Maximum", "Mean", "Min", "Minimum", "Multiply", "Negative", "Power"),
    *("Relu", "Repeat", "Reshape", "Sigmoid", "Softplus", "Split", "Sqrt", "Square", "Squeeze", "Stack", "Subtract"),
    *("Sum", "Swapaxes", "Tanh", "Transpose", "TrueDivide"),
}


def parts(operation: keras.Operation) -> list[keras.layers.Layer]:
    """Returns the layers inside a layer that contain no other layers."""
    inner = internals.layers_of(operation, include_self=False) if isinstance(operation, layers.Layer) else ()
    return [layer for layer in inner if not internals.layers_of(layer, include_self=False)]


def graph_of(operation: keras.Operation) -> keras.Model | None:
    """Returns the graph of calls of a Sequential or functional model; None for other operations."""
    if not isinstance(operation, keras.Model) or not type(operation).call.__module__.startswith("keras."):
        return None
    graph = internals.functional_of(operation) if isinstance(operation, keras.Sequential) else operation
    return graph if hasattr(graph, "_nodes_by_depth") else None


def is_right(operation: keras.Operation) -> bool:
    """Returns whether an operation with all its parts is known to have right first and second gradients."""
    graph = graph_of(operation)
    if graph is not None:
        return all(is_right(part) for part in graph.operations)
    kind = type(operation)
    if isinstance(operation, Reparametrization):
        return is_right(operation.layer)
    if kind.__module__.startswith("keras_gan.layers"):
        return True
    if not isinstance(operation, layers.Layer):
        return kind.__module__.startswith("keras.") and kind.__name__ in RIGHT_OPERATIONS
    if kind is layers.UpSampling2D:
        return operation.interpolation == "nearest"
    activation = getattr(operation, "activation", None)
    known = activation is None or getattr(keras.activations, activation.__name__, None) is activation
    return kind in RIGHT and known
