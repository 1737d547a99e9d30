"""Reparametrization: a layer that runs with a kernel computed from its variable."""

import keras
import tensorflow as tf
from keras import layers

from keras_gan.layers.common import upcast

TRANSPOSED = (layers.Conv1DTranspose, layers.Conv2DTranspose, layers.Conv3DTranspose)
WRAPPED = (layers.Dense, layers.Conv1D, layers.Conv2D, layers.Conv3D, *TRANSPOSED)


class Reparametrization(layers.Wrapper):
    """The base class of wrappers that compute a layer's kernel from its variable, which the optimizer updates.

    Args:
        layer: One of the `wrapped` layers.
    """

    wrapped: tuple[type, ...] = WRAPPED

    def __init__(self, layer: layers.Layer, **options):
        allowed = isinstance(layer, self.wrapped)
        if not allowed or isinstance(layer, layers.DepthwiseConv2D | layers.DepthwiseConv1D):
            names = ", ".join(kind.__name__ for kind in self.wrapped)
            raise ValueError(f"`layer` must be one of {names}. Received: layer={layer!r}")
        if getattr(layer, "lora_rank", None) or layer.activity_regularizer is not None:
            raise ValueError(f"`layer` must have no LoRA and no activity regularizer. Received: layer={layer!r}")
        options.setdefault("dtype", layer.dtype_policy)
        super().__init__(layer, **options)
        self.autocast = False  # the kernel is computed from its variable in full precision, and cast by the layer

    @property
    def kernel(self) -> keras.Variable:
        """The wrapped layer's own variable."""
        return self.layer.embeddings if isinstance(self.layer, layers.Embedding) else self.layer.kernel

    @property
    def transposed(self) -> bool:
        """True if the kernel's output axis is its last but one."""
        return isinstance(self.layer, TRANSPOSED)

    def matrix(self) -> tf.Tensor:
        """Returns the kernel as a matrix (inputs, outputs), in float32 or float64."""
        kernel = upcast(self.kernel.value)
        if self.transposed:
            kernel = tf.linalg.matrix_transpose(kernel)
        return tf.reshape(kernel, (-1, self.outputs))

    @property
    def outputs(self) -> int:
        """The number of the kernel's outputs."""
        return self.kernel.shape[-2 if self.transposed else -1]

    def run(self, kernel: tf.Tensor, inputs: tf.Tensor, bias: tf.Tensor | None = None) -> tf.Tensor:
        """Returns the wrapped layer's outputs with another `kernel`, and another `bias` unless that is None."""
        # The scope hides an outer one, which may hold averages of the other weights: their values are passed on.
        own = [(self.kernel, kernel), *([] if bias is None else [(self.layer.bias, bias)])]
        own = [(weight, tf.cast(value, weight.dtype)) for weight, value in own]
        replaced = {id(weight) for weight, _ in own}
        others = [(weight, weight.value) for weight in self.layer.variables if id(weight) not in replaced]
        with keras.StatelessScope([*others, *own], initialize_variables=False):
            return self.layer(inputs)

    def compute_output_shape(self, input_shape):
        return self.layer.compute_output_shape(input_shape)
