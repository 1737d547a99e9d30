"""ConditionalBatchNormalization: batch normalisation with a scale and a shift per class."""

import keras
import tensorflow as tf

from keras_gan.ground.arguments import check_count, check_flag, check_number
from keras_gan.layers.batch_normalization import BatchNormalization
from keras_gan.layers.common import as_classes, upcast
from keras_gan.play.players import ReadsClasses


@keras.saving.register_keras_serializable("keras_gan")
class ConditionalBatchNormalization(ReadsClasses, keras.layers.Layer):
    """Conditions a generator on the class, by the scale and shift after batch normalisation.

    z = gamma_y (x - mean) / sqrt(var + epsilon) + beta_y

    Mean and variance are those of the whole batch, of all classes, and their moving averages in inference.

    Args:
        classes: Number of classes, at least 1.
        momentum: Momentum of the moving averages, in [0, 1). Defaults to 0.9.
        epsilon: Number added inside the root, above 0. Defaults to 1e-5.
        synchronized: Whether statistics are those of the global batch, rather than of each replica. Defaults to True.

    Input: `[x, labels]`, x (N, ..., C) float and labels (N,) or (N, 1) integers in [0, classes). Output: x's shape.

    Example:

    >>> layer = ConditionalBatchNormalization(10)
    >>> layer([tf.ones((2, 4, 4, 3)), tf.constant([0, 9])]).shape
    TensorShape([2, 4, 4, 3])

    Reference: [Dumoulin et al., 2017](https://arxiv.org/abs/1610.07629), equation 5;
    [Miyato & Koyama, 2018](https://arxiv.org/abs/1802.05637) in a generator.
    """

    def __init__(
        self,
        classes: int,
        momentum: float = 0.9,
        epsilon: float = 1e-5,
        synchronized: bool = True,
        **options,
    ):
        super().__init__(**{"autocast": False, **options})  # autocast would round large labels
        self.classes = check_count("classes", classes)
        check_flag("synchronized", synchronized)
        self.momentum, self.synchronized = check_number("momentum", momentum, 0, 1), synchronized
        self.epsilon = check_number("epsilon", epsilon, 0, ends="()")
        self.normalization = BatchNormalization(
            momentum=self.momentum,
            epsilon=self.epsilon,
            center=False,
            scale=False,
            synchronized=self.synchronized,
            dtype=self.variable_dtype,
            name="normalization",
        )

    def build(self, input_shape):
        shape, _ = input_shape
        self.normalization.build(shape)
        affine = (self.classes, shape[-1])
        self.gamma = self.add_weight(name="gamma", shape=affine, initializer="ones", autocast=False)
        self.beta = self.add_weight(name="beta", shape=affine, initializer="zeros", autocast=False)

    def call(self, inputs, training=False):
        x, labels = inputs
        z = upcast(self.normalization(x, training=training))
        spread = (-1, *[1] * (z.shape.rank - 2), z.shape[-1])
        gamma, beta = (tf.reshape(tf.gather(upcast(a), as_classes(labels)), spread) for a in (self.gamma, self.beta))
        return tf.cast(gamma * z + beta, self.compute_dtype)

    def compute_output_shape(self, input_shape):
        return input_shape[0]

    def get_config(self):
        return {
            **super().get_config(),
            "classes": self.classes,
            "momentum": self.momentum,
            "epsilon": self.epsilon,
            "synchronized": self.synchronized,
        }
