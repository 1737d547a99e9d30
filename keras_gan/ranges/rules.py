"""Rules from the intervals of inputs to the interval of the output, for each kind of layer and operation.

A rule takes the layer or operation, and a function `inputs()` that returns the intervals of its inputs, which is called
only if they matter: the outputs of a convolution may be any numbers, whatever its inputs are.
"""

import re
from collections.abc import Callable

import keras

from keras_gan.ranges import interval as intervals
from keras_gan.ranges.interval import EVERYTHING, Interval

KEEPING = """
    Reshape Flatten Permute RepeatVector Identity Dropout SpatialDropout1D SpatialDropout2D SpatialDropout3D
    GaussianNoise GaussianDropout AlphaDropout ActivityRegularization Cropping1D Cropping2D Cropping3D CenterCrop
    UpSampling1D UpSampling2D UpSampling3D BasePooling BaseGlobalPooling GlobalAveragePooling1D GlobalAveragePooling2D
    GlobalAveragePooling3D GlobalMaxPooling1D GlobalMaxPooling2D GlobalMaxPooling3D AdaptiveMaxPooling1D
    AdaptiveMaxPooling2D AdaptiveMaxPooling3D AdaptiveAveragePooling1D AdaptiveAveragePooling2D
    AdaptiveAveragePooling3D PixelShuffle Concatenate
    Transpose Squeeze ExpandDims Flip Fliplr Flipud Rot90 Roll Repeat Tile GetItem Swapaxes Moveaxis Ravel BroadcastTo
    Copy Cast StopGradient Take TakeAlongAxis Slice Unstack Split ArraySplit Hsplit Vsplit Dsplit Stack Hstack Vstack
    Dstack Append Diagonal Sort Mean Median Max Min Amax Amin MaxPool AveragePool AdaptiveMaxPool AdaptiveAveragePool
    DepthToSpace SpaceToDepth RGBToGrayscale CropImages ConvertToTensor SaturateCast
""".split()  # noqa: SIM905 - a table reads better without quotes
ELEMENTWISE = """
    ReLU LeakyReLU ELU Relu Relu6 Sigmoid SparseSigmoid Softplus Softsign SoftShrink SparsePlus Silu Squareplus
    LogSigmoid LeakyRelu HardSigmoid HardSilu Elu Selu Gelu Celu TanhShrink HardTanh HardShrink Threshold Tanh Clip
    Absolute Abs Square Sqrt Exp Exp2 Expm1 Log1p Negative Sin Cos Arctan Arcsinh Sign Round Floor Ceil Trunc Erf
    Sinc NanToNum Heaviside
""".split()  # noqa: SIM905 - a table reads better without quotes
CLIPPING = ("Clip", "Relu6", "HardTanh", "ReLU", "relu6", "hard_tanh", "relu")
ACTIVATED = """
    Activation Dense EinsumDense BaseConv BaseConvTranspose BaseDepthwiseConv BaseSeparableConv Conv1D Conv2D Conv3D
    DepthwiseConv1D DepthwiseConv2D SeparableConv1D SeparableConv2D SimpleRNN
""".split()  # noqa: SIM905 - a table reads better without quotes
SELECTING = ("GetItem", "Take", "TakeAlongAxis", "Slice", "Split", "ArraySplit", "Repeat", "CropImages")
WRAPPERS = ("SpectralNormalization", "WeightNormalization", "Reparametrization", "TimeDistributed")


def rule_of(operation) -> Callable | None:
    """Returns the rule of a layer or an operation; None for unknown ones, such as the user's classes.

    A subclass has the rule of the class that its `call` comes from.
    """
    for kind in type(operation).__mro__:
        ours = kind.__module__.split(".")[0] in ("keras", "keras_gan")
        if ours and kind.__name__ in RULES:
            return RULES[kind.__name__]
        if "call" in vars(kind):
            return None
    return None


def snake(name: str) -> str:
    """Converts the name of a class to that of a function.

    >>> snake("HardSigmoid"), snake("ReLU")
    ('hard_sigmoid', 'relu')
    """
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().replace("re_lu", "relu").replace("_elu", "elu")


def _keep(operation, inputs):
    del operation
    return intervals.hull(*inputs())


def _elementwise(operation, inputs):
    kind = type(operation).__name__
    return intervals.image_of(operation.call, inputs()[0], snake(kind), tight=kind not in CLIPPING)


def _activated(operation, inputs):
    activation = operation.activation
    given = inputs()[0] if isinstance(operation, keras.layers.Activation) else EVERYTHING
    if activation in (None, keras.activations.linear):
        return given
    name = getattr(activation, "__name__", None) or snake(type(activation).__name__)
    if name in ("softmax", "sparsemax"):
        return Interval(0.0, 1.0, origin=name)
    return intervals.image_of(activation, given, name, tight=name not in CLIPPING)


def _softmax(operation, inputs):
    del operation, inputs
    return Interval(0.0, 1.0, origin="softmax")


def _wrapper(operation, inputs):
    rule = rule_of(operation.layer)
    return EVERYTHING if rule is None else rule(operation.layer, inputs)


def _gru(operation, inputs):
    """Returns the interval of a GRU, whose output is a mean of the previous state, at first 0, and an activation."""
    del inputs
    made = intervals.image_of(operation.activation, EVERYTHING, operation.activation.__name__)
    return intervals.hull(made, Interval(0.0, 0.0), origin=made.origin)


def _lstm(operation, inputs):
    del inputs
    activation, gate = operation.activation, operation.recurrent_activation
    made = intervals.image_of(activation, EVERYTHING, activation.__name__)
    return intervals.multiply(made, intervals.image_of(gate, EVERYTHING, ""), made.origin)._replace(tight=True)


def _rescaling(operation, inputs):
    scale, offset = intervals.of_constant(operation.scale), intervals.of_constant(operation.offset)
    scaled = intervals.multiply(inputs()[0], scale, "rescaling")
    return intervals.add(scaled, offset, "rescaling")._replace(tight=inputs()[0].tight)


def _padding(operation, inputs):
    """Returns the interval of padding with 0 or another constant; other modes repeat existing values."""
    mode = getattr(operation, "mode", None) or getattr(operation, "fill_mode", None) or "constant"
    given, *value = inputs()
    if mode != "constant":
        return given
    value = value[0] if value else intervals.of_constant(getattr(operation, "fill_value", 0.0))
    return intervals.hull(given, value, origin=given.origin)


def _resizing(operation, inputs):
    return _padding(operation, inputs) if operation.pad_to_aspect_ratio else inputs()[0]


def _where(operation, inputs):
    del operation
    return intervals.hull(*inputs()[-2:])


def _filled(count):
    """Returns the rule of inserting the last of `count` inputs into pictures, which are taken to have its range."""

    def rule(operation, inputs):
        given = inputs()
        if len(given) == count:
            return given[-1]
        return intervals.hull(given[0], intervals.of_constant(operation.fill), origin=given[0].origin)

    return rule


def _average(operation, inputs):
    given = inputs()
    if not isinstance(operation, keras.layers.Layer):  # of one tensor, weighted or not
        return given[0] if len(given) == 1 else EVERYTHING
    total = _pairwise(intervals.add)(operation, inputs)
    count = intervals.of_constant(len(given))
    return intervals.divide(total, count, "average")


def _pairwise(function):
    def rule(operation, inputs):
        first, *others = inputs()
        for other in others:
            first = function(first, other, snake(type(operation).__name__))
        return first

    return rule


def _power(operation, inputs):
    base, exponent = inputs()
    if not exponent.constant:
        return EVERYTHING
    return intervals.image_of(lambda x: operation.call(x, exponent.low), base, "power")


RULES = {
    **dict.fromkeys(KEEPING, _keep),
    **dict.fromkeys(ELEMENTWISE, _elementwise),
    **dict.fromkeys(ACTIVATED, _activated),
    **dict.fromkeys(WRAPPERS, _wrapper),
    **dict.fromkeys(("ZeroPadding1D", "ZeroPadding2D", "ZeroPadding3D", "Pad", "PadImages"), _padding),
    **dict.fromkeys(("Resizing", "Resize"), _resizing),
    **dict.fromkeys(("Softmax", "Sparsemax"), _softmax),
    **dict.fromkeys(("Divide", "TrueDivide"), _pairwise(intervals.divide)),
    "Add": _pairwise(intervals.add),
    "Subtract": _pairwise(intervals.subtract),
    "Multiply": _pairwise(intervals.multiply),
    "Maximum": _pairwise(intervals.maximum),
    "Minimum": _pairwise(intervals.minimum),
    "Average": _average,
    "Power": _power,
    "Where": _where,
    "Composite": _filled(3),
    "Hole": _filled(2),
    "Rescaling": _rescaling,
    "GRU": _gru,
    "LSTM": _lstm,
}
