"""The interval of a generator's output, against numbers by hand and against outputs of extreme inputs."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers, ops

from keras_gan import layers as own
from keras_gan.ranges import deduce

INF = float("inf")
PADDING = [[0, 0], [1, 1], [1, 1], [0, 0]]


def sequential(*parts):
    return keras.Sequential([keras.Input((4, 4, 3)), *parts])


def functional(function):
    x = keras.Input((4, 4, 3))
    return keras.Model(x, function(x))


def conv(activation=None, filters=3):
    return layers.Conv2D(filters, 1, activation=activation)


def blend(x):
    mask = conv("sigmoid")(x)
    return mask * conv("tanh")(x) + (1 - mask) * conv("tanh")(x)


class Scaled(keras.Model):
    def call(self, x):
        return 5 * super().call(x)


class Renamed(layers.Conv2D):
    """A subclass that leaves `call` as it is."""


class Doubled(layers.Conv2D):
    def call(self, x):
        return 2 * super().call(x)


def scaled():
    x = keras.Input((4, 4, 3))
    return Scaled(x, conv("sigmoid")(x))


KEPT = [
    layers.Cropping2D(1),
    layers.UpSampling2D(2),
    layers.UpSampling2D(2, interpolation="bilinear"),
    layers.Permute((2, 1, 3)),
    layers.Reshape((48,)),
    layers.Activation("linear", dtype="float32"),
    layers.Dropout(0.5),
    own.Dropout(0.5),
    layers.AveragePooling2D(2),
    layers.MaxPooling2D(2),
    layers.ZeroPadding2D(1),
    layers.Resizing(8, 8),
    layers.Identity(),
]
LAYERS = {
    "sigmoid, tanh": (lambda: sequential(conv("sigmoid"), layers.Activation("tanh")), (0, np.tanh(1))),
    "hard_sigmoid": (lambda: sequential(conv("hard_sigmoid")), (0, 1)),
    "softmax": (lambda: sequential(conv(), layers.Softmax()), (0, 1)),
    "softsign": (lambda: sequential(conv("softsign")), (-1, 1)),
    "relu": (lambda: sequential(conv("relu")), (0, INF)),
    "relu6": (lambda: sequential(conv(), layers.ReLU(6)), (0, 6)),
    "a layer as activation": (lambda: sequential(conv(layers.ReLU(1.0))), (0, 1)),
    "elu": (lambda: sequential(conv("elu")), (-1, INF)),
    "silu": (lambda: sequential(conv("silu")), (-0.278465, INF)),
    "leaky": (lambda: sequential(conv(), layers.LeakyReLU()), (-INF, INF)),
    "one's own activation": (lambda: sequential(conv(lambda x: (tf.tanh(x) + 1) / 2)), (0, 1)),
    "rescaling": (lambda: sequential(conv("tanh"), layers.Rescaling(0.5, 0.5)), (0, 1)),
    "rescaling to bytes": (lambda: sequential(conv("tanh"), layers.Rescaling(127.5, 127.5)), (0, 255)),
    "negative rescaling": (lambda: sequential(conv("sigmoid"), layers.Rescaling(-3)), (-3, 0)),
    "bfloat16": (
        lambda: sequential(
            layers.Conv2D(3, 1, activation="tanh", dtype="mixed_bfloat16"),
            layers.Rescaling(0.5, 0.5, dtype="mixed_bfloat16"),
            layers.Activation("linear", dtype="float32"),
        ),
        (0, 1),
    ),
    "normalization": (lambda: sequential(conv("sigmoid"), layers.BatchNormalization()), (-INF, INF)),
    "spectral": (lambda: sequential(own.SpectralNormalization(conv("tanh"))), (-1, 1)),
    "Keras's spectral": (lambda: sequential(layers.SpectralNormalization(conv("tanh"))), (-1, 1)),
    "pixel shuffle": (lambda: sequential(conv("tanh", 12), own.PixelShuffle(2)), (-1, 1)),
    "a subclass": (lambda: sequential(Renamed(3, 1, activation="sigmoid")), (0, 1)),
    "a subclass with a call": (lambda: sequential(Doubled(3, 1, activation="sigmoid")), (-INF, INF)),
    "a model with a call": (scaled, (-INF, INF)),
    "nested": (lambda: sequential(sequential(conv(), sequential(layers.Activation("sigmoid"))), KEPT[0]), (0, 1)),
    "linear": (lambda: sequential(conv()), (-INF, INF)),
}
OPERATIONS = {
    "clip": (lambda x: ops.clip(conv()(x), 0, 1), (0, 1)),
    "by hand": (lambda x: (ops.tanh(conv()(x)) + 1) / 2, (0, 1)),
    "constants first": (lambda x: 0.5 + 0.5 * ops.tanh(conv()(x)), (0, 1)),
    "one minus": (lambda x: 1 - ops.sigmoid(conv()(x)), (0, 1)),
    "bytes": (lambda x: 255 * ops.sigmoid(conv()(x)), (0, 255)),
    "minus": (lambda x: -2 * ops.sigmoid(conv()(x)), (-2, 0)),
    "max and min": (lambda x: ops.minimum(ops.maximum(conv()(x), 0), 1), (0, 1)),
    "square": (lambda x: ops.square(ops.tanh(conv()(x))), (0, 1)),
    "power": (lambda x: ops.tanh(conv()(x)) ** 2, (0, 1)),
    "logistic by hand": (lambda x: 1 / (1 + ops.exp(-conv()(x))), (0, 1)),
    "a slowly growing one": (lambda x: ops.log1p(ops.relu(conv()(x))), (0, INF)),
    "slices": (lambda x: ops.sigmoid(conv()(x))[:, 1:3, ::2], (0, 1)),
    "a slice": (lambda x: ops.slice(ops.sigmoid(conv()(x)), (0, 2, 2, 0), (4, 2, 2, 3)), (0, 1)),
    "rows by number": (lambda x: ops.take(ops.sigmoid(conv()(x)), np.array([3, 2, 1]), axis=1), (0, 1)),
    "a constant channel": (lambda x: ops.concatenate([ops.tanh(conv()(x)), 0 * x + 3], axis=-1), (-1, 3)),
    "stacked with a constant": (lambda x: ops.stack([ops.sigmoid(conv()(x)), np.full((4, 4, 4, 3), -2.0)]), (-2, 1)),
    "transposed": (lambda x: ops.transpose(ops.tanh(conv()(x)), (0, 2, 1, 3)), (-1, 1)),
    "resized": (lambda x: ops.image.resize(conv("sigmoid")(x), (8, 8)), (0, 1)),
    "padded with -1": (
        lambda x: ops.pad(conv("sigmoid")(x), PADDING, constant_values=-1),
        (-1, 1),
    ),
    "an array": (lambda x: ops.sigmoid(conv()(x)) * np.array([1.0, 2.0, 4.0], "float32"), (0, 4)),
    "chosen": (lambda x: ops.where(x > 0, conv("tanh")(x), conv("sigmoid")(x)), (-1, 1)),
    "joined": (lambda x: layers.Concatenate()([conv("tanh")(x), conv("sigmoid")(x)]), (-1, 1)),
    "joined with what is free": (lambda x: layers.Concatenate()([conv("tanh")(x), conv()(x)]), (-INF, INF)),
    "gated": (lambda x: conv("tanh")(x) * conv("sigmoid")(x), (-1, 1)),
    "averaged": (lambda x: layers.Average()([conv("tanh")(x), conv("sigmoid")(x)]), (-0.5, 1)),
    "added": (lambda x: layers.Add()([conv("tanh")(x), conv("tanh")(x)]), (-2, 2)),
    "blended": (blend, (-2, 2)),
}


@pytest.mark.parametrize("layer", KEPT, ids=lambda layer: layer.name)
def test_layers_that_keep_a_range(layer):
    assert deduce(sequential(conv("sigmoid"), layer)).ends == (0, 1)


CASES = LAYERS | {name: (lambda f=f: functional(f), expected) for name, (f, expected) in OPERATIONS.items()}


@pytest.mark.parametrize("name", CASES)
def test_the_interval(name):
    make, expected = CASES[name]
    np.testing.assert_allclose(deduce(make()).ends, expected, atol=1e-5)


@pytest.mark.parametrize("name", CASES)
def test_no_output_lies_outside(name):
    """What a model makes of large inputs, and of weights of both signs, is inside the interval."""
    model = CASES[name][0]()
    low, high = deduce(model).ends
    for scale in (1, 100):
        made = np.asarray(model(scale * np.random.default_rng(0).normal(size=(4, 4, 4, 3)).astype("float32")))
        assert low - 1e-4 <= made.min() <= made.max() <= high + 1e-4 * max(1, abs(high))


@pytest.mark.parametrize(
    ("make", "decides"),
    [
        (lambda x: conv("tanh")(x) * 3, True),
        (lambda x: ops.clip(conv()(x), -10, 10), False),  # a safeguard
        (lambda x: ops.clip(conv()(x), -1, 1), True),
        (lambda x: layers.ReLU(6)(conv()(x)), False),
        (lambda x: layers.ReLU(6)(conv()(x)) / 6, True),
        (blend, False),
        (lambda x: conv("relu")(x), False),
    ],
)
def test_what_says_what_is_black_and_white(make, decides):
    assert deduce(functional(make)).decides == decides


@pytest.mark.learns
def test_layers_that_are_used_twice_and_deep_graphs():
    x = keras.Input((4, 4, 3))
    activation = layers.Activation("tanh")
    low, high = activation(x), activation(layers.Rescaling(2.0)(x))
    assert deduce(keras.Model(x, layers.Concatenate()([low, high]))).ends == (-1, 1)
    y = low
    for _ in range(600):
        y = layers.Identity()(y)
    assert deduce(keras.Model(x, y)).ends == (-INF, INF)  # not followed that far
    y = conv()(x)
    for _ in range(40):
        y = y + y  # each tensor is read once
    assert deduce(keras.Model(x, y)).ends == (-INF, INF)


def test_the_models_stay_as_they_are():
    model = functional(lambda x: layers.Rescaling(0.5, 0.5)(conv("tanh")(x)))
    nodes = [len(layer._inbound_nodes) for layer in model.layers]
    deduce(model)
    assert [len(layer._inbound_nodes) for layer in model.layers] == nodes
