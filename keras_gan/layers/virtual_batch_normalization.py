"""VirtualBatchNormalization: statistics of a fixed reference batch and the example itself."""

import keras
import tensorflow as tf

from keras_gan.ground.arguments import check_number
from keras_gan.layers.common import initialize_from_batch, upcast


@keras.saving.register_keras_serializable("keras_gan")
class VirtualBatchNormalization(keras.layers.Layer):
    """Normalises each example by the statistics of a fixed reference batch of n examples and the example itself.

    mu_i = (n mu_r + mu(x_i)) / (n + 1), m_i = (n m_r + m(x_i)) / (n + 1) for the mean of squares
    y_i = gamma (x_i - mu_i) / sqrt(m_i - mu_i^2 + epsilon) + beta

    mu and m run over space. The layer is for generators: no example depends on the others of its batch, in training or
    after it. The reference's mean and variance are variables, set by `set_reference(model, batch)` and saved. The paper
    passes the reference batch through the network at every step; here its statistics do not change until
    `set_reference` is called again, so call it now and then while training. Before the first call the reference is one
    example with mean 0 and variance 1.

    Args:
        epsilon: Number added inside the root, above 0. Defaults to 1e-5.

    Input: (N, ..., C), float. Output: the same shape.

    Example:

    >>> model = keras.Sequential([keras.Input((2,)), VirtualBatchNormalization()])
    >>> set_reference(model, keras.random.normal((100, 2), mean=3.0, seed=0))
    >>> bool(tf.reduce_all(tf.abs(model(tf.fill((1, 2), 3.0))) < 0.5))
    True

    Reference: [Salimans et al., 2016](https://arxiv.org/abs/1606.03498), section 3.5.
    """

    def __init__(self, epsilon: float = 1e-5, **options):
        super().__init__(**options)
        self.epsilon = check_number("epsilon", epsilon, 0, ends="()")
        self.initializing = False

    def build(self, input_shape):
        def add(name, initializer, trainable, shape=(input_shape[-1],)):
            return self.add_weight(name=name, shape=shape, initializer=initializer, trainable=trainable, autocast=False)

        self.gamma, self.beta = add("gamma", "ones", True), add("beta", "zeros", True)
        self.reference_mean = add("reference_mean", "zeros", False)
        self.reference_variance = add("reference_variance", "ones", False)
        self.reference_count = add("reference_count", "ones", False, shape=())

    def call(self, inputs):
        x = upcast(inputs)
        mean, variance = self.reference(x) if self.initializing else self._virtual(x)
        y = (x - mean) * tf.math.rsqrt(variance + self.epsilon)
        return tf.cast(y * tf.cast(self.gamma, x.dtype) + tf.cast(self.beta, x.dtype), self.compute_dtype)

    def _virtual(self, x):
        mean, variance = _moments(x, list(range(1, x.shape.rank - 1)), keepdims=True)
        w = 1 / (tf.cast(self.reference_count, x.dtype) + 1)
        reference_mean = tf.cast(self.reference_mean, x.dtype)
        apart = mean - reference_mean
        # m - mu^2 of the equation, as a sum of what cannot be negative.
        variance = (1 - w) * tf.cast(self.reference_variance, x.dtype) + w * variance + w * (1 - w) * apart**2
        return reference_mean + w * apart, variance

    def reference(self, x: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Sets the reference to the activations `x`, (n, ..., C), and returns their mean and variance, (C,) each.

        Args:
            x: A tensor, or an array.
        """
        x = upcast(tf.convert_to_tensor(x))
        if x.shape[0] == 0:
            raise ValueError(f"The reference batch must hold at least one example. Received: shape {tuple(x.shape)}")
        if not self.built:
            self.build(x.shape)
        mean, variance = _moments(x, list(range(x.shape.rank - 1)))
        self.reference_mean.assign(mean)
        self.reference_variance.assign(variance)
        self.reference_count.assign(tf.cast(tf.shape(x)[0], self.reference_count.dtype))
        return mean, variance

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return {**super().get_config(), "epsilon": self.epsilon}


def _moments(x, axes, keepdims=False):
    # tf.nn.moments treats the mean in the variance as a constant: its second derivatives are wrong.
    mean = tf.reduce_mean(x, axes, keepdims=True)
    variance = tf.reduce_mean((x - mean) ** 2, axes, keepdims=keepdims)
    return mean if keepdims else tf.squeeze(mean, axes), variance


def set_reference(model: keras.Model, batch: tf.Tensor | list) -> None:
    """Sets the reference of every `VirtualBatchNormalization` in the model to the layer's activations on `batch`.

    In this pass the batch is normalised by its own statistics, as in the paper.

    Args:
        model: A built model.
        batch: A batch of the model's inputs, such as latents, or a list of latents and labels.

    Raises:
        ValueError: If the model has no such layer.

    Example:

    >>> model = keras.Sequential([keras.Input((2,)), VirtualBatchNormalization()])
    >>> set_reference(model, tf.constant([[1.0, 2.0], [3.0, 4.0]]))
    >>> model.layers[0].reference_mean.numpy().tolist()
    [2.0, 3.0]
    """
    initialize_from_batch(model, batch, VirtualBatchNormalization)
