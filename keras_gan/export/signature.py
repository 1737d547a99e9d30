"""One function that a server offers, with its documentation."""

import dataclasses
from collections.abc import Callable

import numpy as np
import tensorflow as tf


@dataclasses.dataclass(frozen=True)
class Argument:
    """An input of a signature.

    Args:
        spec: Its shape and dtype.
        description: A sentence.
        example: A small value, such as a warm-up sends.
    """

    spec: tf.TensorSpec
    description: str
    example: float | list


@dataclasses.dataclass(frozen=True)
class Signature:
    """A function from named tensors to named tensors.

    Args:
        description: What it does.
        inputs: By name.
        outputs: A sentence for each, by name; what has none is described without one.
        call: Takes the inputs by name, and gives a dict of the outputs.
    """

    description: str
    inputs: dict[str, Argument]
    outputs: dict[str, str]
    call: Callable[..., dict[str, tf.Tensor]]

    def trace(self) -> tf.types.experimental.ConcreteFunction:
        """Returns the function as a graph, whose inputs and outputs have their names."""
        specs = [tf.TensorSpec(a.spec.shape, a.spec.dtype, name=name) for name, a in self.inputs.items()]

        def call(*values):
            return self.call(**dict(zip(self.inputs, values, strict=True)))

        return tf.function(call, input_signature=specs, autograph=False).get_concrete_function()

    def request(self) -> dict[str, np.ndarray]:
        """Returns a small request."""
        return {name: np.asarray(a.example, a.spec.dtype.as_numpy_dtype) for name, a in self.inputs.items()}

    def describe(self, traced: tf.types.experimental.ConcreteFunction) -> dict:
        """Describes the signature for clients, for JSON: all outputs that the graph has, in its order."""
        return {
            "description": self.description,
            "inputs": {name: _describe(a.spec, a.description) for name, a in self.inputs.items()},
            "outputs": {
                name: _describe(spec, self.outputs.get(name, "")) for name, spec in traced.structured_outputs.items()
            },
        }


def _describe(spec, text):
    return {"dtype": spec.dtype.name, "shape": spec.shape.as_list(), "description": text}
