"""Gradients of biases: summed correctly in 16 bits, and computed separately from those of kernels in float32.

On a CPU TensorFlow sums the gradient of a bias in bfloat16 if the layer computes in it, and there 256 + 1 is 256: the
sum over a batch of pictures stops growing. `tf.reduce_sum` accumulates in 32 bits for bfloat16, though not for float16.
In float16 TensorFlow's own gradient of a bias of one axis is right, and that of a bias of several axes, as attention
has, is such a sum. XLA's gradients are right in both dtypes.

In float32 TensorFlow fuses a convolution's gradients of kernel and bias on a CPU, which takes a third longer than two
separate operations: 64 maps of 32x32 pixels, batch 32, 17.6 and 13.5 ms.
"""

import keras
import tensorflow as tf

from keras_gan.ground import views

layers = keras.layers
REGISTER = 16  # filters of a convolution, from which on the two gradients are computed separately


def overrides(layer: keras.layers.Layer) -> tuple[type, ...]:
    """Returns the overrides of a layer with a bias (see `views`)."""
    wrong = layer.compute_dtype == "bfloat16"
    wrong = wrong or (layer.compute_dtype == "float16" and isinstance(layer, layers.EinsumDense))
    joined = type(layer) is layers.Conv2D and layer.compute_dtype == "float32" and layer.data_format == "channels_last"
    joined = joined and layer.use_bias and layer.filters >= REGISTER
    if not wrong and not joined:
        return ()
    return tuple(summed for kind, summed in SUMMED.items() if isinstance(layer, kind))[:1]


def add(x: tf.Tensor, bias: tf.Tensor) -> tf.Tensor:
    """Computes `x + bias` for a bias of any shape that broadcasts to that of `x`, as in Keras's layers.

    Example:

    >>> bias = tf.zeros((1,), "bfloat16")
    >>> with tf.GradientTape() as tape:
    ...     tape.watch(bias)
    ...     total = tf.reduce_sum(tf.cast(add(tf.zeros((4096, 1), "bfloat16"), bias), "float32"))
    >>> float(tape.gradient(total, bias)[0])
    4096.0
    """
    one_axis = bias.shape.rank == 1
    plainly = tf.nn.bias_add if one_axis else keras.ops.add
    if x.dtype == tf.bfloat16 or (x.dtype == tf.float16 and not one_axis):
        gradient = _summed
    elif x.dtype == tf.float32 and one_axis:
        gradient = _apart
    else:
        return plainly(x, bias)

    @tf.custom_gradient
    def plus(x, bias):
        return plainly(x, bias), lambda dy: (dy, gradient(dy, bias))

    return plus(x, bias)


def _apart(dy, bias):
    """Sums the gradient as TensorFlow does, from a tensor that no gradient of a kernel reads."""
    return tf.raw_ops.BiasAddGrad(out_backprop=tf.reshape(dy, (-1, bias.shape[0])))


def _summed(dy, bias):
    missing = dy.shape.rank - bias.shape.rank
    ones = [axis + missing for axis, size in enumerate(bias.shape) if size == 1]
    terms = tf.cast(dy, tf.float32) if dy.dtype == tf.float16 else dy
    total = tf.reduce_sum(terms, axis=[*range(missing), *ones])
    return tf.reshape(tf.cast(total, bias.dtype), bias.shape)


class _Summed:
    """A layer that adds its bias by `add`, to the layer's output without bias and activation."""

    def call(self, inputs, *args, **options):
        outputs = super(_Summed, views.view(self, _Bare)).call(inputs, *args, **options)
        if self.bias is not None:
            bias = tf.convert_to_tensor(self.bias)
            if getattr(self, "data_format", None) == "channels_first":
                bias = tf.reshape(bias, (-1, *[1] * (outputs.shape.rank - 2)))
            outputs = add(outputs, tf.cast(bias, outputs.dtype))
        return outputs if self.activation is None else self.activation(outputs)


class _Bare:
    use_bias = bias = activation = property(lambda self: None)


SUMMED = {
    kind: type(kind.__name__, (_Summed, kind), {})
    for kind in (
        layers.Dense,
        layers.EinsumDense,
        layers.Conv1D,
        layers.Conv2D,
        layers.Conv3D,
        layers.Conv1DTranspose,
        layers.Conv2DTranspose,
        layers.Conv3DTranspose,
        layers.SeparableConv1D,
        layers.SeparableConv2D,
        layers.DepthwiseConv1D,
        layers.DepthwiseConv2D,
    )
}
