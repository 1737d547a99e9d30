"""A function that a server offers, with its documentation."""

import dataclasses
from collections.abc import Callable

import numpy as np
import tensorflow as tf


@dataclasses.dataclass(frozen=True)
class Argument:
    """An input of a signature.

    Args:
        spec: Shape and dtype.
        description: A sentence about the input.
        example: A small value, as sent in the warm-up.
    """

    spec: tf.TensorSpec
    description: str
    example: float | list


@dataclasses.dataclass(frozen=True)
class Signature:
    """A function from named tensors to named tensors.

    Args:
        description: A sentence about the function.
        inputs: The inputs, by name.
        outputs: Sentences about outputs, by name; an output may have none.
        call: The function; takes the inputs by name, and returns a dict of the outputs.
    """

    description: str
    inputs: dict[str, Argument]
    outputs: dict[str, str]
    call: Callable[..., dict[str, tf.Tensor]]

    def trace(self) -> tf.types.experimental.ConcreteFunction:
        """Returns the function as a graph with named inputs and outputs."""
        specs = [tf.TensorSpec(a.spec.shape, a.spec.dtype, name=name) for name, a in self.inputs.items()]

        def call(*values):
            return self.call(**dict(zip(self.inputs, values, strict=True)))

        return tf.function(call, input_signature=specs, autograph=False).get_concrete_function()

    def request(self) -> dict[str, np.ndarray]:
        """Returns the inputs of a small request, the `example` of each argument."""
        return {name: np.asarray(a.example, a.spec.dtype.as_numpy_dtype) for name, a in self.inputs.items()}

    def describe(self, traced: tf.types.experimental.ConcreteFunction) -> dict:
        """Returns the description of the signature for the metadata, with all outputs of the graph in its order."""
        return {
            "description": self.description,
            "inputs": {name: _describe(a.spec, a.description) for name, a in self.inputs.items()},
            "outputs": {
                name: _describe(spec, self.outputs.get(name, "")) for name, spec in traced.structured_outputs.items()
            },
        }


def _describe(spec, text):
    return {"dtype": spec.dtype.name, "shape": spec.shape.as_list(), "description": text}
