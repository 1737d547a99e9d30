"""MinibatchDiscrimination: the closeness of each example's features to those of the others."""

import keras
import tensorflow as tf

from keras_gan.ground.arguments import check_count
from keras_gan.ground.replicas import gather
from keras_gan.layers.common import place, upcast


@keras.saving.register_keras_serializable("keras_gan")
class MinibatchDiscrimination(keras.layers.Layer):
    """Lets a discriminator compare the examples of a batch, and so detect a collapsed generator.

    M_i = f_i T, with T in R^{A x B x C}
    o_b(x_i) = sum_{j != i} exp(-||M_ib - M_jb||_1)

    o is concatenated to the features. The example itself is left out of its sum, as the official code does. On several
    replicas the others are those of the global batch. Memory grows with N^2 B C.

    Args:
        kernels: B, the number of features added per example, at least 1. Defaults to 100.
        dims: C, the number of dimensions of the distances, at least 1. Defaults to 5.
        kernel_initializer: Initializer of T, stored as (A, B * C).

    Input: (N, A), float. Output: (N, A + B).

    Example:

    >>> MinibatchDiscrimination(kernels=3, dims=2)(tf.ones((4, 5)))[0].numpy().tolist()  # 4 equal examples
    [1.0, 1.0, 1.0, 1.0, 1.0, 3.0, 3.0, 3.0]

    Reference: [Salimans et al., 2016](https://arxiv.org/abs/1606.03498), section 3.2.
    """

    def __init__(
        self,
        kernels: int = 100,
        dims: int = 5,
        kernel_initializer: str | keras.initializers.Initializer = "glorot_uniform",
        **options,
    ):
        super().__init__(**options)
        self.kernels, self.dims = check_count("kernels", kernels), check_count("dims", dims)
        self.kernel_initializer = keras.initializers.get(kernel_initializer)

    def build(self, input_shape):
        if len(input_shape) != 2:
            raise ValueError(f"The input must be features, (N, A). Received: input_shape={tuple(input_shape)}")
        shape = (input_shape[-1], self.kernels * self.dims)
        self.kernel = self.add_weight(name="kernel", shape=shape, initializer=self.kernel_initializer, autocast=False)

    def call(self, inputs):
        M = tf.matmul(upcast(inputs), upcast(self.kernel))  # a distance needs more digits than bfloat16 has
        M = tf.reshape(M, (-1, self.kernels, self.dims))
        everyone = gather(M)
        closeness = tf.exp(-tf.reduce_sum(tf.abs(M[:, None] - everyone[None]), axis=-1))  # (own, everyone, B)
        itself = tf.one_hot(place(M) + tf.range(tf.shape(M)[0]), tf.shape(everyone)[0], dtype=M.dtype)
        o = tf.reduce_sum(closeness * (1 - itself)[:, :, None], axis=1)
        return tf.concat([inputs, tf.cast(o, inputs.dtype)], axis=-1)

    def compute_output_shape(self, input_shape):
        return (input_shape[0], input_shape[1] + self.kernels)

    def get_config(self):
        return {
            **super().get_config(),
            "kernels": self.kernels,
            "dims": self.dims,
            "kernel_initializer": keras.initializers.serialize(self.kernel_initializer),
        }
