"""First and second gradients of one layer or operation, compared with finite differences of its values."""

import contextlib
import dataclasses
import inspect
import random
from collections.abc import Callable, Iterator

import keras
import numpy as np
import tensorflow as tf

EXACT = {"steps": (4e-6, 2e-6, 1e-6), "tolerance": 1e-4, "floor": 1e-6}  # if everything is computed in float64
COARSE = {"steps": (4e-2, 2e-2, 1e-2), "tolerance": 3e-2, "floor": 1e-3}
LINEAR = (1.0, 0.5, 0.25)  # steps of any length are exact along linear arguments


@dataclasses.dataclass(frozen=True)
class Verdict:
    """The verdict on an operation's gradients.

    Attributes:
        kind: `"right"`; `"missing"`: TensorFlow has no gradient where there is one; `"inexact"`: its gradient is
            another; `"blocked"`: there is none, as for rounding; `"unclear"`: finite differences are inconclusive.
        tape: The directional derivative by TensorFlow, if it is not right.
        difference: The same by finite differences; NaN if TensorFlow's raises an error.
    """

    kind: str
    tape: float = 0.0
    difference: float = 0.0


def examine(
    operation: keras.Operation, args: tuple, kwargs: dict, active: list, select: Callable = lambda outputs: outputs
) -> Verdict:
    """Compares the first and second gradients of `operation(*args, **kwargs)` with finite differences.

    With s = <c, f(x; W)> and q = <v, ds/dx>, for random c and v, the gradient of a penalty on the input consists of
    the slopes of s along x, and of q along x, W and c. A layer is copied in float64, if its config allows. The layer
    and its state do not change.

    Args:
        operation: A built layer, a model or an operation of Keras.
        args: The positional arguments of the call: tensors in a structure of any kind.
        kwargs: The keyword arguments of the call.
        active: The tensors among the arguments that depend on the player's input.
        select: A function that selects the outputs to examine. Defaults to all outputs.
    """
    verdict = Verdict("right")
    for seed in range(2):  # suspects are examined along other directions too
        for exact in (True, False):
            try:
                verdict = _Examination(operation, args, kwargs, active, select, seed, exact).verdict()
                break
            except Exception:  # a layer may raise anything in another precision or at other values
                verdict = Verdict("unclear")
        if verdict.kind not in ("missing", "inexact"):
            return verdict
    return verdict


class _Examination:
    def __init__(self, operation, args, kwargs, active, select, seed, exact):
        self.rng, self.select = np.random.default_rng(seed), select
        self.exact, self.operation = exact, operation
        if exact and isinstance(operation, keras.layers.Layer):
            self.operation = in_float64(operation, *keras.tree.map_structure(_double, (args, kwargs)))
        flat = keras.tree.flatten((args, kwargs))
        marks = [any(x is tensor for tensor in active) and x.dtype.is_floating for x in flat]
        self.structure, self.flat = (args, kwargs), [self._widened(x) for x in flat]
        self.places = [i for i, mark in enumerate(marks) if mark]
        self.inputs = [self._nudged(self.flat[i]) for i in self.places]
        layer = isinstance(self.operation, keras.layers.Layer)
        self.variables = self.operation.trainable_variables if layer else []
        self.weights = [tf.convert_to_tensor(variable.value) for variable in self.variables]

    def _widened(self, x):
        return _double(x) if self.exact else x

    def _nudged(self, x):
        """Moves `x` slightly, so that it has digits beyond those of float32."""
        return x + self._direction(x) * 1e-3

    def _direction(self, x):
        size = np.sqrt(np.mean(np.square(tf.cast(x, tf.float64)))) or 1.0
        return tf.constant(size * self.rng.normal(size=x.shape), x.dtype)

    def outputs(self, inputs, weights):
        flat = list(self.flat)
        for place, x in zip(self.places, inputs, strict=True):
            flat[place] = x
        args, kwargs = keras.tree.pack_sequence_as(self.structure, flat)
        with keras.StatelessScope(list(zip(self.variables, weights, strict=True))):
            outputs = self.select(self.operation(*args, **kwargs))
        return [y for y in keras.tree.flatten(outputs) if y is not None and y.dtype.is_floating]

    def gradients(self, inputs, weights, upstream):
        """Returns the gradients by the inputs, None where there is none, and the outputs."""
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(inputs)
            outputs = self.outputs(inputs, weights)
            upstream = [tf.cast(c, y.dtype) for c, y in zip(upstream, outputs, strict=True)]
        return tape.gradient(outputs, inputs, output_gradients=upstream), outputs

    def verdict(self):
        outputs = self.outputs(self.inputs, self.weights)
        if not outputs or not self.inputs:
            return Verdict("right")
        upstream = [tf.constant(self.rng.normal(size=y.shape), self.inputs[0].dtype) for y in outputs]
        try:
            gradients, _ = self.gradients(self.inputs, self.weights, upstream)
        except LookupError:
            return Verdict("missing", 0.0, float("nan"))
        self.exact = self.exact and not any(map(_is_coarse, outputs))
        blocked = all(g is None for g in gradients)
        verdict = self._first(gradients, upstream, _size(upstream, outputs))
        if blocked and verdict.kind != "missing":
            return Verdict("blocked")
        return verdict if verdict.kind in ("missing", "inexact") else _worst([self._second(upstream), verdict])

    def _first(self, gradients, upstream, size):
        def value(t):
            moved = [x + tf.cast(t, x.dtype) * d for x, d in zip(self.inputs, directions, strict=True)]
            return _dot(upstream, self.outputs(moved, self.weights))

        directions = [self._direction(x) for x in self.inputs]
        return self._compare(_dot(gradients, directions), value, size)

    def _second(self, upstream):
        points = (self.inputs, self.weights, upstream)
        v = [tf.constant(self.rng.normal(size=x.shape), x.dtype) for x in self.inputs]
        try:
            with tf.GradientTape(watch_accessed_variables=False, persistent=True) as tape:
                tape.watch(points)
                gradients, _ = self.gradients(*points)
                q = _sum(v, gradients)
            slopes = [tape.gradient(q, part) for part in points]
        except LookupError:
            return Verdict("missing", 0.0, float("nan"))
        directions = [[self._direction(x) for x in part] for part in points]
        tapes = [_dot(*pair) for pair in zip(slopes, directions, strict=True)]

        def along(parts):
            def value(t):
                moved = [
                    [x + tf.cast(t * (i in parts), x.dtype) * d for x, d in zip(*pair, strict=True)]
                    for i, pair in enumerate(zip(points, directions, strict=True))
                ]
                return _dot(v, self.gradients(*moved)[0])

            return value

        size, h = _size(v, gradients), EXACT["steps"][0]
        if self.exact:  # along all at once, which is enough if the gradients are right
            value = along((0, 1, 2))
            slope = (value(h) - value(-h)) / (2 * h)
            if abs(sum(tapes) - slope) <= 1e-5 * abs(slope) + EXACT["floor"] * size:
                return Verdict("right")
        verdicts = [
            self._compare(tapes[i], along((i,)), size, LINEAR if i == 2 else None)
            for i, part in enumerate(points)
            if part
        ]
        return _worst(verdicts)

    def _compare(self, tape, value, size, steps=None):
        """Compares a slope of `value` at 0 by the tape with one central difference, or three if the first is off."""
        rule = EXACT if self.exact else COARSE
        steps, slopes = steps or rule["steps"], []
        for h in steps:
            slopes.append((value(h) - value(-h)) / (2 * h))
            off, spread = abs(tape - slopes[-1]), max(slopes) - min(slopes)
            close = max(rule["tolerance"] * max(abs(tape), abs(slopes[-1])), rule["floor"] * size)
            if off <= close:
                return Verdict("right")
        if not off > 20 * spread:  # a kink between the ends, or too few digits
            return Verdict("unclear", tape, slopes[-1])
        return Verdict("missing" if tape == 0 else "inexact", tape, slopes[-1])


def _worst(verdicts):
    return min(verdicts, key=lambda verdict: ("missing", "inexact", "unclear", "right").index(verdict.kind))


def in_float64(layer: keras.layers.Layer, args: tuple, kwargs: dict) -> keras.layers.Layer:
    """Returns a copy of a built layer that computes in float64, with its weights.

    Raises:
        ValueError: If the copy has other weights or computes in another precision. Errors of the layer's class pass.
    """
    before, state = keras.config.dtype_policy(), random.getstate()
    keras.config.set_dtype_policy("float64")  # for layers that the class creates
    try:
        copy = _from_config(type(layer), _policies(layer.get_config()))
        with keras.StatelessScope() if copy.built else contextlib.nullcontext():
            outputs = copy(*args, **kwargs)
    finally:
        keras.config.set_dtype_policy(before)
        random.setstate(state)
    copy.trainable = layer.trainable
    if [v.shape for v in copy.variables] != [v.shape for v in layer.variables]:
        raise ValueError("`layer` must be restored by its config. Received: a copy with other variables")
    for variable, given in zip(copy.variables, layer.variables, strict=True):
        variable.assign(tf.cast(given.value, variable.dtype))
    floating = [y for y in keras.tree.flatten(outputs) if y is not None and y.dtype.is_floating]
    if any(y.dtype != tf.float64 for y in floating):
        raise ValueError("`layer` must compute in float64. Received: outputs of lower precision")
    return copy


def _from_config(kind, config):
    try:
        return kind.from_config(config)
    except Exception:  # a user's model whose constructor takes no name and no dtype
        known = inspect.signature(kind.__init__).parameters
        return kind(**{name: value for name, value in config.items() if name in known})


def _policies(config):
    """Returns a layer's config in which all floats are float64."""
    if isinstance(config, dict):
        if config.get("class_name") == "DTypePolicy":
            return {**config, "config": {"name": "float64"}}
        return {
            name: "float64" if name == "dtype" and _is_float(value) else _policies(value)
            for name, value in config.items()
        }
    return type(config)(map(_policies, config)) if type(config) in (list, tuple) else config


def _is_float(dtype):
    return isinstance(dtype, str) and ("float" in dtype)


def _double(x):
    return tf.cast(x, tf.float64) if isinstance(x, tf.Tensor) and x.dtype.is_floating else x


def _is_coarse(y):
    return y.dtype != tf.float64 or bool(tf.reduce_all(tf.cast(tf.cast(y, tf.float32), tf.float64) == y))


def _pairs(left, right) -> Iterator[tuple]:
    return ((tf.cast(a, tf.float64), tf.cast(b, tf.float64)) for a, b in zip(left, right, strict=True)
            if a is not None and b is not None)  # fmt: skip


def _sum(left, right):
    return tf.add_n([tf.reduce_sum(a * b) for a, b in _pairs(left, right)] or [tf.constant(0.0, tf.float64)])


def _dot(left, right):
    return float(_sum(left, right))


def _size(left, right):
    """Returns the sum of absolute products, to which rounding errors are proportional."""
    return sum(float(tf.reduce_sum(tf.abs(a * b))) for a, b in _pairs(left, right))
